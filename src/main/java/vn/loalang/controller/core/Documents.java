package vn.loalang.controller.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceState;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Event.DocumentFate;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Plan;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.SignatureCheck;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Skipped;
import vn.loalang.protocol.Stored;
import vn.loalang.protocol.Timers;
import vn.loalang.protocol.Typ;
import vn.loalang.protocol.Welcome;

/**
 * The signed documents in force and all that is needed to judge the next one. What is accepted is remembered together with its
 * mark and its journal entry, in one batch, before anything acts on it.
 */
final class Documents {
    private static final String STATE = "state";
    private static final String FLOOR = "floor";
    private static final String DOCUMENT = "doc/";
    private static final int WAITING = 4;
    private static final int STRANGERS = 2;
    private static final long STRANGER_MS = 60_000;
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final int TELEMETRY_SECONDS = 300;
    private static final long SECOND_MS = 1_000;

    private final Memory memory;
    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final SecurityCounters counters;
    private final Outputs out;
    private final ArrayDeque<Bytes> waiting = new ArrayDeque<>();
    private final ArrayDeque<Stranger> strangers = new ArrayDeque<>();
    private final SignatureCheck signatures;
    /** Types of profiles that this box lacks. */
    private final Set<Typ> foreign;

    private DeviceState state;
    private boolean clockSuspect;
    private long budgetMono;
    /** The floor as it was last written, and when it may be written again (TIM-1c). */
    private long floorWritten;

    private long floorDueMono;
    private int budgetLeft = Limits.VERIFICATIONS_PER_SECOND;

    /** An order by a key that is not known yet (KEY-8). */
    private record Stranger(Bytes message, long untilMono) {}

    Documents(
            Profile profile,
            Memory memory,
            TrustedTime time,
            Journal journal,
            Faults faults,
            SecurityCounters counters,
            Outputs out) {
        this.memory = memory;
        this.time = time;
        this.journal = journal;
        this.faults = faults;
        this.counters = counters;
        this.out = out;
        this.signatures = profile.signatures();
        this.foreign = profile.foreign();
        this.state = restored(profile);
    }

    /** Judges a message; the caller acts on what is accepted. */
    Optional<Document> receive(Bytes message) {
        refillBudget();
        var outcome = Admission.admit(state, time.reading(), budgetLeft, message, signatures, foreign);
        if (outcome instanceof Admission.Accepted accepted) {
            budgetLeft -= 1;
            accept(accepted);
            return Optional.of(accepted.document());
        }
        if (outcome instanceof Admission.Deferred) {
            if (waiting.size() < WAITING) waiting.add(message);
        } else if (outcome instanceof Admission.Refused refused) {
            // Rubbish that cost no verification must not use up the budget for what does.
            if (refused.code() != ErrorCode.E_FMT && refused.code() != ErrorCode.E_KID) budgetLeft -= 1;
            if (refused.code() == ErrorCode.E_KID
                    && refused.typ().filter(Typ.NOW.wire()::equals).isPresent()) keep(message);
            counters.refused(refused.code(), refused.typ().orElse(null), time.mono());
            if (refused.clockBad()) faults.set(Fault.CLK_BAD);
            out.add(new Output.Say("Refused a message: " + refused.code() + ": " + refused.detail() + "."));
        }
        return Optional.empty();
    }

    /** Judges a document that somebody carried here (USB-1); the caller acts on what is accepted. */
    Optional<Document> receiveByHand(Bytes message) {
        var outcome = Admission.admitByHand(state, time.reading(), message.toArray());
        if (outcome instanceof Admission.Accepted accepted) {
            accept(accepted);
            return Optional.of(accepted.document());
        }
        if (outcome instanceof Admission.Refused refused) {
            counters.refused(refused.code(), refused.typ().orElse(null), time.mono());
            out.add(new Output.Say("Refused from the stick: " + refused.code() + ": " + refused.detail() + "."));
        } else if (outcome instanceof Admission.Dropped dropped) {
            out.add(new Output.Say("Not taken from the stick: " + dropped.why() + "."));
        }
        return Optional.empty();
    }

    /** The firmware that is ordered, if any. */
    @Nullable
    Firmware firmware() {
        var stored = state.documents().get(Row.FW);
        return stored != null && stored.document() instanceof Firmware firmware ? firmware : null;
    }

    private void keep(Bytes message) {
        if (strangers.stream().anyMatch(s -> s.message().equals(message))) return;
        if (strangers.size() == STRANGERS) strangers.removeFirst();
        strangers.add(new Stranger(message, time.mono() + STRANGER_MS));
    }

