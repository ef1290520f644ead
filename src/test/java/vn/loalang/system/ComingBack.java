package vn.loalang.system;

import java.time.Duration;
import org.eclipse.paho.client.mqttv3.MqttException;
import vn.loalang.delivery.TestDevice;
import vn.loalang.protocol.Welcome;

/** What a box does when its server was away: it tries until it is welcomed, and asks again when no answer comes. */
final class ComingBack {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration ANSWER = Duration.ofMillis(1_500);
    private static final int HELLOS = 4;

    private ComingBack() {}

    static Welcome to(TestDevice device, int port) {
        return Await.value("the box " + device.id() + " is welcomed", LIMIT, () -> {
            try {
                device.close();
                device.forget();
                device.connect(port);
                for (var hello = 1; hello <= HELLOS; hello++) {
                    var deadline = System.nanoTime() + ANSWER.toNanos();
                    while (System.nanoTime() < deadline) {
                        var welcome = device.latest(Welcome.class);
                        if (welcome.isPresent()) {
                            return welcome.get();
                        }
                        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                    }
                    device.hello();
                }
                return null;
            } catch (MqttException notYet) {
                return null;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
