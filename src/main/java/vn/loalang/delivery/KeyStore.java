package vn.loalang.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vn.loalang.area.DurableFile;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Use;

/**
 * The keys on this machine, custody level L1 of the protocol: {@code online.keys} (p1, s1), {@code emergency.keys} (e1),
 * {@code keys.gb1} (what the roots have signed) and {@code roots.sealed}, which belongs into a safe. In one process
 * separate files are no separation of power; the pages say so.
 */
final class KeyStore {
    private static final Logger log = LoggerFactory.getLogger(KeyStore.class);
    private static final String HEADER = "loalang-keys 1";
    private static final String ONLINE = "online.keys";
    private static final String EMERGENCY = "emergency.keys";
    private static final String SIGNED = "keys.gb1";
    private static final String SEALED = "roots.sealed";
    /** Keys live as long as a commune's computer; the roots may replace them any day. */
    private static final Duration KEY_LIFE = Duration.ofDays(5 * 365);

    private final Path directory;
    private final SystemId sys;
    private final Map<Kid, SigningKey> signers;
    private final List<RootKey> roots;
    private volatile byte[] signedKeys;
    private volatile Keys listed;
    private final @Nullable SigningKey emergency;

    private KeyStore(
            Path directory,
            SystemId sys,
            Map<Kid, SigningKey> signers,
            List<RootKey> roots,
            byte[] signedKeys,
            @Nullable SigningKey emergency) {
        this.directory = directory;
        this.sys = sys;
        this.signers = new ConcurrentHashMap<>(signers);
        this.roots = List.copyOf(roots);
        this.signedKeys = signedKeys;
        this.listed = read(signedKeys);
        this.emergency = emergency;
    }

    /** Whether keys were made here before. */
    static boolean exists(Path directory) {
        return Files.exists(directory.resolve(ONLINE));
    }

    /**
     * Makes all keys of a new deployment.
     *
     * @param passphraseTaker is told the passphrase of the sealed roots, before anything depends on them; nobody can be
     *     told again
     */
    static KeyStore create(Path directory, SystemId sys, Instant now, Consumer<String> passphraseTaker) {
        try {
            return tryCreate(directory, sys, now, passphraseTaker);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("Keys cannot be written to " + directory, unwritable);
        }
    }

    /** Reads the keys made before. */
    static KeyStore load(Path directory) {
        try {
            return tryLoad(directory);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Keys cannot be read from " + directory, unreadable);
        }
    }

    SystemId sys() {
        return sys;
    }

    /** The deployment's first roots; later ones stand in the key documents. */
    List<RootKey> roots() {
        return roots;
    }

    /** Signs plans, settings and answers: the newest online key that the roots have listed. */
    SigningKey online() {
        return newest(Use.PLAN)
                .orElseThrow(() -> new IllegalStateException(
                        "No online key that the roots have listed is in " + directory.resolve(ONLINE)));
    }

    /**
     * Signs safety settings; empty where somebody else holds a key for those of the whole deployment, custody levels L2 and L3: from
     * then on this server's own signs nothing, so that it can leave [SRV-7].
     */
    Optional<SigningKey> site() {
        var elsewhere = listed.keys().stream()
                .anyMatch(
                        key -> key.use().contains(Use.SITE) && key.area().isRoot() && !signers.containsKey(key.kid()));
        return elsewhere ? Optional.empty() : newest(Use.SITE);
    }

    /** Whether this server could go on signing plans and answers under such a list. */
    boolean couldSignUnder(Keys set) {
        return newest(Use.PLAN, set).isPresent();
    }

    /** Whether a key of this name is on this machine. */
    boolean holds(Kid kid) {
        return signers.containsKey(kid)
                || emergency().filter(key -> key.kid().equals(kid)).isPresent();
    }

    /** An online key that was made here and that the roots have not listed yet. */
    Optional<SigningKey> prepared() {
        var names = listed.keys().stream().map(KeyEntry::kid).toList();
        return signers.values().stream()
                .filter(key -> key.kid().value().startsWith("p"))
                .filter(key -> !names.contains(key.kid()) && !listed.bad().contains(key.kid()))
                .filter(key -> number(key.kid())
                        > names.stream()
                                .filter(kid -> kid.value().startsWith("p"))
                                .mapToInt(KeyStore::number)
                                .max()
                                .orElse(0))
                .findFirst();
    }

    /** Makes the next online key, or returns the one made before; it is used once the roots have listed it [SRV-7]. */
    synchronized SigningKey prepareOnline() {
        var before = prepared();
        if (before.isPresent()) {
            return before.get();
        }
        var next = 1
                + signers.keySet().stream()
                        .filter(kid -> kid.value().startsWith("p"))
                        .mapToInt(KeyStore::number)
                        .max()
                        .orElse(0);
        var key = SigningKey.generate(new Kid("p" + next), new SecureRandom());
        try {
            var file = directory.resolve(ONLINE);
            DurableFile.write(file, Link.utf8(Files.readString(file) + line("key", key)), DurableFile.SECRET);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("Keys cannot be written to " + directory, unwritable);
        }
        signers.put(key.kid(), key);
        return key;
    }

    /** Puts what the roots have signed in force; the caller has judged it. */
    synchronized void install(byte[] message) {
        try {
            DurableFile.write(directory.resolve(SIGNED), message, DurableFile.SECRET);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("Keys cannot be written to " + directory, unwritable);
        }
        listed = read(message);
        signedKeys = message.clone();
    }

    private Optional<SigningKey> newest(Use use) {
        return newest(use, listed);
    }

    private Optional<SigningKey> newest(Use use, Keys set) {
        return set.keys().stream()
                .filter(key -> key.use().contains(use))
                .filter(key -> {
                    var mine = signers.get(key.kid());
                    return mine != null && mine.publicKey().equals(key.x());
                })
                .max(java.util.Comparator.comparingInt(key -> number(key.kid())))
                .map(key -> signers.get(key.kid()));
    }

