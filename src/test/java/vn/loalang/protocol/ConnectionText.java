package vn.loalang.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the section of PROTOCOL.md that shows one complete connection byte by byte: the MQTT packets a device of the
 * vectors would exchange, made from the published test keys.
 */
final class ConnectionText {
    private static final List<AreaPath> AREAS = Vectors.standardSite().areas();

    private final Topics topics = new Topics(Vectors.SYS);
    private final Map<String, Vectors.Vector> vectors;
    private final StringBuilder text = new StringBuilder();

    private ConnectionText(Map<String, Vectors.Vector> vectors) {
        this.vectors = vectors;
    }

    /** The section's body. Each document going down is one that a device of that state accepts; a test sees to it. */
    static String write(Map<String, Vectors.Vector> vectors) {
        return new ConnectionText(vectors).text();
    }

    /** What the device had taken on earlier connections. */
    static List<String> before() {
        return List.of("keys.gb1", "hello.json", "welcome.gb1", "site.gb1");
    }

    /** What it receives on this one, and what becomes of it. */
    static Map<String, String> received() {
        Map<String, String> received = new LinkedHashMap<>();
        received.put("keys.gb1", "duplicate");
        received.put("welcome.gb1", "accept");
        received.put("site.gb1", "duplicate");
        received.put("cfg.gb1", "accept");
        received.put("plan.gb1", "accept");
        received.put("jack.gb1", "accept");
        return received;
    }

    private String text() {
        DeviceId id = Vectors.ID;
        say("The device `" + id + "` of deployment `" + Vectors.SYS
                + "` comes back after a power cut (`boot` 19). It has its claim (`vectors/claim.gbf`), `keys.gb1` and"
                + " `site.gb1`; its clock is the battery's. What follows goes through TLS: `→` to the broker, `←` from it."
                + " Every payload is the vector of that name, so all keys are known, and a test makes this section from"
                + " them.");

        step("→", "CONNECT", "clean session, will `st` = `off` retained, keep-alive 60 s");
        dump(connect(id));
        step("←", "CONNACK", "return code 0");
        dump(new byte[] {0x20, 2, 0, 0});
        step("→", "SUBSCRIBE", "keys, those of its areas, and `rsp`; nothing else yet (SES-1)");
        dump(subscribe(1, topics.beforeWelcome(id, AREAS)));
        step("←", "SUBACK", "all with QoS 1");
        dump(new byte[] {(byte) 0x90, 6, 0, 1, 1, 1, 1, 1});
        step("→", "PUBLISH", "presence, retained, QoS 1 (PRE-1)");
        dump(publish(true, 2, topics.st(id), bytes("st-on.json")));
        step("←", "PUBACK", "");
        dump(puback(2));
        step(
                "←",
                "PUBLISH",
                "the retained key set, two root signatures (KEY-1); it is in force already, a duplicate (ENV-7)");
        payload("keys.gb1", publish(true, 1, topics.keys(), bytes("keys.gb1")));
        step("→", "PUBACK", "each message that comes is answered so; the others are left out below");
        dump(puback(1));
        step("→", "PUBLISH", "`hello`: a fresh nonce, the marks, the journal it holds (SES-1)");
        payload("hello.json", publish(false, 3, topics.hello(id), bytes("hello.json")));
        step("←", "PUBLISH", "`welcome` with that nonce: now T = `iat` + half the round trip (SES-5)");
        payload("welcome.gb1", publish(false, 2, topics.rsp(id), bytes("welcome.gb1")));
        step("→", "SUBSCRIBE", "the rest, `now` first (SES-1)");
        dump(subscribe(4, topics.afterWelcome(id, AREAS)));
        step("←", "PUBLISH", "retained `site`: areas, quiet hours, volume; a duplicate again");
        payload("site.gb1", publish(true, 3, topics.site(id), bytes("site.gb1")));
        step("←", "PUBLISH", "retained `cfg`, new: checked, stored, in force (ENV-7c)");
        payload("cfg.gb1", publish(true, 4, topics.cfg(id), bytes("cfg.gb1")));
        step("←", "PUBLISH", "retained `plan`, new. The sounds it names are fetched from `cfg.http` (AST-1)");
        payload("plan.gb1", publish(true, 5, topics.plan(id), bytes("plan.gb1")));
        step("→", "PUBLISH", "later, when the first item has sounded: the journal (ACK-4)");
        payload("ev.json", publish(false, 5, topics.ev(id), bytes("ev.json")));
        step("←", "PUBLISH", "`jack`: stored on the server's disk, may be forgotten (ACK-5)");
        payload("jack.gb1", publish(false, 6, topics.rsp(id), bytes("jack.gb1")));
        step("→", "DISCONNECT", "only before a wanted restart; a broken link makes the broker publish the will");
        dump(new byte[] {(byte) 0xe0, 0});
        signature();
        return text.toString();
    }

