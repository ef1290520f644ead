package vn.loalang.protocol;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All a device must know to judge a message, immutable. {@link Admission} makes the next state; the controller keeps it:
 * {@link #encode()} and each {@link Stored} are what must survive a power cut, written in one transaction.
 *
 * @param id the device
 * @param sys its deployment
 * @param keys the keys it knows
 * @param documents the document in effect of each row
 * @param marks highest {@code seq} seen of each row; never lowered but by a recovery [TIM-5]
 * @param clears what was ended for good, oldest first [NOW-4]
 * @param base later of build time and claim time, Unix ms: the floor never drops below it
 * @param floor earliest believable time, Unix ms [TIM-1]
 * @param nonces of the hellos that may still be answered, oldest first, at most two
 * @param session the welcome in force; null before it
 * @param overdue whether a welcome has been awaited for 60 s: emergencies are taken without [SES-3]
 * @param jid epoch of the journal
 * @param pkt largest message it takes, bytes
 */
public record DeviceState(
        DeviceId id,
        SystemId sys,
        KeySet keys,
        Map<Row, Stored> documents,
        Map<Row, Mark> marks,
        List<Clear> clears,
        long base,
        long floor,
        List<Nonce> nonces,
        @Nullable Session session,
        boolean overdue,
        JournalId jid,
        int pkt) {

    /**
     * Highest {@code seq} of a row.
     *
     * @param seq never to be undercut
     * @param hash of the message that had it, which alone may come again; null when only a newer one may
     */
    public record Mark(long seq, @Nullable Hash hash) {}

    /**
     * A welcomed session.
     *
     * @param iat of the welcome, Unix ms
     * @param vec least {@code seq} of each row [SES-2]
     * @param welcome hash of the welcome
     */
    public record Session(long iat, Map<Row, Long> vec, Hash welcome) {
        public Session {
            vec = Collections.unmodifiableMap(new LinkedHashMap<>(vec));
        }
    }

    /**
     * A state read back, and the rows whose documents no longer stood the test of [ENV-8].
     *
     * @param state without the dropped ones
     * @param dropped their rows
     */
    public record Restored(DeviceState state, List<Row> dropped) {}

    public DeviceState {
        documents = Collections.unmodifiableSortedMap(new TreeMap<>(documents));
        marks = Collections.unmodifiableSortedMap(new TreeMap<>(marks));
        clears = List.copyOf(clears);
        nonces = List.copyOf(nonces);
        Refusal.inRange("pkt", pkt, Limits.MIN_PACKET, Integer.MAX_VALUE);
    }

    /**
     * A device that has just taken its claim file.
     *
     * @param built build time of its firmware, Unix ms
     */
    public static DeviceState claimed(DeviceId id, ClaimFile claim, long built, JournalId jid, int pkt) {
        long base = Math.max(built, claim.t());
        return new DeviceState(
                id,
                claim.sys(),
                KeySet.pinned(claim.roots()),
                Map.of(),
                Map.of(),
                List.of(),
                base,
                base,
                List.of(),
                null,
                false,
                jid,
                pkt);
    }

    /** The parts that change, for one change at a time. */
    private static final class Edit {
        private final DeviceState from;
        private KeySet keys;
        private Map<Row, Stored> documents;
        private Map<Row, Mark> marks;
        private List<Clear> clears;
        private long floor;
        private List<Nonce> nonces;
        private @Nullable Session session;
        private boolean overdue;
        private JournalId jid;

        Edit(DeviceState from) {
            this.from = from;
            this.keys = from.keys;
            this.documents = from.documents;
            this.marks = from.marks;
            this.clears = from.clears;
            this.floor = from.floor;
            this.nonces = from.nonces;
            this.session = from.session;
            this.overdue = from.overdue;
            this.jid = from.jid;
        }

        DeviceState done() {
            return new DeviceState(
                    from.id, from.sys, keys, documents, marks, clears, from.base, floor, nonces, session, overdue, jid,
                    from.pkt);
        }
    }

    /** Areas of the stored {@code site}; none without it. */
    public List<AreaPath> areas() {
        Site site = site();
        return site == null ? List.of() : site.areas();
    }

    public @Nullable Site site() {
        return document(Row.SITE) instanceof Site site ? site : null;
    }

    public @Nullable Cfg cfg() {
        return document(Row.CFG) instanceof Cfg cfg ? cfg : null;
    }

    public @Nullable Plan plan() {
        return document(Row.PLAN) instanceof Plan plan ? plan : null;
    }

    private @Nullable Document document(Row row) {
        Stored stored = documents.get(row);
        return stored == null ? null : stored.document();
    }

    public boolean isWelcomed() {
        return session != null;
    }

    /** Whether a document for this scope is for this device [CON-6]. */
    public boolean isOwn(Scope scope) {
        if (scope instanceof Scope.Device device) {
            return device.id().equals(id);
        }
        return scope instanceof Scope.All || (scope instanceof Scope.Area area && areas().contains(area.area()));
    }

    /** Whether rights over this area reach this scope of ours [KEY-3]. */
    boolean covers(AreaPath area, Scope scope) {
        if (area.isRoot()) {
            return true;
        }
        if (scope instanceof Scope.Area other) {
            return area.covers(other.area());
        }
        return scope instanceof Scope.Device && areas().stream().anyMatch(area::covers);
    }

    /** What {@code hello.hwm} says: the mark of each row. */
    public Map<Row, Long> hwm() {
        Map<Row, Long> seqs = new LinkedHashMap<>();
        marks.forEach((row, mark) -> seqs.put(row, mark.seq()));
        return seqs;
    }

    /** After a hello with this nonce was sent; the two newest may be answered [SES-5]. */
    public DeviceState helloSent(Nonce nonce) {
        List<Nonce> sent = new ArrayList<>(nonces);
        sent.add(nonce);
        return withNonces(sent.subList(Math.max(0, sent.size() - Timers.NONCES_VALID), sent.size()));
    }

    /** After the link was lost or made anew: no welcome is in force. */
    public DeviceState disconnected() {
        Edit edit = new Edit(this);
        edit.session = null;
        edit.overdue = false;
        return edit.done();
    }

    /** No welcome came within 60 s: emergencies are taken without one until it comes [SES-3]. */
    public DeviceState welcomeOverdue() {
        Edit edit = new Edit(this);
        edit.overdue = session == null;
        return edit.done();
    }

    /** In a session that knows no row, for bench work and tests. */
    public DeviceState onBench() {
        return withSession(new Session(0, Map.of(), Hash.of(new byte[0])), nonces);
    }

    /** With a new epoch of the journal [ACK-5]. */
    public DeviceState withJournal(JournalId epoch) {
        Edit edit = new Edit(this);
        edit.jid = epoch;
        return edit.done();
    }

    /** With these documents set aside: out of effect, and only newer ones are taken [BOOT-1]. */
    public DeviceState setAside(Collection<Row> rows) {
        Map<Row, Mark> strict = new LinkedHashMap<>(marks);
        rows.forEach(row -> strict.computeIfPresent(row, (same, mark) -> new Mark(mark.seq(), null)));
        Edit edit = new Edit(without(rows));
        edit.marks = strict;
        return edit.done();
    }

    /** Without the documents of these rows; marks stay. */
    DeviceState without(Collection<Row> rows) {
        Edit edit = new Edit(this);
        Map<Row, Stored> kept = new LinkedHashMap<>(documents);
        for (Row row : rows) {
            kept.remove(row);
            edit.keys = edit.keys.without(row);
        }
        edit.documents = kept;
        return edit.done();
    }

    /** Without this row, its mark included, to make room for another. */
    DeviceState forgotten(Row row) {
        Edit edit = new Edit(without(List.of(row)));
        Map<Row, Mark> kept = new LinkedHashMap<>(marks);
        kept.remove(row);
        edit.marks = kept;
        return edit.done();
    }

    /**
     * With this document in its row, its mark, and the floor at least at its {@code iat}.
     *
     * @param bound what mark and floor do not rise above: that which an early all-clear exceeded [TIM-4]
     */
    DeviceState withStored(Stored stored, long bound) {
        Edit edit = new Edit(withFloor(Math.min(bound, stored.document().head().iat())));
        Map<Row, Stored> more = new LinkedHashMap<>(documents);
        more.put(stored.row(), stored);
        edit.documents = more;
        Map<Row, Mark> higher = new LinkedHashMap<>(marks);
        higher.put(stored.row(), new Mark(Math.min(bound, stored.seq()), stored.hash()));
        edit.marks = higher;
        edit.keys = stored.document() instanceof Keys set ? keys.with(set) : keys;
        return edit.done();
    }

    /** With the floor at least there. */
    DeviceState withFloor(long iat) {
        Edit edit = new Edit(this);
        edit.floor = Math.max(floor, iat);
        return edit.done();
    }

    /** With these clears as well; of each key the newest eight stay [NOW-4]. */
    DeviceState withClears(List<Clear> more) {
        List<Clear> all = new ArrayList<>(clears);
        for (Clear clear : more) {
            all.add(clear);
            List<Clear> own = all.stream()
                    .filter(kept -> kept.owner().equals(clear.owner()))
                    .toList();
            if (own.size() > Limits.CLEARS_PER_KEY) {
                all.remove(own.get(0));
            }
        }
        Edit edit = new Edit(this);
        edit.clears = all;
        return edit.done();
    }

    /** With those clears only that pass. */
    DeviceState keepClears(Predicate<Clear> kept) {
        Edit edit = new Edit(this);
        edit.clears = clears.stream().filter(kept).toList();
        return edit.done();
    }

    /** With floor, marks and clears above {@code t} lowered to it, or gone [TIM-5]. */
    DeviceState lowered(long t) {
        Map<Row, Mark> lower = new LinkedHashMap<>(marks);
        lower.replaceAll((row, mark) -> mark.seq() > t ? new Mark(t, null) : mark);
        Edit edit = new Edit(keepClears(clear -> clear.iat() <= t));
        edit.marks = lower;
        edit.floor = Math.max(base, Math.min(floor, t));
        return edit.done();
    }

    DeviceState withSession(Session welcomed, List<Nonce> open) {
        Edit edit = new Edit(this);
        edit.session = welcomed;
        edit.overdue = false;
        edit.nonces = open;
        return edit.done();
    }

    private DeviceState withNonces(List<Nonce> open) {
        Edit edit = new Edit(this);
        edit.nonces = open;
        return edit.done();
    }

    /**
     * An order or session in force.
     *
     * @param entry what is ordered
     * @param row where it stands
     * @param by kid of the document's first signature, whose ceiling it counts against [PRI-3]
     * @param iat of the document, Unix ms
     */
    public record Order(Entry entry, Row row, Kid by, long iat) {}

    /**
     * The orders and sessions of the documents in force that no clear ends; of one sid in several rows only the one that
     * wins [NOW-5]. Their times, ceilings and what was done already are not looked at.
     */
    public List<Order> orders() {
        Map<Sid, Order> winners = new LinkedHashMap<>();
        for (Stored stored : documents.values()) {
            long iat = stored.document().head().iat();
            Kid by = stored.signers().get(0).kid();
            for (Entry entry : entries(stored.document())) {
                if (!isCleared(entry, stored.document().head().to(), iat)) {
                    winners.merge(entry.sid(), new Order(entry, stored.row(), by, iat), DeviceState::winner);
                }
            }
        }
        return List.copyOf(winners.values());
    }

    private static List<Entry> entries(Document document) {
        if (document instanceof Now now) {
            return now.act();
        }
        return document instanceof Ses ses ? ses.act() : List.of();
    }

    private static Order winner(Order one, Order other) {
        int higher = Integer.compare(other.entry().pri(), one.entry().pri());
        return higher > 0 || (higher == 0 && other.iat() > one.iat()) ? other : one;
    }

    /** Whether a clear ends this entry of a document of that scope and moment [NOW-4]. */
    public boolean isCleared(Entry entry, Scope to, long documentIat) {
        return clears.stream().anyMatch(clear -> clear.ends(entry, to, documentIat));
    }

    /** Everything but documents, floor and session, to keep on a disk. The floor is kept apart, because it is written rarely [TIM-1c]. */
    public byte[] encode() {
        Json.Obj.Builder rows = Json.object();
        marks.forEach((row, mark) -> rows.put(
                row.wire(),
                Json.object()
                        .put("seq", mark.seq())
                        .putIf(
                                "h",
                                mark.hash() == null ? null : Json.of(mark.hash().b64u()))
                        .build()));
        return Json.object()
                .put("v", Head.VERSION)
                .put("id", id.value())
                .put("sys", sys.value())
                .put(
                        "roots",
                        Json.array(keys.roots().stream().map(RootKey::json).toList()))
                .put("rst", keys.rst())
                .put("base", base)
                .put("jid", jid.value())
                .put("pkt", pkt)
                .put("marks", rows.build())
                .put("clears", Json.array(clears.stream().map(Clear::json).toList()))
                .build()
                .bytes();
    }

    /**
     * Reads what {@link #encode()} wrote and puts the documents back that still stand [ENV-8]: right deployment, right
     * scope, keys with the right use and not named compromised since. Freshness, marks and quorum were judged when they
     * came. The floor follows from the documents and the kept value [TIM-1]. Refuses a damaged state.
     *
     * @param floor as it was last written, Unix ms; 0 when it never was
     */
    public static Restored restore(byte[] file, Collection<Stored> documents, long floor) {
        Fields fields = new Fields(StrictJson.parse(file));
        List<RootKey> roots = fields.objects("roots", Limits.ROOTS, RootKey::read);
        Map<Row, Mark> marks = new LinkedHashMap<>();
        Fields rows = fields.fields("marks");
        for (String name : rows.raw().members().keySet()) {
            Fields mark = rows.fields(name);
            marks.put(
                    Row.parse(name), new Mark(mark.moment("seq"), mark.has("h") ? Hash.parse(mark.string("h")) : null));
        }
        DeviceState state = new DeviceState(
                new DeviceId(fields.string("id")),
                new SystemId(fields.string("sys")),
                new KeySet(roots, fields.moment("rst"), null, Map.of()),
                Map.of(),
                marks,
                fields.objectsOrEmpty("clears", Integer.MAX_VALUE, Clear::read),
                fields.moment("base"),
                Math.max(floor, fields.moment("base")),
                List.of(),
                null,
                false,
                new JournalId(fields.string("jid")),
                fields.small("pkt", Limits.MIN_PACKET, Integer.MAX_VALUE));
        List<Row> dropped = new ArrayList<>();
        List<Stored> inOrder = new ArrayList<>(documents);
        inOrder.sort(Comparator.comparingInt(DeviceState::restoreOrder));
        for (Stored stored : inOrder) {
            if (state.stillStands(stored)) {
                state = state.putBack(stored);
            } else {
                dropped.add(stored.row());
            }
        }
        return new Restored(state, List.copyOf(dropped));
    }

    /** Keys before what they guard, the site before what depends on its areas. */
    private static int restoreOrder(Stored stored) {
        return stored.row().equals(Row.KEYS) ? 0 : stored.row().equals(Row.SITE) ? 1 : 2;
    }

    private boolean stillStands(Stored stored) {
        Head head = stored.document().head();
        if (!head.sys().equals(sys) || !isOwn(head.to())) {
            return false;
        }
        if (stored.row().equals(Row.KEYS)) {
            return stored.signers().stream().allMatch(signer -> signer instanceof Signer.Root)
                    && stored.signers().stream().map(Signer::x).distinct().count() >= Limits.ROOT_SIGNATURES;
        }
        Use use = Admission.useFor(stored.document().typ());
        return stored.signers().stream().allMatch(signer -> signer.may(use, head.iat()) && !signer.isBad(keys.bad()));
    }

    /** Like {@link #withStored}, but roots, recoveries and marks took effect long ago. */
    private DeviceState putBack(Stored stored) {
        Edit edit = new Edit(withStored(stored, Limits.MAX_INTEGER));
        edit.keys = new KeySet(keys.roots(), keys.rst(), edit.keys.deployment(), edit.keys.areas());
        Mark mark = marks.get(stored.row());
        if (mark != null) {
            edit.marks = marks;
            // An early all-clear counts up to its bound only, and so does its mark [TIM-4].
            edit.floor = Math.max(floor, Math.min(stored.document().head().iat(), mark.seq()));
        }
        return edit.done();
    }
}
