package vn.loalang.access;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.stereotype.Component;
import vn.loalang.area.Refusal;
import vn.loalang.area.SearchKey;

/** Makes, judges and hashes passwords. */
@Component
final class Passwords {
    static final int SHORTEST = 10;
    /** bcrypt looks at no more. */
    static final int LONGEST_BYTES = 72;

    private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final BCryptPasswordEncoder encoder;
    private final String nobodysHash;

    Passwords(AccessSettings settings) {
        this.encoder = new BCryptPasswordEncoder(settings.bcryptStrength());
        this.nobodysHash = hash(oneTime());
    }

    /** A random password of 15 letters and digits that cannot be mistaken for one another (74 bits). */
    static String oneTime() {
        var password = new StringBuilder();
        for (var i = 0; i < 15; i++) {
            if (i > 0 && i % 5 == 0) {
                password.append('-');
            }
            password.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return password.toString();
    }

    String hash(String password) {
        return java.util.Objects.requireNonNull(encoder.encode(password));
    }

    boolean matches(String password, String hash) {
        return password.getBytes(StandardCharsets.UTF_8).length <= LONGEST_BYTES && encoder.matches(password, hash);
    }

    /** Takes as long as a real comparison, so that an unknown name does not answer faster. */
    void pretend(String password) {
        matches(password, nobodysHash);
    }

    /**
     * Refuses a password a stranger would try: too short, too long, made of one or two characters, or the name.
     *
     * @throws Refusal naming the limit
     */
    static void requireGood(String password, String login) {
        if (password.length() < SHORTEST) {
            throw new Refusal("password", "access.password.refused.short", SHORTEST);
        }
        if (password.getBytes(StandardCharsets.UTF_8).length > LONGEST_BYTES) {
            throw new Refusal("password", "access.password.refused.long", LONGEST_BYTES);
        }
        var folded = SearchKey.of(password);
        if (password.chars().distinct().count() < 5 || folded.contains(login) || "1234567890".contains(folded)) {
            throw new Refusal("password", "access.password.refused.easy");
        }
    }
}
