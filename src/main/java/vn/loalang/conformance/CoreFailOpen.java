package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;

import vn.loalang.protocol.Json;

/** What holds while nobody answers the hello: the server is gone, the broker is not. */
final class CoreFailOpen {
    private final Bench b;

    CoreFailOpen(Bench bench) {
        b = bench;
    }

    @Proves(
            value = {"SES-3", "SES-3b"},
            seconds = 110)
    void emergenciesSoundWithoutAServerAfterAMinute() {
        b.routine(false, true);
        var sid = b.name("s");
        int hellos = b.hellos().size();
        b.proxy.cut();
        b.awaitTrue("a hello", 20, () -> b.hellos().size() > hellos);
        b.never("a subscription of now within 50 s", 50, () -> b.subscribed("/now/+"));
        b.awaitTrue("a subscription of now after 60 s", 25, () -> b.subscribed("/now/+"));
        check(!b.subscribed("/plan") && !b.subscribed("/site"), "It subscribed more than the emergencies.");
        int from = b.mark();
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(sid, 85, Authority.tone("steady", 1, 2, 0)).build()),
                b.auth.x1);
        var other = b.auth.cfg(b.id());
        b.send(other.by(b.auth.p1));
        AssetServer.pause(4_000);
        // The journal waits for a server; the loudspeaker did not.
        b.routine(true, true);
        b.welcome(b.hellos().get(b.hellos().size() - 1));
        b.play(from, 15, "completed", sid + "#1");
        check(
                b.find(from, "doc", "applied", d -> Bench.number(d, "seq") == other.number("seq"))
                        .isEmpty(),
                "Without a welcome it took settings.");
    }

    @Proves(
            value = {"SES-3b"},
            seconds = 110)
    void withoutFailOpenItStaysMute() {
        b.site(b.auth.site(b.id()).put("fail_open", Json.of(false)));
        b.routine(false, true);
        int hellos = b.hellos().size();
        b.proxy.cut();
        b.awaitTrue("a hello", 20, () -> b.hellos().size() > hellos);
        b.awaitTrue("a subscription of now after 60 s", 75, () -> b.subscribed("/now/+"));
        var sid = b.name("s");
        int from = b.mark();
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(sid, 85, Authority.tone("steady", 1, 2, 0)).build()),
                b.auth.x1);
        AssetServer.pause(3_000);
        // Gone before the welcome would admit it.
        b.state(b.auth.clear(Bench.commune(), b.auth.x1), b.auth.x1);
        AssetServer.pause(500);
        b.routine(true, true);
        b.welcome(b.hellos().get(b.hellos().size() - 1));
        b.awaitTrue("its subscriptions", 10, () -> b.subscribed("/plan"));
        b.fence();
        check(b.played(from, "started", sid + "#1").isEmpty(), "It sounded without a welcome.");
    }
}
