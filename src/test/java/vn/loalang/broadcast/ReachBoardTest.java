package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.ResourceBundleMessageSource;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.fleet.NewUnit;
import vn.loalang.fleet.PresenceBook;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Quality;

@Import({ReachBoard.class, FleetBoard.class, PlaybackWords.class, ReachBoardTest.Words.class})
class ReachBoardTest extends PlaybackTestBase {
    static final AreaScope EVERYTHING = new AreaScope(List.of(AreaPath.ROOT));

    @Autowired
    ReachBoard board;

    Instant now;

    @BeforeEach
    void longAgo() {
        now = START.plusSeconds(60);
    }

    @Test
    void anArmedOrderHasReachedNobody() {
        var order = anOrder(aPole("Trụ"));

        assertThat(board.reach(order, EVERYTHING, now)).isEmpty();
    }

    @Test
    void whatIsProvedAndWhatIsClaimedAreCountedApart() {
        var proved = online("Trụ đo được", 1);
        var claimed = online("Trụ tự báo", 2);
        var received = online("Trụ nhận lệnh", 3);
        var lost = online("Trụ mất kết nối", 4);
        var order = released(proved, claimed, received, lost);
        playbacks.record(List.of(
                told(order, proved, 1, 2, new Outcome.Started(0, 0)),
                told(order, proved, 2, 12, new Outcome.Completed(10_000, Proof.AMP, 100)),
                told(order, claimed, 1, 3, new Outcome.Started(0, 0)),
                told(order, received, 1, 1, new Outcome.Received())));
        presence.left(box(4), 1, START.minusSeconds(600));

        var reach = board.reach(order, EVERYTHING, now).orElseThrow();

        assertThat(reach.all()).isEqualTo(new Reach.Count(4, 3, 1, 1, 1, 0));
        assertThat(reach.all().silent()).isEqualTo(2);
        assertThat(reach.pace()).isEqualTo(new Reach.Pace(Duration.ofSeconds(2), Duration.ofSeconds(3), null, null));
        assertThat(reach.silent())
                .extracting(silent -> silent.pole().name())
                .containsExactlyInAnyOrder("Trụ nhận lệnh", "Trụ mất kết nối");
        assertThat(reach.silent())
                .allSatisfy(silent -> assertThat(silent.cause()).isNotBlank());
        assertThat(board.silent(order, now)).containsExactlyInAnyOrder(received, lost);
    }

    @Test
    void aPoleThatMayBeginAnyMomentIsNotCalledSilent() {
        var pole = online("Trụ", 1);
        var order = released(pole);

        var reach = board.reach(order, EVERYTHING, START.plusSeconds(5)).orElseThrow();

        assertThat(reach.all().waiting()).isEqualTo(1);
        assertThat(reach.silent()).isEmpty();
    }

    @Test
    void nobodySeesPolesOutsideTheirAreas() {
        var order = released(online("Trụ", 1));

        assertThat(board.reach(order, new AreaScope(List.of(AreaPath.of("38"))), now))
                .isEmpty();
        assertThat(board.reach(order, new AreaScope(List.of(AreaPath.of("37"))), now))
                .isPresent();
    }

    @Test
    void whateverIsReportedTheNumbersAddUpAndVillagesMakeTheWhole() {
        for (var seed = 1; seed <= 20; seed++) {
            var random = new Random(seed);
            var poles = new ArrayList<ControllerId>();
            for (var i = 0; i < 8; i++) {
                poles.add(online("Trụ " + seed + " " + i, 100 * seed + i));
            }
            var order = released(poles.toArray(ControllerId[]::new));
            for (var pole : poles) {
                var reports = new ArrayList<Evidence>();
                if (random.nextBoolean()) {
                    reports.add(told(order, pole, 1, 1, new Outcome.Received()));
                }
                if (random.nextBoolean()) {
                    reports.add(told(order, pole, 2, 1 + random.nextInt(20), new Outcome.Started(0, 0)));
                    if (random.nextBoolean()) {
                        var proof = Proof.values()[random.nextInt(Proof.values().length)];
                        reports.add(told(order, pole, 3, 30, new Outcome.Completed(9_000, proof, 90)));
                    }
                } else if (random.nextBoolean()) {
                    reports.add(told(order, pole, 2, 2, new Outcome.Missed(Reason.OTHER)));
                }
                playbacks.record(reports);
            }

            var reach = board.reach(order, EVERYTHING, now).orElseThrow();

            var all = reach.all();
            assertThat(all.proved() + all.claimed() + all.waiting() + all.silent())
                    .isEqualTo(8);
            assertThat(all.received()).isGreaterThanOrEqualTo(all.sounded());
            assertThat(reach.silent()).hasSize(all.silent());
            assertThat(reach.villages())
                    .allSatisfy(village -> assertThat(village.count().poles()).isPositive());
            assertThat(reach.villages().stream()
                            .mapToInt(it -> it.count().sounded())
                            .sum())
                    .isEqualTo(all.sounded());
        }
    }

