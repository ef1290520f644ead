package vn.loalang.delivery;

import java.util.Set;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Sid;

/** An order that is stored and waits for its release; nothing of it is signed or has left the server. */
public record ArmedOrder(BroadcastId id, Set<Scope> scopes) {
    public ArmedOrder {
        scopes = Set.copyOf(scopes);
    }

    /** Its name on the wire: the broadcast's 13 characters. */
    public Sid sid() {
        return new Sid(id.toString());
    }
}
