package vn.loalang.protocol;

/** The 16 random bytes of a {@code hello} ({@code bn}) that bind the welcome to it [SES-5]. */
public record Nonce(Bytes value) {
    public Nonce {
        Refusal.unless(value.size() == 16, "bn has 16 bytes");
    }

    public static Nonce of(byte[] random) {
        return new Nonce(Bytes.of(random));
    }

    public static Nonce parse(String b64u) {
        return new Nonce(Bytes.of(Base64Url.decode("bn", b64u, 16, ErrorCode.E_SEM)));
    }

    public String b64u() {
        return Base64Url.encode(value.raw());
    }

    @Override
    public String toString() {
        return b64u();
    }
}
