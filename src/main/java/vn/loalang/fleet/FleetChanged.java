package vn.loalang.fleet;

import java.util.Set;

/** Poles were added, moved, archived, got another volume limit or another box; told inside the transaction. */
public record FleetChanged(Set<ControllerId> controllers) {
    public FleetChanged {
        controllers = Set.copyOf(controllers);
    }
}
