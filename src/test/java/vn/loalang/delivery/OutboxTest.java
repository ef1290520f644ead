package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Where the outbox meets whoever writes the same documents. */
class OutboxTest {
    private final PlatformTransactionManager database = mock();
    private final JdbcClient jdbc = mock();
    private final Outbox outbox = new Outbox(
            jdbc,
            new Insistence(new TransactionTemplate(database)),
            Clock.systemUTC(),
            mock(Documents.class),
            mock(),
            mock(Post.class),
            new Rush(),
            mock(Ladder.class));

    @Test
    void documentsDoNotWaitSecondsBecauseTheDatabaseLetTheirBatchGo() {
        JdbcClient.StatementSpec nothing = mock(RETURNS_DEEP_STUBS);
        when(jdbc.sql(anyString()))
                .thenThrow(new CannotAcquireLockException("deadlock"))
                .thenReturn(nothing);
        assertThat(outbox.carryBatch()).isZero();
        verify(database).rollback(any());
        verify(database).commit(any());
    }
}
