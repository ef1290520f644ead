package vn.loalang.simulator.storm;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code simulate --storm}: lets storms blow over and tells what broke. Exit code 0 when nothing did, 1 otherwise. */
@Command(
        name = "simulate --storm",
        mixinStandardHelpOptions = true,
        description =
                "Server decisions and real controller cores in one thread on virtual time, everything drawn from one seed.")
public final class StormCommand implements Callable<Integer> {
    @Option(names = "--storm", required = true, description = "storms instead of a simulated fleet")
    private boolean storm;

    @Option(names = "--seed", description = "first seed; alone, exactly this storm is had again")
    private long seed = 1;

    @Option(names = "--runs", description = "how many storms, with seeds counting up")
    private int runs = 1;

    @Option(names = "--minutes", description = "begin no further storm after this many minutes; 0: no limit")
    private int minutes;

    @Option(names = "--days", description = "simulated days of each storm")
    private int days = Setting.DAYS;

    @Option(names = "--controllers", description = "controllers of each storm")
    private int controllers = Setting.POLES;

    @Option(names = "--calm-broker", description = "nobody at the broker means harm")
    private boolean calmBroker;

    @Option(names = "--no-emergencies", description = "programmes alone")
    private boolean noEmergencies;

    @Option(names = "--trace", description = "tell all that happens")
    private boolean trace;

    @Option(names = "--to-the-end", description = "go on after a storm that broke something")
    private boolean toTheEnd;

    /** Made by picocli. */
    public StormCommand() {}

    @Override
    public Integer call() {
        if (!storm) return 2;
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var began = System.nanoTime();
        long done = 0;
        var failed = 0;
        var seeds = 0;
        for (int i = 0; i < runs && !isLate(began); i++) {
            seeds++;
            var setting = new Setting(seed + i, days, controllers, !noEmergencies, !calmBroker);
            var result = Storm.run(setting, trace ? out : null);
            done += days;
            if (!result.isCalm()) {
                failed++;
                out.println("seed " + setting.seed() + " BROKE; the same again: " + again(setting));
                result.violations().forEach(violation -> out.println("  " + violation));
                if (!toTheEnd) break;
            } else if (runs == 1) {
                out.println(line(result));
            }
            if (runs > 1 && (i + 1) % 20 == 0) out.println(sum(done, began, failed, seeds));
        }
        out.println(sum(done, began, failed, seeds));
        return failed == 0 ? 0 : 1;
    }

    /** What one storm broke, in words; for who loads this class with a patched core behind it. */
    static List<String> hunt(long seed, int days) {
        return Storm.run(new Setting(seed, days, Setting.POLES, true, true), null).violations().stream()
                .map(Violation::toString)
                .toList();
    }

    static String line(Storm.Result result) {
        return String.format(
                Locale.ROOT,
                "seed %d: %d days, %d controllers, %d events, %d soundings (%d of emergencies), %d poles reached, "
                        + "%d journal entries confirmed, %d commands carried out, %d images put in, %d recordings by blocks, digest %016x",
                result.setting().seed(),
                result.setting().days(),
                result.setting().poles(),
                result.events(),
                result.soundings(),
                result.emergencies(),
                result.reached(),
                result.confirmations(),
                result.commands(),
                result.firmware(),
                result.byBlocks(),
                result.digest());
    }

    static String again(Setting setting) {
        return "java -jar target/loalang.jar simulate --storm --seed " + setting.seed()
                + (setting.days() == Setting.DAYS ? "" : " --days " + setting.days())
                + (setting.poles() == Setting.POLES ? "" : " --controllers " + setting.poles())
                + (setting.emergencies() ? "" : " --no-emergencies")
                + (setting.attacker() ? "" : " --calm-broker");
    }

    private boolean isLate(long began) {
        return minutes > 0 && System.nanoTime() - began > minutes * 60_000_000_000L;
    }

    /** The total so far, and the seed to go on with another time. */
    private String sum(long days, long began, int failed, int seeds) {
        var seconds = (System.nanoTime() - began) / 1e9;
        return String.format(
                Locale.ROOT,
                "{\"firstSeed\":%d,\"nextSeed\":%d,\"days\":%d,\"seconds\":%.1f,\"processorSeconds\":%.1f,\"daysPerSecond\":%.1f,\"failedSeeds\":%d}",
                seed,
                seed + seeds,
                days,
                seconds,
                ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .orElse(Duration.ZERO)
                                .toMillis()
                        / 1e3,
                days / seconds,
                failed);
    }
}
