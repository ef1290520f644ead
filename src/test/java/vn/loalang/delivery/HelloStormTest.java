package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.fleet.ControllerUnit;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Topic;
import vn.loalang.system.Await;

/** A whole fleet says hello at once: storing and answering it is no matter of minutes. */
@TestPropertySource(
        properties = "spring.datasource.url=jdbc:h2:mem:hellos;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;"
                + "DEFAULT_NULL_ORDERING=HIGH")
@DirtiesContext
class HelloStormTest extends DeliveryTestBase {
    private static final int BOXES = Integer.getInteger("loalang.test.boxes", 1000);
    private static final int BATCH = 500;

    @Autowired
    SimulatedFleet simulated;

    @Autowired
    Intake intake;

    @TempDir
    Path directory;

    @Test
    void everyHelloOfAWholeFleetIsTakenInAndAnswered() throws Exception {
        simulated.enrol(BOXES, directory);
        var compiled = System.nanoTime();
        Await.until(
                Duration.ofMinutes(4),
                () -> jdbc.sql("select count(*) from delivery_document where row_name = 'plan'")
                                .query(Long.class)
                                .single()
                        >= BOXES);
        compiled = System.nanoTime() - compiled;
        var units = fleet.units().stream().map(ControllerUnit::id).toList();
        var began = System.nanoTime();
        var batch = new ArrayList<Inbox.Message>();
        for (var unit : units) {
            var nonce = new byte[16];
            new SecureRandom().nextBytes(nonce);
            var hello = new Hello(
                    Nonce.of(nonce),
                    4097,
                    1,
                    Hello.Why.POWER,
                    "1.0",
                    "sim",
                    List.of(1),
                    List.of(),
                    List.of(),
                    new Hello.Capabilities(List.of("mp3"), 16_384, 1_000_000, Hello.Proof.NONE, true),
                    new DeviceTime(clock.millis(), Quality.T),
                    0,
                    Map.of(),
                    new Hello.Journal(new JournalId("j1"), 1, 0));
            batch.add(new Inbox.Message(
                    unit, Topic.Kind.HELLO, Bytes.of(hello.encode()), clock.instant(), Optional.empty()));
            if (batch.size() == BATCH) {
                intake.take(List.copyOf(batch), Map.of());
                batch.clear();
            }
        }
        intake.take(List.copyOf(batch), Map.of());
        var took = Duration.ofNanos(System.nanoTime() - began);
        System.out.println(BOXES + " boxes: documents compiled in "
                + Duration.ofNanos(compiled).toMillis() + " ms, hellos stored and answered in " + took.toMillis()
                + " ms");
        assertThat(fleet.online()).hasSize(BOXES);
        assertThat(took).isLessThan(Duration.ofSeconds(60));
    }
}
