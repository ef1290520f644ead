package vn.loalang.protocol;

/** Name of a box, made from its own key: first 16 characters of base32 of the SHA-256 of its public key [CON-2]. */
public record DeviceId(String value) implements Comparable<DeviceId> {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public DeviceId {
        Refusal.unless(isName(value), "id must be 16 characters of A–Z and 2–7");
    }

    private static boolean isName(String value) {
        if (value.length() != 16) {
            return false;
        }
        for (int i = 0; i < 16; i++) {
            char c = value.charAt(i);
            if ((c < 'A' || c > 'Z') && (c < '2' || c > '7')) {
                return false;
            }
        }
        return true;
    }

    public static DeviceId of(PublicKey key) {
        byte[] digest = Hash.of(key.value().raw()).value().raw();
        StringBuilder id = new StringBuilder(16);
        for (int bit = 0; bit < 80; bit += 5) {
            int window = ((digest[bit / 8] & 0xff) << 8) | (digest[bit / 8 + 1] & 0xff);
            id.append(ALPHABET.charAt((window >> (11 - bit % 8)) & 31));
        }
        return new DeviceId(id.toString());
    }

    @Override
    public int compareTo(DeviceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
