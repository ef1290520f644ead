package vn.loalang.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The order of checks a device applies to every message that comes down [ENV-7]: the first failure counts. A pure
 * function of the device's state, its clock and the bytes; it keeps nothing and reads no clock.
 */
public final class Admission {
    private final DeviceState state;
    private final DeviceTime now;
    private final Bytes message;

    /** Whether it came by hand instead of in a session [USB-1]. */
    private final boolean byHand;

    private final SignatureCheck check;

    /** Types of profiles that the device lacks [PRO-5]. */
    private final Set<Typ> foreign;

    /** The type as claimed by the payload, once it is parsed; for the report of a refusal. */
    private @Nullable String claimedTyp;

    private Admission(
            DeviceState state, DeviceTime now, boolean byHand, Bytes message, SignatureCheck check, Set<Typ> foreign) {
        this.state = state;
        this.now = now;
        this.byHand = byHand;
        this.message = message;
        this.check = check;
        this.foreign = foreign;
    }

    /** What becomes of a message. */
    public sealed interface Outcome {}

    /**
     * It is right. The caller writes {@code next}, {@code stored} and the journal entry {@code doc/applied} in one
     * transaction, deletes what was dropped, and only then acts.
     *
     * @param document what it says
     * @param stored what to keep; empty for {@code welcome jack cmd man bundle}
     * @param dropped rows whose documents go: signed by compromised keys, above a recovery, of areas left, or expired
     *     where the room is needed
     * @param clockBad whether the server's clock is suspect: fault {@code CLK_BAD} [SES-5]
     * @param next the state from now on
     */
    public record Accepted(
            Document document, Optional<Stored> stored, Set<Row> dropped, boolean clockBad, DeviceState next)
            implements Outcome {
        public Accepted {
            dropped = Set.copyOf(dropped);
        }

        /** The row that changed; empty for what is not kept. */
        public Optional<Row> row() {
            return stored.map(Stored::row);
        }

        /** Entries that were left out, to be journalled as {@code doc/skipped} [NOW-3]. */
        public List<Skipped> skipped() {
            if (document instanceof Now orders) {
                return orders.skipped();
            }
            return document instanceof Ses sessions ? sessions.skipped() : List.of();
        }
    }

    /** The same bytes are in effect already: nothing to do, nothing to report. */
    public record Duplicate() implements Outcome {}

    /** Not looked at to the end: no welcome yet [SES-1], or no budget left. Nothing to report. */
    public record Dropped(String why) implements Outcome {}

    /** Keys or an emergency beyond the verification budget: try again first of all when there is budget. */
    public record Deferred() implements Outcome {}

    /**
     * It is wrong; state and storage stay as they are.
     *
     * @param code to be journalled as {@code sec}, at most once per code and hour
     * @param detail for the log of the device, in English
     * @param typ the type as far as it was readable
     * @param clockBad whether the fault {@code CLK_BAD} is to be set [TIM-2] [SES-5]
     */
    public record Refused(ErrorCode code, String detail, Optional<String> typ, boolean clockBad) implements Outcome {}

    /** A refusal that also says whose clock cannot be right. */
    private static final class ClockRefusal extends Exception {
        private final Refusal refusal;

        ClockRefusal(ErrorCode code, String detail) {
            super(null, null, false, false);
            this.refusal = new Refusal(code, detail);
        }
    }

    /** A message that is let fall without a report. */
    private static final class NotNow extends Exception {
        private final Outcome outcome;

        NotNow(Outcome outcome) {
            super(null, null, false, false);
            this.outcome = outcome;
        }
    }

    /**
     * Judges a message.
     *
     * @param state what the device knows
     * @param now its clock
     * @param budget how many signatures it may still verify this second [ENV-7]
     * @param message as it came, whatever the topic
     */
    public static Outcome admit(DeviceState state, DeviceTime now, int budget, byte[] message) {
        return admit(state, now, budget, Bytes.of(message), SignatureCheck.EXACT);
    }

    /** The same by somebody else's judgement of signatures. */
    public static Outcome admit(DeviceState state, DeviceTime now, int budget, Bytes message, SignatureCheck check) {
        return admit(state, now, budget, message, check, Set.of());
    }

    /**
     * The same on a device that lacks profiles.
     *
     * @param foreign types of profiles it lacks, refused as {@code E_DST} [PRO-5]
     */
    public static Outcome admit(
            DeviceState state, DeviceTime now, int budget, Bytes message, SignatureCheck check, Set<Typ> foreign) {
        return new Admission(state, now, false, message, check, foreign).outcome(budget);
    }

