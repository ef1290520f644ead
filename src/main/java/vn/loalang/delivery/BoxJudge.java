package vn.loalang.delivery;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.DeviceState;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Quorum;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.SystemId;

/**
 * What a box would make of a signed document, told from lists of keys alone, away from the server. It stands wherever the
 * document is for and holds nothing else; who has signed the deployment's list is not looked at, because a forged one could
 * only let an officer sign in vain.
 */
final class BoxJudge {
    private static final int SIGNATURES = 2;
    private static final Kid PLACER = new Kid("zplacer");

    private final Keys deployment;
    private final List<Delegated> delegated;
    /** What the box takes for its roots, and the key that puts it somewhere; nobody else ever sees them. */
    private final List<SigningKey> roots;

    private final SigningKey placer;

    private record Delegated(Keys keys, Bytes message) {}

    /**
     * @param lists messages with keys: one of the deployment, any number of areas
     * @throws IllegalArgumentException when they are something else
     */
    BoxJudge(List<byte[]> lists) {
        var whole = new ArrayList<Keys>();
        var areas = new ArrayList<Delegated>();
        for (var message : lists) {
            if (!(Document.inMessage(message) instanceof Keys keys)) {
                throw new IllegalArgumentException("--keys: không phải danh sách khoá / not a list of keys");
            }
            if (keys.head().to() instanceof Scope.All) {
                whole.add(keys);
            } else {
                areas.add(new Delegated(keys, Bytes.of(message)));
            }
        }
        if (whole.size() != 1) {
            throw new IllegalArgumentException("--keys: cần đúng một danh sách khoá của toàn hệ thống (keys.gb1) / "
                    + "one list of the whole deployment is needed (keys.gb1), here are " + whole.size());
        }
        this.deployment = whole.get(0);
        this.delegated = List.copyOf(areas);
        var random = new SecureRandom();
        this.roots = Stream.of("ra", "rb", "rc")
                .map(name -> SigningKey.generate(new Kid(name), random))
                .toList();
        this.placer = SigningKey.generate(PLACER, random);
    }

    /** The deployment that the lists belong to. */
    SystemId sys() {
        return deployment.head().sys();
    }

    /** Whether boxes have forgotten what was issued under this number, which the newest recovery voided [TIM-5]. */
    boolean forgotten(long seq) {
        var rst = deployment.rst();
        return rst != null && seq > rst.t();
    }

    /** Whether boxes would ignore this key in an area's list: a name or key known from nearer the root hides it [KEY-7]. */
    boolean passesOver(KeyEntry key, AreaPath area) {
        var nearer = delegated.stream()
                .map(Delegated::keys)
                .filter(keys -> keys.head().to() instanceof Scope.Area wider
                        && wider.area().depth() < area.depth()
                        && wider.area().covers(area));
        return deployment.bad().contains(key.kid())
                || Stream.concat(Stream.of(deployment), nearer)
                        .flatMap(keys -> keys.keys().stream())
                        .anyMatch(known ->
                                known.kid().equals(key.kid()) || known.x().equals(key.x()));
    }

    /** The key of this name, as the lists know it. */
    Optional<KeyEntry> listed(Kid kid) {
        return Stream.concat(Stream.of(deployment), delegated.stream().map(Delegated::keys))
                .flatMap(keys -> keys.keys().stream())
                .filter(key -> key.kid().equals(kid))
                .findFirst();
    }

    /**
     * Whether boxes will take this message as it is; false when they want one more signature first.
     *
     * @throws Refusal when they will never take it
     */
    boolean isComplete(byte[] message, Instant now) {
        var outcome = judged(message, now, deployment.effectiveQuorum());
        if (outcome instanceof Admission.Refused refused) {
            var alone = Envelope.parse(message).lines().size() == 1;
            if (alone
                    && refused.code() == ErrorCode.E_POL
                    && judged(message, now, new Quorum(0, 1)) instanceof Admission.Accepted) {
                return false;
            }
            throw new Refusal(refused.code(), refused.detail());
        } else if (outcome instanceof Admission.Accepted accepted) {
            if (!accepted.skipped().isEmpty()) {
                throw new Refusal(
                        ErrorCode.E_POL, accepted.skipped().size() + " entries of act are above the key's pri");
            }
            return true;
        }
        throw new Refusal(ErrorCode.E_SEM, outcome.toString());
    }

