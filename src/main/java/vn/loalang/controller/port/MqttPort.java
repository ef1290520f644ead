package vn.loalang.controller.port;

import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Output;
import vn.loalang.protocol.Bytes;

/**
 * The MQTT session: clean, with a last will, reconnected only when the core says so. Callbacks do nothing but enqueue; a new
 * client object per attempt leaves no state of Paho's behind.
 */
final class MqttPort implements AutoCloseable {
    private static final int CONNECT_SECONDS = 15;
    private static final int IN_FLIGHT = 64;
    /** SUBACK code of a refusal, which Paho reports as success. */
    private static final int REFUSED = 0x80;

    private final String uri;
    private final String id;
    private final String user;
    private final char[] password;
    private final @Nullable SSLSocketFactory tls;
    private final Consumer<Input> inputs;
    private final Consumer<String> log;
    private volatile @Nullable MqttAsyncClient client;

    /**
     * @param uri {@code ssl://host:port}, or {@code tcp://} to this machine
     * @param id client id, equal to the device id
     */
    MqttPort(
            String uri,
            String id,
            String user,
            String password,
            @Nullable SSLSocketFactory tls,
            Consumer<Input> inputs,
            Consumer<String> log) {
        this.uri = uri;
        this.id = id;
        this.user = user;
        this.password = password.toCharArray();
        this.tls = tls;
        this.inputs = inputs;
        this.log = log;
    }

    void connect(Output.Connect order) {
        drop();
        try {
            var fresh = new MqttAsyncClient(uri, id, new MemoryPersistence());
            client = fresh;
            fresh.setCallback(new Callbacks(fresh));
            var options = new MqttConnectOptions();
            options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
            options.setCleanSession(true);
            options.setAutomaticReconnect(false);
            options.setConnectionTimeout(CONNECT_SECONDS);
            options.setKeepAliveInterval(order.keepAliveSeconds());
            options.setMaxInflight(IN_FLIGHT);
            options.setUserName(user);
            options.setPassword(password);
            options.setWill(order.willTopic(), order.will().toArray(), 1, true);
            if (tls != null) options.setSocketFactory(tls);
            fresh.connect(options, null, new IMqttActionListener() {
                @Override
                public void onSuccess(IMqttToken token) {
                    if (client == fresh) inputs.accept(new Input.Link(true));
                }

                @Override
                public void onFailure(IMqttToken token, Throwable cause) {
                    log.accept("No broker at " + uri + " (" + why(cause) + "); tried again later.");
                    if (client == fresh) inputs.accept(new Input.Link(false));
                }
            });
        } catch (MqttException | IllegalArgumentException e) {
            log.accept("No broker at " + uri + " (" + why(e) + "); tried again later.");
            inputs.accept(new Input.Link(false));
        }
    }

    void subscribe(Output.Subscribe order) {
        for (var topic : order.topics()) {
            attempt(live -> live.subscribe(topic, 1, null, new IMqttActionListener() {
                @Override
                public void onSuccess(IMqttToken token) {
                    var granted = token.getGrantedQos();
                    if (granted.length > 0 && (granted[0] & 0xff) == REFUSED) {
                        inputs.accept(new Input.SubscriptionRefused(topic));
                    }
                }

                @Override
                public void onFailure(IMqttToken token, Throwable cause) {
                    if (cause instanceof MqttException refusal && refusal.getReasonCode() == REFUSED) {
                        inputs.accept(new Input.SubscriptionRefused(topic));
                        return;
                    }
                    // The link went away; the next session subscribes again.
                    log.accept("Subscribing to " + topic + " was cut short (" + why(cause) + ").");
                }
            }));
        }
    }

    void unsubscribe(List<String> topics) {
        attempt(live -> live.unsubscribe(topics.toArray(String[]::new)));
    }

    void publish(Output.Publish order) {
        attempt(live -> live.publish(order.topic(), order.payload().toArray(), order.qos(), order.retained()));
    }

    /** Says goodbye with a last message and leaves. */
    void leave(Output.Publish last) {
        var live = client;
        if (live == null || !live.isConnected()) return;
        try {
            live.publish(last.topic(), last.payload().toArray(), last.qos(), last.retained())
                    .waitForCompletion(1_000);
            live.disconnect(500).waitForCompletion(1_000);
        } catch (MqttException e) {
            log.accept("The broker did not hear the goodbye (" + e.getMessage() + "); its last will says the same.");
        }
    }

    @Override
    public void close() {
        drop();
    }

    private interface Attempt {
        void on(MqttAsyncClient live) throws MqttException;
    }

    /** What cannot be sent now is lost on purpose: the core repeats whatever matters. */
    private void attempt(Attempt attempt) {
        var live = client;
        if (live == null) return;
        try {
            attempt.on(live);
        } catch (MqttException e) {
            log.accept("Not sent (" + e.getMessage() + "); repeated with the next session.");
        }
    }

    /** Paho says "unable to connect" for everything; the reason is below it. */
    private static String why(Throwable problem) {
        var cause = problem.getCause();
        return cause == null ? String.valueOf(problem.getMessage()) : cause.toString();
    }

    private void drop() {
        var old = client;
        client = null;
        if (old == null) return;
        try {
            old.setCallback(null);
            if (old.isConnected()) old.disconnectForcibly(0, 200, false);
            old.close(true);
        } catch (MqttException e) {
            log.accept("The old session did not close cleanly (" + e.getMessage() + "); a new one is made.");
        }
    }

    private final class Callbacks implements MqttCallback {
        private final MqttAsyncClient mine;

        Callbacks(MqttAsyncClient mine) {
            this.mine = mine;
        }

        @Override
        public void connectionLost(Throwable cause) {
            if (client == mine) inputs.accept(new Input.Link(false));
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            inputs.accept(new Input.Received(topic, Bytes.of(message.getPayload())));
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // Delivery to the broker proves nothing; the journal waits for the server's own acknowledgement.
        }
    }
}