    /**
     * Judges a document that somebody carried to the device: {@code bundle keys site cfg plan fw}, all-clears, and
     * {@code now} only as a test. It needs a clock and no welcome [USB-1].
     */
    public static Outcome admitByHand(DeviceState state, DeviceTime now, byte[] message) {
        return new Admission(state, now, true, Bytes.of(message), SignatureCheck.EXACT, Set.of())
                .outcome(Limits.VERIFICATIONS_PER_SECOND);
    }

    private Outcome outcome(int budget) {
        try {
            return judge(budget);
        } catch (Refusal refusal) {
            return refused(refusal, false);
        } catch (ClockRefusal bad) {
            return refused(bad.refusal, true);
        } catch (NotNow notNow) {
            return notNow.outcome;
        }
    }

    private Refused refused(Refusal refusal, boolean clockBad) {
        return new Refused(refusal.code(), refusal.detail(), Optional.ofNullable(claimedTyp), clockBad);
    }

    private Outcome judge(int budget) throws ClockRefusal, NotNow {
        // (1) size and shape
        if (message.size() > Math.min(Limits.DEVICE_MESSAGE, state.pkt())) {
            throw new Refusal(ErrorCode.E_FMT, "longer than this device takes");
        }
        Envelope envelope = Envelope.parse(message);
        // (2) nothing new
        Hash hash = Hash.of(message.raw());
        if (isInEffect(hash)) {
            return new Duplicate();
        }
        // (3) known keys
        List<Signer> signers = signers(envelope);
        // (4) budget
        if (budget < signers.size()) {
            return signers.stream().anyMatch(Signer::isUrgent)
                    ? new Deferred()
                    : new Dropped("no verification budget left");
        }
        // (5) signatures
        for (int line = 0; line < signers.size(); line++) {
            if (!envelope.isSignedBy(line, signers.get(line).x(), check)) {
                throw new Refusal(ErrorCode.E_SIG, "line " + (line + 1) + " does not verify");
            }
        }
        // (6) JSON
        Json.Obj json = StrictJson.parse(envelope.payload().raw());
        claimedTyp = typName(json);
        // (7) destination
        Typ typ = destination(json, signers.get(0).kid());
        Scope to = Document.to(json);
        boolean allClear = typ == Typ.NOW && isAllClear(json);
        if (!mayComeNow(typ, allClear)) {
            throw new NotNow(new Dropped(byHand ? "needs a clock" : "before the welcome"));
        }
        // (8) rights; they depend on the moment of issue
        long iat = new Fields(json).moment("iat");
        policy(typ, to, iat, signers, json);
        // (9) bounds of seq, then the mark
        long seq = new Fields(json).moment("seq");
        Refusal.inRange("seq", seq, iat, Math.min(Limits.MAX_INTEGER, iat + Limits.SEQ_AHEAD_MS));
        Row row = rowOf(typ, to, signers.get(0).kid());
        boolean recovery = isRecovery(typ, to, json);
        if (row != null && !recovery) {
            mark(row, seq, hash, allClear);
        }
        // (10) freshness; an all-clear is never too early or too late
        if (!allClear) {
            freshness(typ, to, row, iat, json);
        }
        // (11) must-understand, then the field table
        critical(json);
        Document document = Signer.limit(Document.decode(json), signers);
        if (document instanceof Plan plan && !byHand) {
            Refusal.inRange("till", plan.till(), plan.from() + 1, plan.from() + Limits.PLAN_SPAN_MS);
        }
        return accept(document, hash, signers, recovery);
    }

    private static @Nullable String typName(Json.Obj json) {
        return json.get("typ") instanceof Json.Str typ && typ.value().length() <= 16 ? typ.value() : null;
    }

    private static boolean isAllClear(Json.Obj json) {
        return json.get("act") instanceof Json.Arr act && act.items().isEmpty();
    }

    /** What the state of the session allows: everything after a welcome, little before it [SES-1] [SES-3] [USB-1]. */
    private boolean mayComeNow(Typ typ, boolean allClear) {
        if (byHand) {
            return now.isKnown();
        }
        return switch (typ) {
            case KEYS, WELCOME, JACK -> true;
            case NOW -> state.isWelcomed() || (state.overdue() && (allClear || opensWithoutWelcome()));
            case SITE, CFG, PLAN, SES, CMD, MAN, FW, BUNDLE -> state.isWelcomed();
        };
    }

