package vn.loalang.delivery;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;
import vn.loalang.protocol.Use;

/** Brings what the roots have signed into the database, where all other documents are. */
@Component
class DeploymentKeys {
    /** What a list is refused with that somebody may insist on. */
    static final String IN_USE = "delivery.refused.keyInUse";

    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;
    private final Fleet fleet;
    private final Compiler compiler;
    private final Post post;
    private final Durability durability;
    private final Insistence insistence;
    private final Clock clock;

    DeploymentKeys(
            KeyStore keys,
            Topics topics,
            Documents documents,
            Fleet fleet,
            @Lazy Compiler compiler,
            Post post,
            Durability durability,
            Insistence insistence,
            Clock clock) {
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
        this.fleet = fleet;
        this.compiler = compiler;
        this.post = post;
        this.durability = durability;
        this.insistence = insistence;
        this.clock = clock;
    }

    /** Puts a key document in force that was judged to be right. */
    void install(byte[] message) {
        var voided = insistence.until(() -> {
            keys.install(message);
            var topics = takeOver();
            durability.confirm();
            return topics;
        });
        voided.forEach(topic -> {
            var unused = post.document(topic, new byte[0]);
        });
        post.ring();
    }

    /** Whether this document brings a recovery that the one in force does not know [TIM-5]. */
    boolean recovers(Keys set) {
        return Recoveries.number(set) > recovery();
    }

    /** Whether this document was made from one that did not know the newest recovery: boxes that are away would never hear of it. */
    boolean losesRecovery(Keys set) {
        return Recoveries.number(set) < recovery();
    }

    private long recovery() {
        return documents
                .current(Scope.ALL, Row.KEYS)
                .map(current -> Recoveries.number((Keys) current.document()))
                .orElse(0L);
    }

    /**
     * Refuses a list under which this server could not go on, or from which a key has gone too early [SRV-7]. A compromised key may
     * go at any time.
     *
     * @param anyway whether somebody has decided not to wait for boxes that are still to take over what replaces its documents
     */
    void check(Keys set, boolean anyway) {
        if (!keys.couldSignUnder(set)) {
            throw new Refusal("file", "delivery.refused.noOwnKey");
        }
        var staying = set.keys().stream().map(KeyEntry::kid).collect(Collectors.toSet());
        var leaving = keys.listed().keys().stream()
                .filter(key -> !staying.contains(key.kid()) && !set.bad().contains(key.kid()))
                .toList();
        if (anyway || leaving.isEmpty()) {
            return;
        }
        var rows = new ArrayList<Row>();
        if (leaving.stream().anyMatch(key -> key.use().contains(Use.SITE))) {
            rows.add(Row.SITE);
        }
        if (leaving.stream().anyMatch(key -> key.use().stream().anyMatch(Use::isOnline))) {
            rows.addAll(List.of(Row.CFG, Row.PLAN));
        }
        var hanging = documents.hangingOn(
                leaving.stream().map(KeyEntry::kid).collect(Collectors.toSet()), rows, clock.instant());
        if (hanging > 0) {
            throw new Refusal(
                    "file",
                    IN_USE,
                    leaving.stream().map(key -> key.kid().value()).collect(Collectors.joining(", ")),
                    hanging);
        }
    }

    /**
     * What this server signs is signed anew. What officers have signed stays, but for what boxes drop with its key [KEY-6b], and
     * they take over what this server has signed while it was for it to sign.
     */
    private void doubt(Keys before, Keys set) {
        if (keys.site().isPresent()) {
            documents.doubt(List.of(Row.SITE, Row.CFG, Row.PLAN));
            return;
        }
        documents.doubt(List.of(Row.CFG, Row.PLAN));
        var officers = set.keys().stream()
                .filter(key -> !keys.holds(key.kid()))
                .map(KeyEntry::kid)
                .collect(Collectors.toSet());
        var signers = new HashSet<>(set.bad());
        before.keys().stream()
                .filter(key -> key.use().contains(Use.SITE))
                .map(KeyEntry::kid)
                .filter(kid -> !officers.contains(kid))
                .forEach(signers::add);
        documents.doubtSettingsSignedBy(signers);
    }

    /**
     * Stores the key document of the directory, unless that is done, with all that follows from it: what compromised keys have
     * signed is laid aside, as is what a new recovery voids [TIM-5], and everything of ours is issued anew under the newest online
     * key [SRV-7]. A start finishes by it what a crash broke off.
     *
     * @return topics on which the broker keeps what was laid aside
     * @throws IllegalStateException when the database belongs to other keys: devices would refuse everything
     */
    @Transactional
    List<String> takeOver() {
        var message = Bytes.of(keys.signedKeys());
        var current = documents.current(Scope.ALL, Row.KEYS);
        var hash = Hash.of(message.toArray()).hex();
        if (current.isPresent() && current.get().contentHash().equals(hash)) {
            return List.of();
        }
        var set = keys.listed();
        var head = set.head();
        var issued = Instant.ofEpochMilli(head.iat());
        var voided = new ArrayList<String>();
        if (current.isPresent()) {
            var before = (Keys) current.get().document();
            var recovery = Long.compare(Recoveries.number(set), Recoveries.number(before));
            if (recovery < 0 || (recovery == 0 && before.head().seq() >= head.seq())) {
                throw new IllegalStateException(
                        "The database was made with other keys than those in the directory keys; "
                                + "bring both back from the same backup");
            }
            if (set.rst() != null && recovery > 0) {
                voided.addAll(documents.recover(set.rst().t(), issued));
            }
            voided.addAll(documents.dropSignedBy(set.bad(), issued));
            doubt(before, set);
            compiler.due(fleet.equipped());
        }
        documents.raiseMark(Scope.ALL, Row.KEYS, head.seq());
        documents.issue(
                new Documents.Fresh(
                        Scope.ALL,
                        Row.KEYS,
                        topics.keys(),
                        null,
                        null,
                        head.seq(),
                        issued,
                        hash,
                        "",
                        List.of(),
                        message),
                Documents.URGENT);
        return voided;
    }
}
