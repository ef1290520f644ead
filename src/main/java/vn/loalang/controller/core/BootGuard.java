package vn.loalang.controller.core;

import java.util.Optional;
import java.util.Set;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Timers;
import vn.loalang.protocol.Typ;

/**
 * Counts starts that did not last (BOOT-1): a document that makes the box fail again and again is put aside, so that at least the
 * siren switch works and a newer document can come.
 */
final class BootGuard {
    private static final String UNPROVEN = "boots";
    private static final int FIRST = 3;
    private static final int SECOND = 6;
    private static final Set<Typ> ORDERS = Set.of(Typ.PLAN, Typ.SES, Typ.NOW, Typ.FW);
    private static final Set<Typ> ALL = Set.of(Typ.PLAN, Typ.SES, Typ.NOW, Typ.FW, Typ.SITE, Typ.CFG);

    private final Memory memory;
    private final Faults faults;
    private boolean proven;

    BootGuard(Memory memory, Faults faults) {
        this.memory = memory;
        this.faults = faults;
    }

    /** Power cuts are normal on poles, and a commanded start is wanted: only what the box itself caused counts. */
    Optional<Set<Typ>> begins(Hello.Why why) {
        if (why != Hello.Why.WATCHDOG) {
            proven = memory.get(UNPROVEN).isEmpty();
            return Optional.empty();
        }
        var unproven = memory.get(UNPROVEN).map(Integer::parseInt).orElse(0) + 1;
        memory.put(UNPROVEN, Integer.toString(unproven));
        if (unproven < FIRST) return Optional.empty();
        faults.set(Fault.BOOT_LOOP);
        return Optional.of(unproven < SECOND ? ORDERS : ALL);
    }

    /** This start has lasted long enough. */
    void tick(long mono) {
        if (proven || mono < Timers.BOOT_PROVEN.toMillis()) return;
        proven = true;
        memory.remove(UNPROVEN);
        faults.clear(Fault.BOOT_LOOP);
    }
}