    @Test
    void polesOfSeveralCommunesAreCountedByCommuneAndVillagesNamedWithTheirs() {
        var own = new ArrayList<ControllerId>();
        for (var commune : List.of("38.1", "38.2")) {
            area(commune, "Xã " + commune, "COMMUNE");
            village = area(commune + ".1", "Thôn Đông", "VILLAGE");
            own.add(online("Trụ " + commune, commune.charAt(3)));
        }
        village = area("38.3", "Trụ sở tỉnh", "PROVINCE");
        own.add(online("Trụ tỉnh", 9));
        var order = released(own.toArray(ControllerId[]::new));
        playbacks.record(List.of(told(order, own.get(0), 1, 2, new Outcome.Started(0, 0))));

        var reach = board.reach(order, EVERYTHING, now).orElseThrow();

        assertThat(reach.communes())
                .extracting(Reach.Village::name, each -> each.count().silent())
                .containsExactly(tuple("Trụ sở tỉnh", 1), tuple("Xã 38.2", 1), tuple("Xã 38.1", 0));
        assertThat(reach.villages())
                .extracting(Reach.Village::name)
                .containsExactlyInAnyOrder("Thôn Đông, Xã 38.1", "Thôn Đông, Xã 38.2", "Trụ sở tỉnh");
        assertThat(reach.silent()).extracting(Reach.Silent::place).containsExactly("Thôn Đông, Xã 38.2", "Trụ sở tỉnh");

        var one = board.reach(order, new AreaScope(List.of(AreaPath.of("38.1"))), now)
                .orElseThrow();
        assertThat(one.communes()).as("whoever sees one commune").isEmpty();
        assertThat(one.villages()).extracting(Reach.Village::name).containsExactly("Thôn Đông");
    }

    private AreaId area(String path, String name, String authority) {
        jdbc.sql("""
                        insert into area_area (path, code, name, full_name, level, authority, search_key, created_at)
                        values (:path, :path, :name, :name, 'x', :authority, 'x', current_timestamp)""")
                .param("path", path)
                .param("name", name)
                .param("authority", authority)
                .update();
        return new AreaId(jdbc.sql("select id from area_area where path = :path")
                .param("path", path)
                .query(Long.class)
                .single());
    }

    private ControllerId online(String name, int number) {
        var pole = aPole(name);
        var unit = box(number);
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
        presence.hello(List.of(new PresenceBook.Greeted(unit, 1, 1, "2.0", "r1", START.minusSeconds(900))));
        return pole;
    }

    private static DeviceId box(int number) {
        var letters = new StringBuilder();
        for (var rest = number; letters.length() < 16; rest /= 26) {
            letters.append((char) ('A' + rest % 26));
        }
        return new DeviceId(letters.toString());
    }

    private Evidence told(BroadcastId id, ControllerId pole, long number, long second, Outcome outcome) {
        Instant at = START.plusSeconds(second);
        return new Evidence(pole, fleet.unitOf(pole).orElseThrow(), id.oid(), at, Quality.T, number, at, outcome, 0);
    }

    private BroadcastId released(ControllerId... poles) {
        var order = anOrder(poles);
        broadcasts.release(order, START, START.plusSeconds(600));
        broadcasts.settle(order, START, START.plusSeconds(600));
        return order;
    }

    private BroadcastId anOrder(ControllerId... poles) {
        return broadcasts.arm(new OrderPlan(
                STATION,
                Priority.EMERGENCY,
                Authority.COMMUNE,
                Origin.EMERGENCY,
                Status.ACTUAL,
                "Lũ quét",
                List.of(),
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                100,
                Set.of(poles),
                Map.of()));
    }

    @TestConfiguration
    static class Words {
        @Bean
        MessageSource messageSource() {
            var messages = new ResourceBundleMessageSource();
            messages.setBasename("messages");
            messages.setDefaultEncoding("UTF-8");
            return messages;
        }
    }
}
