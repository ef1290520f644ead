package vn.loalang.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An immutable run of bytes that compares by content. */
public final class Bytes {
    private final byte[] value;
    /** Computed once, when first asked for: hashes of assets are looked up over and over. */
    private int hash;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /** A copy of these bytes. */
    public static Bytes of(byte[] value) {
        return new Bytes(value.clone());
    }

    /** A copy of the range {@code from…to}, {@code to} exclusive. */
    static Bytes of(byte[] value, int from, int to) {
        return new Bytes(Arrays.copyOfRange(value, from, to));
    }

    public byte[] toArray() {
        return value.clone();
    }

    /** The byte at this place. */
    public byte at(int index) {
        return value[index];
    }

    public int size() {
        return value.length;
    }

    /** Without copying, for use inside the package; never to be written to. */
    byte[] raw() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(value);
            hash = known;
        }
        return known;
    }

    /** The bytes read as UTF-8, for messages and logs. */
    @Override
    public String toString() {
        return new String(value, StandardCharsets.UTF_8);
    }
}
