package vn.loalang.controller.core;

import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Limits;

/**
 * Content by its hash, which is the only authority over what sounds.
 *
 * @param hash SHA-256 of the bytes
 * @param size bytes
 */
public record AssetRef(Hash hash, long size) {
    /** How long it sounds: 144 bytes are 24 ms. */
    long millis() {
        return size / Limits.FRAME_BYTES * Limits.FRAME_MS;
    }
}
