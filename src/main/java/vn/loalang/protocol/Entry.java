package vn.loalang.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One order of a {@link Now} or one session of a {@link Ses} (§7 of PROTOCOL.md).
 *
 * @param sid its identity, never used twice
 * @param st how serious it is
 * @param pri 80–99 in {@code now}, 20–69 in {@code ses}
 * @param beg when it begins, Unix ms
 * @param until when it is over whatever has sounded, Unix ms; at most 6 h after {@code beg}
 * @param max seconds it may sound in all, preambles included, 1–3600
 * @param rep how often the whole content is played, 1–20
 * @param gap seconds of silence between repetitions, in which it still holds the channel, 0–120
 * @param vol volume, 10–100
 * @param not devices that stay silent, at most 32
 * @param content what sounds
 */
public record Entry(
        Sid sid,
        OrderStatus st,
        int pri,
        long beg,
        long until,
        int max,
        int rep,
        int gap,
        int vol,
        List<DeviceId> not,
        Content content) {
    /** What an entry plays. */
    public sealed interface Content {}

    /** Steps one after another, 1 to 8. */
    public record Steps(List<Step> steps) implements Content {
        public Steps {
            steps = List.copyOf(steps);
            Refusal.unless(
                    !steps.isEmpty() && steps.size() <= Limits.ENTRY_STEPS,
                    "play must have 1 to " + Limits.ENTRY_STEPS + " steps");
        }
    }

    /**
     * Signed chunks as they come ({@link LiveFrame}).
     *
     * @param pk the session's own key, fresh for each sid
     * @param codec of the chunks
     * @param ms length of a chunk, 240–1000 ms
     * @param jit how long a device holds chunks back, 1000–10000 ms
     * @param alt what a device without this profile or codec plays instead
     */
    public record Live(PublicKey pk, String codec, int ms, int jit, Optional<Step> alt) implements Content {
        public Live {
            Refusal.unless(Asset.isCodec(codec), "live.c must be 1 to 16 of a–z, 0–9 and -");
            Refusal.inRange("live.ms", ms, 240, 1000);
            Refusal.inRange("live.jit", jit, 1000, 10_000);
        }
    }

    public Entry {
        not = List.copyOf(not);
        Refusal.inRange("act[].pri", pri, 0, 99);
        Refusal.inRange("act[].beg", beg, 0, Limits.MAX_INTEGER);
        Refusal.inRange("act[].until", until, beg + 1, beg + Limits.ENTRY_SPAN_MS);
        Refusal.inRange("act[].max", max, 1, 3600);
        Refusal.inRange("act[].rep", rep, 1, 20);
        Refusal.inRange("act[].gap", gap, 0, 120);
        Refusal.inRange("act[].vol", vol, 10, 100);
        Refusal.atMost("act[].not", not.size(), Limits.ENTRY_NOT);
    }

    /** An order with the usual bounds: 600 s of sound, once, loud. */
    public static Entry of(Sid sid, OrderStatus st, int pri, long beg, long until, List<Step> steps) {
        return new Entry(sid, st, pri, beg, until, 600, 1, 0, 100, List.of(), new Steps(steps));
    }

    /** The same at another time. */
    public Entry between(long from, long till) {
        return new Entry(sid, st, pri, from, till, max, rep, gap, vol, not, content);
    }

    /** The same with another priority. */
    public Entry withPri(int other) {
        return new Entry(sid, st, other, beg, until, max, rep, gap, vol, not, content);
    }

    /** What is played under this identity in a repetition, from 1. */
    public PlayId play(int repetition) {
        return PlayId.of(sid, repetition);
    }

    /** The recordings it names, in order. */
    public List<Asset> assets() {
        List<Step> steps = content instanceof Steps list
                ? list.steps()
                : content instanceof Live live ? live.alt().stream().toList() : List.of();
        return steps.stream()
                .filter(step -> step instanceof Step.Sound)
                .map(step -> ((Step.Sound) step).asset())
                .toList();
    }

    /** Checks what the type of the document and its moment of issue allow. */
    void check(Typ typ, long iat) {
        boolean emergency = typ == Typ.NOW;
        Refusal.inRange("act[].pri", pri, emergency ? Limits.EMERGENCY_PRI : 20, emergency ? 99 : Limits.ONLINE_PRI);
        if (emergency) {
            Refusal.inRange("act[].beg", beg, iat - Limits.BEGIN_MS, iat + Limits.BEGIN_MS);
        } else {
            Refusal.inRange("act[].beg", beg, 0, iat + Limits.SESSION_AHEAD_MS);
        }
    }

    static Entry read(Fields fields) {
        Content content = fields.has("live")
                ? live(fields.fields("live"))
                : new Steps(fields.list("play", Limits.ENTRY_STEPS, Step::read));
        return new Entry(
                new Sid(fields.string("sid")),
                OrderStatus.read(fields.string("st")),
                fields.small("pri", 0, 99),
                fields.moment("beg"),
                fields.moment("until"),
                fields.small("max", 1, 3600, 600),
                fields.small("rep", 1, 20, 1),
                fields.small("gap", 0, 120, 0),
                fields.small("vol", 10, 100, 100),
                fields.stringsOrEmpty("not", Limits.ENTRY_NOT, DeviceId::new),
                content);
    }

    private static Live live(Fields fields) {
        Json alt = fields.raw().get("alt");
        return new Live(
                PublicKey.parse(fields.string("pk")),
                fields.string("c"),
                fields.small("ms", 240, 1000),
                fields.small("jit", 1000, 10_000, 3000),
                alt == null ? Optional.empty() : Optional.of(Step.read(alt)));
    }

    Json.Obj json() {
        Json.Obj.Builder json = Json.object()
                .put("sid", sid.value())
                .put("st", st.wire())
                .put("pri", pri)
                .put("beg", beg)
                .put("until", until)
                .put("max", max);
        boolean once = content instanceof Live && rep == 1 && gap == 0;
        if (!once) {
            json.put("rep", rep).put("gap", gap);
        }
        json.put("vol", vol);
        if (!not.isEmpty()) {
            json.put("not", Json.strings(not.stream().map(DeviceId::value).toList()));
        }
        if (content instanceof Steps list) {
            json.put("play", Json.array(list.steps().stream().map(Step::json).toList()));
        } else if (content instanceof Live live) {
            json.put(
                    "live",
                    Json.object()
                            .put("pk", live.pk().b64u())
                            .put("c", live.codec())
                            .put("ms", live.ms())
                            .put("jit", live.jit())
                            .putIf("alt", live.alt().map(Step::json).orElse(null))
                            .build());
        }
        return json.build();
    }

    /**
     * Entries of a document and those left out.
     *
     * @param act the valid ones, in their order
     * @param skipped the others, by index
     */
    record Sorted(List<Entry> act, List<Skipped> skipped) {}

    /** Reads {@code act}: an invalid entry, or one whose sid came before, is left out [NOW-3]; none left is refused. */
    static Sorted readAll(Typ typ, long iat, Fields document) {
        List<Entry> act = new ArrayList<>();
        List<Skipped> skipped = new ArrayList<>();
        Set<Sid> seen = new HashSet<>();
        List<Json> raw = document.list("act", Limits.ENTRIES, entry -> entry);
        for (int i = 0; i < raw.size(); i++) {
            try {
                if (!(raw.get(i) instanceof Json.Obj object)) {
                    throw Refusal.sem("act[] must hold objects");
                }
                Entry entry = read(new Fields(object));
                entry.check(typ, iat);
                Refusal.unless(seen.add(entry.sid()), "act[] names a sid twice");
                act.add(entry);
            } catch (Refusal invalid) {
                skipped.add(new Skipped(i, ErrorCode.E_SEM));
            }
        }
        Refusal.unless(raw.isEmpty() || !act.isEmpty(), "every entry of act is invalid");
        return new Sorted(act, skipped);
    }

    /** Leaves out the entries above a priority; none left is refused. */
    static Sorted upTo(int pri, List<Entry> act, List<Skipped> skipped) {
        List<Entry> kept = new ArrayList<>();
        List<Skipped> out = new ArrayList<>(skipped);
        int index = 0;
        for (Entry entry : act) {
            while (isSkipped(skipped, index)) {
                index++;
            }
            if (entry.pri() <= pri) {
                kept.add(entry);
            } else {
                out.add(new Skipped(index, ErrorCode.E_SEM));
            }
            index++;
        }
        Refusal.unless(act.isEmpty() || !kept.isEmpty(), "every entry of act is above the key's priority");
        out.sort(java.util.Comparator.comparingInt(Skipped::index));
        return new Sorted(kept, out);
    }

    private static boolean isSkipped(List<Skipped> skipped, int index) {
        return skipped.stream().anyMatch(entry -> entry.index() == index);
    }

    /** Checks entries that a document is made of. */
    static void checkAll(Typ typ, long iat, List<Entry> act) {
        Refusal.atMost("act", act.size(), Limits.ENTRIES);
        Set<Sid> seen = new HashSet<>();
        for (Entry entry : act) {
            entry.check(typ, iat);
            Refusal.unless(seen.add(entry.sid()), "act[] names a sid twice");
        }
    }
}