    /** How a signature line comes about, with every intermediate value. */
    private void signature() {
        Envelope envelope = Envelope.parse(bytes("jack.gb1"));
        Envelope.Line line = envelope.lines().get(0);
        SigningKey key = TestKeys.key("p1");
        say("**The signature of `jack.gb1`, step by step.** Seed of `p1`: SHA-256 of the ASCII text `"
                + TestKeys.phrase("p1") + "` ("
                + Hash.of(TestKeys.phrase("p1").getBytes(StandardCharsets.UTF_8))
                        .hex()
                + "). Public key `" + key.publicKey().b64u() + "`. Header, before base64url:");
        fence("text", new String(java.util.Base64.getUrlDecoder().decode(line.header()), StandardCharsets.US_ASCII));
        int payload = envelope.payload().size();
        say("Signed are " + (line.header().length() + 1 + payload) + " bytes: the "
                + line.header().length()
                + " characters of the header, a full stop, and the " + payload
                + " bytes of the payload. The 64 bytes of the signature:");
        dump(line.signature().toArray());
    }

    private byte[] bytes(String vector) {
        return vectors.get(vector).bytes();
    }

    private void say(String paragraph) {
        text.append(paragraph).append("\n\n");
    }

    private void step(String way, String packet, String what) {
        say(way + " **" + packet + "**" + (what.isEmpty() ? "" : ": " + what));
    }

    private void fence(String language, String content) {
        text.append("```")
                .append(language)
                .append('\n')
                .append(content)
                .append(content.endsWith("\n") ? "```\n\n" : "\n```\n\n");
    }

    private void payload(String vector, byte[] packet) {
        byte[] content = bytes(vector);
        StringBuilder head = new StringBuilder();
        dump(head, packet, packet.length - content.length);
        fence("text", head.toString());
        say("and " + content.length + " bytes of payload, `vectors/" + vector + "`:");
        fence(vector.endsWith(".gb1") ? "gb1" : "json", new String(content, StandardCharsets.UTF_8));
    }

    private void dump(byte[] packet) {
        StringBuilder out = new StringBuilder();
        dump(out, packet, packet.length);
        fence("text", out.toString());
    }

    private static void dump(StringBuilder out, byte[] bytes, int length) {
        for (int at = 0; at < length; at += 16) {
            StringBuilder hex = new StringBuilder();
            StringBuilder ascii = new StringBuilder();
            for (int i = at; i < Math.min(length, at + 16); i++) {
                hex.append(String.format("%02x ", bytes[i]));
                ascii.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            out.append(String.format("%04x  %-48s %s", at, hex, ascii)).append('\n');
        }
    }

    private byte[] connect(DeviceId id) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        string(body, "MQTT");
        body.write(4); // MQTT 3.1.1
        body.write(0xee); // user, password, will retained with QoS 1, clean session
        number(body, 60);
        string(body, id.value());
        string(body, topics.st(id));
        block(body, bytes("st-off.json"));
        if (!(Vectors.claim().cred() instanceof ClaimFile.Credential.Password login)) {
            throw new IllegalStateException("the claim file of the vectors has a password");
        }
        string(body, login.user());
        string(body, login.pass());
        return packet(0x10, body);
    }

    private static byte[] subscribe(int packetId, List<String> filters) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        number(body, packetId);
        for (String filter : filters) {
            string(body, filter);
            body.write(1);
        }
        return packet(0x82, body);
    }

    private static byte[] publish(boolean retained, int packetId, String topic, byte[] payload) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        string(body, topic);
        number(body, packetId);
        body.writeBytes(payload);
        return packet(retained ? 0x33 : 0x32, body);
    }

    private static byte[] puback(int packetId) {
        return new byte[] {0x40, 2, 0, (byte) packetId};
    }

    private static byte[] packet(int type, ByteArrayOutputStream body) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(type);
        int rest = body.size();
        do {
            int digit = rest % 128;
            rest /= 128;
            packet.write(rest > 0 ? digit | 128 : digit);
        } while (rest > 0);
        packet.writeBytes(body.toByteArray());
        return packet.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int value) {
        out.write(value >> 8);
        out.write(value & 0xff);
    }

    private static void string(ByteArrayOutputStream out, String value) {
        block(out, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void block(ByteArrayOutputStream out, byte[] value) {
        number(out, value.length);
        out.writeBytes(value);
    }
}
