package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.JournalFile;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;

/** The box's own key, made by itself and never shown (CLM-1): 32 bytes in {@code unit.key}, readable by the owner alone. */
public final class UnitKey {
    private static final String NAME = "unit.key";
    private static final Kid KID = new Kid("d1");

    private final SigningKey key;

    private UnitKey(SigningKey key) {
        this.key = key;
    }

    /**
     * Reads the key in a data directory, or makes one there.
     *
     * @throws IOException if the disk fails or the file is not a key
     */
    public static UnitKey in(Path data) throws IOException {
        var file = data.resolve(NAME);
        if (!Files.exists(file)) make(data, file);
        var seed = Files.readAllBytes(file);
        if (seed.length != 32)
            throw new IOException(file + " is not a key of 32 bytes; restore it or choose another --data");
        return new UnitKey(new SigningKey(KID, seed));
    }

    /** The name that follows from the key. */
    public DeviceId id() {
        return DeviceId.of(key.publicKey());
    }

    /** The journal for a memory stick, signed. */
    byte[] sign(JournalFile journal) {
        return journal.sign(key);
    }

    /** What stands on the box as a QR code. */
    public String label(String model) {
        return "GB1:" + id() + ":" + model;
    }

    private static void make(Path data, Path file) throws IOException {
        var seed = SigningKey.generate(KID, new SecureRandom()).seed();
        var fresh = data.resolve(NAME + ".new");
        Files.deleteIfExists(fresh);
        try (var channel = FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            if (Files.getFileStore(data).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            }
            channel.write(ByteBuffer.wrap(seed));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        DiskStore.syncDirectory(data);
    }
}
