package vn.loalang.controller.core;

import java.util.List;
import java.util.Optional;
import vn.loalang.protocol.Oid;

/**
 * A plan item as the player needs it.
 *
 * @param priority 10–59, higher pre-empts
 * @param volume percent, as ordered
 * @param content assets in order, to sound as one; none where it relays an input
 * @param input local input instead of assets
 */
record Item(Oid oid, Timeline.Span span, int priority, int volume, List<AssetRef> content, Optional<String> input) {
    List<Sound> sounds() {
        return input.map(name -> List.<Sound>of(new Sound.Relay(name, span.audioMs())))
                .orElseGet(
                        () -> content.stream().<Sound>map(Sound.Recording::new).toList());
    }
}