    /** Messages that waited for verification budget and may be tried again. */
    List<Bytes> takeWaiting() {
        if (waiting.isEmpty() || time.mono() - budgetMono < SECOND_MS) return List.of();
        var again = List.copyOf(waiting);
        waiting.clear();
        return again;
    }

    /** Orders that came a little before the keys which make them readable (KEY-8). */
    List<Bytes> takeStrangers() {
        var again = strangers.stream()
                .filter(s -> time.mono() <= s.untilMono())
                .map(Stranger::message)
                .toList();
        strangers.clear();
        return again;
    }

    void helloSent(Nonce nonce) {
        state = state.helloSent(nonce);
    }

    /** No welcome came in time: emergencies are taken without one (SES-3). */
    void welcomeOverdue() {
        state = state.welcomeOverdue();
    }

    void linkChanged() {
        state = state.disconnected();
    }

    /** The journal began a new epoch. */
    void epoch(JournalId jid) {
        if (jid.equals(state.jid())) return;
        state = state.withJournal(jid);
        remember();
    }

    /** Takes documents out of force that may have made the device restart again and again (BOOT-1). */
    void setAside(Set<Typ> types) {
        var present = state.documents().keySet().stream()
                .filter(row -> types.contains(row.typ()))
                .toList();
        for (var row : present) {
            var stored = state.documents().get(row);
            if (stored != null) journal.add(new Event.DocumentChange(DocumentFate.SETASIDE, row, stored.seq()));
            memory.remove(DOCUMENT + row.wire());
        }
        state = state.setAside(present);
        remember();
    }

    Map<Row, Long> marks() {
        return state.hwm();
    }

    List<AreaPath> areas() {
        return state.areas();
    }

    long floor() {
        return state.floor();
    }

    @Nullable
    Site site() {
        return state.site();
    }

    /** {@code cfg}'s keepalive, or the default without one. */
    int keepAliveSeconds() {
        var cfg = state.cfg();
        return cfg == null ? KEEP_ALIVE_SECONDS : cfg.ka();
    }

    /** {@code cfg}'s telemetry interval, or the default without one. */
    int telemetrySeconds() {
        var cfg = state.cfg();
        return cfg == null ? TELEMETRY_SECONDS : cfg.telS();
    }

    /** Attenuation of routine sound, dB. */
    int trim() {
        var cfg = state.cfg();
        return cfg == null ? 0 : cfg.trim();
    }

    /** Base addresses of audio. */
    List<String> sources() {
        var cfg = state.cfg();
        return cfg == null ? List.of() : cfg.http();
    }

    /** Bytes of audio a day may cost; 0 is no limit. */
    long dailyBytes() {
        var cfg = state.cfg();
        return cfg == null ? 0 : cfg.quota() * 1024;
    }

    /** Whether the last welcome was from a time that cannot be. */
    boolean clockSuspect() {
        return clockSuspect;
    }

    /** Opens the gate for documents that come by hand, as a welcome that knows no row would. */
    void benchSession() {
        state = state.onBench();
    }

    /** Items of the plan in force. */
    List<Item> items() {
        var plan = state.plan();
        return plan == null
                ? List.of()
                : plan.items().stream().map(item -> item(plan, item)).toList();
    }

    /** The bytes of the document in a row, as they came. */
    Optional<Bytes> stored(Row row) {
        return Optional.ofNullable(state.documents().get(row)).map(Stored::message);
    }

    /** Emergencies and sessions in force. */
    List<DeviceState.Order> orders() {
        return state.orders().stream()
                .filter(order -> !order.entry().not().contains(state.id()))
                .toList();
    }

    /** Whether a clear ends this order. */
    boolean isCleared(DeviceState.Order order) {
        var to = order.row().to();
        return to != null && state.isCleared(order.entry(), to, order.iat());
    }

    /** What must be on the device, in order of need: pins, what emergencies name, then by start (AST-2). */
    List<AssetRef> assets() {
        var refs = new ArrayList<AssetRef>();
        var site = state.site();
        if (site != null) site.pins().values().forEach(pin -> refs.add(AssetRef.of(pin)));
        var now = time.now();
        state.orders().stream()
                .map(DeviceState.Order::entry)
                .filter(entry -> now.isEmpty() || entry.until() > now.getAsLong())
                .sorted(Comparator.comparingInt(entry -> -entry.pri()))
                .flatMap(entry -> entry.assets().stream())
                .forEach(asset -> refs.add(AssetRef.of(asset)));
        items().stream()
                .sorted(Comparator.comparingLong(i -> i.span().atMs()))
                .forEach(item -> refs.addAll(item.content()));
        return refs;
    }

