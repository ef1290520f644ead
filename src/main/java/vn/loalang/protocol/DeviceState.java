package vn.loalang.protocol;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * @param base later of build time and claim time, Unix ms: the floor never drops below it
 * @param floor earliest believable time, Unix ms [TIM-1]
 * @param nonces of the hellos that may still be answered, oldest first, at most two
 * @param session the welcome in force; null before it
 * @param jid epoch of the journal
 * @param pkt largest message it takes, bytes
 */
public record DeviceState(
        DeviceId id,
        SystemId sys,
        KeySet keys,
        Map<Row, Stored> documents,
        Map<Row, Mark> marks,
        long base,
        long floor,
        List<Nonce> nonces,
        @Nullable Session session,
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
        documents = Collections.unmodifiableMap(new TreeMap<>(documents));
        marks = Collections.unmodifiableMap(new TreeMap<>(marks));
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
                base,
                base,
                List.of(),
                null,
                jid,
                pkt);
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
        return new DeviceState(id, sys, keys, documents, marks, base, floor, nonces, null, jid, pkt);
    }

    /** With a new epoch of the journal [ACK-5]. */
    public DeviceState withJournal(JournalId epoch) {
        return new DeviceState(id, sys, keys, documents, marks, base, floor, nonces, session, epoch, pkt);
    }

    /** With these documents set aside: out of effect, and only newer ones are taken [BOOT-1]. */
    public DeviceState setAside(Collection<Row> rows) {
        Map<Row, Mark> strict = new LinkedHashMap<>(marks);
        rows.forEach(row -> strict.computeIfPresent(row, (same, mark) -> new Mark(mark.seq(), null)));
        return with(marksOnly(strict), rows);
    }

    private DeviceState marksOnly(Map<Row, Mark> newMarks) {
        return new DeviceState(id, sys, keys, documents, newMarks, base, floor, nonces, session, jid, pkt);
    }

    private static DeviceState with(DeviceState state, Collection<Row> dropped) {
        Map<Row, Stored> kept = new LinkedHashMap<>(state.documents);
        KeySet keys = state.keys;
        for (Row row : dropped) {
            kept.remove(row);
            keys = keys.without(row);
        }
        return new DeviceState(
                state.id,
                state.sys,
                keys,
                kept,
                state.marks,
                state.base,
                state.floor,
                state.nonces,
                state.session,
                state.jid,
                state.pkt);
    }

    /** Without the documents of these rows; marks stay. */
    DeviceState without(Collection<Row> rows) {
        return with(this, rows);
    }

    /** With this document in its row, its mark, and the floor at least at its {@code iat}. */
    DeviceState withStored(Stored stored) {
        Map<Row, Stored> more = new LinkedHashMap<>(documents);
        more.put(stored.row(), stored);
        Map<Row, Mark> higher = new LinkedHashMap<>(marks);
        higher.put(stored.row(), new Mark(stored.seq(), stored.hash()));
        return new DeviceState(
                id,
                sys,
                stored.document() instanceof Keys set ? keys.with(set) : keys,
                more,
                higher,
                base,
                Math.max(floor, stored.document().head().iat()),
                nonces,
                session,
                jid,
                pkt);
    }

    /** With floor and marks above {@code t} lowered to it [TIM-5]. */
    DeviceState lowered(long t) {
        Map<Row, Mark> lower = new LinkedHashMap<>(marks);
        lower.replaceAll((row, mark) -> mark.seq() > t ? new Mark(t, null) : mark);
        return new DeviceState(
                id, sys, keys, documents, lower, base, Math.max(base, Math.min(floor, t)), nonces, session, jid, pkt);
    }

    DeviceState withSession(Session welcomed, List<Nonce> open) {
        return new DeviceState(id, sys, keys, documents, marks, base, floor, open, welcomed, jid, pkt);
    }

    private DeviceState withNonces(List<Nonce> open) {
        return new DeviceState(id, sys, keys, documents, marks, base, floor, open, session, jid, pkt);
    }

    /** Everything but documents and session, to keep on a disk. */
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
                .put("floor", floor)
                .put("jid", jid.value())
                .put("pkt", pkt)
                .put("marks", rows.build())
                .build()
                .bytes();
    }

    /**
     * Reads what {@link #encode()} wrote and puts the documents back that still stand [ENV-8]: right deployment, right
     * scope, keys with the right use and not named compromised since. Freshness, marks and quorum were judged when they
     * came. Refuses a damaged state.
     */
    public static Restored restore(byte[] file, Collection<Stored> documents) {
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
                fields.moment("base"),
                fields.moment("floor"),
                List.of(),
                null,
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

    /** Like {@link #withStored}, but roots and recoveries took effect long ago, and the mark may be higher. */
    private DeviceState putBack(Stored stored) {
        Mark mark = marks.get(stored.row());
        DeviceState next = withStored(stored);
        Map<Row, Mark> kept = new LinkedHashMap<>(next.marks);
        if (mark != null && mark.seq() >= stored.seq()) {
            kept.put(stored.row(), mark);
        }
        KeySet restored = next.keys;
        return new DeviceState(
                id,
                sys,
                new KeySet(keys.roots(), keys.rst(), restored.deployment(), restored.areas()),
                next.documents,
                kept,
                base,
                next.floor,
                nonces,
                session,
                jid,
                pkt);
    }
}
