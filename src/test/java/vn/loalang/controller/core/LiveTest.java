package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Typ;

/** Live sound on a pole in virtual time (§10). */
class LiveTest {
    private static final long NOON = Deployment.CLAIMED + 12 * 3_600_000L;
    private static final Sid SID = new Sid("l1");
    private static final SigningKey SESSION = key(7);
    private static final byte[] CHUNK = Arrays.copyOf(Deployment.audio(1, 5), 20 * 144);

    private final Pole pole = new Pole(NOON, 3);
    private long number;

    private static SigningKey key(int seed) {
        var bytes = new byte[32];
        Arrays.fill(bytes, (byte) seed);
        return new SigningKey(new Kid("l1"), bytes);
    }

    private void session(long beg) {
        var live = new Entry.Live(SESSION.publicKey(), "mp3", 480, 3000, Optional.empty());
        var entry = new Entry(SID, OrderStatus.ACTUAL, 60, beg, beg + 3_600_000, 3600, 1, 0, 80, List.of(), live);
        pole.publish("keys", pole.deployment.keys());
        pole.publish("site", pole.deployment.site(NOON - 1000));
        pole.publish("ses", pole.deployment.sessions(NOON, entry));
        pole.powerOn().runFor(5_000);
    }

    /** A commune's chair speaks live in an emergency; this box lacks the profile. */
    private void spoken(Optional<Step> alt) {
        var live = new Entry.Live(SESSION.publicKey(), "mp3", 480, 3000, alt);
        var entry = new Entry(SID, OrderStatus.ACTUAL, 85, NOON, NOON + 600_000, 3600, 1, 0, 80, List.of(), live);
        pole.withoutLive();
        pole.publish("keys", pole.deployment.keys());
        pole.publish("site", pole.deployment.site(NOON - 1000));
        pole.publish("ses", pole.deployment.sessions(NOON, entry(60, live)));
        pole.publish("now/x1", pole.deployment.orders(NOON, entry));
        pole.powerOn().runFor(5_000);
    }

    private static Entry entry(int priority, Entry.Live live) {
        return new Entry(
                new Sid("l2"), OrderStatus.ACTUAL, priority, NOON, NOON + 600_000, 3600, 1, 0, 80, List.of(), live);
    }

    private void chunk(SigningKey by, long n, long at) {
        pole.deliver(Bytes.of(LiveFrame.sign(by, SID, false, n, at, CHUNK).encode()));
    }

    private void stream(long until) {
        while (pole.now() < until) {
            chunk(SESSION, number++, pole.now() + 3000);
            pole.runFor(480);
        }
    }

    @Test
    void soundsWhenTheFirstChunkIsDueAndEndsTenSecondsAfterTheLast() {
        session(NOON);
        assertThat(pole.subscriptions).anyMatch(s -> s.topics().stream().anyMatch(topic -> topic.contains("/live/")));
        pole.runFor(5_000);
        assertThat(pole.sounded).isEmpty();
        var began = pole.now();
        stream(began + 20_000);
        assertThat(pole.sounded).hasSize(1);
        assertThat(pole.sounded.get(0).at - began).isBetween(2_900L, 3_500L);
        pole.runFor(20_000);
        assertThat(pole.plays()).containsExactly("l1#1 started 0", "l1#1 interrupted 26 link_lost");
        stream(pole.now() + 8_000);
        assertThat(pole.sounded).hasSize(2);
    }

    /** [SIT-1]. */
    @Test
    void withoutSafetySettingsNoSessionSoundsUntilTheyCome() {
        var steps = new Entry.Steps(List.of(new Step.Tone(Step.Pattern.STEADY, 1, 20, 0)));
        var entry = new Entry(SID, OrderStatus.ACTUAL, 60, NOON, NOON + 600_000, 3600, 1, 0, 80, List.of(), steps);
        pole.publish("keys", pole.deployment.keys());
        pole.publish("ses", pole.deployment.sessionsOfTheDevice(NOON, entry));
        pole.powerOn().runFor(10_000);
        assertThat(pole.events())
                .as("the session is known")
                .anyMatch(event -> event instanceof Event.DocumentChange change
                        && change.row().typ() == Typ.SES);
        assertThat(pole.sounded).isEmpty();
        pole.publish("site", pole.deployment.site(NOON - 1000)).runFor(1_000);
        assertThat(pole.sounded).hasSize(1);
    }

