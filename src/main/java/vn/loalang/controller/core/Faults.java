package vn.loalang.controller.core;

import java.util.EnumSet;
import java.util.Set;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;

/** Lasting troubles: each is journalled when it begins and when it ends. */
final class Faults {
    private final Journal journal;
    private final EnumSet<Fault> present = EnumSet.noneOf(Fault.class);

    Faults(Journal journal) {
        this.journal = journal;
    }

    void set(Fault fault) {
        if (present.add(fault)) journal.add(new Event.FaultChange(true, fault));
    }

    void clear(Fault fault) {
        if (present.remove(fault)) journal.add(new Event.FaultChange(false, fault));
    }

    boolean has(Fault fault) {
        return present.contains(fault);
    }

    Set<Fault> present() {
        return EnumSet.copyOf(present);
    }
}
