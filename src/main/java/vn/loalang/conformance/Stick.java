package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.number;
import static vn.loalang.conformance.Bench.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.SigningKey;

/** A memory stick: what it brings without any network, what it must not bring, and the journal it takes back. */
final class Stick {
    private final Bench b;

    Stick(Bench bench) {
        b = bench;
    }

    /** What lies on a stick, and what its table of contents says. */
    private final class Contents {
        private final List<Json> files = new ArrayList<>();
        private final Path root;

        Contents() {
            if (!b.box.hasStick()) throw Verdict.notObservable("The controller's command takes no {usb}.");
            root = b.box.usb().resolve("GB1");
        }

        Contents document(String name, byte[] message) {
            return file("doc/" + name + ".gb1", message, message);
        }

        Contents sound(Audio audio) {
            return file("asset/" + audio.asset().h().b64u(), audio.file(), audio.file());
        }

        /** A file whose bytes may be others than the contents say. */
        Contents file(String name, byte[] told, byte[] written) {
            files.add(Json.object()
                    .put("n", name)
                    .put("h", Hash.of(told).b64u())
                    .put("sz", told.length)
                    .build());
            write(root.resolve(name), written);
            return this;
        }

        Draft bundle() {
            return b.auth.head("bundle", b.self()).put("files", Json.array(files));
        }

        void insert(SigningKey signer) {
            insert(bundle().by(signer));
        }

