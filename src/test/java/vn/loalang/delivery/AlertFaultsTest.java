package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.access.AreaScope;
import vn.loalang.broadcast.Reach;
import vn.loalang.broadcast.ReachBoard;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

/** What an alert and its board do when the way to the boxes breaks, boxes are away, or their clocks are wrong. */
@TestPropertySource(properties = "loalang.delivery.ladder=500ms,1s,2s")
class AlertFaultsTest extends DeliveryTestBase {
    private static final Kid KEY = new Kid("e1");
    private static final Duration A_DAY = Duration.ofDays(1);

    @Autowired
    Emergencies emergencies;

    @Autowired
    ReachBoard board;

    @Autowired
    BrokerNotice notice;

    @BeforeEach
    void inVietnamese() {
        LocaleContextHolder.setLocale(Locale.forLanguageTag("vi"));
    }

    @AfterEach
    void inWhatever() {
        LocaleContextHolder.resetLocaleContext();
    }

    @Test
    void whatIsReleasedOrStoppedWhileTheBrokerIsDownReachesBoxesWhenItIsBack() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var sounding = emergencies.arm(anOrder(Status.TEST, scope()));
        emergencies.release(sounding);
        started(device, sounding);
        reaches(sounding, reach -> reach.all().sounded() == 1);

        broker.stop();
        var next = emergencies.arm(anOrder(Status.TEST, scope()));
        emergencies.release(next);
        assertThat(count(sounding).sounded()).as("what was said is not unsaid").isEqualTo(1);
        assertThat(count(next).sounded()).isZero();
        assertThat(count(next).received()).isZero();
        assertThat(notice.now()).as("people are told").isPresent();
        brokerIsBack();
        again(device);
        assertThat(notice.now()).isEmpty();
        var both = device.await(Now.class, now -> names(now, next));
        assertThat(names(both, sounding)).isTrue();
        started(device, next);
        reaches(next, reach -> reach.all().sounded() == 1);

