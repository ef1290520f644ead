package vn.loalang.simulator;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.StrictJson;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Topics;

/**
 * Talks with the bench of a server that has a simulated fleet ({@code loalang.delivery.simulated-fleet}): asks for things to happen and
 * is the far end of the yardstick. The server's words are plain JSON on {@code rsp}; no controller would believe them, and none
 * sees them.
 */
final class Bench {
    private static final String ECHO = "/echo";
    private static final int ANSWER_BYTES = 260;

    private final String root;
    private final byte[] answer = new byte[ANSWER_BYTES];
    private final Map<String, PublicKey> keys = new ConcurrentHashMap<>();
    private final BlockingQueue<Json.Obj> answers = new LinkedBlockingQueue<>();
    final AtomicInteger echoed = new AtomicInteger();
    final AtomicLong lastEcho = new AtomicLong(Long.MIN_VALUE);

    Bench(SystemId sys) {
        this.root = new Topics(sys).root();
        new SecureRandom().nextBytes(answer);
    }

    /** Where the yardstick's message comes. */
    String echoTopic(AreaPath area) {
        return root + "a/" + area + ECHO;
    }

    /** Whether a message is ours and no business of the core. */
    boolean takes(SimulatedController controller, String topic, byte[] payload) {
        if (payload.length > 0 && payload[0] == '{') {
            if (payload.length > 1 && payload[1] == '"') answers.add(StrictJson.parse(payload));
            else Tally.Play.note(echoed, lastEcho, System.nanoTime());
            return true;
        }
        if (!topic.endsWith(ECHO)) return false;
        var envelope = Envelope.parse(payload);
        var text = new String(payload, StandardCharsets.ISO_8859_1);
        var x = text.indexOf("\"x\":\"") + 5;
        var key = keys.computeIfAbsent(text.substring(x, x + 43), PublicKey::parse);
        if (envelope.isSignedBy(0, key)) {
            controller.send(root + "u/" + controller.id() + "/rep/echo", answer);
        }
        return true;
    }

    /**
     * Asks the server for something and waits for its answer.
     *
     * @param speaker the controller through which to ask; any that is welcomed
     * @return empty if there was none in time: it is a server without a simulated fleet, or a slow one
     */
    Optional<Json.Obj> ask(SimulatedController speaker, Json.Obj wish, long seconds) throws InterruptedException {
        answers.clear();
        speaker.loop().execute(() -> speaker.send(root + "u/" + speaker.id() + "/rep/bench", wish.bytes()));
        return Optional.ofNullable(answers.poll(seconds, TimeUnit.SECONDS));
    }
}
