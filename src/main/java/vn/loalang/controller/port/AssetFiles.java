package vn.loalang.controller.port;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import vn.loalang.protocol.Hash;
import vn.loalang.sound.CanonicalMp3;

/** Audio on the disk: {@code assets/<hash in hex>} once it is whole and right, with
 * {@code .part} behind the name while it arrives. */
public final class AssetFiles {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final String PART = ".part";
    private static final int WARM_UP_FRAMES = 50;

    private final Path directory;

    /**
     * @param data the controller's data directory
     * @throws IOException if the directory for audio cannot be made
     */
    public AssetFiles(Path data) throws IOException {
        this.directory = Files.createDirectories(data.resolve("assets"));
    }

    /** Where whole files lie. */
    public Path directory() {
        return directory;
    }

    /** Lengths of whole assets by hash. */
    public Map<Hash, Long> ready() throws IOException {
        return lengths("");
    }

    /** Lengths of assets that have only partly arrived. */
    public Map<Hash, Long> parts() throws IOException {
        return lengths(PART);
    }

    Path part(Hash hash) {
        return directory.resolve(hash.hex() + PART);
    }

    /** Length of what has arrived. */
    long partLength(Hash hash) throws IOException {
        var part = part(hash);
        return Files.exists(part) ? Files.size(part) : 0;
    }

    /** Writes a piece of an asset that arrives in pieces. */
    void place(Hash hash, long offset, byte[] piece) throws IOException {
        try (var part = FileChannel.open(part(hash), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(piece);
            while (bytes.hasRemaining()) part.write(bytes, offset + bytes.position());
            part.force(false);
        }
    }

    /**
     * Hashes the whole part and, if it is right, makes it ready; otherwise throws it away. A ready file is on the disk before
     * it has its name.
     */
    boolean verify(Hash hash, long size) throws IOException {
        var part = part(hash);
        if (!Files.exists(part) || Files.size(part) != size || !hash.equals(hashOf(part))) {
            Files.deleteIfExists(part);
            return false;
        }
        try (var file = FileChannel.open(part, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        var whole = directory.resolve(hash.hex());
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DiskStore.syncDirectory(directory);
        warmUp(whole);
        return true;
    }

    /** Where a whole asset lies. */
    Path whole(Hash hash) {
        return directory.resolve(hash.hex());
    }

    /** Copies a file in as the part of an asset, and verifies it. */
    boolean bring(Path file, Hash hash, long size) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != size) return false;
        Files.copy(file, part(hash), StandardCopyOption.REPLACE_EXISTING);
        return verify(hash, size);
    }

    /** Copies a file in if its name is its hash, as from a memory stick. */
    public void bring(Path file) throws IOException {
        var name = file.getFileName().toString();
        if (!HASH.matcher(name).matches()) return;
        var hash = Hash.parseHex(name);
        if (Files.exists(directory.resolve(hash.hex()))) return;
        Files.copy(file, part(hash), StandardCopyOption.REPLACE_EXISTING);
        verify(hash, Files.size(part(hash)));
    }

    void discard(Hash hash) throws IOException {
        Files.deleteIfExists(part(hash));
        Files.deleteIfExists(directory.resolve(hash.hex()));
    }

    /** Throws everything away. */
    void clear() throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : (Iterable<Path>) files::iterator) Files.delete(file);
        }
        DiskStore.syncDirectory(directory);
    }

    /** Decodes a little of any ready file, so that the first start on air does not wait for the class loader. */
    void warmUp() throws IOException {
        for (var hash : ready().keySet()) {
            if (warmUp(directory.resolve(hash.hex()))) return;
        }
    }

    /** Whether that worked; firmware and damaged sound cannot be decoded, and need not be. */
    private static boolean warmUp(Path file) {
        try (var stream = CanonicalMp3.decode(file)) {
            var some = new short[CanonicalMp3.FRAME_SAMPLES];
            int frames = 0;
            while (frames < WARM_UP_FRAMES && stream.read(some, 0, some.length) > 0) frames++;
            return true;
        } catch (IOException | IllegalArgumentException other) {
            return false;
        }
    }

    private static Hash hashOf(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var digest = Hash.sha256();
            var buffer = new byte[1 << 15];
            for (int got = in.read(buffer); got > 0; got = in.read(buffer)) digest.update(buffer, 0, got);
            return Hash.ofDigest(digest.digest());
        }
    }

    private Map<Hash, Long> lengths(String suffix) throws IOException {
        var lengths = new HashMap<Hash, Long>();
        try (var files = Files.list(directory)) {
            for (var file : (Iterable<Path>) files::iterator) {
                var name = file.getFileName().toString();
                if (!name.endsWith(suffix)) continue;
                var hash = name.substring(0, name.length() - suffix.length());
                if (HASH.matcher(hash).matches()) lengths.put(Hash.parseHex(hash), Files.size(file));
            }
        }
        return lengths;
    }
}
