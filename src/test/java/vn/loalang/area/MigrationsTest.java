package vn.loalang.area;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** A server that has just made its tables goes on taking rows when the connections of its first minutes are gone. */
@SpringBootTest
@DirtiesContext
class MigrationsTest {
    @Autowired
    HikariDataSource pool;

    @Autowired
    Areas areas;

    @Test
    void tablesMadeByThisVeryServerTakeRowsAfterThePoolHasReplacedItsConnections() {
        assertThat(pool.getPoolName()).isNotEqualTo("migrations");
        pool.getHikariPoolMXBean().softEvictConnections();
        var added = areas.add(new NewArea(
                AreaPath.ROOT, "3702", "Xã Tân Lập", "Xã Tân Lập", "commune", Authority.COMMUNE, List.of("vi"), null));
        assertThat(areas.findByCode("3702")).contains(added);
    }
}
