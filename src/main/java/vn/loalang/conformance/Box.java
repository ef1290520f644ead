package vn.loalang.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The controller under test as a process with its own directory, started and killed like a box whose power comes and goes. */
final class Box implements AutoCloseable {
    private final Settings settings;
    private final Path home;
    private final int hookPort;
    private volatile @Nullable Process process;

    Box(Settings settings, Path home) throws IOException {
        this.settings = settings;
        this.home = home;
        for (var name : List.of("data", "wav", "usb", "fw")) Files.createDirectories(home.resolve(name));
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            hookPort = socket.getLocalPort();
        }
    }

    Path data() {
        return home.resolve("data");
    }

    Path wav() {
        return settings.capture().orElse(home.resolve("wav"));
    }

    Path usb() {
        return home.resolve("usb");
    }

    /** Where the bootloader of a bench has its slots. */
    Path firmware() {
        return home.resolve("fw");
    }

    boolean hasFirmware() {
        return settings.has("{fw}");
    }

    boolean hasStick() {
        return settings.has("{usb}");
    }

    Path claim() {
        return home.resolve("claim.gbf");
    }

    Hook hook() {
        if (!settings.has("{hook}")) throw Verdict.notObservable("The controller's command takes no {hook}.");
        return new Hook(hookPort);
    }

    boolean isCaptured() {
        return settings.has("{wav}") || settings.capture().isPresent();
    }

    /** Starts it with its clock wrong by so much. */
    void start(long rtcOffsetMs, String pin) {
        var words = Map.of(
                "{claim}", claim().toString(),
                "{data}", data().toString(),
                "{wav}", wav().toString(),
                "{usb}", usb().toString(),
                "{fw}", firmware().toString(),
                "{hook}", Integer.toString(hookPort),
                "{pin}", pin,
                "{rtc}", Long.toString(rtcOffsetMs));
        var command = new ArrayList<String>();
        for (var word : settings.controller()) {
            var filled = word;
            for (var entry : words.entrySet()) filled = filled.replace(entry.getKey(), entry.getValue());
            command.add(filled);
        }
        if (settings.power().isPresent() && process != null) {
            power("on");
            return;
        }
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            home.resolve("output.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw Verdict.fail("The controller does not start: " + e.getMessage());
        }
    }

    boolean isAlive() {
        var current = process;
        return current != null && current.isAlive();
    }

    /** Cuts the power. */
    void kill() {
        var current = process;
        if (current == null) return;
        if (settings.power().isPresent()) {
            power("off");
            return;
        }
        current.descendants().forEach(ProcessHandle::destroyForcibly);
        current.destroyForcibly();
        try {
            if (!current.waitFor(10, TimeUnit.SECONDS)) throw Verdict.fail("The controller cannot be killed.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Verdict.fail("The deadline passed.");
        }
    }

    private void power(String state) {
        var command = settings.power().orElse(List.of()).stream()
                .map(word -> word.replace("{state}", state))
                .toList();
        try {
            if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
                throw Verdict.notObservable("The power hook failed.");
            }
        } catch (IOException e) {
            throw Verdict.notObservable("The power hook failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Verdict.fail("The deadline passed.");
        }
    }

    @Override
    public void close() {
        var current = process;
        if (current == null) return;
        current.descendants().forEach(ProcessHandle::destroyForcibly);
        current.destroyForcibly();
    }
}
