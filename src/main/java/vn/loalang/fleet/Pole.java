package vn.loalang.fleet;

import java.util.List;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.AreaPath;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Fault;

/**
 * A pole as pages show it.
 *
 * @param village full name of its area
 * @param unit the box that hangs there now, null if none
 * @param faults what ails the box now
 */
public record Pole(
        ControllerId id,
        String name,
        AreaPath area,
        String village,
        int volumeLimit,
        boolean archived,
        @Nullable DeviceId unit,
        Presence presence,
        List<Fault> faults) {
    public Pole {
        faults = List.copyOf(faults);
    }

    /** The one word about it. */
    public Condition condition() {
        if (archived) {
            return Condition.ARCHIVED;
        }
        return switch (presence.state()) {
            case OFFLINE -> Condition.OFFLINE;
            case NEVER_SEEN -> unit == null ? Condition.WITHOUT_BOX : Condition.NEVER_SEEN;
            case ONLINE -> {
                if (faults.stream().anyMatch(Pole::silences)) {
                    yield Condition.BROKEN;
                }
                yield faults.isEmpty() ? Condition.READY : Condition.FAULTY;
            }
        };
    }

    /** Whether nothing or not everything is heard while this lasts. */
    static boolean silences(Fault fault) {
        return switch (fault) {
            case AMP_FAULT, LINE_OPEN, LINE_SHORT, LINE_EARTH, STORE_IO, MUTED, BOOT_LOOP, FOREIGN_SOUND, TAMPER ->
                true;
            case MAINS_LOST, BATT_LOW, AMP_HOT, STORE_FULL, CLK_BAD, NET_WEAK, ACL, SIG_REJECT, FW_ROLLBACK -> false;
        };
    }

    /** Conditions of a pole, the worst first; lists are in this order. */
    public enum Condition {
        BROKEN("bad", "bad"),
        OFFLINE("off", "off"),
        FAULTY("warn", "warn"),
        NEVER_SEEN("off", "unknown"),
        WITHOUT_BOX("off", "unknown"),
        READY("ok", "ok"),
        ARCHIVED("off", "off");

        private final String tone;
        private final String icon;

        Condition(String tone, String icon) {
            this.tone = tone;
            this.icon = icon;
        }

        /** Its colour's class: {@code ok}, {@code warn}, {@code bad} or {@code off}. */
        public String tone() {
            return tone;
        }

        /** Its symbol's name. */
        public String icon() {
            return icon;
        }
    }
}