        broker.stop();
        emergencies.clear(sounding.id(), "Hết lũ");
        emergencies.clear(next.id(), "Hết lũ");
        brokerIsBack();
        again(device);
        var end = device.await(Now.class, now -> now.clr()
                .containsAll(List.of(sounding.sid().value(), next.sid().value())));
        assertThat(names(end, sounding) || names(end, next)).isFalse();
        assertThat(device.all(Now.class)).noneMatch(now -> names(now, next) || names(now, sounding));
    }

    @Test
    void whoIsAwayAtTheAllClearIsToldOfNothingElseWhenItComesBackAndIsNamedUntilThen() throws Exception {
        var here = aPole();
        var away = aPole();
        var device = listening(here);
        var absent = aBoxOn(away);
        var order = emergencies.arm(anOrder(here, away));
        emergencies.release(order);
        started(device, order);
        reaches(order, reach -> reach.all().sounded() == 1 && reach.all().silent() == 1);

        emergencies.clear(order.id(), "Hết lũ");
        device.await(Now.class, now -> now.clr().contains(order.sid().value()));
        reaches(order, reach -> reach.ended() != null);
        var reach = reach(order);
        assertThat(reach.silent()).singleElement().satisfies(silent -> {
            assertThat(silent.pole().id()).isEqualTo(away);
            assertThat(silent.cause()).contains("hưa từng kết nối");
        });

        absent.connect(broker.plainPort());
        var row = Row.now(Scope.of(absent.id()), KEY);
        var welcome = absent.await(Welcome.class, greeting -> greeting.vec().containsKey(row));
        absent.subscribe(absent.topics().everyNow(Scope.of(absent.id())));
        var clear =
                absent.await(Now.class, now -> now.clr().contains(order.sid().value()));
        assertThat(welcome.vec()).containsEntry(row, clear.head().seq());
        assertThat(absent.all(Now.class)).noneMatch(now -> names(now, order));
        assertThat(emergencies.resend(order.id())).as("nothing is sent again").isZero();
    }

    @Test
    void whoHeardNeitherTheOrderNorItsClearIsSentTheClearAlone() throws Exception {
        var device = aBoxOn(aPole()).connect(broker.plainPort());
        device.await(Welcome.class);
        var order = emergencies.arm(anOrder(Status.TEST, Scope.of(device.id())));
        // One transaction, so that no rung of the order comes in between on a slow machine.
        transaction.executeWithoutResult(status -> {
            emergencies.release(order);
            emergencies.clear(order.id(), "Nhầm");
        });
        Await.until(
                Duration.ofSeconds(30),
                () -> device.all(Now.class).stream()
                                .filter(now -> now.clr().contains(order.sid().value()))
                                .count()
                        >= 2);
        assertThat(device.all(Now.class)).noneMatch(now -> names(now, order));
    }

    @Test
    void whoComesBackWithinItsLifeSoundsWhatNobodyHeard() throws Exception {
        var pole = aPole();
        var device = aBoxOn(pole);
        var order = emergencies.arm(anOrder(pole));
        emergencies.release(order);
        assertThat(reach(order).silent()).hasSize(1);

        device.connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribe(device.topics().everyNow(Scope.of(device.id())));
        var now = device.await(Now.class, document -> names(document, order));
        assertThat(now.act()).allMatch(entry -> entry.until() > clock.millis());
        started(device, order);
        reaches(order, reach -> reach.silent().isEmpty());
    }

    @Test
    void aBoxWhoseClockIsADayWrongCountsAsSoundingButTellsNoTimeOfItsStart() throws Exception {
        for (var wrong : List.of(A_DAY, A_DAY.negated())) {
            var pole = aPole();
            var device = aBoxOn(pole).connect(broker.plainPort());
            device.await(Welcome.class);
            var order = emergencies.arm(anOrder(pole));
            emergencies.release(order);
            device.send(JournalEntry.at(
                    1,
                    clock.millis() + wrong.toMillis(),
                    Quality.C,
                    new Event.Started(PlayId.of(order.sid(), 1), 12, 0)));
            reaches(order, reach -> reach.all().sounded() == 1);
            var pace = reach(order).pace();
            assertThat(pace.first()).as("%s wrong", wrong).isNull();
            assertThat(pace.half()).isNull();
            assertThat(reach(order).doubtful()).isEqualTo(1);
        }
    }

    /** Hearing and answering: a hello that nobody answers is lost, a real box would repeat it. */
    private void brokerIsBack() throws Exception {
        broker.start();
        broker.up().get(60, TimeUnit.SECONDS);
        Await.until(Duration.ofSeconds(60), () -> broker.connected());
    }

    private Reach reach(ArmedOrder order) {
        return board.reach(order.id(), new AreaScope(List.of(vn.loalang.area.AreaPath.ROOT)), clock.instant())
                .orElseThrow();
    }

    private Reach.Count count(ArmedOrder order) {
        return reach(order).all();
    }

    private void reaches(ArmedOrder order, java.util.function.Predicate<Reach> condition) throws Exception {
        Await.until(Duration.ofSeconds(30), () -> condition.test(reach(order)));
    }

    private void started(TestDevice device, ArmedOrder order) throws Exception {
        var now = device.await(Now.class, document -> names(document, order));
        device.send(
                device.entry(
                        clock.millis(),
                        new Event.DocumentChange(
                                Event.DocumentFate.APPLIED,
                                now.row().orElseThrow(),
                                now.head().seq())),
                device.entry(clock.millis(), new Event.Started(PlayId.of(order.sid(), 1), 12, 0)));
    }

    private TestDevice listening(ControllerId pole) throws Exception {
        var device = aBoxOn(pole);
        again(device);
        return device;
    }

    /** Connected, welcomed and subscribed, what came before forgotten. */
    private void again(TestDevice device) throws Exception {
        device.close();
        device.forget();
        device.connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribe(
                device.topics().everyNow(Scope.of(device.id())), device.topics().everyNow(scope()));
    }

    private Scope scope() {
        return Scope.of(new vn.loalang.protocol.AreaPath(village.value()));
    }

    private NewOrder anOrder(ControllerId... poles) {
        return anOrder(
                Status.TEST,
                java.util.Arrays.stream(poles)
                        .flatMap(pole -> fleet.unitOf(pole).stream())
                        .map(Scope::of)
                        .toArray(Scope[]::new));
    }
}
