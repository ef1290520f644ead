package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Two slots for firmware, as a bootloader has them, in {@code firmware/} of the data directory. This program does not replace
 * itself: it answers to the version in the slot, so that servers can be tried with the whole way of an update.
 *
 * <p>{@code kept} names the version that proved itself, {@code trial} one that did not yet; {@code tried} says that the trial
 * has begun. A start that finds a trial begun and not kept goes back, and so does one whose image is not what was put there, or
 * whose version a file {@code broken-VERSION} declares unable to start, for tests.
 */
final class FirmwareSlots {
    private static final String KEPT = "kept";
    private static final String TRIAL = "trial";
    private static final String TRIED = "tried";

    private final Path directory;

    /**
     * @param home of the slots; made if absent
     */
    FirmwareSlots(Path home) throws IOException {
        directory = Files.createDirectories(home);
    }

    /**
     * What a bootloader does at a start.
     *
     * @return the version that runs; empty for the one this program was built with
     */
    Optional<String> boot() throws IOException {
        var trial = read(TRIAL);
        if (trial.isPresent()) {
            if (!Files.exists(directory.resolve(TRIED)) && starts(trial.get())) {
                write(TRIED, trial.get());
                return trial;
            }
            drop();
        }
        return read(KEPT);
    }

    private boolean starts(String version) {
        return Files.exists(image(version)) && !Files.exists(directory.resolve("broken-" + version));
    }

    private Path image(String version) {
        return directory.resolve("image-" + version);
    }

    /** Puts an image into the other slot and reads it back; it runs from the next start on, on trial. */
    void stage(Path image, String version) throws IOException {
        Files.deleteIfExists(directory.resolve(TRIED));
        var slot = image(version);
        Files.copy(image, slot, StandardCopyOption.REPLACE_EXISTING);
        try (var file = FileChannel.open(slot, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        if (Files.mismatch(image, slot) >= 0) throw new IOException("the slot does not hold what was written to it");
        write(TRIAL, version);
    }

    /** The trial proved itself. */
    void keep(String version) throws IOException {
        write(KEPT, version);
        drop();
    }

    /** The trial did not. */
    void revert() throws IOException {
        drop();
    }

    private void drop() throws IOException {
        Files.deleteIfExists(directory.resolve(TRIAL));
        Files.deleteIfExists(directory.resolve(TRIED));
        DiskStore.syncDirectory(directory);
    }

    private Optional<String> read(String name) throws IOException {
        var file = directory.resolve(name);
        return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    }

    private void write(String name, String text) throws IOException {
        var fresh = directory.resolve(name + ".new");
        Files.write(fresh, text.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DiskStore.syncDirectory(directory);
    }
}