    private Admission.Outcome judged(byte[] message, Instant now, Quorum quorum) {
        var envelope = Envelope.parse(message);
        var head = Document.decode(envelope.payload().toArray()).head();
        var headers = headers(envelope);
        var concerned = delegated.stream()
                .filter(each ->
                        each.keys().keys().stream().anyMatch(key -> headers.contains(Envelope.header(key.kid()))))
                .toList();
        var id = head.to() instanceof Scope.Device device ? device.id() : new DeviceId("AAAAAAAAAAAAAAAA");
        // Its clock has no say in what stands before the document.
        var before = Math.max(0, head.iat() - 1);
        var then = new DeviceTime(before, Quality.T);
        var state = DeviceState.claimed(id, claim(before), 0, new JournalId("judge"), Limits.DEVICE_MESSAGE)
                .onBench();
        state = after(state, then, Envelope.compose(roots.subList(0, 2), withPlacer(quorum, headers, concerned)));
        var here = Site.withDefaults(
                new Head(
                        deployment.head().sys(),
                        Scope.of(id),
                        before,
                        before,
                        before + Duration.ofDays(1).toMillis()),
                areas(head.to(), concerned, headers));
        state = after(state, then, Envelope.compose(List.of(placer), here));
        for (var each : concerned) {
            state = after(state, then, each.message().toArray());
        }
        return Admission.admit(state, new DeviceTime(now.toEpochMilli(), Quality.T), SIGNATURES, message);
    }

    private static DeviceState after(DeviceState state, DeviceTime now, byte[] message) {
        var outcome = Admission.admit(state, now, SIGNATURES, message);
        if (outcome instanceof Admission.Refused refused) {
            throw new Refusal(refused.code(), "--keys: " + refused.detail());
        }
        return outcome instanceof Admission.Accepted accepted ? accepted.next().onBench() : state;
    }

    private ClaimFile claim(long made) {
        return new ClaimFile(
                deployment.head().sys(),
                null,
                made,
                roots.stream()
                        .map(root -> new RootKey(root.kid(), root.publicKey()))
                        .toList(),
                List.of(),
                List.of(new ClaimFile.Broker("localhost", 1883)),
                new ClaimFile.Credential.Password("judge", "judge"),
                null,
                "000000");
    }

    /** The keys of the deployment that have a part in this, and one that may place the box. */
    private Keys withPlacer(Quorum quorum, List<String> headers, List<Delegated> concerned) {
        var wanted = new HashSet<>(headers);
        concerned.forEach(
                each -> wanted.addAll(headers(Envelope.parse(each.message().toArray()))));
        var keys = new ArrayList<>(deployment.keys().stream()
                .filter(key -> wanted.contains(Envelope.header(key.kid())))
                .toList());
        keys.add(KeyEntry.site(PLACER, placer.publicKey(), 0, Limits.MAX_INTEGER));
        return new Keys(deployment.head(), keys, quorum, deployment.bad(), null, null);
    }

    private static List<String> headers(Envelope envelope) {
        return envelope.lines().stream().map(Envelope.Line::header).toList();
    }

    /** Where such a box stands: where the document goes, or, when that is one box, as far as the keys reach. */
    private List<AreaPath> areas(Scope to, List<Delegated> concerned, List<String> headers) {
        var areas = new LinkedHashSet<AreaPath>();
        concerned.forEach(each -> areas.add(((Scope.Area) each.keys().head().to()).area()));
        if (to instanceof Scope.Area area) {
            areas.add(area.area());
        } else {
            deployment.keys().stream()
                    .filter(key -> headers.contains(Envelope.header(key.kid())))
                    .map(KeyEntry::area)
                    .filter(area -> !area.isRoot())
                    .forEach(areas::add);
        }
        return List.copyOf(areas);
    }
}
