package vn.loalang.controller.core;

import java.util.function.Consumer;
import vn.loalang.protocol.Bundle;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Hash;

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

    private void document(Input.Stick stick, Bundle.File file, Consumer<Document> act) {
        Bytes message = stick.documents().get(file.name());
        if (message == null || !Hash.of(message.toArray()).equals(file.h())) {
            out.add(new Output.Say("The stick's " + file.name() + " is missing or damaged."));
            return;
        }
        documents.receiveByHand(message).ifPresent(act);
    }
}
