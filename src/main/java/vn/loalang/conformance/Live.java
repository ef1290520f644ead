package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;

import java.security.SecureRandom;
import java.util.Arrays;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.LiveFrame;
import vn.loalang.protocol.Sid;
import vn.loalang.protocol.SigningKey;

/** Live voice in signed chunks. */
final class Live {
    private static final int MS = 480;
    private static final int JITTER = 1_500;
    private static final int FRAME_BYTES = MS / 24 * 144;

    private final Bench b;

    Live(Bench bench) {
        b = bench;
    }

    private final class Voice {
        final Sid sid = new Sid(b.name("live"));
        final SigningKey key = Authority.key("l1", new SecureRandom());
        final Audio audio = Audio.of("voice", 20);
        final long beg;

        Voice() {
            this(0);
        }

        Voice(long inMs) {
            beg = b.clock() + inMs;
        }

        String oid() {
            return sid.value() + "#1";
        }

        String topic() {
            return "a/37.14329/live/"
                    + vn.loalang.protocol.Hash.of(sid.value().getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                            .hex()
                            .substring(0, 16);
        }

        Json.Obj entry() {
            return Json.object()
                    .put("sid", sid.value())
                    .put("st", "actual")
                    .put("pri", 60)
                    .put("beg", beg)
                    .put("until", beg + Authority.HOUR)
                    .put("max", 120)
                    .put("vol", 80)
                    .put(
                            "live",
                            Json.object()
                                    .put("pk", key.publicKey().b64u())
                                    .put("c", "mp3")
                                    .put("ms", MS)
                                    .put("jit", JITTER)
                                    .build())
                    .build();
        }

        void order() {
            b.apply(b.auth.head("ses", Bench.commune()).put("act", Json.array(java.util.List.of(entry()))), b.auth.p1);
            b.awaitTrue(
                    "its subscription of live",
                    10,
                    () -> b.subscribed("/live/" + topic().substring(topic().lastIndexOf('/') + 1))
                            || b.subscribed("/live/+"));
        }

        byte[] frame(int n, long first, boolean last, SigningKey signer) {
            return frame(n + 1L, n, first + (long) n * MS, last, signer);
        }

        /** The same chunk of the voice under any number and for any moment. */
        byte[] frame(long number, int n, long playAt, boolean last, SigningKey signer) {
            var payload = Arrays.copyOfRange(audio.file(), n * FRAME_BYTES, (n + 1) * FRAME_BYTES);
            return LiveFrame.sign(signer, sid, last, number, playAt, payload).encode();
        }

        /** Sends these chunks in their time. */
        void speak(int from, int to, long first, java.util.function.IntPredicate sent) {
            for (int n = from; n < to; n++) {
                long due = first + (long) n * MS - JITTER;
                while (b.clock() < due) AssetServer.pause(10);
                if (sent.test(n)) b.frame(topic(), frame(n, first, n == to - 1, key));
            }
        }
    }

    /** Waits for the end of a voice, which must be its own. */
    private void completes(int from, Voice voice) {
        var end = b.await("the end of " + voice.oid(), 10, () -> b.played(from, "completed", voice.oid())
                .or(() -> b.played(from, "interrupted", voice.oid())));
        var event = end.event();
        check(event.state().equals("completed"), "It ended as " + event.state() + " " + event.details() + ".");
    }

    @Proves(
            value = {"LIV-1", "LIV-1f"},
            profile = "live",
            seconds = 40)
    void aVoiceSoundsAtItsTimeAndEnds() {
        var voice = new Voice();
        int from = b.mark();
        voice.order();
        long first = b.clock() + JITTER + 500;
        voice.speak(0, 10, first, n -> true);
        b.play(from, 5, "started", voice.oid());
        completes(from, voice);
        var sound = b.capture().whole(voice.oid());
        check(sound.millis() > 4_000, "Only " + sound.millis() + " ms were heard.");
        long second = first + 1_000 - sound.first();
        check(second >= 0 && second + 1_000 < sound.millis(), "The voice's first second was not captured.");
        var fit = voice.audio.find(sound.samples(), (int) (second * sound.rate() / 1000), 1_000, 500);
        check(fit.correlation() > 0.8, "It does not sound like what was said: " + fit);
        check(Math.abs(fit.offsetMs() - 1_000) < 400, "It sounded " + (1_000 - fit.offsetMs()) + " ms off.");
    }

    @Proves(
            value = {"LIV-1", "LIV-1d"},
            profile = "live",
            seconds = 40)
    void whatComesLongBeforeItsBeginningSounds() {
        var voice = new Voice(5_000);
        int from = b.mark();
        voice.order();
        long first = voice.beg + 100;
        // All at once, and over before ten seconds without another one have passed.
        for (int n = 0; n < 6; n++) b.frame(voice.topic(), voice.frame(n, first, n == 5, voice.key));
        b.play(from, 10, "started", voice.oid());
        completes(from, voice);
        var sound = b.capture().whole(voice.oid());
        check(sound.first() > voice.beg - 300, "It sounded " + (voice.beg - sound.first()) + " ms before beg.");
        long second = first + 1_000 - sound.first();
        check(second >= 0 && second + 1_000 < sound.millis(), "The voice's first second was not captured.");
        var fit = voice.audio.find(sound.samples(), (int) (second * sound.rate() / 1000), 1_000, 500);
        check(fit.correlation() > 0.8, "It does not sound like what was said: " + fit);
    }

