package vn.loalang.delivery;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Presence;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Topics;
import vn.loalang.system.Await;

/** A box for tests of the server: a real key, a real claim file, a real connection, and no opinion of its own. */
public final class TestDevice implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A message that arrived. */
    public record Arrived(String topic, boolean retained, Document document) {}

    private final DeviceId id;
    private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
    private final Map<Kid, PublicKey> known = new HashMap<>();
    private final Map<Row, Long> marks = new HashMap<>();
    private final List<byte[]> frames = new CopyOnWriteArrayList<>();
    private final List<byte[]> messages = new CopyOnWriteArrayList<>();
    private List<String> profiles = List.of();
    private ClaimFile claim;
    private Topics topics;
    private MqttClient client;
    private String uri;
    private long boot = 1;
    private long connects;
    private JournalId jid = new JournalId(Integer.toHexString(RANDOM.nextInt()));
    private long lo = 1;
    private long hi;

    public TestDevice() {
        id = DeviceId.of(SigningKey.generate(new Kid("d1"), RANDOM).publicKey());
    }

    public DeviceId id() {
        return id;
    }

    public Topics topics() {
        return topics;
    }

    public ClaimFile.Credential.Password credential() {
        return (ClaimFile.Credential.Password) claim.cred();
    }

    /** Takes the claim file a technician brings. */
    public TestDevice claim(byte[] file) {
        claim = ClaimFile.decode(file);
        topics = new Topics(claim.sys());
        claim.roots().forEach(root -> known.put(root.kid(), root.x()));
        return this;
    }

    /** Connects without TLS to a broker on this machine, as the protocol orders it, up to the hello. */
    public TestDevice connect(int port) throws Exception {
        open(port);
        subscribe(topics.keys(), topics.rsp(id));
        hello();
        return this;
    }

    /** Only logs in. */
    public TestDevice open(int port) throws MqttException {
        uri = "tcp://127.0.0.1:" + port;
        client = new MqttClient(uri, id.value(), new MemoryPersistence());
        client.setTimeToWait(10_000);
        connects++;
        var options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(true);
        options.setMaxInflight(100);
        options.setUserName(credential().user());
        options.setPassword(credential().pass().toCharArray());
        options.setWill(topics.st(id), new Presence(false, sn()).encode(), 1, true);
        client.setCallback(
                Callbacks.onMessage((topic, message) -> take(topic, message.isRetained(), message.getPayload())));
        client.connect(options);
        client.publish(topics.st(id), new Presence(true, sn()).encode(), 1, true);
        return this;
    }

    public boolean connected() {
        return client != null && client.isConnected();
    }

    /** What a device adds after its welcome. */
    public TestDevice subscribeRest() throws MqttException {
        subscribe(topics.afterWelcome(id, List.of()).toArray(new String[0]));
        return this;
    }

    public int[] subscribe(String... filters) throws MqttException {
        var qos = new int[filters.length];
        java.util.Arrays.fill(qos, 1);
        return client.subscribeWithResponse(filters, qos).getGrantedQos();
    }

    public void hello() throws MqttException {
        var nonce = new byte[16];
        RANDOM.nextBytes(nonce);
        publish(
                topics.hello(id),
                new Hello(
                                Nonce.of(nonce),
                                sn(),
                                boot,
                                Hello.Why.POWER,
                                "test",
                                "test-1",
                                List.of(1),
                                profiles,
                                List.of(),
                                new Hello.Capabilities(List.of("mp3"), 16_384, 1_000_000, Hello.Proof.NONE, true),
                                new vn.loalang.protocol.DeviceTime(0, Quality.U),
                                0,
                                marks,
                                new Hello.Journal(jid, lo, hi))
                        .encode());
    }

    public void publish(String topic, byte[] payload) throws MqttException {
        client.publish(topic, payload, 1, false);
    }

    /** Sends journal entries as they are. */
    public void send(JournalEntry... entries) throws MqttException {
        publish(topics.ev(id), new Events(jid, List.of(entries)).encode());
    }

    /** An entry with the next number. */
    public JournalEntry entry(long t, Event event) {
        return JournalEntry.at(++hi, t, Quality.T, event);
    }

    public JournalId jid() {
        return jid;
    }

    public void jid(JournalId fresh, long first, long last) {
        jid = fresh;
        lo = first;
        hi = last;
    }

    public void boot(long number) {
        boot = number;
    }

    public void mark(Row row, long seq) {
        marks.put(row, seq);
    }

    public void forget() {
        arrived.clear();
    }

    public List<Arrived> arrived() {
        return List.copyOf(arrived);
    }

    /** The newest document of a kind. */
    public <D extends Document> Optional<D> latest(Class<D> kind) {
        var all = all(kind);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    public <D extends Document> List<D> all(Class<D> kind) {
        var found = new ArrayList<D>();
        arrived.forEach(each -> {
            if (kind.isInstance(each.document())) {
                found.add(kind.cast(each.document()));
            }
        });
        return found;
    }

    /** Waits for a document that satisfies the condition. */
    public <D extends Document> D await(Class<D> kind, Predicate<D> condition) throws Exception {
        Await.until(Duration.ofSeconds(30), () -> all(kind).stream().anyMatch(condition));
        return all(kind).stream()
                .filter(condition)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    public <D extends Document> D await(Class<D> kind) throws Exception {
        return await(kind, any -> true);
    }

    @Override
    public void close() throws MqttException {
        if (client != null) {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 500);
            }
            client.close(true);
        }
    }

    private long sn() {
        return boot * 4096 + connects;
    }

    /** Says in its hellos that it has these profiles. */
    public void profiles(List<String> names) {
        profiles = List.copyOf(names);
    }

    /** Binary frames that arrived. */
    public List<byte[]> frames() {
        return List.copyOf(frames);
    }

    /** Signed messages in the order in which they came, those of keys it cannot check among them. */
    public List<byte[]> messages() {
        return List.copyOf(messages);
    }

    private void take(String topic, boolean retained, byte[] payload) {
        if (payload.length == 0) {
            return;
        }
        if ((payload[0] & 0xf0) == 0xb0) {
            frames.add(payload);
            return;
        }
        messages.add(payload);
        var envelope = Envelope.parse(payload);
        var document = Document.decode(envelope.payload().toArray());
        if (document instanceof Keys && !knowsSigners(envelope)) {
            // Roots from before its claim file.
            return;
        }
        for (var line = 0; line < envelope.lines().size(); line++) {
            var header = envelope.lines().get(line).header();
            var key = known.entrySet().stream()
                    .filter(each -> Envelope.header(each.getKey()).equals(header))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("unknown key on " + topic));
            if (!envelope.isSignedBy(line, key.getValue())) {
                throw new AssertionError("bad signature on " + topic);
            }
        }
        if (document instanceof Keys keys) {
            if (keys.head().to() instanceof vn.loalang.protocol.Scope.All
                    && envelope.lines().size() != 2) {
                throw new AssertionError("keys need two roots");
            }
            keys.keys().forEach(entry -> known.put(entry.kid(), entry.x()));
            var roots = keys.roots();
            if (roots != null) {
                roots.forEach(root -> known.put(root.kid(), root.x()));
            }
        }
        arrived.add(new Arrived(topic, retained, document));
    }

    private boolean knowsSigners(Envelope envelope) {
        return envelope.lines().stream().allMatch(line -> known.keySet().stream()
                .anyMatch(kid -> Envelope.header(kid).equals(line.header())));
    }
}
