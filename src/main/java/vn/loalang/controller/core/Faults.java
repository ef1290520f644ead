package vn.loalang.controller.core;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;

/** Lasting troubles: each is journalled when it begins and when it ends, also when a power cut lies between. */
final class Faults {
    private static final String KEY = "faults";

    private final Memory memory;
    private final Journal journal;
    private final EnumSet<Fault> present = EnumSet.noneOf(Fault.class);
    /** Reported before this start and not seen since: their end is owed to the journal. */
    private final EnumSet<Fault> before = EnumSet.noneOf(Fault.class);

    Faults(Memory memory, Journal journal) {
        this.memory = memory;
        this.journal = journal;
        memory.get(KEY).stream()
                .flatMap(text -> Stream.of(text.split(" ")))
                .map(Fault::of)
                .flatMap(Optional::stream)
                .forEach(before::add);
    }

    void set(Fault fault) {
        if (!present.add(fault)) return;
        if (!before.remove(fault)) journal.add(new Event.FaultChange(true, fault));
        remember();
    }

    void clear(Fault fault) {
        if (!present.remove(fault) && !before.remove(fault)) return;
        journal.add(new Event.FaultChange(false, fault));
        remember();
    }

    /** The box runs: what was reported before this start and is not here any more is over. */
    void settle() {
        for (var fault : Set.copyOf(before)) clear(fault);
    }

    boolean has(Fault fault) {
        return present.contains(fault);
    }

    Set<Fault> present() {
        return EnumSet.copyOf(present);
    }

    private void remember() {
        var all = EnumSet.copyOf(present);
        all.addAll(before);
        if (all.isEmpty()) memory.remove(KEY);
        else memory.put(KEY, all.stream().map(Fault::name).collect(Collectors.joining(" ")));
    }
}
