package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Input;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;

/** A memory stick, or any directory in its place: {@code GB1/bundle.gb1}, {@code doc/}, {@code asset/}, and {@code out/} (§12). */
final class UsbStick {
    private final Path root;
    private @Nullable FileTime seen;

    /**
     * @param directory where the stick appears; it may come and go
     */
    UsbStick(Path directory) {
        this.root = directory.resolve("GB1");
    }

    /** What lies on a stick that was not here before, or has changed. */
    Optional<Input.Stick> arrived() throws IOException {
        var bundle = root.resolve("bundle.gb1");
        if (!Files.isRegularFile(bundle)) {
            seen = null;
            return Optional.empty();
        }
        var changed = Files.getLastModifiedTime(bundle);
        if (changed.equals(seen)) return Optional.empty();
        seen = changed;
        var documents = new HashMap<String, Bytes>();
        var folder = root.resolve("doc");
        if (Files.isDirectory(folder)) {
            try (var files = Files.list(folder)) {
                for (var file : (Iterable<Path>) files::iterator) {
                    if (Files.isRegularFile(file) && Files.size(file) <= Limits.DEVICE_MESSAGE) {
                        documents.put("doc/" + file.getFileName(), Bytes.of(Files.readAllBytes(file)));
                    }
                }
            }
        }
        if (Files.size(bundle) > Limits.DEVICE_MESSAGE) return Optional.empty();
        return Optional.of(new Input.Stick(Bytes.of(Files.readAllBytes(bundle)), Map.copyOf(documents)));
    }

    /** Where an asset lies on the stick. */
    Path asset(Hash hash) {
        return root.resolve("asset").resolve(hash.b64u());
    }

    /** Where journals lie on a stick that appears in this directory. */
    static Path out(Path directory) {
        return new UsbStick(directory).root.resolve("out");
    }

    /** Writes a file for the way back; it has its name once it is whole. */
    void export(String name, byte[] message) throws IOException {
        write(root.resolve("out"), name, message);
    }

    /** Writes a file into a directory, which is made if absent; it has its name once it is whole and on the disk. */
    static void write(Path into, String name, byte[] message) throws IOException {
        var directory = Files.createDirectories(into);
        var fresh = directory.resolve(name + ".new");
        try (var file = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(message);
            while (bytes.hasRemaining()) file.write(bytes);
            file.force(true);
        }
        Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DiskStore.syncDirectory(directory);
    }
}
