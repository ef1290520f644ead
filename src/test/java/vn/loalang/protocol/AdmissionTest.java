package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static vn.loalang.protocol.Vectors.COMMUNE;
import static vn.loalang.protocol.Vectors.DAY;
import static vn.loalang.protocol.Vectors.T0;
import static vn.loalang.protocol.Vectors.T1;
import static vn.loalang.protocol.Vectors.cfgOf;
import static vn.loalang.protocol.Vectors.signed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final Map<String, Vectors.Vector> VECTORS = Vectors.generate();

    private final TestDevice device = TestDevice.welcomed();

    private static byte[] vector(String name) {
        return VECTORS.get(name).bytes();
    }

    private static Admission.Accepted accepted(Admission.Outcome outcome) {
        assertThat(outcome).isInstanceOf(Admission.Accepted.class);
        return (Admission.Accepted) outcome;
    }

    private static Admission.Refused refused(Admission.Outcome outcome) {
        assertThat(outcome).isInstanceOf(Admission.Refused.class);
        return (Admission.Refused) outcome;
    }

    @Test
    void acceptedDocumentsBringTheirRowTheirMarkAndTheirBytes() {
        byte[] message = signed("p1", Vectors.standardPlan());
        Admission.Accepted accepted = accepted(device.admit(message));
        assertThat(accepted.row()).contains(Row.PLAN);
        assertThat(accepted.document()).isEqualTo(Vectors.standardPlan());
        assertThat(accepted.next().marks()).containsEntry(Row.PLAN, new DeviceState.Mark(T0 + 123, Hash.of(message)));
        assertThat(accepted.next().plan()).isEqualTo(Vectors.standardPlan());
        assertThat(accepted.stored().orElseThrow().message().toArray()).isEqualTo(message);
    }

    @Test
    void keysWaitForBudgetAndOthersAreLetFall() {
        byte[] keys = signed("r1", "r2", Keys.of(Vectors.head(Scope.ALL, T0, T0), List.of(), Quorum.DEFAULT));
        assertThat(device.judge(keys, 1)).isInstanceOf(Admission.Deferred.class);
        assertThat(device.judge(keys, 2)).isInstanceOf(Admission.Accepted.class);
        assertThat(device.judge(signed("p1", Vectors.standardPlan()), 0)).isInstanceOf(Admission.Dropped.class);
    }

    @Test
    void aRepeatedDocumentCostsNoSignatureWork() {
        byte[] plan = signed("p1", Vectors.standardPlan());
        device.admit(plan);
        assertThat(device.judge(plan, 0)).isInstanceOf(Admission.Duplicate.class);
    }

    @Test
    void theSessionEndsWithTheLink() {
        device.state = device.state.disconnected();
        assertThat(device.admit(signed("p1", Vectors.standardPlan()))).isInstanceOf(Admission.Dropped.class);
    }

    @Test
    void theLastTwoHellosMayBeAnsweredAndEachOnce() {
        Nonce first = Nonce.of(new byte[16]);
        byte[] two = new byte[16];
        two[0] = 2;
        Nonce second = Nonce.of(two);
        byte[] three = new byte[16];
        three[0] = 3;
        Nonce third = Nonce.of(three);
        device.helloSent(first);
        device.helloSent(second);
        device.helloSent(third);
        assertThat(refused(device.admit(signed("p1", Vectors.welcomeOf(T1, first))))
                        .code())
                .isEqualTo(ErrorCode.E_STALE);
        byte[] toSecond = signed("p1", Vectors.welcomeOf(T1, second));
        accepted(device.admit(toSecond));
        assertThat(device.admit(toSecond)).isInstanceOf(Admission.Duplicate.class);
        accepted(device.admit(signed("p1", Vectors.welcomeOf(T1 + 1, third))));
        assertThat(refused(device.admit(toSecond)).code()).isEqualTo(ErrorCode.E_STALE);
    }

    @Test
    void welcomeAndJackNeverMoveTheFloorButPlansDo() {
        long floor = device.state.floor();
        device.helloSent(Nonce.of(new byte[16]));
        accepted(device.admit(signed("p1", Vectors.welcomeOf(T1 + 5000, Nonce.of(new byte[16])))));
        accepted(device.admit(vector("jack.gb1")));
        assertThat(device.state.floor()).isEqualTo(floor);
        accepted(device.admit(signed("p1", Vectors.planOf(T1))));
        assertThat(device.state.floor()).isEqualTo(T1);
    }

    @Test
    void impossibleTimesRaiseTheClockFault() {
        Keys yearAhead =
                Keys.of(Vectors.head(Scope.ALL, T0 + 30 * DAY, T0 + 400 * DAY), Vectors.keyEntries(), Quorum.DEFAULT);
        accepted(device.admit(signed("r1", "r2", yearAhead)));
        device.helloSent(Nonce.of(new byte[16]));
        Admission.Refused far = refused(device.admit(signed("p1", Vectors.welcomeOf(T1, Nonce.of(new byte[16])))));
        assertThat(far.code()).isEqualTo(ErrorCode.E_STALE);
        assertThat(far.clockBad()).isTrue();
        long near = device.state.floor() - 600_001;
        assertThat(accepted(device.admit(signed("p1", Vectors.welcomeOf(near, Nonce.of(new byte[16])))))
                        .clockBad())
                .isTrue();
    }

    @Test
    void aServerOfTheYear2080IsRefusedWithTheClockFault() {
        long year2080 = 3_471_292_800_000L;
        Keys lasting = Keys.of(
                Vectors.head(Scope.ALL, T0, T0),
                List.of(KeyEntry.online(new Kid("p1"), TestKeys.key("p1").publicKey(), 0, Limits.MAX_INTEGER)),
                Quorum.DEFAULT);
        accepted(device.admit(signed("r1", "r2", lasting)));
        device.helloSent(Nonce.of(new byte[16]));
        Admission.Refused refused =
                refused(device.admit(signed("p1", Vectors.welcomeOf(year2080, Nonce.of(new byte[16])))));
        assertThat(refused.code()).isEqualTo(ErrorCode.E_FUTURE);
        assertThat(refused.clockBad()).isTrue();
        device.clock = year2080;
        assertThat(refused(device.admit(signed("p1", cfgOf(year2080)))).clockBad())
                .isTrue();
    }

    @Test
    void aSiteThatLeavesAnAreaForgetsItsKeysAndMayTakeThemUpAgain() {
        byte[] areaKeys = signed("k1", "k2", Vectors.areaKeys(T0, Vectors.communeKey("x9", COMMUNE, 89)));
        accepted(device.admit(areaKeys));
        assertThat(device.state.keys().find(new Kid("x9"))).isPresent();
        Admission.Accepted moved =
                accepted(device.admit(signed("s1", Vectors.siteOf(T0, List.of(new AreaPath("37"))))));
        assertThat(moved.dropped()).containsExactly(Row.keys(Scope.of(COMMUNE)));
        assertThat(device.state.keys().find(new Kid("x9"))).isEmpty();
        assertThat(device.state.marks()).containsKey(Row.keys(Scope.of(COMMUNE)));
        accepted(device.admit(signed("s1", Vectors.siteOf(T0 + 1, List.of(new AreaPath("37"), COMMUNE)))));
        accepted(device.admit(areaKeys));
        assertThat(device.state.keys().find(new Kid("x9"))).isPresent();
    }

    @Test
    void aDeeperScopeCannotReplaceAKnownKey() {
        KeyEntry impostor = KeyEntry.emergency(
                new Kid("e1"), TestKeys.key("x9").publicKey(), COMMUNE, 89, T0 - DAY, T0 + 300 * DAY);
        accepted(device.admit(signed("k1", "k2", Vectors.areaKeys(T0, impostor))));
        assertThat(device.state.keys().find(new Kid("e1")).orElseThrow().x())
                .isEqualTo(TestKeys.key("e1").publicKey());
    }

    @Test
    void removingAKeyDropsNothingButNamingItBadDoes() {
        accepted(device.admit(signed("p1", Vectors.standardPlan())));
        List<KeyEntry> others = List.of(Vectors.online("p4"));
        Keys without = Keys.of(Vectors.head(Scope.ALL, T0, T0 + DAY), others, Quorum.DEFAULT);
        assertThat(accepted(device.admit(signed("r1", "r2", without))).dropped())
                .isEmpty();
        assertThat(device.state.plan()).isNotNull();
        Keys bad = new Keys(
                Vectors.head(Scope.ALL, T0 + 1, T0 + DAY), others, Quorum.DEFAULT, List.of(new Kid("p1")), null, null);
        assertThat(accepted(device.admit(signed("r1", "r2", bad))).dropped()).containsExactly(Row.PLAN);
        assertThat(device.state.plan()).isNull();
        assertThat(device.state.hwm()).containsEntry(Row.PLAN, T0 + 123);
    }

    @Test
    void whatWasSetAsideComesBackOnlyNewer() {
        byte[] plan = signed("p1", Vectors.standardPlan());
        accepted(device.admit(plan));
        device.state = device.state.setAside(Set.of(Row.PLAN));
        assertThat(device.state.plan()).isNull();
        assertThat(refused(device.admit(plan)).code()).isEqualTo(ErrorCode.E_OLD);
        accepted(device.admit(signed("p1", Vectors.planOf(T0 + 124))));
    }

    @Test
    void aDeviceKeepsNoMoreThan48Rows() {
        Map<Row, DeviceState.Mark> marks = new LinkedHashMap<>(device.state.marks());
        for (int i = 0; marks.size() < Limits.ROWS; i++) {
            marks.put(Row.ses(Scope.of(new AreaPath("9" + i))), new DeviceState.Mark(1, null));
        }
        DeviceState s = device.state;
        device.state = new DeviceState(
                s.id(),
                s.sys(),
                s.keys(),
                s.documents(),
                marks,
                s.clears(),
                s.base(),
                s.floor(),
                s.nonces(),
                s.session(),
                s.overdue(),
                s.jid(),
                s.pkt());
        assertThat(refused(device.admit(signed("p1", cfgOf(T0)))).code()).isEqualTo(ErrorCode.E_SEM);
    }

    @Test
    void noChangedByteIsEverAccepted() {
        Random random = new Random(20_260_105);
        for (String name : List.of("plan.gb1", "cfg.gb1", "keys-area.gb1", "keys-roots.gb1", "jack.gb1")) {
            byte[] message = vector(name);
            assertThat(device.judge(message, 20)).isInstanceOf(Admission.Accepted.class);
            for (int at = 0; at < message.length; at++) {
                byte[] changed = message.clone();
                changed[at] ^= (byte) (1 << random.nextInt(8));
                assertThat(device.judge(changed, 20)).isInstanceOf(Admission.Refused.class);
            }
        }
    }

    @Test
    void noGarbageMakesItThrow() {
        Random random = new Random(7);
        List<byte[]> seeds = new ArrayList<>();
        VECTORS.values().forEach(vector -> seeds.add(vector.bytes()));
        for (int round = 0; round < 5_000; round++) {
            byte[] one = seeds.get(random.nextInt(seeds.size()));
            byte[] two = seeds.get(random.nextInt(seeds.size()));
            int cut = random.nextInt(one.length + 1);
            int from = random.nextInt(two.length + 1);
            byte[] spliced = new byte[cut + two.length - from];
            System.arraycopy(one, 0, spliced, 0, cut);
            System.arraycopy(two, from, spliced, cut, two.length - from);
            for (int i = random.nextInt(4); i > 0 && spliced.length > 0; i--) {
                spliced[random.nextInt(spliced.length)] = (byte) random.nextInt(256);
            }
            assertThat(device.judge(spliced, 20)).isNotNull();
        }
    }

    @Test
    void aPayloadOfAnyShapeUnderAGoodKeyNeverThrows() {
        Random random = new Random(11);
        List<Document> documents =
                List.of(Vectors.standardPlan(), cfgOf(T0), Vectors.welcomeOf(T1, Vectors.NONCE), Vectors.largestPlan());
        String[] values = {"null", "true", "-1", "0", "\"\"", "[]", "{}", "[[]]", "9007199254740991", "\"*\""};
        for (int round = 0; round < 3_000; round++) {
            Json.Obj json = documents.get(random.nextInt(documents.size())).json();
            List<String> names = new ArrayList<>(json.members().keySet());
            String victim = names.get(random.nextInt(names.size()));
            Json.Obj.Builder changed = Json.object();
            json.members().forEach((name, value) -> {
                if (!name.equals(victim)) {
                    changed.put(name, value);
                }
            });
            if (random.nextInt(4) > 0) {
                changed.put(
                        victim,
                        ((Json.Obj) StrictJson.parse(("{\"x\":" + values[random.nextInt(values.length)] + "}")
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                                .members()
                                .get("x"));
            }
            byte[] message = Envelope.compose(
                    List.of(TestKeys.key("p1")), changed.build().bytes());
            assertThat(device.judge(message, 20)).isNotNull();
        }
    }

    @Test
    void aRestartPutsEverythingBack() {
        accepted(device.admit(vector("keys-roots.gb1")));
        accepted(device.admit(vector("keys-area.gb1")));
        accepted(device.admit(vector("cfg.gb1")));
        accepted(device.admit(vector("plan.gb1")));
        List<Stored> files = device.state.documents().values().stream()
                .map(stored -> Stored.decode(stored.encode()))
                .toList();
        DeviceState.Restored restored = DeviceState.restore(device.state.encode(), files, 0);
        assertThat(restored.dropped()).isEmpty();
        DeviceState after = restored.state();
        assertThat(after.documents()).isEqualTo(device.state.documents());
        assertThat(after.marks()).isEqualTo(device.state.marks());
        assertThat(after.floor()).isEqualTo(device.state.floor());
        assertThat(after.keys().roots()).isEqualTo(TestKeys.roots("r2", "r3", "r4"));
        assertThat(after.keys().find(new Kid("x9"))).isPresent();
        assertThat(after.isWelcomed()).isFalse();
        assertThat(after.encode()).isEqualTo(device.state.encode());
    }

    @Test
    void aRestartKeepsADocumentWhoseKeyHasLeftButDropsACompromisedOne() {
        accepted(device.admit(vector("plan.gb1")));
        Stored plan = device.state.documents().get(Row.PLAN);
        Keys without = Keys.of(Vectors.head(Scope.ALL, T0, T0 + DAY), List.of(Vectors.online("p4")), Quorum.DEFAULT);
        accepted(device.admit(signed("r1", "r2", without)));
        assertThat(DeviceState.restore(
                                device.state.encode(), device.state.documents().values(), 0)
                        .state()
                        .plan())
                .isNotNull();
        Keys bad = new Keys(
                Vectors.head(Scope.ALL, T0 + 5, T0 + DAY), List.of(), null, List.of(new Kid("p1")), null, null);
        accepted(device.admit(signed("r1", "r2", bad)));
        List<Stored> withOld = new ArrayList<>(device.state.documents().values());
        withOld.add(plan);
        DeviceState.Restored restored = DeviceState.restore(device.state.encode(), withOld, 0);
        assertThat(restored.dropped()).containsExactly(Row.PLAN);
    }

    @Test
    void aDamagedStoredDocumentIsRefused() {
        accepted(device.admit(vector("plan.gb1")));
        byte[] file = device.state.documents().get(Row.PLAN).encode();
        Random random = new Random(3);
        for (int at = 0; at < file.length; at++) {
            byte[] damaged = file.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            try {
                // Only what the keys say of themselves may change unnoticed; the message never.
                assertThat(Stored.decode(damaged).message())
                        .isEqualTo(device.state.documents().get(Row.PLAN).message());
            } catch (Refusal expected) {
                assertThat(expected.code()).isNotNull();
            }
        }
        assertThatThrownBy(() -> Stored.decode(new byte[0])).isInstanceOf(Refusal.class);
    }

    @Test
    void aDeviceThatDoesNotKnowTheTimeStillHearsKeysAndTheWelcome() {
        TestDevice fresh = new TestDevice();
        fresh.quality = Quality.U;
        fresh.clock = 5_000;
        accepted(fresh.admit(vector("keys.gb1")));
        fresh.helloSent(Vectors.NONCE);
        accepted(fresh.admit(vector("welcome.gb1")));
    }

    @Test
    void delegatedKeysExceedTheirDelegatorsNeitherInRankNorInRankOfClears() {
        PublicKey x = TestKeys.key("x9").publicKey();
        long end = T0 + 300 * DAY;
        KeyEntry tooHigh = new KeyEntry(new Kid("x9"), x, Set.of(Use.NOW), COMMUNE, 90, T0 - DAY, end, 89);
        KeyEntry clearsTooHigh = new KeyEntry(new Kid("x9"), x, Set.of(Use.NOW), COMMUNE, 89, T0 - DAY, end, 90);
        KeyEntry just = new KeyEntry(new Kid("x9"), x, Set.of(Use.NOW), COMMUNE, 89, T0 - DAY, end, 89);
        for (KeyEntry beyond : List.of(tooHigh, clearsTooHigh)) {
            assertThat(refused(device.admit(signed("k1", "k2", Vectors.areaKeys(T0, beyond))))
                            .code())
                    .isEqualTo(ErrorCode.E_POL);
        }
        accepted(device.admit(signed("k1", "k2", Vectors.areaKeys(T0, just))));
    }

    @Test
    void aWelcomeMayBeADayBelowTheFloorAndNotMore() {
        accepted(device.admit(signed("p1", Vectors.planOf(T1))));
        Nonce nonce = Nonce.of(new byte[16]);
        device.helloSent(nonce);
        assertThat(refused(device.judge(signed("p1", Vectors.welcomeOf(T1 - DAY - 1, nonce)), 20))
                        .code())
                .isEqualTo(ErrorCode.E_STALE);
        accepted(device.judge(signed("p1", Vectors.welcomeOf(T1 - DAY, nonce)), 20));
    }

    @Test
    void aRecoveryDropsWhatIsAboveItLowersMarksAndFloorAndKeepsTheRest() {
        accepted(device.admit(vector("plan.gb1")));
        accepted(device.admit(signed("p1", cfgOf(T1 + 600_000))));
        assertThat(device.state.floor()).isEqualTo(T1 + 600_000);
        Keys recovery = new Keys(
                Vectors.head(Scope.ALL, T0, T0 + DAY),
                Vectors.keyEntries(),
                Quorum.DEFAULT,
                List.of(),
                null,
                new Keys.Rst(3, T0 + 1000));
        Admission.Accepted accepted = accepted(device.admit(signed("r1", "r2", recovery)));
        assertThat(accepted.dropped()).containsExactly(Row.CFG);
        assertThat(device.state.cfg()).isNull();
        assertThat(device.state.plan()).isNotNull();
        assertThat(device.state.floor()).isEqualTo(T0 + 1000);
        assertThat(device.state.marks())
                .containsEntry(Row.CFG, new DeviceState.Mark(T0 + 1000, null))
                .containsKey(Row.PLAN);
        assertThat(device.state.keys().rst()).isEqualTo(3);
        assertThat(refused(device.admit(signed("p1", cfgOf(T0 + 1000)))).code()).isEqualTo(ErrorCode.E_OLD);
        accepted(device.admit(signed("p1", cfgOf(T0 + 1001))));
    }

    private static byte[] order(String kid, long iat, String sid) {
        return signed(
                kid,
                OrderVectors.now(
                        kid,
                        OrderVectors.TO_COMMUNE,
                        iat,
                        OrderVectors.entry(sid, 85, iat + 1000, new Step.Pin("siren"))));
    }

    @Test
    void ofEachKeyTheNewestEightClearsAreKeptForSevenDays() {
        for (int i = 0; i < 10; i++) {
            accepted(
                    device.admit(signed("x1", OrderVectors.clear("x1", OrderVectors.TO_COMMUNE, T1 + i, "gone-" + i))));
        }
        accepted(device.admit(signed("x2", OrderVectors.clear("x2", OrderVectors.TO_COMMUNE, T1, "other"))));
        assertThat(device.state.clears())
                .extracting(clear -> clear.sid().orElseThrow().value())
                .containsExactly(
                        "gone-2", "gone-3", "gone-4", "gone-5", "gone-6", "gone-7", "gone-8", "gone-9", "other");
        assertThat(DeviceState.restore(
                                device.state.encode(), device.state.documents().values(), 0)
                        .state()
                        .clears())
                .isEqualTo(device.state.clears());
        device.clock = T1 + 9 + 7 * DAY;
        accepted(device.admit(signed("p1", cfgOf(device.clock))));
        assertThat(device.state.clears()).extracting(Clear::owner).containsExactly(new Kid("x1"));
    }

    @Test
    void onlyAnExpiredOrderGivesUpItsRowForAnother() {
        accepted(device.admit(order("x1", T1, "old")));
        Map<Row, DeviceState.Mark> marks = new LinkedHashMap<>(device.state.marks());
        for (int i = 0; marks.size() < Limits.ROWS; i++) {
            marks.put(Row.ses(Scope.of(new AreaPath("9" + i))), new DeviceState.Mark(1, null));
        }
        DeviceState s = device.state;
        device.state = new DeviceState(
                s.id(),
                s.sys(),
                s.keys(),
                s.documents(),
                marks,
                s.clears(),
                s.base(),
                s.floor(),
                s.nonces(),
                s.session(),
                s.overdue(),
                s.jid(),
                s.pkt());
        byte[] newer = order("x5", T1 + 1, "new");
        assertThat(refused(device.admit(newer)).code()).isEqualTo(ErrorCode.E_SEM);
        device.clock = T1 + DAY;
        Admission.Accepted accepted = accepted(device.admit(order("x5", device.clock, "next-day")));
        assertThat(accepted.dropped()).containsExactly(Row.now(OrderVectors.TO_COMMUNE, new Kid("x1")));
        assertThat(device.state.marks()).hasSize(Limits.ROWS).doesNotContainKey(Row.parse("now@a/37.14329@x1"));
    }

    @Test
    void whatAnEarlyAllClearHeldBackSurvivesARestart() {
        accepted(device.admit(order("x1", T1, "e1")));
        accepted(device.admit(signed("x1", OrderVectors.clear("x1", OrderVectors.TO_COMMUNE, T1 + 5_000_000, "*"))));
        DeviceState restored = DeviceState.restore(
                        device.state.encode(), device.state.documents().values(), 0)
                .state();
        assertThat(restored.floor()).isEqualTo(T1 + 600_000);
        assertThat(restored.hwm()).containsEntry(Row.parse("now@a/37.14329@x1"), T1 + 600_000);
        assertThat(restored.clears()).isEqualTo(device.state.clears());
    }

    @Test
    void anOrderAboveItsKeysRankStaysLeftOutAfterARestart() {
        accepted(device.admit(Vectors.generate().get("now-mixed.gb1").bytes()));
        List<Stored> disk = device.state.documents().values().stream()
                .map(stored -> Stored.decode(stored.encode()))
                .toList();
        assertThat(DeviceState.restore(device.state.encode(), disk, 0).state().orders())
                .isEqualTo(device.state.orders())
                .hasSize(1);
    }
}
