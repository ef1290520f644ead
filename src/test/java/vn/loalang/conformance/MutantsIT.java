package vn.loalang.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kit is tested itself: each patch in {@code src/test/mutants} breaks one rule in the Java controller, and the kit's tests of
 * that rule must notice. {@code -Dmutants=ack.*} runs those whose name matches.
 */
class MutantsIT {
    private static final Path PATCHES = Path.of("src/test/mutants");
    private static final int AT_ONCE = 2;

    @TempDir
    Path work;

    /** A patch with the rule it breaks and the tests that must notice. */
    private record Mutant(String name, String rule, Set<String> tests, String patch) {}

    private record Fate(Mutant mutant, boolean killed, String how, long millis) {}

    @Test
    void everyMutantIsNoticed() throws Exception {
        var chosen = mutants().stream()
                .filter(m -> m.name().matches(System.getProperty("mutants", ".*")))
                .toList();
        assertThat(mutants().size()).as("mutants").isGreaterThanOrEqualTo(40);
        var fates = Collections.synchronizedList(new ArrayList<Fate>());
        var pool = Executors.newFixedThreadPool(AT_ONCE);
        long start = System.nanoTime();
        try (var broker = new Mosquitto(work.resolve("mosquitto"))) {
            var tasks = new ArrayList<Callable<Boolean>>();
            for (var mutant : chosen) tasks.add(() -> fates.add(judge(mutant, broker)));
            for (var task : pool.invokeAll(tasks)) task.get();
        } finally {
            pool.shutdownNow();
        }
        var table = new StringBuilder(String.format(
                Locale.ROOT, "%d mutants in %d s:%n", fates.size(), (System.nanoTime() - start) / 1_000_000_000L));
        fates.stream()
                .sorted(java.util.Comparator.comparing((Fate f) -> f.mutant().name()))
                .forEach(f -> table.append(String.format(
                        Locale.ROOT,
                        "%-8s %-8s %-32s %5.1f s  %s%n",
                        f.killed() ? "killed" : "SURVIVED",
                        f.mutant().rule(),
                        f.mutant().name(),
                        f.millis() / 1000.0,
                        f.how())));
        System.out.println(table);
        Files.writeString(Path.of("target", "mutants.txt"), table);
        assertThat(fates.stream().filter(f -> !f.killed()).map(f -> f.mutant().name()))
                .as(table.toString())
                .isEmpty();
    }

    private Fate judge(Mutant mutant, Mosquitto broker) throws IOException {
        long start = System.nanoTime();
        var home = Files.createDirectories(work.resolve(mutant.name()));
        var overlay = Files.createDirectories(home.resolve("classes"));
        var how = compile(mutant, home, overlay);
        boolean killed = false;
        // A box that did not start, or crashed, has shown nothing about the rule.
        for (int attempt = 0; attempt < 2 && how.isEmpty(); attempt++) {
            var results = new Kit(
                            UnderTest.settings(
                                    broker.address(),
                                    Optional.empty(),
                                    "",
                                    "",
                                    UnderTest.java(Optional.of(overlay)),
                                    UnderTest.label(),
                                    (id, password) -> {},
                                    home.resolve("boxes-" + attempt),
                                    Set.of("core", "blk", "fan", "live", "fw", "usb"),
                                    mutant.tests(),
                                    1),
                            line -> {})
                    .run();
            var noticed = results.stream()
                    .filter(r -> r.outcome() == Outcome.FAIL)
                    .filter(r -> !r.detail().contains("a hello of the box"))
                    .filter(r -> !r.detail().contains("the controller is not running"))
                    .filter(r -> !r.detail().startsWith("The kit itself failed"))
                    .findFirst();
            if (results.isEmpty()) how = "no such test: " + mutant.tests();
            if (noticed.isPresent()) {
                killed = true;
                var detail = noticed.get().detail();
                how = noticed.get().test() + ": " + detail.substring(0, Math.min(90, detail.length()));
            } else if (results.stream().allMatch(r -> r.outcome() == Outcome.PASS)) {
                how = "passed " + mutant.tests();
            }
        }
        return new Fate(
                mutant, killed, how.isEmpty() ? "the box did not start" : how, (System.nanoTime() - start) / 1_000_000);
    }

    /** Compiles the patched file into the overlay; an empty answer is success. */
    private static String compile(Mutant mutant, Path home, Path overlay) throws IOException {
        var arguments = new ArrayList<>(List.of(
                "-nowarn",
                "-proc:none",
                "-parameters",
                "-encoding",
                "UTF-8",
                "--release",
                "17",
                "-d",
                overlay.toString(),
                "-cp",
                UnderTest.classPath()));
        Files.createDirectories(home.resolve("source"));
        for (var part : mutant.patch().split("(?m)^--- a/.*\n")) {
            if (!part.startsWith("+++ b/")) continue;
            var lines = part.lines().toList();
            var file = lines.get(0).substring("+++ b/".length());
            var source = Files.readString(Path.of(file));
            for (var hunk : hunks(lines)) {
                int at = source.indexOf(hunk.before());
                if (at < 0 || source.indexOf(hunk.before(), at + 1) >= 0) return "the patch does not fit " + file;
                source = source.substring(0, at)
                        + hunk.after()
                        + source.substring(at + hunk.before().length());
            }
            var patched = home.resolve("source").resolve(Path.of(file).getFileName());
            Files.writeString(patched, source);
            arguments.add(patched.toString());
        }
        var errors = new java.io.ByteArrayOutputStream();
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments.toArray(String[]::new));
        return failed == 0 ? "" : "does not compile: " + errors.toString(StandardCharsets.UTF_8);
    }

    private record Hunk(String before, String after) {}

    private static List<Hunk> hunks(List<String> lines) {
        var hunks = new ArrayList<Hunk>();
        var before = new StringBuilder();
        var after = new StringBuilder();
        for (var line : lines) {
            if (line.startsWith("#") || line.startsWith("---") || line.startsWith("+++")) continue;
            if (line.startsWith("@@")) {
                if (before.length() > 0) hunks.add(new Hunk(before.toString(), after.toString()));
                before.setLength(0);
                after.setLength(0);
                continue;
            }
            var text = line.isEmpty() ? "" : line.substring(1);
            if (!line.startsWith("+")) before.append(text).append('\n');
            if (!line.startsWith("-")) after.append(text).append('\n');
        }
        if (before.length() > 0) hunks.add(new Hunk(before.toString(), after.toString()));
        return hunks;
    }

    private static List<Mutant> mutants() throws IOException {
        try (var files = Files.list(PATCHES)) {
            var mutants = new ArrayList<Mutant>();
            for (var file : (Iterable<Path>) files.sorted()::iterator) {
                var patch = Files.readString(file);
                mutants.add(new Mutant(
                        file.getFileName().toString().replace(".patch", ""),
                        header(patch, "# rule: "),
                        Set.of(header(patch, "# tests: ").split(",")),
                        patch));
            }
            return mutants;
        }
    }

    private static String header(String patch, String name) {
        return patch.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).trim())
                .findFirst()
                .orElseThrow();
    }
}
