package vn.loalang.delivery;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Ends sessions on whatever broker runs; before one runs there are none. */
@Component
class BrokerDoor {
    private volatile @Nullable Consumer<String> kick;

    void open(Consumer<String> kicker) {
        kick = kicker;
    }

    void close() {
        kick = null;
    }

    void kick(String clientId) {
        var current = kick;
        if (current != null) {
            current.accept(clientId);
        }
    }
}