    private boolean opensWithoutWelcome() {
        Site site = state.site();
        return now.isKnown() && (site == null || site.failOpen());
    }

    private boolean isInEffect(Hash hash) {
        DeviceState.Session session = state.session();
        if (session != null && session.welcome().equals(hash)) {
            return true;
        }
        for (Clear clear : state.clears()) {
            if (clear.message().equals(hash)) {
                return true;
            }
        }
        for (Stored stored : state.documents().values()) {
            if (stored.hash().equals(hash)) {
                return true;
            }
        }
        return false;
    }

    private List<Signer> signers(Envelope envelope) {
        List<Signer> signers = new ArrayList<>();
        for (Envelope.Line line : envelope.lines()) {
            Optional<Signer> signer = state.keys().byHeader(line.header());
            if (signer.isEmpty()) {
                claimedTyp = claimed(envelope);
                throw new Refusal(ErrorCode.E_KID, "unknown kid");
            }
            signers.add(signer.get());
        }
        return signers;
    }

    /** What an unverified payload calls itself: an order by an unknown key is kept for a minute [KEY-8]. */
    private static @Nullable String claimed(Envelope envelope) {
        try {
            return typName(StrictJson.parse(envelope.payload().raw()));
        } catch (Refusal unreadable) {
            return null;
        }
    }

    private Typ destination(Json.Obj json, Kid first) {
        Typ typ = Document.typ(json);
        if (byHand ? !mayComeByHand(typ) : typ == Typ.BUNDLE || foreign.contains(typ)) {
            throw dst("typ " + typ.wire() + " does not come this way");
        }
        if (!Document.sys(json).equals(state.sys())) {
            throw dst("another deployment");
        }
        Scope to = Document.to(json);
        if (!state.isOwn(to)) {
            throw dst("not one of this device's scopes");
        }
        if (!mayGoTo(typ, to)) {
            throw dst("typ " + typ.wire() + " does not go to " + to);
        }
        if (typ == Typ.NOW
                && !(json.get("by") instanceof Json.Str by && by.value().equals(first.value()))) {
            throw dst("by is not the kid of the first signature");
        }
        if (!(to instanceof Scope.Device) && typ != Typ.BUNDLE && message.size() > Limits.AREA_MESSAGE) {
            throw new Refusal(ErrorCode.E_FMT, "longer than " + Limits.AREA_MESSAGE + " bytes");
        }
        return typ;
    }

    private static boolean mayComeByHand(Typ typ) {
        return switch (typ) {
            case KEYS, SITE, CFG, PLAN, NOW, FW, BUNDLE -> true;
            case WELCOME, JACK, SES, CMD, MAN -> false;
        };
    }

    private static boolean mayGoTo(Typ typ, Scope to) {
        return switch (typ) {
            case KEYS -> !(to instanceof Scope.Device);
            case SITE, CFG, PLAN, WELCOME, JACK, CMD, FW -> to instanceof Scope.Device;
            case NOW, SES, MAN -> !(to instanceof Scope.All);
            case BUNDLE -> true;
        };
    }

    private static Refusal dst(String detail) {
        return new Refusal(ErrorCode.E_DST, detail);
    }

    private static Refusal pol(String detail) {
        return new Refusal(ErrorCode.E_POL, detail);
    }

    /** The right a document of this type needs; deployment keys need roots instead. */
    static Use useFor(Typ typ) {
        return switch (typ) {
            case KEYS -> Use.AKEYS;
            case SITE -> Use.SITE;
            case CFG -> Use.CFG;
            case PLAN -> Use.PLAN;
            case WELCOME -> Use.WELCOME;
            case JACK -> Use.JACK;
            case NOW -> Use.NOW;
            case SES -> Use.SES;
            case CMD -> Use.CMD;
            case MAN -> Use.MAN;
            case FW -> Use.FW;
            case BUNDLE -> Use.BUNDLE;
        };
    }

