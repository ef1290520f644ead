package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.NewClaim;
import vn.loalang.protocol.ClaimFile;

/**
 * The claim in a box's data directory. A new one and the erasure of all that belonged to the old one are one step [CLM-2b]: it
 * is decided when {@code claim.gbf.next} has its name, and whatever power cut comes then, the next start finishes it before
 * anything else. So old documents are never seen under a new claim.
 */
public final class Claimed {
    private static final String FRESH = ClaimFile.FILE_NAME + ".new";
    private static final String NEXT = ClaimFile.FILE_NAME + ".next";
    private static final String JOURNALS = "journals";

    private final Path data;

    private Claimed(Path data) {
        this.data = data;
    }

    /**
     * The claim in a data directory, which must exist and be locked by the caller.
     *
     * @throws IOException if the disk fails
     */
    public static Claimed in(Path data) throws IOException {
        var claimed = new Claimed(data);
        if (Files.exists(data.resolve(NEXT))) claimed.finish();
        return claimed;
    }

    /** The claim in force; empty for a box that was never claimed. */
    public Optional<ClaimFile> file() throws IOException {
        var kept = data.resolve(ClaimFile.FILE_NAME);
        return Files.exists(kept) ? Optional.of(ClaimFile.decode(Files.readAllBytes(kept))) : Optional.empty();
    }

    /** Keeps the claim of a box that has none [CLM-1]. */
    public void keep(ClaimFile first) throws IOException {
        write(first, ClaimFile.FILE_NAME);
    }

    /**
     * Writes the journal of the claim in force, as a memory stick gets it [USB-2]; to be done before another takes its place.
     *
     * @param usb where a memory stick appears; null for {@code journals/} of the data directory
     * @return where it lies; empty when there is nothing that the server has not confirmed
     */
    public Optional<Path> export(ClaimFile old, UnitKey unit, @Nullable Path usb) throws IOException {
        try (var store = DiskStore.open(data)) {
            var journal = NewClaim.journal(old.sys(), unit.id(), store.content());
            if (journal.isEmpty()) return Optional.empty();
            var directory = usb == null ? data.resolve(JOURNALS) : UsbStick.out(usb);
            UsbStick.write(directory, journal.get().name(), unit.sign(journal.get()));
            return Optional.of(directory.resolve(journal.get().name()));
        }
    }

    /** Erases what belonged to the claim in force and keeps a new one [CLM-2b]. */
    public void replace(ClaimFile next) throws IOException {
        write(next, NEXT);
        finish();
    }

    private void finish() throws IOException {
        try (var store = DiskStore.open(data)) {
            store.retain(NewClaim.STAYS);
        }
        new AssetFiles(data).clear();
        move(NEXT, ClaimFile.FILE_NAME);
    }

    private void write(ClaimFile file, String name) throws IOException {
        Files.write(
                data.resolve(FRESH),
                file.encode(),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        move(FRESH, name);
    }

    private void move(String from, String to) throws IOException {
        Files.move(
                data.resolve(from),
                data.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        DiskStore.syncDirectory(data);
    }
}
