package vn.loalang.protocol;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Keys whose seeds anyone can compute: SHA-256 of {@code "GB1 test key " + kid}. Never for a real deployment. */
public final class TestKeys {
    private TestKeys() {}

    /** The seed's preimage, as published in {@code testkeys.json}. */
    public static String phrase(String kid) {
        return "GB1 test key " + kid;
    }

    public static SigningKey key(String kid) {
        return new SigningKey(new Kid(kid), seed(phrase(kid)));
    }

    /** The key of the test device itself. */
    public static SigningKey device() {
        return new SigningKey(new Kid("d1"), seed("GB1 test device 1"));
    }

    /** The key of a device that the deployment of the vectors does not know. */
    static SigningKey foreignDevice() {
        return new SigningKey(new Kid("d1"), seed("GB1 test device 2"));
    }

    /** The phrase of a live session's key. */
    static final String LIVE = "GB1 test live session 1";

    /** The key of a live session. */
    public static SigningKey live() {
        return new SigningKey(new Kid("l1"), seed(LIVE));
    }

    public static RootKey root(String kid) {
        return new RootKey(new Kid(kid), key(kid).publicKey());
    }

    public static List<RootKey> roots(String... kids) {
        return java.util.Arrays.stream(kids).map(TestKeys::root).toList();
    }

    private static byte[] seed(String phrase) {
        return Hash.of(phrase.getBytes(StandardCharsets.UTF_8)).value().toArray();
    }
}
