package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.text;

import java.util.Arrays;
import java.util.List;
import vn.loalang.protocol.Events;
import vn.loalang.protocol.JournalEntry;
import vn.loalang.protocol.Json;

/** One-shot commands. */
final class CoreCommands {
    private final Bench b;

    CoreCommands(Bench bench) {
        b = bench;
    }

    private static Json.Obj seconds(int s) {
        return Json.object().put("s", s).build();
    }

    private static Json.Obj none() {
        return Json.object().build();
    }

    private JournalEntry result(int from, String state, String cid) {
        var result = b.await(
                "a result of " + cid,
                10,
                () -> b.journal().stream().skip(from).filter(e -> isOf(e, cid)).findFirst());
        var event = result.event();
        check(event.state().equals(state), "cmd/" + event.state() + " " + event.details() + " must be " + state + ".");
        return result;
    }

    private static boolean isOf(JournalEntry entry, String cid) {
        return entry.event().kind().equals("cmd")
                && text(entry.event().details(), "cid").equals(cid);
    }

    @Proves({"CMD-1b", "ENV-9"})
    void aRepeatedCommandHasOneEffectAndTheSameEvent() {
        var cid = b.name("c");
        int from = b.mark();
        var message = b.auth.cmd(b.id(), cid, "identify", seconds(1)).by(b.auth.p1);
        b.send(message);
        var first = result(from, "ok", cid);
        int before = b.heard("ev").size();
        b.send(message);
        var again = b.await("its event again", 10, () -> b.heard("ev").stream()
                .skip(before)
                .flatMap(h -> Events.decode(h.message()).entries().stream())
                .filter(e -> isOf(e, cid))
                .findFirst());
        check(again.n() == first.n(), "The second answer has the number " + again.n() + ", not " + first.n() + ".");
        check(b.journal().stream().filter(e -> isOf(e, cid)).count() == 1, "It was carried out twice.");
    }

    @Proves({"CMD-3"})
    void anUnknownCommandIsUnsupported() {
        var cid = b.name("c");
        int from = b.mark();
        b.send(b.auth.cmd(b.id(), cid, "dance", none()).by(b.auth.p1));
        var unused = result(from, "unsupported", cid);
    }

    @Proves({"CMD-2", "ENV-7"})
    void aCommandOutOfItsTimeIsRefused() {
        var draft = b.auth.cmd(b.id(), b.name("c"), "identify", seconds(1));
        b.refuses("E_SEM", draft.put("exp", draft.number("iat") + 121_000).by(b.auth.p1));
        var old = b.auth.cmd(b.id(), b.name("c"), "identify", seconds(1));
        long iat = old.number("iat") - 100_000;
        b.refuses("E_STALE", old.put("iat", iat).put("exp", iat + 90_000).by(b.auth.p1));
        b.refuses(
                "E_POL", b.auth.cmd(b.id(), b.name("c"), "identify", seconds(1)).by(b.auth.s1));
    }

    @Proves({"CMD-4", "DEC-5"})
    void aTestToneIsRefusedInQuietHours() {
        b.site(b.auth.site(b.id()).put("quiet", CorePlan.quietNow(b.clock(), -60, 60)));
        var cid = b.name("c");
        int from = b.mark();
        b.send(b.auth.cmd(b.id(), cid, "tone", seconds(1)).by(b.auth.p1));
        var refused = result(from, "refused", cid);
        check(
                text(refused.event().details(), "why").equals("quiet"),
                "why is " + refused.event().details());
    }

    @Proves({"CMD-1"})
    void aStoredDocumentIsReported() {
        var plan = b.auth.plan(b.id(), List.of());
        var bytes = b.apply(plan, b.auth.p1);
        var cid = b.name("c");
        int from = b.mark();
        b.send(b.auth.cmd(
                        b.id(),
                        cid,
                        "report",
                        Json.object().put("what", "doc").put("row", "plan").build())
                .by(b.auth.p1));
        var unused = result(from, "ok", cid);
        b.awaitTrue("rep/" + cid, 10, () -> !b.heard("rep/" + cid).isEmpty());
        check(Arrays.equals(b.heard("rep/" + cid).get(0).message(), bytes), "The report is not the stored document.");
    }

    @Proves(
            value = {"CMD-1"},
            seconds = 60)
    void aRebootIsToldFirstAndDoneOnce() {
        var cid = b.name("c");
        int from = b.mark();
        int before = b.welcomes();
        var message = b.auth.cmd(b.id(), cid, "reboot", none()).by(b.auth.p1);
        b.send(message);
        var unused = result(from, "ok", cid);
        b.awaitTrue("a welcome after the reboot", 40, () -> b.welcomes() > before);
        b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
        check(
                b.hellos().get(b.hellos().size() - 1).why() == vn.loalang.protocol.Hello.Why.CMD,
                "hello.why is not cmd.");
        int hellos = b.hellos().size();
        b.send(message);
        b.never("a second reboot", 3, () -> b.hellos().size() > hellos);
    }

    @Proves(
            value = {"CMD-1"},
            seconds = 40)
    void aRebootIsRefusedWhileAnEmergencySounds() {
        var sid = b.name("s");
        int begin = b.mark();
        var unused = b.emergency(
                b.auth.entry(sid, 85, Authority.tone("steady", 1, 10, 0)).build());
        var cid = b.name("c");
        int from = b.mark();
        b.send(b.auth.cmd(b.id(), cid, "reboot", none()).by(b.auth.p1));
        var refused = result(from, "refused", cid);
        check(
                text(refused.event().details(), "why").equals("busy"),
                "why is " + refused.event().details());
        b.allClear();
        b.play(begin, 5, "interrupted", sid + "#1", "cleared");
    }
}
