package vn.loalang.simulator.storm;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Profile;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.QuietWindow;
import vn.loalang.protocol.SigningKey;

/** One storm: everything is drawn from its seed, so it can be had again to the last bit. */
final class Storm {
    private static final long START = Instant.parse("2026-03-02T17:00:00Z").toEpochMilli();
    private static final long HOUR_MS = 3_600_000L;
    private static final long DAY_MS = 24 * HOUR_MS;
    private static final List<QuietWindow> QUIET = List.of(QuietWindow.parse("21:30", "04:45"));
    /** Every other box decides ahead of an item's start. */
    private static final long LEAD_MS = 500;

    private static final List<String> VILLAGES = List.of("37.1.1", "37.1.2", "37.2.1", "37.2.2");

    private Storm() {}

    /**
     * How a storm ended.
     *
     * @param violations of the first hour that had any; the storm ended with it
     * @param digest equal for equal histories
     * @param events that happened in it
     * @param soundings how often a loudspeaker began
     * @param emergencies how many of these were emergencies
     * @param confirmations journal entries that were confirmed
     * @param reached how often a pole had to hear an emergency and did
     * @param commands that took effect
     * @param firmware how often an image was put in
     * @param byBlocks how often a recording became whole that came by blocks
     */
    record Result(
            Setting setting,
            List<Violation> violations,
            long digest,
            long events,
            long soundings,
            long emergencies,
            long confirmations,
            long reached,
            long commands,
            long firmware,
            long byBlocks) {
        boolean isCalm() {
            return violations.isEmpty();
        }
    }

    /**
     * Lets it blow over, or until the hour in which something broke.
     *
     * @param trace told what happens, or null
     */
    static Result run(Setting setting, @Nullable PrintStream trace) {
        var world = new World(setting.seed(), START, trace);
        var keys = new Keyring(world.random("keys"));
        var notary = new Notary();
        var broker = new Broker(world);
        var library = new Library();
        var shelves = world.random("library");
        for (int i = 0; i < 3; i++) library.record(shelves, 20 + shelves.nextInt(60));
        var auditor = new Auditor(world, notary, library, QUIET);
        var server = new Server(world, broker, auditor, keys, notary, library, QUIET);
        broker.serve(server);
        auditor.watches(server, broker);
        var poles = new ArrayList<Pole>();
        for (int i = 0; i < setting.poles(); i++) {
            var pole = new Pole(
                    world,
                    broker,
                    auditor,
                    library,
                    server::isUp,
                    profile(setting.seed(), i, keys).judgedBy(notary),
                    "pole-" + (i + 1),
                    scopes(VILLAGES.get(i % VILLAGES.size())));
            poles.add(pole);
            server.hang(pole);
        }
        server.start();
        var weather = new Weather(world, broker, server, library, setting, poles);
        weather.begin();
        if (setting.attacker()) new Attacker(world, broker, server, auditor, keys, notary, poles).lurk();
        var hours = setting.days() * 24;
        for (int hour = 1; hour <= hours && auditor.violations().isEmpty(); hour++) {
            try {
                world.runUntil(START + hour * HOUR_MS);
            } catch (RuntimeException failed) {
                auditor.failed(failed);
            }
            if (hour % 24 == 0) auditor.endOfDay();
        }
        return new Result(
                setting,
                List.copyOf(auditor.violations()),
                world.digest(),
                world.happened(),
                auditor.soundings(),
                auditor.emergencySoundings(),
                auditor.confirmations(),
                auditor.reached(),
                auditor.commandsDone(),
                auditor.staged(),
                auditor.byBlocks());
    }

    private static Profile profile(long seed, int number, Keyring keys) {
        var key = new SigningKey(new Kid("d1"), sha256(seed + " device " + number));
        var id = DeviceId.of(key.publicKey());
        var claim = new ClaimFile(
                Keyring.SYS,
                id,
                START - DAY_MS,
                keys.roots(),
                List.of(),
                List.of(new ClaimFile.Broker("broker", 8883)),
                new ClaimFile.Credential.Password(id.value(), "secret"),
                null,
                null);
        return Profile.of(id, claim)
                .with(
                        number % 3 == 0 ? Hello.Proof.AMP : Hello.Proof.NONE,
                        Hello.Why.POWER,
                        false,
                        Profile.Pace.STANDARD)
                .leading(number % 2 == 0 ? LEAD_MS : 0);
    }

    private static byte[] sha256(String text) {
        return Hash.of(text.getBytes(StandardCharsets.UTF_8)).value().toArray();
    }

    /** The pole's own area and those above it, deepest first. */
    private static List<AreaPath> scopes(String village) {
        var scopes = new ArrayList<AreaPath>();
        for (var path = village; !path.isEmpty(); path = above(path)) scopes.add(new AreaPath(path));
        return scopes;
    }

    private static String above(String path) {
        var dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }
}