    /** [PRO-6]. */
    @Test
    void aBoxWithoutTheProfileSoundsTheStepNamedInstead() {
        spoken(Optional.of(new Step.Tone(Step.Pattern.YELP, 2, 5, 1)));
        pole.runFor(30_000);
        assertThat(pole.sounds)
                .singleElement()
                .isEqualTo(new Sound.Tone(vn.loalang.sound.Siren.Pattern.YELP, 2, 5_000, 1_000));
        assertThat(pole.plays()).containsExactly("l1#1 started 0", "l1#1 completed 11");
    }

    /** [PRO-6]. */
    @Test
    void orASteadyToneWhereNoneIsNamed() {
        spoken(Optional.empty());
        pole.runFor(30_000);
        assertThat(pole.sounds)
                .singleElement()
                .isEqualTo(new Sound.Tone(vn.loalang.sound.Siren.Pattern.STEADY, 1, 10_000, 0));
        assertThat(pole.plays()).containsExactly("l1#1 started 0", "l1#1 completed 10");
    }

    /** [PRO-2] [PRO-5]. */
    @Test
    void itSaysSoAndRefusesSessions() {
        spoken(Optional.empty());
        assertThat(pole.hello.prof()).containsExactly("blk", "fan", "fw", "usb");
        assertThat(pole.subscriptions).noneMatch(s -> s.topics().stream()
                .anyMatch(topic -> topic.contains("/live/") || topic.endsWith("/ses")));
        pole.deliver(pole.deployment.sessions(
                NOON, entry(60, new Entry.Live(SESSION.publicKey(), "mp3", 480, 3000, Optional.empty()))));
        pole.runFor(1_000);
        assertThat(pole.events())
                .anyMatch(e -> e instanceof Event.Security s && s.code() == vn.loalang.protocol.ErrorCode.E_DST);
    }

    @Test
    void forgedRepeatedLateAndForeignChunksAreSilence() {
        session(NOON);
        chunk(key(8), 0, pole.now() + 100);
        chunk(SESSION, 5, pole.now() - 10_000);
        chunk(SESSION, 5, NOON + 3_600_000);
        pole.runFor(3_000);
        assertThat(pole.sounded).isEmpty();
        assertThat(pole.events())
                .anyMatch(e -> e instanceof Event.Security s && s.code() == vn.loalang.protocol.ErrorCode.E_SIG);
        chunk(SESSION, 5, pole.now() + 100);
        pole.runFor(1_000);
        assertThat(pole.sounded).hasSize(1);
        pole.runFor(15_000);
        chunk(SESSION, 5, pole.now() + 100);
        chunk(SESSION, 4, pole.now() + 100);
        pole.runFor(2_000);
        assertThat(pole.sounded).hasSize(1);
    }

    /** [NOW-5]. */
    @Test
    void whatANarrowerDocumentSaysIsOverEndsHereAtOnceAndMoreChunksChangeNothing() {
        session(NOON);
        stream(pole.now() + 10_000);
        var live = new Entry.Live(SESSION.publicKey(), "mp3", 480, 3000, Optional.empty());
        pole.publish(
                "ses/device",
                pole.deployment.sessionsOfTheDevice(
                        pole.now(),
                        new Entry(SID, OrderStatus.ACTUAL, 61, NOON, pole.now(), 3600, 1, 0, 80, List.of(), live)));
        pole.runFor(1_000);
        assertThat(pole.plays()).containsExactly("l1#1 started 0", "l1#1 interrupted 7 ceiling");
        stream(pole.now() + 10_000);
        assertThat(pole.sounded).hasSize(1);
    }
}
