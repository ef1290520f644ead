package vn.loalang.controller.core;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Timers;

/**
 * How long remote sound of priority 60 and more may last (PRI-3): {@code smax} in any six hours for one key, twice that for all
 * keys together, so that no stolen key can keep a village awake. Survives power cuts; without a clock it decays only with uptime.
 */
final class Ceilings {
    private static final String PREFIX = "ceil/";
    private static final long PORTION_MS = 60_000;

    private final Memory memory;
    private final TrustedTime time;
    private final Map<Kid, ArrayDeque<Portion>> spent = new TreeMap<>();

    /**
     * Sound within a minute or so.
     *
     * @param at Unix ms of its beginning
     * @param mono uptime at which it is known since, of this boot
     */
    private record Portion(long at, long mono, long ms) {}

    Ceilings(Memory memory, TrustedTime time) {
        this.memory = memory;
        this.time = time;
        memory.under(PREFIX).forEach((key, text) -> {
            var portions = new ArrayDeque<Portion>();
            for (var portion : text.split(" ")) {
                var f = portion.split(":");
                portions.add(new Portion(Long.parseLong(f[0]), 0, Long.parseLong(f[1])));
            }
            spent.put(new Kid(key.substring(PREFIX.length())), portions);
        });
    }

    /**
     * What is left for one key.
     *
     * @param smaxSeconds {@code site.smax}
     */
    long leftMs(Kid kid, int smaxSeconds) {
        forget();
        var smaxMs = smaxSeconds * 1000L;
        var all = spent.values().stream()
                .flatMap(ArrayDeque::stream)
                .mapToLong(Portion::ms)
                .sum();
        var own = spent.getOrDefault(kid, new ArrayDeque<>()).stream()
                .mapToLong(Portion::ms)
                .sum();
        return Math.max(0, Math.min(smaxMs - own, 2 * smaxMs - all));
    }

    /** So much more has sounded by order of this key. */
    void charge(Kid kid, long ms) {
        var portions = spent.computeIfAbsent(kid, k -> new ArrayDeque<>());
        var last = portions.peekLast();
        if (last != null && time.mono() - last.mono() < PORTION_MS && last.mono() > 0) {
            portions.removeLast();
            portions.addLast(new Portion(last.at(), last.mono(), last.ms() + ms));
        } else {
            portions.addLast(new Portion(time.stamp(), Math.max(1, time.mono()), ms));
        }
        remember(kid, portions);
    }

    private void forget() {
        var now = time.now();
        var window = Timers.CEILING_WINDOW.toMillis();
        for (var kid : java.util.List.copyOf(spent.keySet())) {
            var portions = spent.getOrDefault(kid, new ArrayDeque<>());
            var old = portions.removeIf(
                    p -> time.mono() - p.mono() >= window || (now.isPresent() && now.getAsLong() - p.at() >= window));
            if (portions.isEmpty()) spent.remove(kid);
            if (old) remember(kid, portions);
        }
    }

    private void remember(Kid kid, ArrayDeque<Portion> portions) {
        if (portions.isEmpty()) {
            memory.remove(PREFIX + kid);
            return;
        }
        var text = new StringBuilder();
        for (var p : portions) {
            if (!text.isEmpty()) text.append(' ');
            text.append(p.at()).append(':').append(p.ms());
        }
        memory.put(PREFIX + kid, text.toString());
    }
}
