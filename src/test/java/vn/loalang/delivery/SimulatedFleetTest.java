package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.system.Await;

@TestPropertySource(
        properties = "spring.datasource.url=jdbc:h2:mem:simulated;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;"
                + "DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class SimulatedFleetTest extends DeliveryTestBase {
    @Autowired
    SimulatedFleet simulated;

    @Autowired
    Credentials credentials;

    @TempDir
    Path directory;

    @Test
    void aThousandBoxesAreEnrolledAtOnceAndOneOfThemConnects() throws Exception {
        simulated.enrol(1000, directory);
        simulated.enrol(1000, directory);

        var lines = Files.readAllLines(directory.resolve("devices.tsv"));
        assertThat(lines).hasSize(1000).doesNotHaveDuplicates();
        var claim = ClaimFile.decode(Files.readAllBytes(directory.resolve("claim.gbf")));
        assertThat(lines.get(0)).startsWith(claim.id() + "\t").contains("\t99.00001.001\t");
        assertThat(fleet.units()).hasSize(1000);
        assertThat(credentials.admitted(fleet.units().get(999).id())).isTrue();
        Await.until(
                Duration.ofSeconds(60),
                () -> jdbc.sql("select count(*) from delivery_document where row_name = 'plan'")
                                .query(Long.class)
                                .single()
                        >= 1000);

        var real = new TestDevice();
        devices.add(real);
        fleet.registerUnit(new NewUnit(real.id(), "LC1", "r1"));
        assertThatThrownBy(() -> simulated.enrol(10, directory)).isInstanceOf(IllegalStateException.class);
    }
}
