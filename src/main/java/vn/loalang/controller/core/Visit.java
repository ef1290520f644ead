package vn.loalang.controller.core;

import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import vn.loalang.protocol.Bundle;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;

/**
 * A memory stick was put in (§12, profile {@code usb}): its bundle names what lies on it, every document is judged by itself, in
 * the order of the bundle, recordings that are wanted are copied, and the journal goes back.
 */
final class Visit {
    private final Profile profile;
    private final Documents documents;
    private final AssetShelf assets;
    private final Journal journal;
    private final Outputs out;

    Visit(Profile profile, Documents documents, AssetShelf assets, Journal journal, Outputs out) {
        this.profile = profile;
        this.documents = documents;
        this.assets = assets;
        this.journal = journal;
        this.out = out;
    }

    /**
     * @param act what follows from an accepted document
     */
    void take(Input.Stick stick, Consumer<Document> act) {
        journal.add(new Event.Local(Event.LocalAct.USB));
        keys(stick).forEach(message -> documents.receiveByHand(message).ifPresent(act));
        var contents = documents.receiveByHand(stick.bundle());
        if (contents.isPresent() && contents.get() instanceof Bundle bundle) {
            out.add(new Output.Say("A stick with " + bundle.files().size() + " files."));
            bundle.files().stream().filter(Bundle.File::isDocument).forEach(file -> document(stick, file, act));
            bundle.files().stream()
                    .filter(file -> !file.isDocument())
                    .forEach(file -> assets.bring(file.h(), file.sz()));
        }
        journal.export(profile).map(Output.Export::new).ifPresent(out::add);
    }

    /**
     * What the roots have signed goes ahead of the bundle, the oldest first: a box that never had a network knows no key yet that
     * could have signed a bundle [USB-1f].
     */
    private List<Bytes> keys(Input.Stick stick) {
        var newer = new TreeMap<Long, Bytes>();
        var known = documents.marks().getOrDefault(Row.KEYS, 0L);
        for (var message : stick.documents().values()) {
            var seq = keysFor(message);
            if (seq.isPresent() && seq.getAsLong() > known) {
                newer.put(seq.getAsLong(), message);
            }
        }
        return List.copyOf(newer.values());
    }

    /**
     * Sequence of the deployment's key document that a file claims to be. What cannot be read is none: the bundle that names it
     * is refused in its turn, otherwise it is nobody's business.
     */
    private static OptionalLong keysFor(Bytes message) {
        try {
            return Document.inMessage(message.toArray()) instanceof Keys set
                            && set.head().to() instanceof Scope.All
                    ? OptionalLong.of(set.head().seq())
                    : OptionalLong.empty();
        } catch (Refusal unreadable) {
            return OptionalLong.empty();
        }
    }

    private void document(Input.Stick stick, Bundle.File file, Consumer<Document> act) {
        Bytes message = stick.documents().get(file.name());
        if (message == null || !Hash.of(message.toArray()).equals(file.h())) {
            out.add(new Output.Say("The stick's " + file.name() + " is missing or damaged."));
            return;
        }
        documents.receiveByHand(message).ifPresent(act);
    }
}
