package vn.loalang.delivery;

import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;

/** Brings what the roots have signed into the database, where all other documents are. */
@Component
class DeploymentKeys {
    private final KeyStore keys;
    private final Topics topics;
    private final Documents documents;

    DeploymentKeys(KeyStore keys, Topics topics, Documents documents) {
        this.keys = keys;
        this.topics = topics;
        this.documents = documents;
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
        var head = Document.decode(Envelope.parse(message.toArray()).payload().toArray())
                .head();
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
