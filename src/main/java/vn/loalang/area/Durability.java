package vn.loalang.area;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Makes what was just stored survive a power cut. H2 does not force its file to the disk at commit, whatever its
 * WRITE_DELAY says, so a confirmation needs an explicit {@code CHECKPOINT SYNC} (about 1 ms); PostgreSQL syncs by itself.
 */
@Component
public final class Durability {
    private final JdbcTemplate jdbc;
    private final boolean needsSync;

    Durability(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.needsSync = isH2(jdbc);
    }

    /**
     * Call before a person reads "saved" or a controller gets its acknowledgement: inside a transaction it syncs right
     * after the commit, still before the transactional method returns; outside, at once. Everything committed earlier is
     * covered, so once per batch is enough, and asking more than once in a transaction costs nothing. When it fails, what
     * was stored may still be there, but nobody is told so. Not to be called by others' callbacks after a commit.
     */
    public void confirm() {
        if (!needsSync) {
            return;
        }
        if (TransactionSynchronizationManager.isSynchronizationActive()
                && TransactionSynchronizationManager.isActualTransactionActive()) {
            var promised = TransactionSynchronizationManager.getSynchronizations().stream()
                    .anyMatch(AfterCommit.class::isInstance);
            if (!promised) {
                TransactionSynchronizationManager.registerSynchronization(new AfterCommit());
            }
        } else {
            sync();
        }
    }

    /** One for each transaction; joined transactions share it, so it runs after the outermost commit. */
    private final class AfterCommit implements TransactionSynchronization {
        @Override
        public void afterCommit() {
            sync();
        }
    }

    private void sync() {
        jdbc.execute("checkpoint sync");
    }

    private static boolean isH2(JdbcTemplate jdbc) {
        ConnectionCallback<String> product = connection -> productName(connection.getMetaData());
        return Objects.requireNonNull(jdbc.execute(product))
                .toLowerCase(Locale.ROOT)
                .contains("h2");
    }

    private static String productName(java.sql.DatabaseMetaData metaData) throws SQLException {
        return metaData.getDatabaseProductName();
    }
}