    /** Uptime at which the sounds are needed first that only the plan names. */
    Map<Hash, Long> neededLater() {
        var now = time.now();
        var site = state.site();
        if (now.isEmpty()) return Map.of();
        var later = new HashMap<Hash, Long>();
        for (var item : items()) {
            for (var asset : item.content()) {
                later.merge(asset.hash(), item.span().atMs() - now.getAsLong() + time.mono(), Math::min);
            }
        }
        if (site != null) site.pins().values().forEach(pin -> later.remove(pin.h()));
        state.orders().forEach(order -> order.entry().assets().forEach(asset -> later.remove(asset.h())));
        return later;
    }

    private static Item item(Plan plan, Plan.Item item) {
        var content = plan.assetsOf(item).stream().map(AssetRef::of).toList();
        var input = item.play() instanceof Plan.Play.Input local ? Optional.of(local.name()) : Optional.<String>empty();
        // An input has no end of its own.
        var audioMs = input.isPresent()
                ? item.dur() * 1000L
                : content.stream().mapToLong(AssetRef::millis).sum();
        return new Item(
                item.oid(),
                new Timeline.Span(item.at(), item.dur() * 1000L, item.late() * 1000L, audioMs),
                item.pri(),
                item.vol(),
                content,
                input);
    }

    private void accept(Admission.Accepted accepted) {
        state = accepted.next();
        if (accepted.document() instanceof Welcome) clockSuspect = accepted.clockBad();
        if (accepted.clockBad()) faults.set(Fault.CLK_BAD);
        accepted.dropped().forEach(row -> memory.remove(DOCUMENT + row.wire()));
        accepted.stored().ifPresent(stored -> {
            memory.put(DOCUMENT + stored.row().wire(), text(stored.encode()));
            journal.add(new Event.DocumentChange(DocumentFate.APPLIED, stored.row(), stored.seq()));
            tellSkipped(stored, accepted.skipped());
            remember();
            out.add(new Output.Say("Applied " + stored.row() + "."));
        });
        time.floor(state.floor());
        // What a recovery lowered must not come back with the next start (TIM-5).
        if (state.floor() < floorWritten) writeFloor();
    }

    /**
     * Writes the floor once it has moved by an hour, and an hour has passed (TIM-1c). It is a time itself, so that a start does
     * not begin a new hour. Documents in force tell theirs anyway.
     */
    void tick() {
        var moved = state.floor() - floorWritten;
        if (moved >= Timers.FLOOR_WRITE.toMillis() && time.mono() >= floorDueMono) writeFloor();
    }

    private void writeFloor() {
        floorWritten = state.floor();
        floorDueMono = time.mono() + Timers.FLOOR_WRITE.toMillis();
        memory.put(FLOOR, Long.toString(floorWritten));
    }

    /** Entries that were left out while the others count (NOW-3). */
    private void tellSkipped(Stored stored, List<Skipped> skipped) {
        for (var code : skipped.stream().map(Skipped::code).distinct().toList()) {
            var indexes = skipped.stream()
                    .filter(s -> s.code() == code)
                    .map(Skipped::index)
                    .toList();
            journal.add(new Event.DocumentSkipped(stored.row(), stored.seq(), indexes, code));
            out.add(new Output.Say("Left out entries " + indexes + " of " + stored.row() + "."));
        }
    }

    private void remember() {
        memory.put(STATE, text(state.encode()));
    }

    private DeviceState restored(Profile profile) {
        var kept = memory.get(STATE);
        if (kept.isEmpty()) {
            return DeviceState.claimed(
                    profile.id(), profile.claim(), profile.builtAt(), journal.jid(), profile.packetBytes());
        }
        var documents = new ArrayList<Stored>();
        memory.under(DOCUMENT).forEach((key, text) -> {
            try {
                documents.add(Stored.decode(text.getBytes(StandardCharsets.UTF_8), signatures));
            } catch (Refusal damaged) {
                memory.remove(key);
                out.add(new Output.Say(
                        "A stored document is damaged (" + damaged.getMessage() + "); it is fetched again."));
            }
        });
        floorWritten = memory.get(FLOOR).map(Long::parseLong).orElse(0L);
        var restored = DeviceState.restore(kept.get().getBytes(StandardCharsets.UTF_8), documents, floorWritten);
        restored.dropped().forEach(row -> memory.remove(DOCUMENT + row.wire()));
        return restored.state();
    }

    private void refillBudget() {
        if (time.mono() - budgetMono < SECOND_MS) return;
        budgetMono = time.mono();
        budgetLeft = Limits.VERIFICATIONS_PER_SECOND;
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