    private void policy(Typ typ, Scope to, long iat, List<Signer> signers, Json.Obj json) {
        if (typ == Typ.KEYS && to instanceof Scope.All) {
            boolean roots = signers.stream().allMatch(signer -> signer instanceof Signer.Root);
            if (!roots || distinct(signers) < Limits.ROOT_SIGNATURES) {
                throw pol("deployment keys need two distinct roots");
            }
            return;
        }
        Use use = useFor(typ);
        for (Signer signer : signers) {
            if (!signer.may(use, iat)) {
                throw pol(signer.kid() + " may not sign " + typ.wire() + " of this time");
            }
            if (!state.covers(areaOf(signer), to)) {
                throw pol(signer.kid() + " has no right over " + to);
            }
        }
        if (typ == Typ.KEYS || (typ == Typ.NOW && !isAllClear(json))) {
            quorum(to, signers);
        }
        if (typ == Typ.KEYS && to instanceof Scope.Area area) {
            delegation(area.area(), signers, json);
        }
        if (typ == Typ.NOW && byHand && !isTest(json)) {
            throw pol("only tests come by hand");
        }
        if (typ == Typ.PLAN) {
            int ceiling = Signer.pri(signers);
            if (decoded(json) instanceof Plan plan && plan.items().stream().anyMatch(item -> item.pri() > ceiling)) {
                throw pol("an item's pri is above that of the key");
            }
        }
    }

    /** A wide order, or one by a key of a wide area, needs several keys; a single device counts as narrow [KEY-4]. */
    private void quorum(Scope to, List<Signer> signers) {
        Quorum quorum = state.keys().quorum();
        boolean wide = (to instanceof Scope.Area area && area.area().depth() <= quorum.depth())
                || signers.stream().anyMatch(signer -> areaOf(signer).depth() <= quorum.depth());
        if (wide && distinct(signers) < quorum.n()) {
            throw pol("a wide area needs " + quorum.n() + " distinct keys");
        }
    }

    private static boolean isTest(Json.Obj json) {
        return json.get("act") instanceof Json.Arr act
                && act.items().stream()
                        .allMatch(entry -> entry instanceof Json.Obj order
                                && order.get("st") instanceof Json.Str st
                                && st.value().equals(OrderStatus.TEST.wire()));
    }

    /** What delegated keys may not do (§5). */
    private static void delegation(AreaPath to, List<Signer> signers, Json.Obj json) {
        for (String reserved : List.of("roots", "rst", "bad", "quorum")) {
            if (json.has(reserved)) {
                throw pol(reserved + " belongs to deployment keys");
            }
        }
        if (decoded(json) instanceof Keys keys) {
            int pri = Signer.pri(signers);
            int cpri = Signer.cpri(signers);
            for (KeyEntry key : keys.keys()) {
                boolean within = Set.of(Use.NOW, Use.SITE).containsAll(key.use())
                        && to.covers(key.area())
                        && key.pri() <= pri
                        && key.cpri() <= cpri;
                if (!within) {
                    throw pol("key " + key.kid() + " is beyond what may be delegated here");
                }
            }
        }
    }

    /** The document if its table is right; a wrong one is refused at its place in the order, with {@code E_SEM}. */
    private static @Nullable Document decoded(Json.Obj json) {
        try {
            return Document.decode(json);
        } catch (Refusal later) {
            return null;
        }
    }

    private static long distinct(List<Signer> signers) {
        return signers.stream().map(Signer::x).distinct().count();
    }

    private static AreaPath areaOf(Signer signer) {
        return signer instanceof Signer.Listed listed ? listed.key().area() : AreaPath.ROOT;
    }

    private static @Nullable Row rowOf(Typ typ, Scope to, Kid first) {
        return switch (typ) {
            case KEYS -> Row.keys(to);
            case SITE -> Row.SITE;
            case CFG -> Row.CFG;
            case PLAN -> Row.PLAN;
            case NOW -> Row.now(to, first);
            case SES -> Row.ses(to);
            case FW -> Row.FW;
            case WELCOME, JACK, CMD, MAN, BUNDLE -> null;
        };
    }

    /** Whether deployment keys carry a recovery this device has not seen [TIM-5]. */
    private boolean isRecovery(Typ typ, Scope to, Json.Obj json) {
        return typ == Typ.KEYS
                && to instanceof Scope.All
                && json.get("rst") instanceof Json.Obj rst
                && rst.get("n") instanceof Json.Int n
                && n.value() > state.keys().rst();
    }

