package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;
import static vn.loalang.conformance.Bench.text;

import java.util.List;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Presence;
import vn.loalang.protocol.Telemetry;

/** Connecting, hello and welcome, presence. */
final class CoreSession {
    private final Bench b;

    CoreSession(Bench bench) {
        b = bench;
    }

    /** Cuts the connection and waits for the next hello, which the caller answers. */
    private vn.loalang.protocol.Hello helloUnanswered() {
        int before = b.hellos().size();
        b.routine(false, true);
        b.proxy.cut();
        b.awaitTrue("a hello after the cut", 20, () -> b.hellos().size() > before);
        return b.hellos().get(b.hellos().size() - 1);
    }

    @Proves({"SES-1", "CON-1", "PRE-1"})
    void itSubscribesInTheSafeOrder() {
        int from = b.proxy.log().size();
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        b.fence();
        var up = b.proxy.log().stream().skip(from).filter(FaultProxy.Seen::up).toList();
        int newest = up.get(up.size() - 1).connection();
        var mine = up.stream().filter(s -> s.connection() == newest).toList();
        var connect = mine.get(0).packet().connect().orElseThrow(() -> Verdict.fail("No CONNECT first."));
        check(connect.clean(), "The session is not clean.");
        check(connect.level() == 4 || connect.level() == 5, "Protocol level " + connect.level() + ".");
        check(
                connect.willTopic().endsWith("/u/" + b.id() + "/st") && connect.willRetain(),
                "The will is not st, retained.");
        var hello = index(mine, s -> s.publishes("/hello"));
        check(hello > 0, "No hello.");
        var first = filters(mine.subList(0, hello));
        for (var wanted : List.of("/keys", "/d/" + b.id() + "/rsp", "/a/37/keys", "/a/37.14329/keys")) {
            check(first.stream().anyMatch(f -> f.endsWith(wanted)), "Before the hello it did not subscribe …" + wanted);
        }
        check(
                first.stream().allMatch(f -> f.endsWith("/keys") || f.endsWith("/rsp")),
                "Before the welcome it subscribed too much: " + first);
        var rest = filters(mine.subList(hello, mine.size()));
        check(!rest.isEmpty() && rest.get(0).contains("/now/"), "After the welcome now comes first, not " + rest);
        for (var wanted : List.of("/site", "/cfg", "/plan")) {
            check(rest.stream().anyMatch(f -> f.endsWith(wanted)), "It did not subscribe …" + wanted);
        }
        var will = Presence.decode(connect.will().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        var said = b.hellos().get(b.hellos().size() - 1);
        check(!will.on() && will.sn() == said.sn(), "The will is not off with the sn of the hello.");
        var st = mine.stream().filter(s -> s.publishes("/st")).findFirst().orElseThrow(() -> Verdict.fail("No st."));
        var on = Presence.decode(st.packet().payload());
        check(
                on.on() && on.sn() == said.sn() && st.packet().retain(),
                "st is not on, retained, with the sn of the hello.");
    }

    private static int index(List<FaultProxy.Seen> seen, java.util.function.Predicate<FaultProxy.Seen> what) {
        for (int i = 0; i < seen.size(); i++) if (what.test(seen.get(i))) return i;
        return -1;
    }

    private static List<String> filters(List<FaultProxy.Seen> seen) {
        return seen.stream()
                .filter(s -> s.packet().type() == Mqtt.SUBSCRIBE)
                .flatMap(s -> s.packet().filters().stream())
                .toList();
    }

    @Proves({"SES-8"})
    void connectionsAreNumberedByBootAndConnect() {
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        var all = b.hellos();
        var last = all.get(all.size() - 1);
        var earlier = all.get(all.size() - 2);
        check(last.sn() / 4096 == last.boot(), "sn " + last.sn() + " is not boot " + last.boot() + "·4096 + n.");
        check(last.sn() > earlier.sn(), "sn did not rise.");
        check(!last.bn().equals(earlier.bn()), "The nonce was used twice.");
    }

    @Proves({"SES-5"})
    void onlyAWelcomeToItsOwnNonceOpensTheSession() {
        var hello = helloUnanswered();
        var strange = b.welcomeTo(hello).put("bn", "AAAAAAAAAAAAAAAAAAAAAA").by(b.auth.p1);
        b.send(strange);
        AssetServer.pause(500);
        check(!b.subscribed("/plan"), "A strange nonce opened the session.");
        b.welcome(hello);
        b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
        b.routine(true, true);
        b.fence();
        check(
                b.journal().stream().anyMatch(e -> e.event().state().equals("E_STALE")),
                "The strange welcome was not reported.");
    }

    @Proves({"SES-5d"})
    void aWelcomeCannotBeReplayed() {
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        var hello = b.hellos().get(b.hellos().size() - 1);
        b.refuses("E_STALE", b.welcomeTo(hello).by(b.auth.p1));
    }

    @Proves({"SES-1b"})
    void nothingCountsBeforeTheWelcome() {
        var hello = helloUnanswered();
        int from = b.mark();
        var early = b.cfg();
        b.send(early.by(b.auth.p1));
        b.send(b.auth.site(b.id()).by(b.auth.s1));
        b.vec("cfg", early.number("seq") + 1);
        b.welcome(hello);
        b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
        b.routine(true, true);
        b.fence();
        check(
                b.find(from, "doc", "applied", d -> Bench.number(d, "seq") == early.number("seq"))
                        .isEmpty(),
                "A document was taken before the welcome.");
        check(b.find(from, "sec", "E_STALE", d -> true).isEmpty(), "It was reported.");
    }

    @Proves(
            value = {"SES-5b", "SES-5c"},
            fresh = true)
    void aServerFiftyYearsAheadIsNotBelieved() {
        b.open();
        var hello = helloUnanswered();
        int from = b.mark();
        var draft = b.welcomeTo(hello);
        long ahead = draft.number("iat") + 50 * 365 * Authority.DAY;
        b.send(draft.put("iat", ahead).put("seq", ahead).by(b.auth.p1));
        var late = b.welcomeTo(hello);
        long behind = late.number("iat") - 10 * Authority.DAY;
        b.send(late.put("iat", behind).put("seq", behind).by(b.auth.p1));
        AssetServer.pause(500);
        check(!b.subscribed("/plan"), "An impossible welcome opened the session.");
        b.welcome(hello);
        var codes = List.of("E_FUTURE", "E_STALE");
        for (var code : codes) {
            var unused = b.event(from, 10, "sec", code, d -> true);
        }
        var unused = b.event(from, 5, "fault", "set", d -> text(d, "f").equals("CLK_BAD"));
    }

    @Proves({"CON-3"})
    void theKeepAliveIsTheConfiguredOne() {
        b.apply(b.cfg().put("ka", 45), b.auth.p1);
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        var connects = b.proxy.connects();
        check(connects.get(connects.size() - 1).keepAlive() == 45, "The keepalive is not cfg.ka.");
    }

    @Proves({"SES-7", "KEY-7c"})
    void otherAreasAreSubscribedAnew() {
        int hellos = b.hellos().size();
        int from = b.proxy.log().size();
        b.site(b.auth.site(b.id()).put("areas", Json.strings(List.of("37", "37.14329", "37.2"))));
        b.awaitTrue("a hello after new areas", 10, () -> b.hellos().size() > hellos);
        b.awaitTrue(
                "a subscription of the new area's keys",
                10,
                () -> filters(b.proxy.log().subList(from, b.proxy.log().size())).stream()
                        .anyMatch(f -> f.endsWith("/a/37.2/keys")));
        b.awaitTrue(
                "a subscription of the new area's emergencies",
                10,
                () -> filters(b.proxy.log().subList(from, b.proxy.log().size())).stream()
                        .anyMatch(f -> f.contains("/a/37.2/now")));
    }

    @Proves(
            value = {"SES-1c"},
            seconds = 60)
    void anUnansweredHelloIsRepeatedWithANewNonce() {
        var first = helloUnanswered();
        long start = System.nanoTime();
        b.awaitTrue("a second hello after 20 s", 30, () -> {
            var last = b.hellos().get(b.hellos().size() - 1);
            return !last.bn().equals(first.bn());
        });
        double took = (System.nanoTime() - start) / 1e9;
        check(took > 15, "The second hello came after " + took + " s already.");
        // Either of the last two is answered.
        b.welcome(first);
        b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
        b.routine(true, true);
    }

    @Proves({"VER-2", "PRO-2"})
    void helloNamesVersionsAndProfiles() {
        var hello = b.hellos().get(0);
        check(hello.proto().contains(1), "hello.proto does not name 1.");
        check(List.of("blk", "fan", "live", "fw", "usb").containsAll(hello.prof()), "Unknown profiles " + hello.prof());
        check(hello.cap().codec().contains("mp3"), "cap.codec lacks mp3.");
        check(hello.cap().pkt() >= 8192, "cap.pkt is below 8192.");
    }

    @Proves(
            value = {"TEL-1"},
            seconds = 90)
    void telemetryComesAsOrdered() {
        int before = b.heard("tel").size();
        b.awaitTrue("two telemetries of every 60 s", 80, () -> b.heard("tel").size() > before);
        var tel = b.heard("tel").get(b.heard("tel").size() - 1);
        var unused = Telemetry.decode(tel.message());
    }

    @Proves(
            value = {"CON-4"},
            seconds = 60)
    void itComesBackAfterTheBrokerWasAway() {
        b.proxy.faults(FaultProxy.Faults.refusing());
        b.proxy.cut();
        AssetServer.pause(2_000);
        int before = b.welcomes();
        b.proxy.faults(FaultProxy.Faults.NONE);
        b.awaitWelcome(before);
        b.fence();
    }
}
