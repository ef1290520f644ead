package vn.loalang.simulator.storm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Use;

/**
 * The keys of a simulated deployment: two officers for everything, one commune that may order little and clear little, whose
 * key has been stolen.
 */
final class Keyring {
    static final SystemId SYS = new SystemId("storm");
    /** The commune whose key is stolen, and the most it may order or clear. */
    static final AreaPath STOLEN_AREA = new AreaPath("37.1");

    static final int STOLEN_PRI = 82;
    static final int OFFICER_PRI = 95;
    private static final long KEY_LIFE_MS = 3 * 365 * 86_400_000L;

    final SigningKey root1;
    final SigningKey root2;
    final SigningKey root3;
    final SigningKey site;
    final SigningKey firmware;
    final SigningKey officer1;
    final SigningKey officer2;
    /** Of nobody: what an attacker makes himself. */
    final SigningKey foreign;

    final Quorum quorum;

    private final RandomGenerator random;
    private final List<Kid> bad = new ArrayList<>();
    private final List<SigningKey> thieved = new ArrayList<>();
    private final List<SigningKey> disgraced = new ArrayList<>();
    private SigningKey online;
    private SigningKey commune;
    private @Nullable SigningKey formerOnline;
    private int number = 1;
    private long since = Long.MAX_VALUE;

    Keyring(RandomGenerator random) {
        this.random = random;
        root1 = key("r1", random);
        root2 = key("r2", random);
        root3 = key("r3", random);
        online = key("p1", random);
        site = key("s1", random);
        officer1 = key("e1", random);
        officer2 = key("e2", random);
        firmware = key("f1", random);
        commune = key("x1", random);
        thieved.add(commune);
        foreign = key("e1", random);
        quorum = random.nextBoolean() ? new Quorum(1, 2) : new Quorum(1, 1);
    }

    List<RootKey> roots() {
        return List.of(pinned(root1), pinned(root2), pinned(root3));
    }

    SigningKey online() {
        return online;
    }

    /** The commune's keys that the thief has got, the newest last; all but that may have been revoked. */
    List<SigningKey> thieved() {
        return thieved;
    }

    /** The scheduler's former keys. */
    List<SigningKey> disgraced() {
        return disgraced;
    }

    /** A second key for the scheduler, beside the first; false while there are two already. */
    boolean rotateOnline() {
        if (formerOnline != null) return false;
        formerOnline = online;
        online = key("p" + ++number, random);
        return true;
    }

    /** The former one leaves in disgrace, and the thief has it from now on. */
    void retireOnline() {
        var former = formerOnline;
        if (former == null || isFull()) return;
        bad.add(former.kid());
        disgraced.add(former);
        formerOnline = null;
    }

    /** The theft is noticed: the commune gets another key, which is stolen as well. */
    void revokeCommune() {
        if (isFull()) return;
        bad.add(commune.kid());
        commune = key("x" + ++number, random);
        thieved.add(commune);
    }

    /** Storms of months use up the names that a key document may call bad; what is stolen then stays in use. */
    private boolean isFull() {
        return bad.size() == Limits.BAD_KEYS;
    }

    /** What two roots have signed. */
    Keys keys(long seq, long now) {
        since = Math.min(since, now - 86_400_000L);
        var nbf = since;
        var exp = now + KEY_LIFE_MS;
        var former = formerOnline;
        var listed = new ArrayList<KeyEntry>();
        listed.add(KeyEntry.online(online.kid(), online.publicKey(), nbf, exp));
        if (former != null) listed.add(KeyEntry.online(former.kid(), former.publicKey(), nbf, exp));
        listed.addAll(List.of(
                KeyEntry.site(site.kid(), site.publicKey(), nbf, exp),
                KeyEntry.firmware(firmware.kid(), firmware.publicKey(), nbf, exp),
                KeyEntry.emergency(officer1.kid(), officer1.publicKey(), AreaPath.ROOT, OFFICER_PRI, nbf, exp),
                KeyEntry.emergency(officer2.kid(), officer2.publicKey(), AreaPath.ROOT, OFFICER_PRI, nbf, exp),
                new KeyEntry(
                        commune.kid(),
                        commune.publicKey(),
                        Set.of(Use.NOW),
                        STOLEN_AREA,
                        STOLEN_PRI,
                        nbf,
                        exp,
                        STOLEN_PRI)));
        return new Keys(new Head(SYS, Scope.ALL, seq, now, exp), listed, quorum, bad, null, null);
    }

    List<SigningKey> twoRoots() {
        return List.of(root1, root2);
    }

    /** Who must sign an order for an area: with a quorum, or by keys of the whole deployment, two. */
    List<SigningKey> officers() {
        return quorum.n() == 1 ? List.of(officer1) : List.of(officer1, officer2);
    }

    private static RootKey pinned(SigningKey key) {
        return new RootKey(key.kid(), key.publicKey());
    }

    static SigningKey key(String kid, RandomGenerator random) {
        var seed = new byte[32];
        random.nextBytes(seed);
        return new SigningKey(new Kid(kid), seed);
    }
}
