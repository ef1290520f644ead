package vn.loalang.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The compiled programme of one device (§7 of PROTOCOL.md). A new plan replaces the old one whole [PLN-1].
 *
 * @param from first moment it speaks of, Unix ms
 * @param till end of what it speaks of, at most 48 h after {@code from}, or 35 d when it comes by hand; {@code exp} is not later
 * @param assets the sounds its items name by index, at most 48
 * @param items what to play, at most 64, each inside {@code from…till}
 */
public record Plan(Head head, long from, long till, List<Asset> assets, List<Item> items) implements Document {
    /**
     * One item.
     *
     * @param oid its identity, never reused for other content
     * @param at planned start, Unix ms
     * @param dur longest duration, 1–14,400 s
     * @param pri 10–59
     * @param vol volume, 1–100
     * @param late how late a first start may be, 0–3600 s
     * @param play what is played one after another
     */
    public record Item(Oid oid, long at, int dur, int pri, int vol, int late, Play play) {
        public Item {
            Refusal.inRange("items[].at", at, 0, Limits.MAX_INTEGER);
            Refusal.inRange("items[].dur", dur, 1, Limits.ITEM_SECONDS);
            Refusal.inRange("items[].pri", pri, 10, 59);
            Refusal.inRange("items[].vol", vol, 1, 100);
            Refusal.inRange("items[].late", late, 0, 3600);
        }

        /** The end of its slot: {@code at + dur}, Unix ms. */
        public long latestEnd() {
            return at + dur * 1000L;
        }

        static Item read(Fields fields) {
            return new Item(
                    new Oid(fields.string("oid")),
                    fields.moment("at"),
                    fields.small("dur", 1, Limits.ITEM_SECONDS),
                    fields.small("pri", 10, 59),
                    fields.small("vol", 1, 100, 70),
                    fields.small("late", 0, 3600, 300),
                    Play.read(fields.list("play", Limits.ITEM_STEPS, step -> step)));
        }

        Json.Obj json() {
            return Json.object()
                    .put("oid", oid.value())
                    .put("at", at)
                    .put("dur", dur)
                    .put("pri", pri)
                    .put("vol", vol)
                    .put("late", late)
                    .put("play", play.json())
                    .build();
        }
    }

    /** What an item plays: recordings one after another, or one local input. */
    public sealed interface Play {
        Json json();

        /** Recordings by their index in {@link Plan#assets()}, 1 to 16. */
        record Recordings(List<Integer> indexes) implements Play {
            public Recordings {
                indexes = List.copyOf(indexes);
                Refusal.unless(
                        !indexes.isEmpty() && indexes.size() <= Limits.ITEM_STEPS,
                        "items[].play must have 1 to " + Limits.ITEM_STEPS + " steps");
            }

            @Override
            public Json json() {
                return Json.integers(indexes);
            }
        }

        /** A local input that {@code site.in} names. */
        record Input(String name) implements Play {
            public Input {
                Refusal.unless(Site.INPUTS.contains(name), "items[].play.in must be fm or line");
            }

            @Override
            public Json json() {
                return Json.array(List.of(Json.object().put("in", name).build()));
            }
        }

        private static Play read(List<Json> steps) {
            if (steps.size() == 1 && steps.get(0) instanceof Json.Obj input) {
                return new Input(new Fields(input).string("in"));
            }
            return new Recordings(steps.stream()
                    .map(step -> {
                        if (!(step instanceof Json.Int index)) {
                            throw Refusal.sem("items[].play must be indexes into assets, or one input alone");
                        }
                        return (int) Refusal.inRange("items[].play", index.value(), 0, Limits.PLAN_ASSETS - 1);
                    })
                    .toList());
        }
    }

    public Plan {
        head.device();
        assets = List.copyOf(assets);
        items = List.copyOf(items);
        Refusal.inRange("from", from, 0, Limits.MAX_INTEGER);
        Refusal.inRange("till", till, from + 1, from + Limits.PLAN_BY_HAND_MS);
        Refusal.unless(head.exp() <= till, "exp must not be after till");
        Refusal.atMost("assets", assets.size(), Limits.PLAN_ASSETS);
        Refusal.atMost("items", items.size(), Limits.PLAN_ITEMS);
        Set<Oid> seen = new HashSet<>();
        for (Item item : items) {
            Refusal.unless(seen.add(item.oid()), "items[] names an oid twice");
            Refusal.unless(item.at() >= from && item.latestEnd() <= till, "items[] must lie inside from…till");
            if (item.play() instanceof Play.Recordings recordings) {
                for (int index : recordings.indexes()) {
                    Refusal.unless(index >= 0 && index < assets.size(), "items[].play names no asset");
                }
            }
        }
    }

    /** The sounds of an item in order; empty for a local input. */
    public List<Asset> assetsOf(Item item) {
        return item.play() instanceof Play.Recordings recordings
                ? recordings.indexes().stream().map(assets::get).toList()
                : List.of();
    }

    @Override
    public Typ typ() {
        return Typ.PLAN;
    }

    @Override
    public Optional<Row> row() {
        return Optional.of(Row.PLAN);
    }

    static Plan read(Head head, Fields fields) {
        return new Plan(
                head,
                fields.moment("from"),
                fields.moment("till"),
                fields.objects("assets", Limits.PLAN_ASSETS, Asset::read),
                fields.objects("items", Limits.PLAN_ITEMS, Item::read));
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.PLAN)
                .put("from", from)
                .put("till", till)
                .put("assets", Json.array(assets.stream().map(Asset::json).toList()))
                .put("items", Json.array(items.stream().map(Item::json).toList()))
                .build();
    }
}
