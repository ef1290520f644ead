package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.PlayId;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Topic;
import vn.loalang.protocol.Welcome;
import vn.loalang.system.Await;

@TestPropertySource(properties = "loalang.delivery.ladder=500ms,1s,2s")
class EmergenciesTest extends DeliveryTestBase {
    private static final Kid KEY = new Kid("e1");

    @Autowired
    Emergencies emergencies;

    @Autowired
    Doubts doubts;

    @Autowired
    ClockCheck clockCheck;

    @Autowired
    Rush rush;

    @Autowired
    Journal journal;

    @Autowired
    Intake intake;

    @Autowired
    Ladder ladder;

    @Autowired
    Documents documents;

    @Test
    void inARushTheJournalIsStoredFirstAndItsConsequencesAreDrawnLater() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var order = emergencies.arm(anOrder(Status.EXERCISE, commune()));
        emergencies.release(order);
        var now = device.await(Now.class, document -> names(document, order));

        rush.expect();
        var taken = device.entry(clock.millis(), applied(now));
        var started = device.entry(clock.millis(), new Event.Started(PlayId.of(order.sid(), 1), 12, 0));
        device.send(taken, started);

        device.await(Jack.class, jack -> jack.ack().upto() == started.n());
        Await.until(Duration.ofSeconds(10), () -> stateOf(order.id(), pole).equals("STARTED"));
        assertThat(journal.lastPutOff()).isZero();
    }

    @Test
    void whatAnEarlierProcessHasPutOffIsDoneByTheNextOne() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var order = emergencies.arm(anOrder(Status.EXERCISE, commune()));
        emergencies.release(order);
        var started = device.entry(clock.millis(), new Event.Started(PlayId.of(order.sid(), 1), 12, 0));
        var events = new Events(device.jid(), List.of(started)).encode();
        journal.putOff(List.of(said(device, events)));

        Await.until(Duration.ofSeconds(10), () -> {
            intake.catchUp();
            return stateOf(order.id(), pole).equals("STARTED");
        });
        assertThat(journal.lastPutOff()).isZero();
    }

    @Test
    void whatWasPutOffIsDonePoleByPoleEachBoxInItsOrderAndNothingNewerOvertakesIt() throws Exception {
        var first = listening(aPole());
        var second = listening(aPole());
        journal.putOff(List.of(said(second, "a"), said(first, "b"), said(second, "c"), said(first, "d")));
        var upTo = journal.lastPutOff();
        journal.putOff(List.of(said(first, "e")));

        var some = journal.putOff(upTo, 3);
        assertThat(some.stream().map(each -> new String(each.events().toArray(), StandardCharsets.US_ASCII)))
                .containsExactly("b", "d", "a");
        journal.done(some);
        var rest = journal.putOff(upTo, 3);
        assertThat(rest.stream().map(Journal.PutOff::unit)).containsExactly(second.id());
        journal.done(rest);
        journal.done(journal.putOff(journal.lastPutOff(), 3));
        assertThat(journal.lastPutOff()).isZero();
    }

    @Test
    void whatIsPutOffWhileTheRestIsDoneIsNotForgottenWhenTheRestWasFullPortions() throws Exception {
        var device = listening(aPole());
        var event =
                new Events(device.jid(), List.of(device.entry(clock.millis(), new Event.Local(Event.LocalAct.STOP))));
        var message = said(device, event.encode());
        journal.putOff(Collections.nCopies(Intake.PORTION, message));
        intake.catchUp();
        journal.putOff(List.of(message));

        do {
            intake.catchUp();
        } while (intake.behind());
        assertThat(journal.lastPutOff()).isZero();
    }

    private Inbox.Message said(TestDevice device, String words) {
        return said(device, words.getBytes(StandardCharsets.US_ASCII));
    }

    private Inbox.Message said(TestDevice device, byte[] payload) {
        return new Inbox.Message(device.id(), Topic.Kind.EV, Bytes.of(payload), clock.instant(), Optional.empty());
    }

    @Test
    void aReleasedOrderReachesTheAreaAndWhatSoundsIsKnown() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var order = emergencies.arm(anOrder(Status.EXERCISE, commune()));
        assertThat(stateOf(order.id(), pole)).isEqualTo("PLANNED");
        assertThat(device.all(Now.class)).noneMatch(document -> names(document, order));

        emergencies.release(order);

        var now = device.await(Now.class, document -> names(document, order));
        var entry = now.act().stream()
                .filter(each -> each.sid().equals(order.sid()))
                .findFirst()
                .orElseThrow();
        assertThat(now.by()).isEqualTo(KEY);
        assertThat(entry.st()).isEqualTo(OrderStatus.EXERCISE);
        assertThat(entry.pri()).isEqualTo(85);
        assertThat(entry.rep()).isEqualTo(2);
        assertThat(entry.beg()).isBetween(now.head().iat() - 1000, now.head().iat());

        var t = clock.millis();
        device.send(
                device.entry(t, applied(now)), device.entry(t, new Event.Started(PlayId.of(order.sid(), 1), 12, 0)));
        Await.until(Duration.ofSeconds(10), () -> stateOf(order.id(), pole).equals("STARTED"));
        device.send(
                device.entry(t + 30_000, new Event.Completed(PlayId.of(order.sid(), 1), 30_000, Hello.Proof.AMP, 100)),
                device.entry(t + 31_000, new Event.Started(PlayId.of(order.sid(), 2), 0, 0)),
                device.entry(t + 61_000, new Event.Completed(PlayId.of(order.sid(), 2), 30_000, Hello.Proof.AMP, 100)));
        Await.until(Duration.ofSeconds(10), () -> stateOf(order.id(), pole).equals("COMPLETED"));
        assertThat(jdbc.sql(
                                "select heard_ms from broadcast_playback where broadcast_id = :id and controller_id = :pole")
                        .param("id", order.id().value())
                        .param("pole", pole.value())
                        .query(Long.class)
                        .single())
                .isEqualTo(60_000);
        assertThat(emergencies.unreached(order.id())).doesNotContain(pole);
    }

    @Test
    void anOrderIsReleasedOnceAndNotAfterItWasTakenBack() {
        aPole();
        var order = emergencies.arm(anOrder(Status.TEST, commune()));
        emergencies.release(order);
        assertThatThrownBy(() -> emergencies.release(order)).isInstanceOf(Refusal.class);
        assertThat(emergencies.cancel(order)).isFalse();

        var other = emergencies.arm(anOrder(Status.TEST, commune()));
        assertThat(emergencies.armed(other.id())).contains(other);
        assertThat(emergencies.cancel(other)).isTrue();
        assertThatThrownBy(() -> emergencies.release(other)).isInstanceOf(Refusal.class);
    }

    @Test
    void whoHasNotAppliedItGetsTheSameBytesAloneUntilHeHas() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var silentPole = aPole();
        aBoxOn(silentPole);
        var order = emergencies.arm(anOrder(Status.TEST, Scope.of(area(village))));
        emergencies.release(order);

        Await.until(
                Duration.ofSeconds(10),
                () -> device.arrived().stream()
                                .filter(each -> each.document() instanceof Now now && names(now, order))
                                .count()
                        >= 2);
        var all = device.arrived().stream()
                .filter(each -> each.document() instanceof Now now && names(now, order))
                .toList();
        assertThat(all.get(1).topic()).endsWith("/rsp");
        assertThat(all.get(1).document()).isEqualTo(all.get(0).document());
        assertThat(emergencies.unreached(order.id())).contains(pole, silentPole);
        var connected = emergencies.resend(order.id());
        assertThat(connected).isPositive();

        device.send(device.entry(clock.millis(), applied((Now) all.get(0).document())));
        Await.until(
                Duration.ofSeconds(10), () -> !emergencies.unreached(order.id()).contains(pole));
        assertThat(emergencies.unreached(order.id())).contains(silentPole);
        assertThat(emergencies.resend(order.id()))
                .as("who has it is left alone")
                .isEqualTo(connected - 1);
        assertThat(stateOf(order.id(), pole)).isEqualTo("RECEIVED");
    }

    @Test
    void oneDocumentOfARowHoldsAllItsOrdersAndAWelcomeNamesIt() throws Exception {
        var pole = aPole();
        var first = emergencies.arm(anOrder(Status.TEST, Scope.of(area(village))));
        var second = emergencies.arm(anOrder(Status.ACTUAL, Scope.of(area(village))));
        emergencies.release(first);
        emergencies.release(second);

        var device = aBoxOn(pole).connect(broker.plainPort());
        var row = Row.now(Scope.of(area(village)), KEY);
        var welcome = device.await(Welcome.class, greeting -> greeting.vec().containsKey(row));
        var now = device.await(Now.class, document -> names(document, second));
        assertThat(names(now, first)).isTrue();
        assertThat(welcome.vec()).containsEntry(row, now.head().seq());
    }

    @Test
    void theAllClearEndsEverythingOfTheScopeAndBelow() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var wide = emergencies.arm(anOrder(Status.ACTUAL, commune()));
        var narrow = emergencies.arm(anOrder(Status.ACTUAL, Scope.of(area(village))));
        emergencies.release(wide);
        emergencies.release(narrow);
        device.await(Now.class, document -> names(document, narrow));

        emergencies.clear(Set.of(commune()), "Hết lũ");

        device.await(
                Now.class,
                document -> document.isAllClear()
                        && document.clr().contains("*")
                        && document.head().to().equals(commune()));
        device.await(
                Now.class,
                document -> document.isAllClear() && document.head().to().equals(Scope.of(area(village))));
        assertThat(jdbc.sql("select state from delivery_order where broadcast_id in (:ids)")
                        .param("ids", List.of(wide.id().value(), narrow.id().value()))
                        .query(String.class)
                        .list())
                .containsOnly("CLEARED");
        // What follows does not bring it back, and is younger than the clear.
        var next = emergencies.arm(anOrder(Status.ACTUAL, Scope.of(area(village))));
        emergencies.release(next);
        var now = device.await(Now.class, document -> names(document, next));
        assertThat(names(now, narrow)).isFalse();
    }

    @Test
    void oneOrderIsClearedAndTheOtherGoesOn() throws Exception {
        var pole = aPole();
        var device = listening(pole);
        var first = emergencies.arm(anOrder(Status.ACTUAL, Scope.of(area(village))));
        var second = emergencies.arm(anOrder(Status.ACTUAL, Scope.of(area(village))));
        emergencies.release(first);
        emergencies.release(second);
        emergencies.clear(first.id(), "Nhầm");

        var now = device.await(
                Now.class, document -> document.clr().contains(first.sid().value()));
        assertThat(names(now, second)).isTrue();
        assertThat(names(now, first)).isFalse();

        emergencies.update(
                second.id(), 60, 5, Duration.ofSeconds(90), clock.instant().plusSeconds(300));
        device.await(Now.class, document -> document.act().stream()
                .anyMatch(entry -> entry.sid().equals(second.sid()) && entry.vol() == 60 && entry.rep() == 5));
        assertThatThrownBy(() -> emergencies.update(
                        first.id(),
                        60,
                        5,
                        Duration.ofSeconds(90),
                        clock.instant().plusSeconds(300)))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void aRowOfWhichABoxKnowsMoreIsBlockedUntilSomebodyConfirmsButNotTheAllClear() throws Exception {
        var other = areas.findByCode("371432902").orElseThrow().path();
        var pole = aPole(other);
        var device = aBoxOn(pole);
        var scope = Scope.of(area(other));
        var row = Row.now(scope, KEY);
        var ahead = clock.millis() + 3_600_000;
        device.mark(row, ahead);
        device.connect(broker.plainPort());
        device.await(Welcome.class);

        var order = emergencies.arm(anOrder(Status.ACTUAL, scope));
        assertThatThrownBy(() -> emergencies.release(order)).isInstanceOf(Refusal.class);
        emergencies.clear(Set.of(scope), "Báo yên");
        assertThat(device.await(Now.class, Now::isAllClear).head().seq()).isGreaterThan(ahead);
        assertThat(doubts.open()).anyMatch(doubt -> doubt.row().equals(row));

        doubts.confirm(row, "Hoa");
        emergencies.release(order);
        assertThat(device.all(Now.class)).isNotEmpty();
    }

    @Test
    void aClockThatLeapsStopsOrdersButNotTheAllClear() throws Exception {
        // A scope of its own: its marks run ahead from now on.
        var scope = Scope.of(aBoxOn(aPole()).id());
        var order = emergencies.arm(anOrder(Status.ACTUAL, scope));
        doubts.tick();
        clock.shift(Duration.ofHours(30));
        assertThatThrownBy(() -> emergencies.release(order)).isInstanceOf(Refusal.class);
        emergencies.clear(Set.of(scope), "Báo yên");
        clock.shift(Duration.ZERO);
        doubts.confirmClock();
        emergencies.cancel(order);
    }

    @Test
    void underAClockKnownToBeWrongNothingIsSignedButTheAllClear() throws Exception {
        var pole = aPole();
        var scope = Scope.of(aBoxOn(pole).id());
        var sounding = emergencies.arm(anOrder(Status.TEST, scope));
        emergencies.release(sounding);
        var order = emergencies.arm(anOrder(Status.TEST, scope));

        clockCheck.told(Duration.ofSeconds(-90));
        try {
            assertThatThrownBy(() -> emergencies.release(order)).hasMessageContaining("clockWrong");
            compiler.due(List.of(pole));
            compiler.compileDue();
            assertThat(waiting(pole)).isPositive();
            emergencies.clear(sounding.id(), "Báo yên");

            clockCheck.accept();
            emergencies.release(order);
            emergencies.clear(order.id(), "");
        } finally {
            clockCheck.told(Duration.ZERO);
        }
        Await.until(Duration.ofSeconds(10), () -> waiting(pole) == 0);
    }

    @Test
    void aBoxThatHasTheOrderIsNotSentItAgainWhileThatIsBeingStored() throws Exception {
        var device = listening(aPole());
        var released = emergencies.arm(anOrder(Status.TEST, Scope.of(area(village))));
        var order = givenTo(device, released);
        assertThat(ladder.missing(order)).contains(device.id());

        var applied = new Ladder.Applied(device.id(), order.row());
        ladder.heard(applied, order.seq());
        assertThat(ladder.missing(order)).doesNotContain(device.id());
        transaction.executeWithoutResult(status -> {
            ladder.note(Map.of(applied, order.seq()), clock.instant());
            assertThat(CompletableFuture.supplyAsync(() -> ladder.missing(order))
                            .join())
                    .as("what others see before the commit")
                    .doesNotContain(device.id());
        });
        assertThat(ladder.missing(order)).doesNotContain(device.id());
        emergencies.clear(released.id(), "");
    }

    @Test
    void anOrderIsOnItsWayBeforeTheOutboxCanSeeIt() throws Exception {
        var device = listening(aPole());
        var released = emergencies.arm(anOrder(Status.TEST, Scope.of(area(village))));
        var order = givenTo(device, released);
        Await.until(Duration.ofSeconds(10), () -> !ladder.carries(order.id()));

        transaction.executeWithoutResult(status -> {
            watchedAnew(order);
            assertThat(ladder.carries(order.id())).isTrue();
            status.setRollbackOnly();
        });
        assertThat(ladder.carries(order.id())).as("nothing was stored").isFalse();
        transaction.executeWithoutResult(status -> watchedAnew(order));
        assertThat(ladder.carries(order.id()))
                .as("committed, and not yet given to the broker")
                .isTrue();
        emergencies.clear(released.id(), "");
    }

    /** Releases an armed order for the village; its document, once the device has it. */
    private Documents.Stored givenTo(TestDevice device, ArmedOrder armed) throws Exception {
        var scope = Scope.of(area(village));
        emergencies.release(armed);
        var row = device.await(Now.class, now -> now.head().to().equals(scope))
                .row()
                .orElseThrow();
        return documents.current(scope, row).orElseThrow();
    }

    private void watchedAnew(Documents.Stored order) {
        jdbc.sql("delete from delivery_urgent where document_id = :id")
                .param("id", order.id())
                .update();
        ladder.watch(List.of(order), clock.instant());
    }

    private long waiting(ControllerId pole) {
        return jdbc.sql("select count(*) from delivery_due where controller_id = :pole")
                .param("pole", pole.value())
                .query(Long.class)
                .single();
    }

    /** A document may not list what began more than ten minutes before it. */
    @Test
    void anAlertThatHasLastedForLongStandsInTheWayOfNoOther() throws Exception {
        var scope = Scope.of(aBoxOn(aPole()).id());
        var old = emergencies.arm(lasting(Duration.ofHours(1), scope));
        emergencies.release(old);
        clock.shift(Duration.ofMinutes(15));

        var next = emergencies.arm(anOrder(Status.TEST, scope));
        emergencies.release(next);
        assertThat(sids(scope)).containsExactlyInAnyOrder(old.sid(), next.sid());

        emergencies.clear(next.id(), "Hết lũ");
        assertThat(sids(scope)).containsExactly(old.sid());
        emergencies.clear(old.id(), "Hết lũ");
    }

    private NewOrder lasting(Duration life, Scope scope) {
        return new NewOrder(
                new StationId(stations.main().id()),
                Authority.COMMUNE,
                Status.TEST,
                "Lũ quét",
                Set.of(scope),
                List.of(new Step.Tone(Step.Pattern.WAIL, 3, 8, 3)),
                List.of(),
                Duration.ofSeconds(30),
                2,
                Duration.ofSeconds(1),
                100,
                life,
                Duration.ofMinutes(5),
                List.of(),
                Map.of());
    }

    /** What the key's row of this scope lists. */
    private List<Sid> sids(Scope scope) {
        return ((Now) documents
                        .current(scope, Row.now(scope, KEY))
                        .orElseThrow()
                        .document())
                .act().stream().map(Entry::sid).toList();
    }

    @Test
    void ordersForTheSamePlacesAtTheSameMomentNeitherBlockNorForgetEachOther() throws Exception {
        var places = new ArrayList<Scope>();
        for (var i = 0; i < 6; i++) {
            places.add(Scope.of(aBoxOn(aPole()).id()));
        }
        var random = new Random(7);
        for (var round = 0; round < 25; round++) {
            var first = emergencies.arm(anOrder(Status.TEST, inAnyOrder(places, random)));
            var second = emergencies.arm(anOrder(Status.TEST, inAnyOrder(places, random)));
            emergencies.release(first);

            // While the ladder notes what the broker has got of the first.
            CompletableFuture.allOf(
                            CompletableFuture.runAsync(() -> emergencies.clear(first.id(), "")),
                            CompletableFuture.runAsync(() -> emergencies.release(second)))
                    .get(60, TimeUnit.SECONDS);

            assertThat(places).allSatisfy(place -> assertThat(((Now) documents
                                    .current(place, Row.now(place, KEY))
                                    .orElseThrow()
                                    .document())
                            .act())
                    .extracting(Entry::sid)
                    .containsExactly(second.sid()));
            emergencies.clear(second.id(), "");
        }
    }

    private static Scope[] inAnyOrder(List<Scope> places, Random random) {
        var shuffled = new ArrayList<>(places);
        Collections.shuffle(shuffled, random);
        return shuffled.toArray(Scope[]::new);
    }

    private TestDevice listening(ControllerId pole) throws Exception {
        var device = aBoxOn(pole).connect(broker.plainPort());
        device.await(Welcome.class);
        device.subscribe(
                device.topics().everyNow(Scope.of(area(village))),
                device.topics().everyNow(commune()));
        device.forget();
        return device;
    }

    private Scope commune() {
        return Scope.of(area(areas.findByCode("3714329").orElseThrow().path()));
    }

    private static AreaPath area(vn.loalang.area.AreaPath path) {
        return new AreaPath(path.value());
    }

    private static Event applied(Now now) {
        return new Event.DocumentChange(
                Event.DocumentFate.APPLIED, now.row().orElseThrow(), now.head().seq());
    }
}
