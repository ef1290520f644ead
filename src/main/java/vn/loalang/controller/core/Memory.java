package vn.loalang.controller.core;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What survives a power cut: a map of text to text. Changes gather until the next output that has an effect outside; {@link
 * Outputs} puts one atomic {@link Output.Persist} in front of it, so no effect can overtake the record of it.
 */
final class Memory {
    private final TreeMap<String, String> kept;
    private final Map<String, Optional<String>> pending = new LinkedHashMap<>();

    Memory(Map<String, String> kept) {
        this.kept = new TreeMap<>(kept);
    }

    Optional<String> get(String key) {
        return Optional.ofNullable(kept.get(key));
    }

    void put(String key, String value) {
        if (value.equals(kept.put(key, value))) return;
        pending.put(key, Optional.of(value));
    }

    void remove(String key) {
        if (kept.remove(key) != null) pending.put(key, Optional.empty());
    }

    /** Everything under a prefix, as it stands now; a copy, so that the caller may change the memory while walking. */
    SortedMap<String, String> under(String prefix) {
        return new TreeMap<>(kept.subMap(prefix, prefix + Character.MAX_VALUE));
    }

    /** The changes since the last call. */
    Map<String, Optional<String>> takeChanges() {
        if (pending.isEmpty()) return Map.of();
        var changes = Map.copyOf(pending);
        pending.clear();
        return changes;
    }
}
