package vn.loalang.conformance;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.SystemId;

/** The server's own connection to the broker, shared by all deployments of a run. */
final class Uplink implements AutoCloseable {
    private static final long PATIENCE_MS = 10_000;
    private static final int IN_FLIGHT = 10_000;

    private final MqttAsyncClient client;
    private final Map<String, BiConsumer<String, byte[]>> receivers = new ConcurrentHashMap<>();

    Uplink(Settings settings, Optional<KitTls> tls) throws MqttException {
        var uri = (tls.isPresent() ? "ssl://" : "tcp://") + settings.broker().getHostString() + ":"
                + settings.broker().getPort();
        var id = settings.user().isEmpty() ? "kit-" + Bench.fresh() : settings.user();
        client = new MqttAsyncClient(uri, id, new MemoryPersistence());
        client.setCallback(new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {
                // Tests then miss their answers and say so; a run is not to heal its own broker.
                receivers.clear();
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                var levels = topic.split("/", 5);
                if (levels.length < 5) return;
                var receiver = receivers.get(levels[1]);
                if (receiver != null) receiver.accept(levels[3] + "/" + levels[4], message.getPayload());
            }

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {
                // The broker has it; whether the controller has it is what the tests find out.
            }
        });
        var options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(true);
        options.setMaxInflight(IN_FLIGHT);
        options.setKeepAliveInterval(60);
        tls.ifPresent(both -> options.setSocketFactory(both.broker()));
        if (!settings.user().isEmpty()) {
            options.setUserName(settings.user());
            options.setPassword(settings.password().toCharArray());
        }
        client.connect(options).waitForCompletion(PATIENCE_MS);
    }

    /** Hears what the boxes of this deployment publish; the name handed over is {@code {id}/{kind}}. */
    void listen(SystemId sys, BiConsumer<String, byte[]> receiver) throws MqttException {
        receivers.put(sys.value(), receiver);
        client.subscribe("gb1/" + sys + "/u/#", 1).waitForCompletion(PATIENCE_MS);
    }

    void forget(SystemId sys) {
        receivers.remove(sys.value());
    }

    void publish(String topic, byte[] message, int qos, boolean retained) {
        try {
            client.publish(topic, message, qos, retained);
        } catch (MqttException e) {
            throw Verdict.fail("The broker does not take " + topic + " from the kit: " + e.getMessage());
        }
    }

    /** Readable beginning of a message, for reports. */
    static String text(byte[] message) {
        var text = new String(message, StandardCharsets.UTF_8);
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    static DeviceId sender(String name) {
        return new DeviceId(name.substring(0, name.indexOf('/')));
    }

    @Override
    public void close() {
        try {
            client.disconnectForcibly(100, 500);
            client.close(true);
        } catch (MqttException e) {
            // The run is over; a connection that ends badly has ended all the same.
            receivers.clear();
        }
    }
}
