package vn.loalang.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The packaged product, unpacked once for faster starts, and the commands that run it. */
final class PackagedJar {
    static final Path FILE = Path.of("target", "loalang.jar").toAbsolutePath();
    /** One for each JVM that runs tests beside others. */
    private static final Path UNPACKED = Path.of("target", "unpacked" + System.getProperty("surefire.forkNumber", ""))
            .toAbsolutePath();

    private PackagedJar() {}

    /** {@code java <jvm flags> -jar loalang.jar <arguments>} on the JVM that runs the tests. */
    static List<String> command(List<String> jvmFlags, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(jvmFlags);
        command.addAll(List.of("-jar", unpacked().toString()));
        command.addAll(arguments);
        return command;
    }

    /** {@link RunningServer#FLAGS} and an archive of loaded classes, made once: a start takes two thirds of the time. */
    static synchronized List<String> quick() {
        Path archive = UNPACKED.resolve("classes.jsa");
        try {
            Path jar = unpacked();
            if (!Files.exists(archive)
                    || Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                List<String> flags = new ArrayList<>(RunningServer.FLAGS);
                flags.add("-XX:ArchiveClassesAtExit=" + archive);
                Path data =
                        Files.createTempDirectory(FILE.getParent(), "training").resolve("data");
                try (RunningServer training = RunningServer.start(data, flags, "--demo=false")) {
                    training.stop();
                }
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        List<String> flags = new ArrayList<>(RunningServer.FLAGS);
        // Where the archive does not fit, the JVM starts without it and says nothing.
        flags.addAll(List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive, "-Xlog:disable"));
        return flags;
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Others' jars, unpacked. */
    static Path libraries() {
        return unpacked().resolveSibling("lib");
    }

    private static synchronized Path unpacked() {
        Path jar = UNPACKED.resolve(FILE.getFileName());
        try {
            if (!Files.exists(jar) || Files.getLastModifiedTime(jar).compareTo(Files.getLastModifiedTime(FILE)) < 0) {
                List<String> extract = List.of(
                        java(),
                        "-Djarmode=tools",
                        "-jar",
                        FILE.toString(),
                        "extract",
                        "--force",
                        "--destination",
                        UNPACKED.toString());
                try (ChildProcess process = ChildProcess.start("extract", FILE.getParent(), extract)) {
                    int exit = process.awaitEnd(Duration.ofMinutes(1));
                    if (exit != 0) {
                        throw new AssertionError("Unpacking the jar ended with " + exit + ":\n" + process.output());
                    }
                }
            }
            return jar;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