        /** The contents come last, as a stick is seen only when it is whole. */
        void insert(byte[] bundle) {
            write(root.resolve("bundle.gb1"), bundle);
        }
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            var fresh = file.resolveSibling(file.getFileName() + ".part");
            Files.write(fresh, bytes);
            Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pulls the stick; it is empty when it comes back. */
    private void pull() {
        var root = b.box.usb().resolve("GB1");
        try {
            Files.deleteIfExists(root.resolve("bundle.gb1"));
            // Long enough for a box that looks every few seconds.
            AssetServer.pause(3_000);
            if (!Files.exists(root)) return;
            try (var all = Files.walk(root)) {
                for (var file : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The journal that the box left last, if it left one. */
    private Optional<JournalFile> left() {
        var directory = b.box.usb().resolve("GB1").resolve("out");
        if (!Files.isDirectory(directory)) return Optional.empty();
        try (var list = Files.list(directory)) {
            var last = list.filter(f -> f.toString().endsWith(".gb1")).max(Comparator.comparingLong(Stick::highest));
            if (last.isEmpty()) return Optional.empty();
            var file = JournalFile.read(b.auth.sys, Files.readAllBytes(last.get()));
            check(
                    last.get().getFileName().toString().equals(file.name()),
                    "The journal of " + file.name() + " is named " + last.get().getFileName() + ".");
            return Optional.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Refusal wrong) {
            throw Verdict.fail("The journal on the stick is wrong: " + wrong.getMessage());
        }
    }

    private static long highest(Path file) {
        var name = file.getFileName().toString();
        return Long.parseLong(name.substring(name.lastIndexOf('-') + 1, name.length() - ".gb1".length()));
    }

    private static boolean has(JournalFile file, String kind, String state, String oid) {
        return file.events().entries().stream()
                .map(JournalEntry::event)
                .anyMatch(e -> e.kind().equals(kind)
                        && e.state().equals(state)
                        && (oid.isEmpty() || oid.equals(text(e.details(), "oid"))));
    }

    private void offline() {
        b.proxy.faults(FaultProxy.Faults.refusing());
        b.proxy.cut();
    }

    private void online() {
        int before = b.welcomes();
        b.proxy.faults(FaultProxy.Faults.NONE);
        b.awaitWelcome(before);
    }

    @Proves(
            value = {"USB-1", "USB-2", "USB-3"},
            profile = "usb",
            seconds = 120)
    void aStickBringsAProgrammeWithoutNetworkAndTakesTheJournalBack() {
        var contents = new Contents();
        var audio = Audio.of("village", 6);
        var oid = b.name("a");
        int from = b.mark();
        offline();
        b.box.kill();
        b.restart(0);
        long at = b.clock() + 12_000;
        contents.document("site", b.carried(b.auth.site(b.id()).put("vmax", 77), b.auth.s1))
                .document(
                        "plan",
                        b.carried(
                                b.auth.plan(b.id(), List.of(audio.asset()), Authority.item(oid, at, 6, 30, 0)),
                                b.auth.p1))
                .sound(audio)
                .insert(b.auth.p1);
        b.awaitTrue("sound of the stick's item", 25, () -> !b.capture().of(oid).isEmpty());
        var sound = b.capture().of(oid).get(0);
        check(Math.abs(sound.first() - at) < 500, "It began " + (sound.first() - at) + " ms off its time.");
        AssetServer.pause(Math.max(0, at + 7_500 - b.clock()));
        CorePlan.fits(b.capture().whole(oid), audio, 6);
        pull();
        new Contents().insert(b.auth.p1);
        var file = b.await("a journal on the stick with the item completed", 15, () -> left().filter(
                        f -> has(f, "play", "completed", oid)));
        check(file.id().equals(b.id()), "It is the journal of " + file.id() + ".");
        check(has(file, "play", "started", oid), "The start is not in the journal of the stick.");
        check(has(file, "local", "usb", ""), "The use of the stick is not in the journal.");
        check(b.find(from, "play", "started", d -> oid.equals(text(d, "oid"))).isEmpty(), "It had a network.");
        online();
        b.play(from, 10, "completed", oid);
        pull();
    }

    @Proves(
            value = {"USB-1", "USB-3"},
            profile = "usb",
            seconds = 60)
    void aBundleOfNobodyBringsNothing() {
        int from = b.mark();
        var site = b.auth.site(b.id()).put("vmax", 61);
        var contents = new Contents().document("site", site.by(b.auth.s1));
        contents.insert(b.auth.s1);
        var unused = b.event(from, 15, "local", "usb", d -> true);
        b.event(from, 5, "sec", "E_POL", d -> true);
        b.fence();
        pull();
        var altered = new Contents().document("site", site.by(b.auth.s1));
        var bundle = altered.bundle().by(b.auth.p1);
        bundle[bundle.length - 2] ^= 1;
        int again = b.mark();
        altered.insert(bundle);
        b.event(again, 15, "local", "usb", d -> true);
        b.event(from, 5, "sec", "E_SIG", d -> true);
        b.fence();
        check(noneApplied(from, "site"), "It took a document of a bundle that nobody had signed.");
        pull();
    }

    private boolean noneApplied(int from, String row) {
        return b.find(from, "doc", "applied", d -> row.equals(text(d, "row"))).isEmpty();
    }

    @Proves(
            value = {"USB-1e"},
            profile = "usb",
            seconds = 60)
    void aDamagedFileIsLeftAloneAndTheOthersAreTaken() {
        int from = b.mark();
        var audio = Audio.of("damaged", 3);
        var spoiled = audio.file().clone();
        spoiled[spoiled.length / 2] ^= 1;
        var cfg = b.cfg().by(b.auth.p1);
        b.apply(b.auth.cfg(b.id()), b.auth.p1);
        var newer = b.cfg().by(b.auth.p1);
        var site = b.auth.site(b.id()).put("vmax", 66);
        var item = Authority.item(b.name("a"), b.clock() + Authority.HOUR, 3, 30, 0);
        b.apply(b.auth.plan(b.id(), List.of(audio.asset()), item), b.auth.p1);
        int mark = b.mark();
        new Contents()
                .file("doc/cfg.gb1", cfg, newer)
                .document("site", b.carried(site, b.auth.s1))
                .file("asset/" + audio.asset().h().b64u(), audio.file(), spoiled)
                .insert(b.auth.p1);
        b.applied(mark, site);
        b.never(
                "audio or settings of a damaged file",
                3,
                () -> !noneApplied(mark, "cfg")
                        || b.find(from, "asset", "ready", d -> audio.asset()
                                        .h()
                                        .b64u()
                                        .equals(text(d, "h")))
                                .isPresent());
        pull();
    }

    @Proves(
            value = {"USB-1c"},
            profile = "usb",
            seconds = 90)
    void noEmergencyComesByHandButATestDoes() {
        int from = b.mark();
        var actual = b.name("s");
        var session = b.name("s");
        var tone = Authority.tone("steady", 1, 2, 0);
        var ses = b.auth.head("ses", Bench.commune())
                .put("act", Json.array(List.of(b.auth.entry(session, 60, tone).build())));
        new Contents()
                .document(
                        "now",
                        b.auth.now(
                                        Bench.commune(),
                                        b.auth.x1,
                                        b.auth.entry(actual, 85, tone).build())
                                .by(b.auth.x1))
                .document("ses", ses.by(b.auth.p1))
                .insert(b.auth.p1);
        b.event(from, 15, "sec", "E_POL", d -> true);
        b.event(from, 5, "sec", "E_DST", d -> true);
        b.never(
                "an emergency from a stick",
                2,
                () -> b.played(from, "started", actual + "#1").isPresent()
                        || b.played(from, "started", session + "#1").isPresent());
        pull();
        var drill = b.name("s");
        int mark = b.mark();
        var order = b.auth.now(
                Bench.commune(),
                b.auth.x1,
                b.auth.entry(drill, 85, tone).put("st", "test").build());
        new Contents().document("now", b.carried(order, b.auth.x1)).insert(b.auth.p1);
        b.applied(mark, order);
        b.play(mark, 10, "started", drill + "#1");
        pull();
    }

    @Proves(
            value = {"USB-1d"},
            profile = "usb",
            seconds = 60)
    void aPlanOfFiveWeeksComesByHandAlone() {
        int from = b.mark();
        b.refuses("E_SEM", span(34).by(b.auth.p1));
        var plan = span(34);
        new Contents().document("plan", b.carried(plan, b.auth.p1)).insert(b.auth.p1);
        b.applied(from, plan);
        pull();
        int mark = b.mark();
        var longer = span(36);
        new Contents().document("plan", longer.by(b.auth.p1)).insert(b.auth.p1);
        var unused = b.event(mark, 15, "local", "usb", d -> true);
        b.never("a plan of more than five weeks", 2, () -> b.find(
                        mark, "doc", "applied", d -> number(d, "seq") == longer.number("seq"))
                .isPresent());
        pull();
    }

    private Draft span(int days) {
        var draft = b.auth.plan(b.id(), List.of());
        long from = draft.number("from");
        return draft.put("exp", from + days * Authority.DAY).put("till", from + days * Authority.DAY);
    }

    @Proves(
            value = {"USB-1b"},
            profile = "usb",
            fresh = true,
            seconds = 90)
    void withoutTheTimeNothingIsTaken() {
        offline();
        b.box.kill();
        var site = b.auth.site(b.id()).put("vmax", 61);
        new Contents().document("site", site.by(b.auth.s1)).insert(b.auth.p1);
        b.restart(-b.clock() + 10_000_000_000L);
        var file = b.await("a journal on the stick", 25, () -> left().filter(f -> has(f, "local", "usb", "")));
        check(
                file.events().entries().stream()
                        .noneMatch(e -> e.event().kind().equals("doc")
                                && number(e.event().details(), "seq") == site.number("seq")),
                "It took a document without knowing the time.");
        int from = b.mark();
        online();
        b.fence();
        check(noneApplied(from, "site"), "It took a document without knowing the time.");
    }
}
