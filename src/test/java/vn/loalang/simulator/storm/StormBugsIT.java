package vn.loalang.simulator.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Storms bite: each patch in {@code src/test/storm-bugs} breaks one thing in a controller core, the protocol or the server's
 * decisions, and a storm must find it within 200 simulated days, by the invariant it breaks. {@code -Dstorm.bug=07} tries one.
 */
class StormBugsIT {
    private static final Path PATCHES = Path.of("src/test/storm-bugs");
    private static final int MOST_STORMS = 200 / Setting.DAYS;

    @TempDir
    Path work;

    private record Bug(String name, String breaks, Path file, String patched) {}

    @Test
    void everySeededBugIsFoundWithinTwoHundredDays() throws Exception {
        var table = new StringBuilder(
                String.format(Locale.ROOT, "%n%-42s %-14s %s%n", "bug", "breaks", "found by the storms"));
        var survivors = new ArrayList<String>();
        var bugs = bugs();
        for (var bug : bugs) {
            var found = hunt(bug);
            if (found.isEmpty()) survivors.add(bug.name());
            table.append(String.format(
                    Locale.ROOT, "%-42s %-14s %s%n", bug.name(), bug.breaks(), found.isEmpty() ? "NOT FOUND" : found));
        }
        System.out.println(table);
        Files.writeString(Path.of("target", "storm-bugs.txt"), table);
        assertThat(bugs).isNotEmpty();
        assertThat(survivors).as(table.toString()).isEmpty();
    }

    private String hunt(Bug bug) throws Exception {
        var overlay = Files.createDirectories(work.resolve(bug.name()));
        compile(bug, overlay);
        try (var loader = new Overlay(
                overlay.toUri().toURL(),
                Path.of(System.getProperty("storm.classes", "target/classes"))
                        .toUri()
                        .toURL())) {
            var method = loader.loadClass(StormBugsIT.class.getPackageName() + ".StormCommand")
                    .getDeclaredMethod("hunt", long.class, int.class);
            method.setAccessible(true);
            for (int seed = 1; seed <= MOST_STORMS; seed++) {
                var broken = (List<?>) method.invoke(null, (long) seed, Setting.DAYS);
                var right = broken.stream()
                        .map(String::valueOf)
                        .filter(violation -> violation.contains(" " + bug.breaks() + ": "))
                        .findFirst();
                if (right.isPresent()) return "seed " + seed + ": " + right.get();
            }
        }
        return "";
    }

    private void compile(Bug bug, Path overlay) throws IOException {
        var source = Files.createDirectories(work.resolve("source-" + bug.name()))
                .resolve(bug.file().getFileName());
        Files.writeString(source, bug.patched());
        var errors = new ByteArrayOutputStream();
        var failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        new PrintStream(errors, true, StandardCharsets.UTF_8),
                        "-nowarn",
                        "-proc:none",
                        "-parameters",
                        "--release",
                        "17",
                        "-d",
                        overlay.toString(),
                        "-cp",
                        System.getProperty("kit.class.path", System.getProperty("java.class.path")),
                        source.toString());
        assertThat(failed).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    }

    private static List<Bug> bugs() throws IOException {
        var bugs = new ArrayList<Bug>();
        try (var files = Files.list(PATCHES)) {
            var only = System.getProperty("storm.bug", "");
            for (var file : (Iterable<Path>)
                    files.filter(file -> file.getFileName().toString().startsWith(only))
                            .sorted()::iterator) {
                var lines = Files.readAllLines(file);
                var target = Path.of(after(lines, "+++ b/"));
                bugs.add(new Bug(
                        file.getFileName().toString().replace(".patch", ""),
                        after(lines, "# breaks: "),
                        target,
                        patched(Files.readString(target), lines, file)));
            }
        }
        return bugs;
    }

    /** Each hunk is found by its text; line numbers may have moved. */
    private static String patched(String source, List<String> lines, Path patch) {
        var before = new StringBuilder();
        var after = new StringBuilder();
        for (var line : lines) {
            if (line.startsWith("#") || line.startsWith("---") || line.startsWith("+++") || line.startsWith("@@"))
                continue;
            if (!line.startsWith("+"))
                before.append(line.substring(Math.min(1, line.length()))).append('\n');
            if (!line.startsWith("-"))
                after.append(line.substring(Math.min(1, line.length()))).append('\n');
        }
        var at = source.indexOf(before.toString());
        assertThat(at).as("%s fits its file", patch).isNotNegative();
        return source.substring(0, at) + after + source.substring(at + before.length());
    }

    private static String after(List<String> lines, String prefix) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()).trim())
                .findFirst()
                .orElseThrow();
    }

    /** Our own classes come from the overlay first, everything else as usual. */
    private static final class Overlay extends URLClassLoader {
        Overlay(URL patched, URL whole) {
            super(new URL[] {patched, whole}, StormBugsIT.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("vn.loalang.")) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                var loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