    private void mark(Row row, long seq, Hash hash, boolean allClear) {
        DeviceState.Mark mark = state.marks().get(row);
        if (mark != null) {
            if (seq < mark.seq() || (seq == mark.seq() && mark.hash() == null)) {
                throw new Refusal(ErrorCode.E_OLD, "seq is not above the mark of " + row);
            }
            if (seq == mark.seq() && !hash.equals(mark.hash())) {
                throw new Refusal(ErrorCode.E_FORK, "same seq as another document of " + row);
            }
        }
        DeviceState.Session session = state.session();
        if (row.typ() != Typ.KEYS && !allClear && session != null) {
            Long least = session.vec().get(row);
            if (least != null && seq < least) {
                throw new Refusal(ErrorCode.E_OLD, "the welcome knows a newer " + row);
            }
        }
    }

    private void freshness(Typ typ, Scope to, @Nullable Row row, long iat, Json.Obj json) throws ClockRefusal {
        if (typ == Typ.WELCOME) {
            welcomeFreshness(iat, json);
            return;
        }
        if (typ == Typ.KEYS && to instanceof Scope.All) {
            return; // two roots stand behind it: no clock can be against it
        }
        if (iat > state.floor() + Limits.HORIZON_MS) {
            throw new ClockRefusal(ErrorCode.E_FUTURE, "issued more than 400 days after the floor");
        }
        if (typ == Typ.KEYS) {
            return;
        }
        if (state.isWelcomed() && now.isKnown() && iat > now.t() + Limits.AHEAD_MS) {
            throw new Refusal(ErrorCode.E_FUTURE, "issued more than 600 s from now");
        }
        if (typ == Typ.JACK) {
            if (!(json.get("jid") instanceof Json.Str jid)
                    || !jid.value().equals(state.jid().value())) {
                throw new Refusal(ErrorCode.E_STALE, "another epoch of the journal");
            }
            return;
        }
        if (typ == Typ.MAN) {
            return; // its content proves itself
        }
        DeviceState.Session session = state.session();
        if (session != null
                && row != null
                && !session.vec().containsKey(row)
                && iat < session.iat() - Limits.VEC_ABSENT_MS) {
            throw new Refusal(ErrorCode.E_STALE, "the welcome does not know " + row);
        }
        if (now.isKnown() && now.t() > new Fields(json).moment("exp")) {
            throw new Refusal(ErrorCode.E_STALE, "exp has passed");
        }
        if (typ == Typ.NOW && session == null && !byHand) {
            withoutWelcome(iat);
        }
    }

    /** What must hold for an order when nobody has welcomed this device [SES-3]. */
    private void withoutWelcome(long iat) {
        if (now.t() < iat - Limits.FAIL_OPEN_AHEAD_MS) {
            throw new Refusal(ErrorCode.E_FUTURE, "issued more than 120 s from now, without a welcome");
        }
        if (iat < state.floor() - Limits.FAIL_OPEN_BELOW_FLOOR_MS) {
            throw new Refusal(ErrorCode.E_STALE, "issued more than 600 s below the floor, without a welcome");
        }
    }

    private void welcomeFreshness(long iat, Json.Obj json) throws ClockRefusal {
        boolean asked = json.get("bn") instanceof Json.Str bn
                && state.nonces().stream().anyMatch(nonce -> nonce.b64u().equals(bn.value()));
        if (!asked) {
            throw new Refusal(ErrorCode.E_STALE, "answers no hello of ours");
        }
        if (iat < state.floor() - Limits.WELCOME_BELOW_FLOOR_MS) {
            throw new ClockRefusal(ErrorCode.E_STALE, "issued more than 24 h before the floor");
        }
        if (iat > state.floor() + Limits.HORIZON_MS) {
            throw new ClockRefusal(ErrorCode.E_FUTURE, "issued more than 400 days after the floor");
        }
    }

    /** No member is critical in this revision, so every name in {@code crit} is one too many. */
    private static void critical(Json.Obj json) {
        if (json.has("crit")
                && !(json.get("crit") instanceof Json.Arr names && names.items().isEmpty())) {
            throw new Refusal(ErrorCode.E_CRIT, "crit names what this device does not understand");
        }
    }

