package vn.loalang.simulator.storm;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
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
    final SigningKey online;
    final SigningKey site;
    final SigningKey officer1;
    final SigningKey officer2;
    final SigningKey stolen;
    /** Of nobody: what an attacker makes himself. */
    final SigningKey foreign;

    final Quorum quorum;

    Keyring(RandomGenerator random) {
        root1 = key("r1", random);
        root2 = key("r2", random);
        root3 = key("r3", random);
        online = key("p1", random);
        site = key("s1", random);
        officer1 = key("e1", random);
        officer2 = key("e2", random);
        stolen = key("x1", random);
        foreign = key("e1", random);
        quorum = random.nextBoolean() ? new Quorum(1, 2) : new Quorum(1, 1);
    }

    List<RootKey> roots() {
        return List.of(pinned(root1), pinned(root2), pinned(root3));
    }

    /** What two roots have signed. */
    Keys keys(long now) {
        var nbf = now - 86_400_000L;
        var exp = now + KEY_LIFE_MS;
        return Keys.of(
                new Head(SYS, Scope.ALL, now, now, exp),
                List.of(
                        KeyEntry.online(online.kid(), online.publicKey(), nbf, exp),
                        KeyEntry.site(site.kid(), site.publicKey(), nbf, exp),
                        KeyEntry.emergency(officer1.kid(), officer1.publicKey(), AreaPath.ROOT, OFFICER_PRI, nbf, exp),
                        KeyEntry.emergency(officer2.kid(), officer2.publicKey(), AreaPath.ROOT, OFFICER_PRI, nbf, exp),
                        new KeyEntry(
                                stolen.kid(),
                                stolen.publicKey(),
                                Set.of(Use.NOW),
                                STOLEN_AREA,
                                STOLEN_PRI,
                                nbf,
                                exp,
                                STOLEN_PRI)),
                quorum);
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

    private static SigningKey key(String kid, RandomGenerator random) {
        var seed = new byte[32];
        random.nextBytes(seed);
        return new SigningKey(new Kid(kid), seed);
    }
}
