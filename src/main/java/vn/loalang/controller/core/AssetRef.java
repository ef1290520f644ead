package vn.loalang.controller.core;

import java.util.Optional;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;

/**
 * Content by its hash, which is the only authority over what sounds.
 *
 * @param hash SHA-256 of the bytes
 * @param size bytes
 * @param codec of sound; empty for an image of firmware
 */
public record AssetRef(Hash hash, long size, Optional<String> codec) {
    /** A sound that a document names. */
    static AssetRef of(Asset asset) {
        return new AssetRef(asset.h(), asset.sz(), Optional.of(asset.c()));
    }

    /** An image of firmware. */
    static AssetRef image(Hash hash, long size) {
        return new AssetRef(hash, size, Optional.empty());
    }

    /** Whether this device can make anything of it (DOC-4). */
    boolean isUsable() {
        return codec.isEmpty() || Profile.CODECS.contains(codec.get());
    }

    /** How long it sounds: 144 bytes are 24 ms. */
    long millis() {
        return size / Limits.FRAME_BYTES * Limits.FRAME_MS;
    }
}
