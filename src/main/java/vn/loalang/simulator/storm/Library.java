package vn.loalang.simulator.storm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Manifest;

/**
 * Recordings that the web server has lost, so that they come by blocks alone. Their bytes are real: what a box puts together is
 * compared with them.
 */
final class Library {
    static final int BLOCK = 16_384;
    private static final int SEGMENT = 3;

    private final Map<Hash, byte[]> recordings = new LinkedHashMap<>();
    private final Map<Hash, List<Hash>> segments = new HashMap<>();

    /** Another recording of so many seconds. */
    Hash record(RandomGenerator random, int seconds) {
        var sound = new byte[seconds * 1000 / Limits.FRAME_MS * Limits.FRAME_BYTES];
        random.nextBytes(sound);
        var hash = Hash.of(sound);
        recordings.put(hash, sound);
        return hash;
    }

    List<Hash> all() {
        return List.copyOf(recordings.keySet());
    }

    boolean has(Hash hash) {
        return recordings.containsKey(hash);
    }

    /** Bytes; 0 of what is not here. */
    long size(Hash hash) {
        return bytes(hash).length;
    }

    /** How it is cut. */
    Manifest manifest(Head head, Hash hash) {
        var sound = bytes(hash);
        return new Manifest(
                head,
                Asset.mp3(hash, sound.length),
                BLOCK,
                SEGMENT,
                segments.computeIfAbsent(hash, unknown -> segments(sound)));
    }

    private static List<Hash> segments(byte[] sound) {
        var hashes = new ArrayList<Hash>();
        for (int from = 0; from < sound.length; from += BLOCK * SEGMENT) {
            hashes.add(Hash.of(Arrays.copyOfRange(sound, from, Math.min(sound.length, from + BLOCK * SEGMENT))));
        }
        return List.copyOf(hashes);
    }

    int blocks(Hash hash) {
        return (bytes(hash).length + BLOCK - 1) / BLOCK;
    }

    /** One block; empty for one that the recording has not got. */
    Optional<byte[]> block(Hash hash, long index) {
        var sound = bytes(hash);
        if (index < 0 || index >= blocks(hash)) return Optional.empty();
        var from = (int) index * BLOCK;
        return Optional.of(Arrays.copyOfRange(sound, from, Math.min(sound.length, from + BLOCK)));
    }

    /** Whether these are its bytes from there on. */
    boolean isRight(Hash hash, long offset, Bytes bytes) {
        var sound = bytes(hash);
        return offset >= 0
                && offset + bytes.size() <= sound.length
                && Arrays.equals(sound, (int) offset, (int) offset + bytes.size(), bytes.toArray(), 0, bytes.size());
    }

    private byte[] bytes(Hash hash) {
        return recordings.getOrDefault(hash, new byte[0]);
    }
}
