package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.text;

import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.List;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.QuietWindow;

/**
 * Updates of firmware, with images made up for the purpose: the box must take any bytes for an image, as one whose bootloader is
 * only played does.
 */
final class Firmware {
    private static final int IMAGE_BYTES = 60_000;
    private static final long MINUTE = 60_000;

    private final Bench b;

    Firmware(Bench bench) {
        b = bench;
    }

    /** A version with its image, which the kit's HTTP server has. */
    private final class Image {
        final String ver = "9." + b.name("v");
        final byte[] bytes = new byte[IMAGE_BYTES];
        final Hash hash;

        Image() {
            new SecureRandom().nextBytes(bytes);
            hash = Hash.of(bytes);
            b.assets.offer(bytes);
        }

        /** The order to install it now; its number against going back rises with the clock. */
        Draft order() {
            return b.auth.head("fw", b.self())
                    .put("model", last().hw())
                    .put("ver", ver)
                    .put("sec", b.clock() / 1000)
                    .put("sz", IMAGE_BYTES)
                    .put("h", hash.b64u());
        }

        boolean has(int from, String state) {
            return b.find(from, "fw", state, d -> ver.equals(text(d, "ver"))).isPresent();
        }

        JournalEntry reaches(int from, String state) {
            return reaches(from, 25, state);
        }

        private JournalEntry reaches(int from, double seconds, String state) {
            return b.event(from, seconds, "fw", state, d -> ver.equals(text(d, "ver")));
        }

        void reaches(int from, String state, String why) {
            var details = reaches(from, 10, state).event().details();
            check(why.equals(text(details, "why")), state + " must be because of " + why + ", not " + details);
        }

        boolean asked() {
            return b.assets.requests(b.id()).stream().anyMatch(r -> r.hash().equals(hash.b64u()));
        }

        /** All states told of it since, in their order. */
        List<String> states(int from) {
            var all = b.journal();
            return all.subList(from, all.size()).stream()
                    .filter(e -> e.event().kind().equals("fw")
                            && ver.equals(text(e.event().details(), "ver")))
                    .sorted(java.util.Comparator.comparingLong(JournalEntry::n))
                    .map(e -> e.event().state())
                    .toList();
        }

        void runs() {
            b.awaitTrue("a hello of " + ver, 25, () -> last().fw().equals(ver));
        }
    }

    private Hello last() {
        return b.hellos().get(b.hellos().size() - 1);
    }

    private Image confirmed() {
        var image = new Image();
        int from = b.mark();
        b.apply(image.order(), b.auth.f1);
        var unused = image.reaches(from, "confirmed");
        return image;
    }

    /** The minute of the day by the site's time zone, so many minutes from now. */
    private int local(long minutes) {
        return (int) Math.floorMod(b.clock() / MINUTE + 420 + minutes, 24L * 60);
    }

    @Proves(
            value = {"FW-1", "FW-4"},
            profile = "fw",
            seconds = 60)
    void anImageIsFetchedTriedAndConfirmed() {
        var image = new Image();
        int from = b.mark();
        b.apply(image.order(), b.auth.f1);
        var unused = image.reaches(from, "confirmed");
        check(
                image.states(from).equals(List.of("downloading", "verified", "staged", "trial", "confirmed")),
                "The states were " + image.states(from) + ".");
        check(image.asked(), "It confirmed an image that it never fetched.");
        image.runs();
        b.powerCycle();
        check(last().fw().equals(image.ver), "After a power cut it runs " + last().fw() + " again.");
    }

    @Proves(
            value = {"FW-3", "FW-4"},
            profile = "fw",
            seconds = 40)
    void anImageForAnotherModelIsRefused() {
        var image = new Image();
        int from = b.mark();
        b.apply(image.order().put("model", "another-model"), b.auth.f1);
        image.reaches(from, "failed", "model");
        b.never("a request for the image of another model", 2, image::asked);
    }

    @Proves(
            value = {"FW-3"},
            profile = "fw",
            fresh = true,
            seconds = 60)
    void nothingOlderThanTheRunningImageIsTaken() {
        var running = new Image();
        long sec = b.clock() / 1000 + 1_000_000;
        int from = b.mark();
        b.apply(running.order().put("sec", sec), b.auth.f1);
        var unused = running.reaches(from, "confirmed");
        var older = new Image();
        b.apply(older.order().put("sec", sec - 1), b.auth.f1);
        older.reaches(from, "failed", "sec");
        check(!older.asked(), "It fetched what it must not install.");
        var equal = new Image();
        b.apply(equal.order().put("sec", sec), b.auth.f1);
        equal.reaches(from, "confirmed");
    }

    @Proves(
            value = {"KEY-3"},
            profile = "fw")
    void onlyAKeyForFirmwareOrdersIt() {
        var image = new Image();
        b.refuses(
                "E_POL",
                image.order().by(b.auth.p1),
                image.order().by(b.auth.s1),
                image.order().by(b.auth.x1));
        b.refuses("E_KID", image.order().by(b.auth.stranger));
        check(!image.asked(), "It fetched an image that nobody ordered.");
    }

    @Proves(
            value = {"FW-5", "AST-4b", "AST-1e"},
            profile = "fw",
            seconds = 60)
    void aWrongImageFailsAndIsNotTriedAgainBeforeANewerOrder() {
        var image = new Image();
        int from = b.mark();
        b.apply(b.auth.cfg(b.id(), b.assets.base(b.id(), AssetServer.Manner.WRONG)), b.auth.p1);
        var order = image.order();
        var message = b.apply(order, b.auth.f1);
        image.reaches(from, "failed", "hash");
        b.apply(b.cfg(), b.auth.p1);
        long asked = requests(image);
        b.send(message);
        b.never("a new attempt without a newer order", 3, () -> requests(image) > asked);
        check(!image.has(from, "staged"), "It staged an image with a wrong hash.");
        b.apply(image.order(), b.auth.f1);
        var unused = image.reaches(from, "confirmed");
    }

