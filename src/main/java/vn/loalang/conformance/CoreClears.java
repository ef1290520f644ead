package vn.loalang.conformance;

import static vn.loalang.conformance.Bench.check;

import java.util.List;
import vn.loalang.protocol.Json;

/** Who may silence what, and for how long it stays silent. */
final class CoreClears {
    private final Bench b;

    CoreClears(Bench bench) {
        b = bench;
    }

    private static Json.Obj steady(int seconds) {
        return Authority.tone("steady", 1, seconds, 0);
    }

    @Proves({"NOW-4b"})
    void aWeakerKeyCannotSilenceAStrongerOne() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(b.auth.entry(sid, 85, steady(5)).build());
        b.apply(b.auth.clear(Bench.commune(), b.auth.w1), b.auth.w1);
        b.play(from, 8, "completed", sid + "#1");
        check(b.played(from, "interrupted", sid + "#1").isEmpty(), "It was silenced.");
    }

    @Proves({"NOW-4b", "KEY-4b", "NOW-4e"})
    void oneOfficerSilencesTheWholeProvince() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(b.auth.entry(sid, 85, steady(20)).build());
        b.apply(b.auth.clear(Bench.province(), b.auth.e1), b.auth.e1);
        b.play(from, 3, "interrupted", sid + "#1", "cleared");
    }

    @Proves({"NOW-4b", "NOW-4"})
    void whatWasClearedBeforeItCameStaysSilent() {
        var sid = b.name("s");
        int from = b.mark();
        var earlier = b.auth.now(
                Bench.commune(), b.auth.x1, b.auth.entry(sid, 85, steady(2)).build());
        var message = earlier.by(b.auth.x1);
        b.apply(b.auth.clear(Bench.province(), b.auth.e1), b.auth.e1);
        b.send(message);
        b.applied(from, earlier);
        b.never("what was cleared before it came", 2.5, () -> b.played(from, "started", sid + "#1")
                .isPresent());
    }

    @Proves({"NOW-4c"})
    void aLaterDocumentOfTheClearingKeyRevivesNothing() {
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(b.auth.entry(sid, 85, steady(20)).build());
        b.apply(b.auth.clear(Bench.province(), b.auth.e1), b.auth.e1);
        b.play(from, 3, "interrupted", sid + "#1", "cleared");
        int after = b.mark();
        b.apply(b.auth.now(Bench.province(), b.auth.e1), b.auth.e1);
        b.never("a revived emergency", 2.5, () -> b.played(after, "started", sid + "#1")
                .isPresent());
    }

    @Proves(
            value = {"NOW-4"},
            seconds = 40)
    void aClearOutlivesAPowerCut() {
        var sid = b.name("s");
        int from = b.mark();
        var earlier = b.auth.now(
                Bench.commune(), b.auth.x1, b.auth.entry(sid, 85, steady(2)).build());
        var message = earlier.by(b.auth.x1);
        b.apply(b.auth.clear(Bench.province(), b.auth.e1), b.auth.e1);
        b.powerCycle();
        b.send(message);
        b.applied(from, earlier);
        b.never("what was cleared before the power cut", 2.5, () -> b.played(from, "started", sid + "#1")
                .isPresent());
    }

    @Proves({"NOW-4b"})
    void aClearOfOneSidLeavesTheOthers() {
        var gone = b.name("s");
        var kept = b.name("s");
        int from = b.mark();
        b.state(
                b.auth.now(
                        Bench.commune(),
                        b.auth.x1,
                        b.auth.entry(gone, 85, steady(20)).build(),
                        b.auth.entry(kept, 84, steady(1)).build()),
                b.auth.x1);
        b.play(from, 8, "started", gone + "#1");
        b.apply(b.auth.now(Bench.province(), b.auth.e1).put("clr", Json.strings(List.of(gone))), b.auth.e1);
        b.play(from, 3, "interrupted", gone + "#1", "cleared");
        b.play(from, 6, "completed", kept + "#1");
    }

    @Proves(
            value = {"TIM-4", "TIM-4b"},
            fresh = true,
            seconds = 60)
    void anAllClearIsNeverTooEarlyOrTooLate() {
        b.open();
        var sid = b.name("s");
        int from = b.mark();
        var unused = b.emergency(b.auth.entry(sid, 85, steady(20)).build());
        var clear = b.auth.clear(Bench.province(), b.auth.e1);
        long ahead = clear.number("iat") + 3 * Authority.HOUR;
        clear.put("iat", ahead).put("seq", ahead).put("exp", ahead + Authority.HOUR);
        b.publish("a/37/now/e1", clear.by(b.auth.e1), false);
        b.play(from, 4, "interrupted", sid + "#1", "cleared");
        // The clear is capped: what is ordered after the bound sounds again, so no key is deaf for hours.
        var expired = b.auth.clear(Bench.commune(), b.auth.x1);
        b.apply(expired.put("exp", expired.number("iat") - 1), b.auth.x1);
    }

    @Proves({"NOW-2b", "DOC-1f"})
    void anAllClearLivesSevenDaysAtMost() {
        var clear = b.auth.clear(Bench.commune(), b.auth.x1);
        b.refuses(
                "E_SEM",
                clear.put("exp", clear.number("iat") + 8 * Authority.DAY).by(b.auth.x1));
        b.refuses(
                "E_SEM",
                b.auth.clear(Bench.commune(), b.auth.x1)
                        .put("clr", Json.of("*"))
                        .by(b.auth.x1));
    }

    @Proves(
            value = {"NOW-9", "LIM-2"},
            seconds = 60)
    void manySidsDrownNothing() {
        int from = b.mark();
        for (int i = 0; i < 30; i++) {
            b.state(
                    b.auth.now(
                            Bench.commune(),
                            b.auth.x1,
                            b.auth.entry(b.name("churn"), 80, steady(1)).build()),
                    b.auth.x1);
        }
        var sid = b.name("s");
        b.emergency(b.auth.entry(sid, 85, steady(1)).build());
        b.play(from, 8, "completed", sid + "#1");
    }
}
