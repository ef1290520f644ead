package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.context.support.ResourceBundleMessageSource;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;

@Import({Hearings.class, BroadcastBoard.class, PlaybackWords.class, FleetBoard.class, HearingsTest.Words.class})
class HearingsTest extends PlaybackTestBase {
    /** The sentences as people read them. */
    @TestConfiguration(proxyBeanMethods = false)
    static class Words {
        @Bean
        @Primary
        MessageSource words() {
            var words = new ResourceBundleMessageSource();
            words.setBasename("messages");
            words.setDefaultEncoding("UTF-8");
            return words;
        }
    }

    @Autowired
    Hearings hearings;

    @Test
    void aHigherEmergencyIsSaidToTheSpeakerOnlyWhileItIsOn() {
        var here = aPole("Trụ 1");
        var there = aPole("Trụ 2");
        var speech = order(Origin.LIVE, Priority.PRIORITY, Authority.COMMUNE, Set.of(here, there));
        assertThat(hearing(speech).above()).isNull();
        assertThat(hearing(speech).wanted()).isEqualTo(2);

        var flood = order(Origin.EMERGENCY, Priority.EMERGENCY, Authority.PROVINCE, Set.of(here));
        var above = Objects.requireNonNull(hearing(speech).above());
        assertThat(above.authority()).isEqualTo(Authority.PROVINCE);
        assertThat(above.poles()).isEqualTo(1);

        broadcasts.end(flood, "");
        assertThat(hearing(speech).above()).isNull();
    }

    @Test
    void aDrillOverItIsOneAndNeverHidesWhatIsMeant() {
        var here = aPole("Trụ 1");
        var there = aPole("Trụ 2");
        var speech = order(Origin.LIVE, Priority.PRIORITY, Authority.COMMUNE, Set.of(here, there));
        order(Origin.EMERGENCY, Priority.EMERGENCY, Authority.PROVINCE, Status.EXERCISE, Set.of(here, there));
        assertThat(Objects.requireNonNull(hearing(speech).above()).status().drill())
                .isTrue();

        order(Origin.EMERGENCY, Priority.EMERGENCY, Authority.PROVINCE, Status.ACTUAL, Set.of(here));
        assertThat(Objects.requireNonNull(hearing(speech).above()).status().drill())
                .isFalse();
    }

    @Test
    void liveVoiceThatIsOverIsNotCalledCancelled() {
        var here = aPole("Trụ 1");
        var speech = order(Origin.LIVE, Priority.PRIORITY, Authority.COMMUNE, Set.of(here));
        broadcasts.over(speech, clock.instant().plusSeconds(20), Duration.ofSeconds(18));
        broadcasts.over(speech, clock.instant().plusSeconds(500), Duration.ofSeconds(1));
        var row = jdbc.sql("select cancelled_at, ends_at from broadcast_broadcast where id = :id")
                .param("id", speech.value())
                .query()
                .singleRow();
        assertThat(row.get("cancelled_at")).isNull();
        assertThat(jdbc.sql("select sound_ms from broadcast_playback where broadcast_id = :id")
                        .param("id", speech.value())
                        .query(Long.class)
                        .single())
                .isEqualTo(18_000);
    }

    private Hearings.Hearing hearing(BroadcastId id) {
        return hearings.of(id, new AreaScope(List.of(AreaPath.ROOT))).orElseThrow();
    }

    private BroadcastId order(Origin origin, Priority priority, Authority authority, Set<ControllerId> poles) {
        return order(origin, priority, authority, Status.ACTUAL, poles);
    }

    private BroadcastId order(
            Origin origin, Priority priority, Authority authority, Status status, Set<ControllerId> poles) {
        var id = broadcasts.arm(new OrderPlan(
                STATION,
                priority,
                authority,
                origin,
                status,
                "Thử",
                List.of(),
                1,
                Duration.ZERO,
                Duration.ofMinutes(10),
                80,
                poles,
                Map.of()));
        broadcasts.release(id, clock.instant(), clock.instant().plusSeconds(600));
        broadcasts.settle(id, clock.instant(), clock.instant().plusSeconds(600));
        return id;
    }
}
