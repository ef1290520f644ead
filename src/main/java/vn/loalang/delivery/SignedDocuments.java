package vn.loalang.delivery;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.DeviceState;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Firmware;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Topics;

/**
 * Takes documents that others have signed (custody levels L2 and L3): orders of duty officers, settings, keys signed by the
 * roots. Each is judged as one of the boxes it is for would judge it, then stored and sent as it is, byte for byte.
 */
@Component
public class SignedDocuments {
    private static final Logger log = LoggerFactory.getLogger(SignedDocuments.class);
    private static final int SIGNATURES = 2;

    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Topics topics;
    private final Documents documents;
    private final DeploymentKeys deploymentKeys;
    private final ClaimFiles claims;
    private final Ladder ladder;
    private final Doubts doubts;
    private final Emergencies emergencies;
    private final Durability durability;
    private final AuditLog audit;
    private final Post post;
    private final Abilities abilities;

    SignedDocuments(
            TransactionTemplate transaction,
            Clock clock,
            Topics topics,
            Documents documents,
            DeploymentKeys deploymentKeys,
            ClaimFiles claims,
            Ladder ladder,
            Doubts doubts,
            Emergencies emergencies,
            Durability durability,
            AuditLog audit,
            Post post,
            Abilities abilities) {
        this.transaction = transaction;
        this.clock = clock;
        this.topics = topics;
        this.documents = documents;
        this.deploymentKeys = deploymentKeys;
        this.claims = claims;
        this.ladder = ladder;
        this.doubts = doubts;
        this.emergencies = emergencies;
        this.durability = durability;
        this.audit = audit;
        this.post = post;
        this.abilities = abilities;
    }

    /**
     * Verifies, stores and publishes a signed document. The same bytes again change nothing.
     *
     * @return its row
     * @throws Refusal naming the protocol's code when a box would refuse it, or when its row is in doubt
     */
    public Row accept(byte[] message) {
        return accept(message, false);
    }

    /**
     * As {@link #accept(byte[])}.
     *
     * @param anyway whether a key may leave the key document though boxes have not taken over yet what replaces its documents
     */
    Row accept(byte[] message, boolean anyway) {
        var document = decoded(message);
        var row = document.row().orElseThrow(() -> new Refusal("file", "delivery.refused.signedType"));
        var hash = Hash.of(message).hex();
        var current = documents.current(document.head().to(), row);
        if (current.isPresent() && Hash.of(current.get().body().toArray()).hex().equals(hash)) {
            return row;
        }
        if (document.head().to() instanceof Scope.Device device && abilities.lacks(device.id(), document.typ())) {
            throw new Refusal("file", "delivery.refused.signedProfile");
        }
        var accepted = judged(document, message);
        var deployment = document instanceof Keys set && set.head().to() instanceof Scope.All ? set : null;
        var recovery = deployment != null && deploymentKeys.recovers(deployment);
        if (!recovery && document.head().seq() <= documents.mark(document.head().to(), row)) {
            throw refused("E_OLD", "");
        }
        if (deployment != null) {
            deploymentKeys.check(deployment, anyway);
            install(deployment, message, recovery);
            return row;
        }
        var now = clock.instant();
        if (document instanceof Now order && !order.isAllClear()) {
            doubts.checkClock(now);
            doubts.check(List.of(row));
        }
        var issued = Objects.requireNonNull(transaction.execute(status -> store(accepted, message, row, now)));
        var unused = ladder.publish(List.of(issued));
        post.ring();
        durability.confirm();
        if (accepted instanceof Now order) {
            emergencies.settled(order);
        }
        audit.record(
                "delivery.signedAccepted",
                row.wire(),
                String.valueOf(document.head().seq()));
        return row;
    }

    private void install(Keys set, byte[] message, boolean recovery) {
        if (deploymentKeys.losesRecovery(set)) {
            throw new Refusal("file", "delivery.refused.recoveryLost");
        }
        if (recovery) {
            // What is issued anew must not be from the future again.
            doubts.checkClock(clock.instant());
        }
        deploymentKeys.install(message);
        audit.record("delivery.keysInstalled", String.valueOf(set.head().seq()), String.join(" ", kids(set)));
    }

