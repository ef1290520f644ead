package vn.loalang.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import vn.loalang.broadcast.TimelineEntry;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Plan;

/**
 * A plan before it is numbered and signed. Where something does not fit, the plan ends before it: what it speaks of, it
 * speaks of completely.
 *
 * @param from first moment, Unix ms
 * @param till end, Unix ms
 */
public record PlanDraft(long from, long till, List<Asset> assets, List<Plan.Item> items) {
    /** How far back an item that may still sound is looked for. */
    public static final Duration BACK = Duration.ofHours(4);

    public PlanDraft {
        assets = List.copyOf(assets);
        items = List.copyOf(items);
    }

    /**
     * Compiles a timeline.
     *
     * @param timeline of at least the span from {@code now − 4 h} to {@code now + 48 h}, unresolved entries only
     */
    public static PlanDraft of(List<TimelineEntry> timeline, Instant now) {
        return of(timeline, now, Limits.PLAN_SPAN_MS);
    }

    /**
     * Compiles a timeline for a plan of another length.
     *
     * @param span ms from its first moment
     */
    public static PlanDraft of(List<TimelineEntry> timeline, Instant now, long span) {
        var earliest = now.minus(BACK);
        var entries = timeline.stream()
                .filter(entry ->
                        !entry.start().isBefore(earliest) && !entry.assets().isEmpty())
                .sorted(Comparator.comparing(TimelineEntry::start).thenComparing(TimelineEntry::oid))
                .toList();
        var from = entries.isEmpty() || entries.get(0).start().isAfter(now)
                ? now.toEpochMilli()
                : entries.get(0).start().toEpochMilli();
        return cut(entries, from, from + span);
    }

    /** The same plan, ending before its last item; for messages that came out too long. */
    public PlanDraft withoutLast() {
        var last = items.get(items.size() - 1);
        var end = Math.max(from + 1, last.at());
        var kept = items.stream().filter(item -> item.latestEnd() <= end).toList();
        var used = new ArrayList<Asset>();
        var renumbered = new ArrayList<Plan.Item>();
        for (var item : kept) {
            var steps = new ArrayList<Integer>();
            if (item.play() instanceof Plan.Play.Recordings recordings) {
                for (var index : recordings.indexes()) {
                    var asset = assets.get(index);
                    if (!used.contains(asset)) {
                        used.add(asset);
                    }
                    steps.add(used.indexOf(asset));
                }
            }
            renumbered.add(new Plan.Item(
                    item.oid(),
                    item.at(),
                    item.dur(),
                    item.pri(),
                    item.vol(),
                    item.late(),
                    steps.isEmpty() ? item.play() : new Plan.Play.Recordings(steps)));
        }
        return new PlanDraft(from, end, used, renumbered);
    }

    /** What it says, whatever the moment: equal for plans that need not be issued again. */
    public String contentHash() {
        return Hash.of(Link.utf8(items + " " + assets)).hex();
    }

    /** The document under this head. */
    public Plan plan(Head head) {
        return new Plan(head, from, till, assets, items);
    }

    private static PlanDraft cut(List<TimelineEntry> entries, long from, long till) {
        var assets = new LinkedHashMap<Hash, Asset>();
        var items = new ArrayList<Plan.Item>();
        var end = till;
        for (var entry : entries) {
            var at = entry.start().toEpochMilli();
            if (at >= end) {
                break;
            }
            var wanted = new LinkedHashMap<>(assets);
            entry.assets().forEach(asset -> wanted.putIfAbsent(asset.hash(), Asset.mp3(asset.hash(), asset.bytes())));
            var item = item(entry, new ArrayList<>(wanted.keySet()));
            if (items.size() == Limits.PLAN_ITEMS || wanted.size() > Limits.PLAN_ASSETS || item.latestEnd() > till) {
                end = Math.max(from + 1, at);
                break;
            }
            assets.putAll(wanted);
            items.add(item);
        }
        var limit = end;
        var overhang = items.stream()
                .filter(item -> item.latestEnd() > limit)
                .mapToLong(Plan.Item::at)
                .min();
        if (overhang.isEmpty()) {
            return new PlanDraft(from, end, new ArrayList<>(assets.values()), items);
        }
        // Something that began before the cut would be left half told: end before it instead.
        var before = entries.stream()
                .filter(entry -> entry.start().toEpochMilli() < overhang.getAsLong())
                .toList();
        return cut(before, from, Math.max(from + 1, overhang.getAsLong()));
    }

    private static Plan.Item item(TimelineEntry entry, List<Hash> order) {
        return new Plan.Item(
                entry.oid(),
                entry.start().toEpochMilli(),
                (int) entry.duration().toSeconds(),
                entry.priority(),
                entry.volume(),
                (int) entry.lateness().toSeconds(),
                new Plan.Play.Recordings(entry.assets().stream()
                        .map(asset -> order.indexOf(asset.hash()))
                        .toList()));
    }
}
