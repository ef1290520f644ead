package vn.loalang.system;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** Somebody who speaks live, as the page Nói trực tiếp does it: a tenth of a second at a time. */
final class Voice {
    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([a-z2-7]+)\"");
    private static final Duration COUNTDOWN = Duration.ofSeconds(3);
    private static final int RATE = 24_000;
    private static final int BLOCK = RATE / 10;

    private final WebPerson person;
    private final String id;
    private long said;

    private Voice(WebPerson person, String id) {
        this.person = person;
        this.id = id;
    }

    /** Goes on the air there as the person of {@link Seed}; returns when the countdown is over. */
    static Voice to(RunningServer server, String area) throws IOException {
        var person = WebPerson.signedIn(server);
        var answer = person.form("/api/v1/speeches", Map.of("area", area));
        var id = ID.matcher(answer.body());
        if (answer.statusCode() != 201 || !id.find()) {
            throw new AssertionError("Opening was answered " + answer.statusCode() + "\n" + answer.body());
        }
        LockSupport.parkNanos(COUNTDOWN.toNanos());
        return new Voice(person, id.group(1));
    }

    String id() {
        return id;
    }

    /** Hums for so long, in real time. */
    void hum(Duration length) throws IOException {
        var begun = System.nanoTime();
        var first = said;
        while (said - first < length.toMillis() * RATE / 1000) {
            var pcm = new byte[2 * BLOCK];
            for (var i = 0; i < BLOCK; i++) {
                var sample = (short) (8_000 * Math.sin(2 * Math.PI * 440 * (said + i) / RATE));
                pcm[2 * i] = (byte) sample;
                pcm[2 * i + 1] = (byte) (sample >> 8);
            }
            var due = begun + (said + BLOCK - first) * 1_000_000_000L / RATE;
            for (var left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            var answer = person.octets("/api/v1/speeches/" + id + "/sound?at=" + said, pcm);
            if (answer.statusCode() != 200) {
                throw new AssertionError("Sound was answered " + answer.statusCode() + "\n" + answer.body());
            }
            said += BLOCK;
        }
    }
}
