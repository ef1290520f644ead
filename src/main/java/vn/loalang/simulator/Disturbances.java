package vn.loalang.simulator;

/**
 * What goes wrong in a run, on purpose.
 *
 * @param lossPercent share of messages in either direction that vanish, 0 to 100; subscriptions and acknowledgements of the
 *     broker are not touched, as on a network that loses sessions, not packets
 * @param latencyMs delay of every message in either direction, 0 or more
 * @param jitterMs random delay on top, 0 or more; lets messages overtake each other
 * @param offlinePercent share of controllers that are never switched on, 0 to 100
 * @param clockErrorMs real-time clocks are wrong by up to this in either direction, 0 or more
 * @param powerCutsPerMinute power cuts in the whole fleet, 0 or more; each lasts 1 to 5 s
 */
record Disturbances(
        double lossPercent,
        long latencyMs,
        long jitterMs,
        double offlinePercent,
        long clockErrorMs,
        double powerCutsPerMinute) {
    Disturbances {
        percent("--loss", lossPercent);
        percent("--offline", offlinePercent);
        notNegative("--latency", (double) latencyMs);
        notNegative("--jitter", (double) jitterMs);
        notNegative("--clock-error", (double) clockErrorMs);
        notNegative("--power-cuts", powerCutsPerMinute);
    }

    boolean delays() {
        return latencyMs > 0 || jitterMs > 0;
    }

    private static void percent(String option, double value) {
        if (!(value >= 0 && value <= 100)) {
            throw new IllegalArgumentException(option + " must be 0 to 100, not " + value);
        }
    }

    private static void notNegative(String option, double value) {
        if (!(value >= 0)) throw new IllegalArgumentException(option + " must be 0 or more, not " + value);
    }
}