    private long requests(Image image) {
        return b.assets.requests(b.id()).stream()
                .filter(r -> r.hash().equals(image.hash.b64u()))
                .count();
    }

    @Proves(
            value = {"FW-1", "FW-5"},
            profile = "fw",
            seconds = 80)
    void anImageThatDoesNotStartIsTakenBack() throws IOException {
        if (!b.box.hasFirmware()) throw Verdict.notObservable("The controller's command takes no {fw}.");
        var before = last().fw();
        var image = new Image();
        Files.createFile(b.box.firmware().resolve("broken-" + image.ver));
        int from = b.mark();
        var message = b.apply(image.order(), b.auth.f1);
        var unused = image.reaches(from, "rolled_back");
        check(last().fw().equals(before), "It runs " + last().fw() + " instead of " + before + ".");
        var fault = b.event(from, 10, "fault", "set", d -> "FW_ROLLBACK".equals(text(d, "f")));
        check(fault.n() > 0, "No number.");
        b.send(message);
        b.powerCycle();
        b.never(
                "the same order tried again",
                3,
                () -> image.states(from).stream()
                                .filter(state -> state.equals("staged"))
                                .count()
                        > 1);
        var cure = confirmed();
        cure.runs();
        b.event(from, 10, "fault", "clr", d -> "FW_ROLLBACK".equals(text(d, "f")));
    }

    @Proves(
            value = {"FW-1", "FW-4"},
            profile = "fw",
            seconds = 80)
    void aTrialThatDiesBeforeItsWelcomeIsTakenBack() {
        var before = last().fw();
        var image = new Image();
        int from = b.mark();
        int hellos = b.hellos().size();
        b.apply(image.order(), b.auth.f1);
        b.routine(false, true);
        b.awaitTrue(
                "a hello of " + image.ver,
                25,
                () -> b.hellos().size() > hellos && last().fw().equals(image.ver));
        b.box.kill();
        b.routine(true, true);
        b.powerCycle();
        check(last().fw().equals(before), "It runs " + last().fw() + " instead of " + before + ".");
        var unused = image.reaches(from, "rolled_back");
        check(!image.has(from, "confirmed"), "It confirmed an image that no server had welcomed.");
    }

    @Proves(
            value = {"FW-1", "LOOP-2"},
            profile = "fw",
            seconds = 120)
    void powerCutsAtAnyStepLeaveOneWholeImage() {
        // While it is fetched: goes on after the cut.
        var first = new Image();
        int from = b.mark();
        b.state(first.order(), b.auth.f1);
        b.awaitTrue("a request for the image", 20, first::asked);
        b.powerCycle();
        settles(first, from);
        // Whole, but outside its window: stays where it is, and what runs runs on.
        var second = new Image();
        var window = new QuietWindow(local(180), local(240));
        var closed = Json.strings(List.of(window.fromText(), window.toText()));
        b.apply(second.order().put("win", closed), b.auth.f1);
        var unused = second.reaches(from, "verified");
        var runs = last().fw();
        b.powerCycle();
        check(last().fw().equals(runs), "It installed outside the window.");
        b.never("an installation outside the window", 2, () -> second.has(from, "staged"));
        // From staging to confirming, at moments of chance.
        for (int delay : List.of(0, 150, 400)) {
            var third = new Image();
            int mark = b.mark();
            b.apply(third.order(), b.auth.f1);
            b.awaitTrue("the image on its way", 20, third::asked);
            AssetServer.pause(delay);
            b.powerCycle();
            settles(third, mark);
        }
    }

    /** An order ends with its image running and confirmed, or with the old one and the journal saying so. */
    private void settles(Image image, int from) {
        b.awaitTrue(
                "an end of the update to " + image.ver,
                30,
                () -> image.has(from, "confirmed") || image.has(from, "rolled_back"));
        boolean kept = image.has(from, "confirmed");
        b.awaitTrue(
                "the hello of the image that the journal names",
                10,
                () -> last().fw().equals(image.ver) == kept);
        b.powerCycle();
        check(
                last().fw().equals(image.ver) == kept,
                "The journal says " + image.states(from) + ", but " + last().fw() + " runs.");
    }

    @Proves(
            value = {"FW-2"},
            profile = "fw",
            seconds = 80)
    void itIsInstalledOnlyWhenNothingSoundsOrIsAboutTo() {
        var soon = Authority.item(b.name("a"), b.clock() + 20 * MINUTE, 6, 30, 0);
        b.plan(List.of(Audio.of("short", 6)), soon);
        var image = new Image();
        int from = b.mark();
        b.apply(image.order(), b.auth.f1);
        var unused = image.reaches(from, "verified");
        b.never("an installation within 30 min before an item", 3, () -> image.has(from, "staged"));
        var sid = b.name("s");
        var sounds = b.emergency(
                b.auth.entry(sid, 85, Authority.tone("steady", 1, 30, 0)).build());
        check(sounds.n() > 0, "No number.");
        b.apply(b.auth.plan(b.id(), List.of()), b.auth.p1);
        b.never("an installation during an emergency", 3, () -> image.has(from, "staged"));
        b.allClear();
        image.reaches(from, "confirmed");
    }
}
