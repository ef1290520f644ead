package vn.loalang.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;

/** Brings what the roots have signed into the database, where all other documents are. */
@Component
class DeploymentKeys {
    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;
    private final Fleet fleet;
    private final Compiler compiler;
    private final Post post;
    private final Durability durability;
    private final TransactionTemplate transaction;

    DeploymentKeys(
            KeyStore keys,
            Topics topics,
            Documents documents,
            Fleet fleet,
            @Lazy Compiler compiler,
            Post post,
            Durability durability,
            TransactionTemplate transaction) {
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
        this.fleet = fleet;
        this.compiler = compiler;
        this.post = post;
        this.durability = durability;
        this.transaction = transaction;
    }

    /**
     * Puts a key document in force that was judged to be right: it is stored for ever, what compromised keys have signed is
     * laid aside, and everything of ours is issued anew under the newest online key [SRV-7].
     */
    void install(byte[] message, Keys set) {
        var dropped = Objects.requireNonNull(transaction.execute(status -> {
            keys.install(message);
            store();
            var topicsOfBad = documents.dropSignedBy(
                    set.bad(), Instant.ofEpochMilli(set.head().iat()));
            doubt(set);
            compiler.due(fleet.equipped());
            durability.confirm();
            return topicsOfBad;
        }));
        dropped.forEach(topic -> {
            var unused = post.document(topic, new byte[0]);
        });
        post.ring();
    }

    /** What this server signs is signed anew; what officers have signed stays, but for what boxes drop with its key. */
    private void doubt(Keys set) {
        if (keys.site().isPresent()) {
            documents.doubt(List.of(Row.SITE, Row.CFG, Row.PLAN));
        } else {
            documents.doubt(List.of(Row.CFG, Row.PLAN));
            documents.doubtSettingsSignedBy(set.bad());
        }
    }

    /**
     * Stores the key document unless it is stored already.
     *
     * @throws IllegalStateException when the database belongs to other keys: devices would refuse everything
     */
    @Transactional
    void store() {
        var message = Bytes.of(keys.signedKeys());
        var hash = Hash.of(message.toArray()).hex();
        var current = documents.current(Scope.ALL, Row.KEYS);
        if (current.isPresent() && current.get().contentHash().equals(hash)) {
            return;
        }
        var head = Document.inMessage(message.toArray()).head();
        if (current.isPresent() && current.get().seq() >= head.seq()) {
            throw new IllegalStateException("The database was made with other keys than those in the directory keys; "
                    + "bring both back from the same backup");
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
                        Instant.ofEpochMilli(head.iat()),
                        hash,
                        "",
                        List.of(),
                        message),
                Documents.URGENT);
    }
}