    private Outcome accept(Document document, Hash hash, List<Signer> signers, boolean recovery) {
        if (document instanceof Welcome welcome) {
            List<Nonce> open = state.nonces();
            open = open.subList(open.indexOf(welcome.bn()) + 1, open.size());
            long iat = welcome.head().iat();
            return new Accepted(
                    welcome,
                    Optional.empty(),
                    Set.of(),
                    iat < state.floor() - Limits.WELCOME_SUSPECT_MS,
                    state.withSession(new DeviceState.Session(iat, welcome.vec(), hash), open));
        }
        Optional<Row> row = document.row();
        if (row.isEmpty()) {
            DeviceState higher = document instanceof Jack
                    ? state
                    : state.withFloor(document.head().iat());
            return new Accepted(document, Optional.empty(), Set.of(), false, higher);
        }
        Set<Row> dropped = new LinkedHashSet<>();
        DeviceState next = state;
        if (!state.marks().containsKey(row.get()) && state.marks().size() >= Limits.ROWS) {
            Row expired = expired();
            next = next.forgotten(expired);
            dropped.add(expired);
        }
        Keys.Rst rst = document instanceof Keys keys && recovery ? keys.rst() : null;
        if (rst != null) {
            dropped.addAll(rowsWhere(next, stored -> stored.seq() > rst.t()));
            next = next.without(dropped).lowered(rst.t());
        }
        Stored stored = new Stored(row.get(), document, message, hash, signers);
        long bound = document instanceof Now orders && orders.isAllClear() ? bound(orders) : Limits.MAX_INTEGER;
        next = next.withStored(stored, bound);
        dropped.remove(row.get());
        if (document instanceof Now orders) {
            next = next.withClears(clears(orders, hash, signers, bound));
        }
        Set<Kid> bad = next.keys().bad();
        Set<Row> compromised = rowsWhere(next, kept -> kept.signers().stream().anyMatch(signer -> signer.isBad(bad)));
        next = next.without(compromised)
                .keepClears(clear ->
                        clear.by().stream().noneMatch(bad::contains) && !(now.isKnown() && clear.isOver(now.t())));
        DeviceState current = next;
        Set<Row> left =
                rowsWhere(next, kept -> !current.isOwn(kept.document().head().to()));
        next = next.without(left);
        dropped.addAll(compromised);
        dropped.addAll(left);
        return new Accepted(document, Optional.of(stored), dropped, false, next);
    }

    /** What an early all-clear may raise marks, floor and clears to: the nearest bound it exceeds [TIM-4]. */
    private long bound(Now allClear) {
        long iat = allClear.head().iat();
        long bound = Limits.MAX_INTEGER;
        if (iat > state.floor() + Limits.HORIZON_MS) {
            bound = state.floor() + Limits.HORIZON_MS;
        }
        if (state.isWelcomed() && now.isKnown() && iat > now.t() + Limits.AHEAD_MS) {
            bound = Math.min(bound, now.t() + Limits.AHEAD_MS);
        }
        return bound;
    }

    /** The facts a document leaves: one for each name in {@code clr}, or for an all-clear without names its hash. */
    private static List<Clear> clears(Now orders, Hash hash, List<Signer> signers, long bound) {
        List<Kid> by = signers.stream().map(Signer::kid).toList();
        Scope to = orders.head().to();
        long iat = Math.min(bound, orders.head().iat());
        if (orders.clr().isEmpty()) {
            return orders.isAllClear()
                    ? List.of(new Clear(hash, by, to, Optional.empty(), Clear.NOTHING, iat))
                    : List.of();
        }
        int cpri = Signer.cpri(signers);
        return orders.clr().stream()
                .map(name -> new Clear(hash, by, to, Now.cleared(name), cpri, iat))
                .toList();
    }

    /** The order row to give up for a new one: expired longest ago, or of a key that can write no more (§15). */
    private Row expired() {
        Set<Kid> bad = state.keys().bad();
        Row oldest = null;
        long least = Long.MAX_VALUE;
        for (Row row : state.marks().keySet()) {
            Stored stored = state.documents().get(row);
            long exp = stored == null ? 0 : stored.document().head().exp();
            boolean over = row.typ() == Typ.NOW
                    && ((stored != null && now.isKnown() && exp < now.t()) || bad.contains(row.by()));
            if (over && exp < least) {
                oldest = row;
                least = exp;
            }
        }
        if (oldest == null) {
            throw Refusal.sem("this device keeps no more than " + Limits.ROWS + " rows");
        }
        return oldest;
    }

    private static Set<Row> rowsWhere(DeviceState state, java.util.function.Predicate<Stored> condition) {
        Set<Row> rows = new HashSet<>();
        for (Map.Entry<Row, Stored> entry : state.documents().entrySet()) {
            if (condition.test(entry.getValue())) {
                rows.add(entry.getKey());
            }
        }
        return rows;
    }
}
