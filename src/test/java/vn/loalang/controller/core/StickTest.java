package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Bundle;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Scope;

/** A village without coverage: everything comes on a memory stick, and the journal goes back on it. */
class StickTest {
    private static final long NOON = Deployment.CLAIMED + 12 * 3_600_000L;

    private final Pole pole = new Pole(NOON, 5).link(false);
    private final Map<String, Bytes> files = new HashMap<>();
    private final java.util.ArrayList<Bundle.File> names = new java.util.ArrayList<>();

    private void put(String name, Bytes message) {
        var file = Bundle.File.document(name, message.toArray());
        names.add(file);
        files.put(file.name(), message);
    }

    private Input.Stick stick() {
        var head = new Head(pole.deployment.claim().sys(), Scope.ALL, NOON, NOON, NOON + 86_400_000L);
        var bundle = pole.deployment.signed(pole.deployment.onlineKey(), new Bundle(head, names));
        return new Input.Stick(bundle, files);
    }

    @Test
    void aPlanFromAStickPlaysWithoutAnyServerAndTheJournalGoesBack() {
        var d = pole.deployment;
        var asset = Deployment.asset("village", 120);
        var keys = d.keys();
        put("keys", keys);
        put("site", d.site(NOON - 1000));
        put("plan", d.plan(NOON, List.of(asset), Deployment.item("o1", NOON + 1_200_000, 120, 20, 300, 0)));
        names.add(Bundle.File.asset(asset));
        // Never connected: not even the keys are known [USB-1f].
        pole.powerOn();
        pole.step(stick());
        pole.runUntil(NOON + 1_500_000);
        assertThat(pole.plays()).containsExactly("o1 started 0", "o1 completed 120");
        assertThat(pole.events()).anyMatch(e -> e instanceof Event.Local l && l.act() == Event.LocalAct.USB);
        pole.step(stick());
        assertThat(pole.exported).hasSize(2);
        assertThat(pole.exported.get(1).events().entries()).anyMatch(entry -> entry.event() instanceof Event.Completed);
    }

    @Test
    void aDamagedFileIsLeftAloneAndAStrangersBundleAltogether() {
        var d = pole.deployment;
        pole.powerOn().deliver(d.keys());
        put("site", d.site(NOON - 1000));
        files.put("doc/site.gb1", Bytes.of(new byte[] {1}));
        pole.step(stick());
        assertThat(pole.said).anyMatch(line -> line.contains("missing or damaged"));
        pole.step(new Input.Stick(Bytes.of("{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII)), files));
        assertThat(pole.events())
                .noneMatch(e -> e instanceof Event.DocumentChange c
                        && c.row().toString().equals("site"));
    }
}
