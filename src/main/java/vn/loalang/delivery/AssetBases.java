package vn.loalang.delivery;

import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import vn.loalang.area.ServerSettings;
import vn.loalang.web.Addresses;

/** Where boxes fetch audio: the bases that {@code cfg.http} names. */
@Component
class AssetBases {
    static final String PATH = "/gb1/a/";

    private final Addresses addresses;
    private final ServerSettings settings;

    AssetBases(Addresses addresses, ServerSettings settings) {
        this.addresses = addresses;
        this.settings = settings;
    }

    /** Whether the server listens already. */
    boolean known() {
        return addresses.https().isPresent();
    }

    /** Bases in order of preference, each ending in a slash. */
    List<String> list() {
        var bases = new ArrayList<String>();
        addresses.https().ifPresent(base -> bases.add(base + PATH));
        if (settings.publicHost() == null && !addresses.host().equals("localhost")) {
            // Nobody said how others reach us: boxes on this very machine still do when its address changes.
            addresses.httpsPort().ifPresent(port -> bases.add("https://localhost:" + port + PATH));
        }
        return List.copyOf(bases);
    }
}