    private Documents.Stored store(Document document, byte[] message, Row row, Instant now) {
        var head = document.head();
        documents.raiseMark(head.to(), row, head.seq());
        var act = document instanceof Now order ? order.act() : List.<Entry>of();
        var issued = documents.issue(
                new Documents.Fresh(
                        head.to(),
                        row,
                        topics.of(document).orElseThrow(),
                        head.to() instanceof Scope.Device device ? device.id() : null,
                        null,
                        head.seq(),
                        Instant.ofEpochMilli(head.iat()),
                        contentHash(document, message),
                        act.stream().map(entry -> entry.sid() + "=").collect(Collectors.joining(" ")),
                        assets(document),
                        Bytes.of(message),
                        document instanceof Now ? Instant.ofEpochMilli(head.exp()) : null),
                document instanceof Now ? Documents.FIRST : Documents.SOON);
        if (document instanceof Now order) {
            ladder.watch(List.of(issued), now);
            emergencies.released(order);
        }
        return issued;
    }

    /** Settings that say what we want count as ours, whoever signed them: nothing is left to issue then. */
    private static String contentHash(Document document, byte[] message) {
        return document instanceof Site site
                ? SiteDraft.in(site).map(SiteDraft::contentHash).orElseGet(() -> Hash.of(message)
                        .hex())
                : Hash.of(message).hex();
    }

    private static List<Hash> assets(Document document) {
        if (document instanceof Now order) {
            return order.act().stream()
                    .flatMap(entry -> entry.assets().stream())
                    .map(asset -> asset.h())
                    .distinct()
                    .toList();
        } else if (document instanceof Site site) {
            return Pins.hashes(site.pins());
        } else if (document instanceof Firmware firmware) {
            return List.of(firmware.h());
        }
        return List.of();
    }

    /** As one of the boxes judges it that it is for: the same keys, the same areas, the same rules. */
    private Document judged(Document document, byte[] message) {
        var unit = judge(document.head().to());
        if (unit.isEmpty() && !(document instanceof Keys)) {
            throw new Refusal(
                    "file",
                    "delivery.refused.signedForNobody",
                    document.head().to().wire());
        }
        var now = new DeviceTime(clock.instant().toEpochMilli(), Quality.T);
        var id = unit.orElse(new DeviceId("AAAAAAAAAAAAAAAA"));
        var state = DeviceState.claimed(
                        id, claims.file(id, Secret.random(), null), 0, new JournalId("judge"), Limits.DEVICE_MESSAGE)
                .onBench();
        var settings = settingsOf(unit);
        for (var keys : documents.keyHistory()) {
            state = after(state, now, keys.body());
            // Again after each: what a key signed that was removed since stays in force [KEY-6].
            for (var each : settings) {
                state = after(state, now, each.body());
            }
        }
        var outcome = Admission.admit(state, now, SIGNATURES, message);
        if (outcome instanceof Admission.Accepted accepted) {
            return accepted.document();
        } else if (outcome instanceof Admission.Refused refusal) {
            log.info("A signed {} was refused: {} {}", document.typ(), refusal.code(), refusal.detail());
            throw refused(refusal.code().name(), refusal.detail());
        } else if (outcome instanceof Admission.Duplicate) {
            return document;
        }
        throw refused("E_SEM", outcome.toString());
    }

    /** What such a box holds beside the deployment's keys: its site, then the keys of its areas, the widest first. */
    private List<Documents.Stored> settingsOf(Optional<DeviceId> unit) {
        var site = unit.flatMap(box -> documents.current(Scope.of(box), Row.SITE));
        if (site.isEmpty()) {
            return List.of();
        }
        var settings = new ArrayList<>(List.of(site.get()));
        if (decoded(site.get().body().toArray()) instanceof Site known) {
            settings.addAll(documents.keysOf(known.areas()));
        }
        return settings;
    }

    private static DeviceState after(DeviceState state, DeviceTime now, Bytes message) {
        return Admission.admit(state, now, SIGNATURES, message.toArray()) instanceof Admission.Accepted accepted
                ? accepted.next().onBench()
                : state;
    }

    private Optional<DeviceId> judge(Scope scope) {
        if (scope instanceof Scope.Device device) {
            return Optional.of(device.id());
        }
        return ladder.unitsOf(scope).stream()
                .filter(unit -> documents.current(Scope.of(unit), Row.SITE).isPresent())
                .findFirst();
    }

    private static Document decoded(byte[] message) {
        try {
            return Document.inMessage(message);
        } catch (vn.loalang.protocol.Refusal refusal) {
            var refused = refused(refusal.code().name(), refusal.detail());
            refused.initCause(refusal);
            throw refused;
        }
    }

    private static Refusal refused(String code, String detail) {
        return new Refusal("file", "delivery.refused.signed", code, detail);
    }

    private static List<String> kids(Keys set) {
        return set.keys().stream().map(key -> key.kid().value()).toList();
    }
}