    @Proves(
            value = {"LIV-1d"},
            profile = "live",
            seconds = 40)
    void ofALateChunkTheRestSounds() {
        var voice = new Voice();
        int from = b.mark();
        voice.order();
        long first = b.clock() + JITTER + 500;
        voice.speak(0, 2, first, n -> n == 0);
        for (int n = 2; n < 8; n++) {
            long due = first + (long) n * MS + MS / 4;
            while (b.clock() < due) AssetServer.pause(10);
            b.frame(voice.topic(), voice.frame(n, first, n == 7, voice.key));
        }
        completes(from, voice);
        var sound = b.capture().whole(voice.oid());
        int heard = 0;
        for (int n = 2; n < 8; n++) {
            long at = first + (long) n * MS - sound.first();
            if (sound.level(at + MS * 2 / 3, at + MS - 20) > 500) heard++;
        }
        check(heard >= 3, "Of six chunks, late by a quarter of their length, the rest of " + heard + " was heard.");
    }

    @Proves(
            value = {"LIV-1b", "LIV-2"},
            profile = "live",
            seconds = 40)
    void aForgedChunkIsSilence() {
        var voice = new Voice();
        int from = b.mark();
        voice.order();
        long first = b.clock() + JITTER + 500;
        var forger = Authority.key("l2", new SecureRandom());
        for (int n = 0; n < 6; n++) {
            long due = first + (long) n * MS - JITTER;
            while (b.clock() < due) AssetServer.pause(10);
            b.frame(voice.topic(), voice.frame(n, first, false, forger));
        }
        AssetServer.pause(JITTER);
        check(b.played(from, "started", voice.oid()).isEmpty() || loudest(voice) < 300, "A forged voice was heard.");
    }

    private double loudest(Voice voice) {
        var sound = b.capture().whole(voice.oid());
        double most = 0;
        for (long at = 0; at < sound.millis(); at += 100) most = Math.max(most, sound.level(at, at + 100));
        return most;
    }

    @Proves(
            value = {"LIV-1", "LIV-1c"},
            profile = "live",
            seconds = 40)
    void lostChunksAreSilenceAndRepeatedOnesAreIgnored() {
        var voice = new Voice();
        int from = b.mark();
        voice.order();
        long first = b.clock() + JITTER + 500;
        voice.speak(0, 10, first, n -> {
            if (n == 6) {
                b.frame(voice.topic(), voice.frame(2, first, false, voice.key));
                // An old number fills no hole, whatever moment it is for.
                b.frame(voice.topic(), voice.frame(3, 3, first + 3L * MS, false, voice.key));
            }
            return n < 3 || n > 4;
        });
        completes(from, voice);
        var sound = b.capture().whole(voice.oid());
        long gap = first + 3L * MS - sound.first();
        check(sound.level(gap + 250, gap + 2L * MS - 150) < 300, "Lost chunks are not silent.");
        check(sound.level(gap + 2L * MS + 150, gap + 4L * MS) > 500, "After the loss nothing is heard.");
    }

    @Proves(
            value = {"LIV-1e"},
            profile = "live",
            seconds = 60)
    void afterTenSecondsWithoutAVoiceTheNextOneSounds() {
        var voice = new Voice();
        int from = b.mark();
        voice.order();
        long first = b.clock() + JITTER + 500;
        for (int n = 0; n < 4; n++) {
            long due = first + (long) n * MS - JITTER;
            while (b.clock() < due) AssetServer.pause(10);
            b.frame(voice.topic(), voice.frame(n, first, false, voice.key));
        }
        var lost = b.play(from, 20, "interrupted", voice.oid(), "link_lost");
        long after = lost.t() - (first + 4L * MS);
        check(after > 7_000 && after < 13_000, "The link was lost after " + after + " ms.");
    }

    @Proves(
            value = {"LIV-1d"},
            profile = "live",
            seconds = 40)
    void chunksOutOfTheirTimeAreDropped() {
        var voice = new Voice();
        int from = b.mark();
        voice.order();
        // Numbered so high that the true voice would be dropped behind them if they counted.
        b.frame(voice.topic(), voice.frame(100, 0, b.clock() - 60_000, false, voice.key));
        b.frame(voice.topic(), voice.frame(101, 1, b.clock() + 3 * Authority.HOUR, false, voice.key));
        b.never("a voice out of its time", 2, () -> b.played(from, "completed", voice.oid())
                .isPresent());
        check(loudest(voice) < 300, "It was heard.");
        voice.speak(0, 4, b.clock() + JITTER + 500, n -> true);
        b.play(from, 5, "started", voice.oid());
        completes(from, voice);
    }

    @Proves(
            value = {"PRI-3", "DEC-2"},
            profile = "live",
            seconds = 40)
    void anEmergencyPreemptsAVoice() {
        var voice = new Voice();
        var sid = b.name("s");
        int from = b.mark();
        voice.order();
        long first = b.clock() + JITTER + 500;
        voice.speak(0, 5, first, n -> n < 4);
        b.play(from, 5, "started", voice.oid());
        b.emergency(b.auth.entry(sid, 85, Authority.tone("steady", 1, 2, 0)).build());
        b.play(from, 3, "interrupted", voice.oid(), "preempted");
        var done = b.play(from, 6, "completed", sid + "#1");
        check(number(done.event().details(), "ms") > 1_500, "It was cut short.");
    }
}
