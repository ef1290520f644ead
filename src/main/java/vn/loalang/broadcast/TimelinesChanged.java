package vn.loalang.broadcast;

import java.util.Set;
import vn.loalang.fleet.ControllerId;

/** What these controllers shall sound is no longer what it was; told inside the transaction. */
public record TimelinesChanged(Set<ControllerId> controllers) {
    public TimelinesChanged {
        controllers = Set.copyOf(controllers);
    }
}