    private static int number(Kid kid) {
        var digits = kid.value().replaceAll("[^0-9]", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    private static Keys read(byte[] message) {
        return (Keys) Document.inMessage(message);
    }

    /** Signs emergencies; empty where the key was moved to somebody else, custody levels L2 and L3. */
    Optional<SigningKey> emergency() {
        var mine = emergency;
        return mine == null
                        || listed.keys().stream()
                                .noneMatch(key ->
                                        key.kid().equals(mine.kid()) && key.x().equals(mine.publicKey()))
                ? Optional.empty()
                : Optional.of(mine);
    }

    /** What the roots have listed. */
    Keys listed() {
        return listed;
    }

    /** The deployment's {@code keys} as the roots signed them. */
    byte[] signedKeys() {
        return signedKeys.clone();
    }

    /** The sealed root keys, while the file still lies on this machine. */
    Optional<Path> sealedRootsStillHere() {
        var file = directory.resolve(SEALED);
        return Files.exists(file) ? Optional.of(file) : Optional.empty();
    }

    private static KeyStore tryCreate(Path directory, SystemId sys, Instant now, Consumer<String> passphraseTaker)
            throws IOException {
        Files.createDirectories(directory);
        DurableFile.restrict(directory, DurableFile.SECRET_FOLDER);
        var random = new SecureRandom();
        var roots = List.of(
                SigningKey.generate(new Kid("r1"), random),
                SigningKey.generate(new Kid("r2"), random),
                SigningKey.generate(new Kid("r3"), random));
        var online = SigningKey.generate(new Kid("p1"), random);
        var site = SigningKey.generate(new Kid("s1"), random);
        var emergency = SigningKey.generate(new Kid("e1"), random);
        var firmware = SigningKey.generate(new Kid("f1"), random);
        var iat = now.toEpochMilli();
        var nbf = now.minus(Duration.ofDays(1)).toEpochMilli();
        var exp = now.plus(KEY_LIFE).toEpochMilli();
        var document = Keys.of(
                new Head(sys, Scope.ALL, iat, iat, exp),
                List.of(
                        KeyEntry.online(online.kid(), online.publicKey(), nbf, exp),
                        KeyEntry.site(site.kid(), site.publicKey(), nbf, exp),
                        KeyEntry.emergency(emergency.kid(), emergency.publicKey(), AreaPath.ROOT, 99, nbf, exp),
                        KeyEntry.firmware(firmware.kid(), firmware.publicKey(), nbf, exp)),
                // One box has nobody to sign second; it must be written (§5).
                new Quorum(1, 1));
        var signed = Envelope.compose(List.of(roots.get(0), roots.get(1)), document);
        var passphrase = RootFile.passphrase(random);
        var offline = new ArrayList<>(roots);
        offline.add(firmware);
        DurableFile.write(
                directory.resolve(SEALED), Link.utf8(RootFile.seal(offline, passphrase, random)), DurableFile.SECRET);
        DurableFile.write(
                directory.resolve(EMERGENCY), Link.utf8(HEADER + "\n" + line("key", emergency)), DurableFile.SECRET);
        DurableFile.write(directory.resolve(SIGNED), signed, DurableFile.SECRET);
        passphraseTaker.accept(passphrase);
        var text = new StringBuilder(HEADER).append("\nsys ").append(sys).append('\n');
        text.append(line("key", online)).append(line("key", site));
        roots.forEach(root -> text.append("root ")
                .append(root.kid())
                .append(' ')
                .append(root.publicKey().b64u())
                .append('\n'));
        // Last: while this file is missing, a start after a crash begins anew and no device knows the half-made keys.
        DurableFile.write(directory.resolve(ONLINE), Link.utf8(text.toString()), DurableFile.SECRET);
        log.info("Made the keys of deployment {} in {}", sys, directory);
        return tryLoad(directory);
    }

    private static KeyStore tryLoad(Path directory) throws IOException {
        var file = directory.resolve(ONLINE);
        var lines = Files.readString(file).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(file + " is not a key store of this program");
        }
        Optional<SystemId> sys = Optional.empty();
        var signers = new HashMap<Kid, SigningKey>();
        var roots = new ArrayList<RootKey>();
        for (var line : lines.subList(1, lines.size())) {
            var words = line.split(" ", -1);
            switch (words[0]) {
                case "sys" -> sys = Optional.of(new SystemId(words[1]));
                case "key" -> {
                    var kid = new Kid(words[1]);
                    signers.put(kid, new SigningKey(kid, Base64.getDecoder().decode(words[2])));
                }
                case "root" -> roots.add(new RootKey(new Kid(words[1]), PublicKey.parse(words[2])));
                default -> throw new IOException(file + " has an unknown line");
            }
        }
        return new KeyStore(
                directory,
                sys.orElseThrow(() -> new IOException(file + " does not name its deployment")),
                signers,
                roots,
                Files.readAllBytes(directory.resolve(SIGNED)),
                emergency(directory));
    }

    private static @Nullable SigningKey emergency(Path directory) throws IOException {
        var file = directory.resolve(EMERGENCY);
        if (!Files.exists(file)) {
            return null;
        }
        for (var line : Files.readString(file).lines().toList()) {
            var words = line.split(" ", -1);
            if (words[0].equals("key")) {
                return new SigningKey(new Kid(words[1]), Base64.getDecoder().decode(words[2]));
            }
        }
        throw new IOException(file + " holds no key");
    }

    private static String line(String word, SigningKey key) {
        return word + " " + key.kid() + " " + Base64.getEncoder().encodeToString(key.seed()) + "\n";
    }
}
