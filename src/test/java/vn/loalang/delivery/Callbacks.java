package vn.loalang.delivery;

import java.util.function.BiConsumer;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttMessage;

/** Paho callbacks for tests that only listen. */
final class Callbacks {
    private Callbacks() {}

    static MqttCallback onMessage(BiConsumer<String, MqttMessage> listener) {
        return new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {
                // A test that cares asks the client itself.
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                listener.accept(topic, message);
            }

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {
                // Listening only.
            }
        };
    }
}
