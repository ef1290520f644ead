package vn.loalang.controller.core;

import java.util.List;
import vn.loalang.protocol.Oid;

/**
 * A plan item as the player needs it.
 *
 * @param priority 10–59, higher pre-empts
 * @param volume percent, as ordered
 * @param content assets in order, to sound as one
 */
record Item(Oid oid, Timeline.Span span, int priority, int volume, List<AssetRef> content) {}
