package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;
import vn.loalang.area.DurableFile;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;

/**
 * The root and firmware keys in a file for the safe, or the key of an officer in a file of his: scrypt over a passphrase of
 * 130 random bits, then AES-256-GCM. Whoever makes it cannot open it again without the passphrase, which is not kept.
 */
final class RootFile {
    private static final String HEADER = "loalang-roots 1 scrypt-32768-8-1 aes-256-gcm";
    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int LONGEST = 20_000;
    private static final int SALT = 16;
    private static final int NONCE = 12;

    private RootFile() {}

    /** 26 characters without look-alikes in groups, 130 bits. */
    static String passphrase(SecureRandom random) {
        var text = new StringBuilder();
        for (var i = 0; i < 26; i++) {
            if (i > 0 && i % 5 == 0 && i < 25) {
                text.append('-');
            }
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /**
     * Writes these keys into a new file that only its owner can read, and says the passphrase once.
     *
     * @throws FileAlreadyExistsException when there is such a file: what lies in it may be the only copy of a key
     */
    static void make(Path file, List<SigningKey> keys, PrintWriter print) throws IOException {
        refuseExisting(file);
        var random = new SecureRandom();
        var passphrase = passphrase(random);
        DurableFile.write(file, Link.utf8(seal(keys, passphrase, random)), DurableFile.SECRET);
        print.println("Tệp / file: " + file);
        print.println("Mật khẩu tệp / once: " + passphrase);
    }

    /** @throws FileAlreadyExistsException when there is such a file */
    static void refuseExisting(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }

    static String seal(List<SigningKey> keys, String passphrase, SecureRandom random) {
        var plain = new StringBuilder();
        keys.forEach(key -> plain.append(key.kid())
                .append(' ')
                .append(Base64.getEncoder().encodeToString(key.seed()))
                .append('\n'));
        var salt = new byte[SALT];
        var nonce = new byte[NONCE];
        random.nextBytes(salt);
        random.nextBytes(nonce);
        try {
            var sealed = cipher(Cipher.ENCRYPT_MODE, passphrase, salt, nonce)
                    .doFinal(plain.toString().getBytes(StandardCharsets.UTF_8));
            var encoder = Base64.getEncoder();
            return HEADER + "\n" + encoder.encodeToString(salt) + "\n" + encoder.encodeToString(nonce) + "\n"
                    + encoder.encodeToString(sealed) + "\n";
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has AES-GCM", impossible);
        }
    }

    /** The keys in the file; empty when the passphrase or the file is wrong. */
    static Optional<List<SigningKey>> open(Path file, String passphrase) throws IOException {
        var lines = SmallFile.text(file, LONGEST).lines().toList();
        if (lines.size() != 4 || !lines.get(0).equals(HEADER)) {
            return Optional.empty();
        }
        var decoder = Base64.getDecoder();
        try {
            var plain = cipher(
                            Cipher.DECRYPT_MODE,
                            passphrase.strip(),
                            decoder.decode(lines.get(1)),
                            decoder.decode(lines.get(2)))
                    .doFinal(decoder.decode(lines.get(3)));
            var keys = new ArrayList<SigningKey>();
            new String(plain, StandardCharsets.UTF_8).lines().forEach(line -> {
                var space = line.indexOf(' ');
                keys.add(new SigningKey(new Kid(line.substring(0, space)), decoder.decode(line.substring(space + 1))));
            });
            return Optional.of(keys);
        } catch (GeneralSecurityException | IllegalArgumentException wrong) {
            return Optional.empty();
        }
    }

    private static Cipher cipher(int mode, String passphrase, byte[] salt, byte[] nonce)
            throws GeneralSecurityException {
        var key = SCrypt.generate(passphrase.getBytes(StandardCharsets.UTF_8), salt, 32768, 8, 1, 32);
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
            cipher.updateAAD(HEADER.getBytes(StandardCharsets.US_ASCII));
            return cipher;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
