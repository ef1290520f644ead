package vn.loalang.controller.port;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The controller's memory on disk: one log of atomic batches, each with its length and checksum and synced before {@link #persist}
 * returns. A batch torn by a power cut is the last one and is cut off at the next start, so the memory is always that of a whole
 * number of batches. When the log has grown well past its content it is written anew beside and renamed over.
 */
public final class DiskStore implements AutoCloseable {
    private static final String NAME = "memory.log";
    private static final long REWRITE_FROM_BYTES = 1 << 20;
    private static final int LARGEST_BATCH = 64 << 20;

    private final Path directory;
    private final TreeMap<String, String> content = new TreeMap<>();
    private FileChannel log;

    private DiskStore(Path directory, FileChannel log) {
        this.directory = directory;
        this.log = log;
    }

    /**
     * Opens the memory in a directory, which must exist and be locked by the caller.
     *
     * @throws IOException if the disk fails
     */
    public static DiskStore open(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(NAME + ".new"));
        var log = FileChannel.open(
                directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var store = new DiskStore(directory, log);
        store.replay();
        syncDirectory(directory);
        return store;
    }

    /** All that is remembered. */
    public Map<String, String> content() {
        return Map.copyOf(content);
    }

    /**
     * Remembers a batch, wholly or not at all; on the disk when it returns.
     *
     * @throws IOException if the disk fails; the memory then stays as it was
     */
    public void persist(Map<String, Optional<String>> changes) throws IOException {
        var before = log.position();
        try {
            append(log, changes);
        } catch (IOException e) {
            log.truncate(before);
            throw e;
        }
        apply(changes);
        if (log.position() > REWRITE_FROM_BYTES && log.position() > 4 * liveBytes()) rewrite();
    }

    /**
     * Forgets all but some keys, wholly or not at all; nothing of the rest is left in the file.
     *
     * @throws IOException if the disk fails
     */
    void retain(Set<String> keys) throws IOException {
        content.keySet().retainAll(keys);
        rewrite();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    private void apply(Map<String, Optional<String>> changes) {
        changes.forEach((key, value) -> value.ifPresentOrElse(v -> content.put(key, v), () -> content.remove(key)));
    }

    private long liveBytes() {
        return content.entrySet().stream()
                .mapToLong(e -> e.getKey().length() + e.getValue().length() + 16L)
                .sum();
    }

    private void rewrite() throws IOException {
        var fresh = directory.resolve(NAME + ".new");
        var all = new LinkedHashMap<String, Optional<String>>();
        content.forEach((key, value) -> all.put(key, Optional.of(value)));
        var next = FileChannel.open(
                fresh,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            append(next, all);
            Files.move(
                    fresh,
                    directory.resolve(NAME),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            next.close();
            throw e;
        }
        log.close();
        log = next;
        syncDirectory(directory);
    }

    private static void append(FileChannel file, Map<String, Optional<String>> changes) throws IOException {
        var bytes = encode(changes);
        var record = ByteBuffer.allocate(8 + bytes.length);
        record.putInt(bytes.length).putInt(checksum(bytes)).put(bytes).flip();
        while (record.hasRemaining()) file.write(record);
        file.force(false);
    }

    private void replay() throws IOException {
        var size = log.size();
        long at = 0;
        var head = ByteBuffer.allocate(8);
        while (size - at >= 8) {
            head.clear();
            readFully(head, at);
            var length = head.getInt();
            var sum = head.getInt();
            if (length < 0 || length > LARGEST_BATCH || length > size - at - 8) break;
            var body = ByteBuffer.allocate(length);
            readFully(body, at + 8);
            if (checksum(body.array()) != sum) break;
            apply(decode(body.array()));
            at += 8 + length;
        }
        if (at < size) {
            log.truncate(at);
            log.force(true);
        }
        log.position(at);
    }

    private void readFully(ByteBuffer into, long at) throws IOException {
        while (into.hasRemaining()) {
            if (log.read(into, at + into.position()) < 0) throw new IOException("The memory became shorter while read");
        }
        into.flip();
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static byte[] encode(Map<String, Optional<String>> changes) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(changes.size());
            for (var change : changes.entrySet()) {
                write(out, change.getKey());
                out.writeBoolean(change.getValue().isPresent());
                if (change.getValue().isPresent()) write(out, change.getValue().get());
            }
        }
        return bytes.toByteArray();
    }

    private static Map<String, Optional<String>> decode(byte[] bytes) throws IOException {
        var changes = new LinkedHashMap<String, Optional<String>>();
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            var count = in.readInt();
            for (int i = 0; i < count; i++) {
                var key = read(in);
                changes.put(key, in.readBoolean() ? Optional.of(read(in)) : Optional.empty());
            }
        }
        return changes;
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String read(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    /** Makes creations and renames in a directory survive a power cut. */
    static void syncDirectory(Path directory) throws IOException {
        try (var handle = FileChannel.open(directory, StandardOpenOption.READ)) {
            handle.force(true);
        }
    }
}
