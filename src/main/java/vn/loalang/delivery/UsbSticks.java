package vn.loalang.delivery;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.audio.AudioStore;
import vn.loalang.audio.ContentHash;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Bundle;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Typ;
import vn.loalang.timetable.Timetable;

/**
 * USB sticks for villages without coverage: what a box would get over the network goes out as files, and its signed journal
 * comes back (profile {@code usb}). The plan on the stick speaks of everything that is ordered by then, at most 35 days.
 */
@Component
public class UsbSticks {
    /** Most days that a stick may hold (§7: a plan that comes by hand). */
    static final int DAYS = 35;

    private static final Duration LIFE = Duration.ofDays(DAYS);

    private final TransactionTemplate transaction;
    private final Clock clock;
    private final KeyStore keys;
    private final Recoveries recoveries;
    private final Documents documents;
    private final Fleet fleet;
    private final Broadcasts broadcasts;
    private final Timetable timetable;
    private final AudioStore store;
    private final Firmwares firmwares;
    private final Intake intake;
    private final Durability durability;
    private final ClockCheck clockCheck;
    private final Abilities abilities;

    UsbSticks(
            TransactionTemplate transaction,
            Clock clock,
            KeyStore keys,
            Recoveries recoveries,
            Documents documents,
            Fleet fleet,
            Broadcasts broadcasts,
            Timetable timetable,
            AudioStore store,
            Firmwares firmwares,
            Intake intake,
            Durability durability,
            ClockCheck clockCheck,
            Abilities abilities) {
        this.transaction = transaction;
        this.clock = clock;
        this.keys = keys;
        this.recoveries = recoveries;
        this.documents = documents;
        this.fleet = fleet;
        this.broadcasts = broadcasts;
        this.timetable = timetable;
        this.store = store;
        this.firmwares = firmwares;
        this.intake = intake;
        this.durability = durability;
        this.clockCheck = clockCheck;
        this.abilities = abilities;
    }

    /**
     * Writes the stick of the box on this pole as a ZIP file whose content belongs into its root directory. What the timetable
     * wants there until then is ordered now, for this pole alone.
     *
     * @param days 1 to 35
     * @return how far its plan reaches: less than asked for when it holds more than a plan may, 64 items with 48 sounds
     * @throws Refusal when no box hangs there, it has said that it reads no sticks, it has no settings yet, the days are wrong,
     *     or the server's clock is
     */
    public Instant write(ControllerId controller, int days, OutputStream out) throws IOException {
        if (days < 1 || days > DAYS) {
            throw new Refusal("days", "delivery.refused.days", DAYS);
        }
        clockCheck.require();
        var unit = fleet.unitOf(controller).orElseThrow(() -> new Refusal("unit", "delivery.refused.noUnit"));
        if (abilities.lacks(unit, Typ.BUNDLE)) {
            throw new Refusal("unit", "delivery.refused.noSticks");
        }
        var now = clock.instant();
        var span = Duration.ofDays(days);
        fleet.find(controller)
                .ifPresent(pole ->
                        timetable.orderAhead(pole.stationId(), controller, now.plus(span), Limits.PLAN_ITEMS + 1));
        var messages = new LinkedHashMap<String, byte[]>();
        var number = 0;
        for (var set : documents.keyHistory()) {
            // Boxes take a stick's key documents by their numbers [USB-1f]: what a recovery undoes would come last.
            if (!recoveries.undoes((Keys) set.document())) {
                messages.put("keys-" + ++number, set.body().toArray());
            }
        }
        var site = documents
                .current(Scope.of(unit), Row.SITE)
                .orElseThrow(() -> new Refusal("unit", "delivery.refused.noSettings"));
        messages.put("site", site.body().toArray());
        var ofArea = 0;
        for (var set : documents.keysOf(((Site) site.document()).areas())) {
            messages.put("akeys-" + ++ofArea, set.body().toArray());
        }
        documents
                .current(Scope.of(unit), Row.CFG)
                .ifPresent(cfg -> messages.put("cfg", cfg.body().toArray()));
        var draft = PlanDraft.of(
                broadcasts.timeline(controller, now.minus(PlanDraft.BACK), now.plus(span)), now, span.toMillis());
        var plan = Objects.requireNonNull(transaction.execute(status -> plan(unit, draft, now)));
        messages.put("plan", plan.message().toArray());
        var files = new LinkedHashMap<Hash, Path>();
        var wanted = new LinkedHashSet<>(site.assets());
        draft.assets().forEach(asset -> wanted.add(asset.h()));
        var firmware = documents.current(Scope.of(unit), Row.FW);
        firmware.ifPresent(image -> {
            messages.put("fw", image.body().toArray());
            wanted.addAll(image.assets());
        });
        wanted.forEach(hash -> store.canonical(new ContentHash(hash.hex()))
                .or(() -> firmwares.file(hash))
                .ifPresent(file -> files.put(hash, file)));
        zip(unit, messages, files, now, out);
        return Instant.ofEpochMilli(plan.till());
    }

