package vn.loalang.controller.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.SystemId;

/** What of a box's memory outlives a new claim, and what is handed out before the rest is erased [CLM-2b]. */
public final class NewClaim {
    /**
     * The boot counter, lest session numbers go back [SES-8], and the number against old firmware [FW-3]: they belong to the
     * box, not to its deployment.
     */
    public static final Set<String> STAYS = Set.of(ControllerCore.BOOT, FirmwareUpdate.SECURITY);

    private NewClaim() {}

    /** The journal of the deployment that the box leaves: all that its server has not confirmed; empty when that is nothing. */
    public static Optional<JournalFile> journal(SystemId left, DeviceId id, Map<String, String> memory) {
        return Journal.kept(new Memory(memory)).map(events -> new JournalFile(left, id, events));
    }
}
