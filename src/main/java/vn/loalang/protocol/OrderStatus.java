package vn.loalang.protocol;

import java.util.Locale;

/** How serious an order is ({@code st}); everything but {@link #ACTUAL} is announced as an exercise [NOW-7]. */
public enum OrderStatus {
    ACTUAL,
    EXERCISE,
    TEST;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static OrderStatus read(String wire) {
        for (OrderStatus status : values()) {
            if (status.wire().equals(wire)) {
                return status;
            }
        }
        throw Refusal.sem("st must be actual, exercise or test");
    }
}