    /** A signed plan and the moment up to which it speaks, Unix ms. */
    private record Signed(Bytes message, long till) {}

    /**
     * Takes a journal in that a box has left on a stick. Its entries are stored like any other; the box hears of it at its next
     * connection.
     *
     * @return the box
     * @throws Refusal when it is not signed by the box it speaks of, or that box is not registered
     */
    public DeviceId read(byte[] file) {
        try {
            var journal = JournalFile.read(keys.sys(), file);
            if (fleet.unit(journal.id()).isEmpty()) {
                throw new Refusal("journal", "delivery.refused.journal");
            }
            intake.carried(journal.id(), journal.events(), clock.instant());
            return journal.id();
        } catch (vn.loalang.protocol.Refusal unreadable) {
            var refusal = new Refusal("journal", "delivery.refused.journal");
            refusal.initCause(unreadable);
            throw refusal;
        }
    }

    private Signed plan(DeviceId unit, PlanDraft compiled, Instant now) {
        var seq = documents.nextSeq(Scope.of(unit), Row.PLAN, now);
        var draft = compiled;
        while (true) {
            var message = Envelope.compose(
                    List.of(keys.online()),
                    draft.plan(new Head(keys.sys(), Scope.of(unit), seq, now.toEpochMilli(), draft.till())));
            if (message.length <= Limits.DEVICE_MESSAGE || draft.items().isEmpty()) {
                // The box may come online later with this plan: what it gets then must be above it.
                documents.doubt(Scope.of(unit), Row.PLAN);
                durability.confirm();
                return new Signed(Bytes.of(message), draft.till());
            }
            draft = draft.withoutLast();
        }
    }

    private void zip(DeviceId unit, Map<String, byte[]> messages, Map<Hash, Path> assets, Instant now, OutputStream out)
            throws IOException {
        var files = new ArrayList<Bundle.File>();
        messages.forEach((name, message) -> files.add(Bundle.File.document(name, message)));
        for (var asset : assets.entrySet()) {
            files.add(Bundle.File.asset(vn.loalang.protocol.Asset.mp3(asset.getKey(), Files.size(asset.getValue()))));
        }
        var iat = now.toEpochMilli();
        var bundle = new Bundle(
                new Head(keys.sys(), Scope.of(unit), iat, iat, now.plus(LIFE).toEpochMilli()), files);
        try (var zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            zip.setLevel(0);
            zip.putNextEntry(new ZipEntry("GB1/bundle.gb1"));
            zip.write(Envelope.compose(List.of(keys.online()), bundle));
            for (var message : messages.entrySet()) {
                zip.putNextEntry(new ZipEntry("GB1/doc/" + message.getKey() + ".gb1"));
                zip.write(message.getValue());
            }
            for (var asset : assets.entrySet()) {
                zip.putNextEntry(new ZipEntry("GB1/asset/" + asset.getKey().b64u()));
                Files.copy(asset.getValue(), zip);
            }
        }
    }
}
