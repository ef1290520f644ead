package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.Refusal;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Use;

/**
 * A rollout's way to the safe and back. The key for firmware is not on this machine: a list of unsigned documents leaves, one for
 * each box, and comes back signed by {@code loalang sign-firmware}.
 */
@Component
class RolloutSigning {
    /** First line of the list to be signed; each further line is one document. */
    static final String UNSIGNED = "loalang-firmware 1";

    /** First line of the signed list; each further line is one message in Base64. */
    static final String SIGNED = "loalang-firmware-signed 1";

    private final JdbcClient jdbc;
    private final KeyStore keys;

    RolloutSigning(JdbcClient jdbc, KeyStore keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /** The documents to be signed, as a text for {@code loalang sign-firmware}. */
    byte[] request(Rollout rollout) {
        var text = new StringBuilder(UNSIGNED).append('\n');
        expected(rollout).values().forEach(document -> text.append(
                        new String(document.payload(), StandardCharsets.UTF_8))
                .append('\n'));
        return Link.utf8(text.toString());
    }

    private Map<DeviceId, Firmware> expected(Rollout rollout) {
        var documentsOf = new LinkedHashMap<DeviceId, Firmware>();
        jdbc.sql("select unit_id, seq from delivery_rollout_unit where rollout_id = :id order by turn")
                .param("id", rollout.id())
                .query(row -> {
                    var unit = new DeviceId(row.getString("unit_id"));
                    documentsOf.put(unit, document(rollout, unit, row.getLong("seq")));
                });
        return documentsOf;
    }

    private Firmware document(Rollout rollout, DeviceId unit, long seq) {
        var image = rollout.image();
        return new Firmware(
                new Head(
                        keys.sys(),
                        Scope.of(unit),
                        seq,
                        rollout.issuedAt().toEpochMilli(),
                        rollout.expiresAt().toEpochMilli()),
                image.model(),
                image.version(),
                image.sec(),
                image.bytes(),
                image.hash(),
                rollout.window());
    }

    /**
     * What came back.
     *
     * @param kid under which all of it is signed
     * @param of each box's message
     */
    record Messages(Kid kid, Map<DeviceId, byte[]> of) {}

    /**
     * Checks what came back: every box's document must be there, word for word as it was asked for, under one key that the roots
     * have listed for firmware of the whole deployment.
     *
     * @throws Refusal when anything differs
     */
    Messages signed(Rollout rollout, byte[] file) {
        var expected = expected(rollout);
        var lines = new String(file, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(SIGNED)) {
            throw new Refusal("signed", "delivery.refused.rolloutFile");
        }
        var messages = new HashMap<DeviceId, byte[]>();
        var kids = new HashSet<Kid>();
        for (var line : lines.subList(1, lines.size())) {
            try {
                var message = Base64.getDecoder().decode(line);
                var envelope = Envelope.parse(message);
                var document = Document.decode(envelope.payload().toArray());
                if (!(document instanceof Firmware firmware)
                        || !(firmware.head().to() instanceof Scope.Device device)
                        || !firmware.equals(expected.get(device.id()))) {
                    throw new Refusal("signed", "delivery.refused.rolloutOther");
                }
                kids.add(signer(envelope, firmware).kid());
                messages.put(device.id(), message);
            } catch (vn.loalang.protocol.Refusal | IllegalArgumentException unreadable) {
                var refusal = new Refusal("signed", "delivery.refused.rolloutFile");
                refusal.initCause(unreadable);
                throw refusal;
            }
        }
        if (!messages.keySet().equals(expected.keySet()) || kids.size() != 1) {
            throw new Refusal("signed", "delivery.refused.rolloutMissing", messages.size(), expected.size());
        }
        return new Messages(kids.iterator().next(), messages);
    }

    private KeyEntry signer(Envelope envelope, Firmware document) {
        return keys.listed().keys().stream()
                .filter(RolloutSigning::signsFirmware)
                .filter(key -> envelope.lines().size() == 1
                        && envelope.lines().get(0).header().equals(Envelope.header(key.kid()))
                        && key.nbf() <= document.head().iat()
                        && document.head().iat() <= key.exp()
                        && envelope.isSignedBy(0, key.x()))
                .findFirst()
                .orElseThrow(() -> new Refusal("signed", "delivery.refused.rolloutKey"));
    }

    /** Whether the roots still list this key for firmware of the whole deployment. */
    boolean listed(Kid kid) {
        return keys.listed().keys().stream().anyMatch(key -> key.kid().equals(kid) && signsFirmware(key));
    }

    private static boolean signsFirmware(KeyEntry key) {
        return key.use().contains(Use.FW) && key.area().equals(AreaPath.ROOT);
    }
}
