package vn.loalang.protocol;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All keys a device knows: the pinned roots, the deployment's key document and those of its areas. Immutable. */
public final class KeySet {
    private final List<RootKey> roots;
    private final long rst;
    private final @Nullable Keys deployment;
    private final Map<AreaPath, Keys> areas;
    private final Map<String, Signer> byHeader = new LinkedHashMap<>();

    /**
     * @param roots the three pinned roots
     * @param rst highest {@code rst.n} ever accepted, 0 for none; it outlives the document [TIM-5]
     * @param deployment the stored deployment keys, or null
     * @param areas the stored keys of areas
     */
    KeySet(List<RootKey> roots, long rst, @Nullable Keys deployment, Map<AreaPath, Keys> areas) {
        this.roots = List.copyOf(roots);
        this.rst = rst;
        this.deployment = deployment;
        this.areas = new TreeMap<>(Comparator.comparingInt(AreaPath::depth).thenComparing(Comparator.naturalOrder()));
        this.areas.putAll(areas);
        index();
    }

    /** What a device knows right after its claim. */
    public static KeySet pinned(List<RootKey> roots) {
        return new KeySet(roots, 0, null, Map.of());
    }

    /** A name or key known from nearer the root hides a deeper one [KEY-7]. */
    private void index() {
        Set<Object> known = new HashSet<>();
        for (RootKey root : roots) {
            known.add(root.kid());
            known.add(root.x());
            byHeader.put(Envelope.header(root.kid()), new Signer.Root(root));
        }
        if (deployment != null) {
            index(deployment, known);
        }
        areas.values().forEach(keys -> index(keys, known));
    }

    private void index(Keys keys, Set<Object> known) {
        for (KeyEntry entry : keys.keys()) {
            if (!known.contains(entry.kid()) && !known.contains(entry.x()) && !bad().contains(entry.kid())) {
                known.add(entry.kid());
                known.add(entry.x());
                byHeader.put(Envelope.header(entry.kid()), new Signer.Listed(entry));
            }
        }
    }

    public List<RootKey> roots() {
        return roots;
    }

    @Nullable
    Keys deployment() {
        return deployment;
    }

    Map<AreaPath, Keys> areas() {
        return areas;
    }

    /** Highest {@code rst.n} ever accepted, 0 for none. */
    public long rst() {
        return rst;
    }

    /** The key whose header constant this is [ENV-1]. */
    public Optional<Signer> byHeader(String header) {
        return Optional.ofNullable(byHeader.get(header));
    }

    public Optional<Signer> find(Kid kid) {
        return byHeader(Envelope.header(kid));
    }

    /** The quorum that holds now. */
    public Quorum quorum() {
        return deployment == null ? Quorum.DEFAULT : deployment.effectiveQuorum();
    }

    /** Kids named compromised by the stored deployment keys. */
    public Set<Kid> bad() {
        return deployment == null ? Set.of() : Set.copyOf(deployment.bad());
    }

    /** With this document in its place; new roots and a recovery take effect. */
    public KeySet with(Keys document) {
        if (document.head().to() instanceof Scope.Area area) {
            Map<AreaPath, Keys> more = new LinkedHashMap<>(areas);
            more.put(area.area(), document);
            return new KeySet(roots, rst, deployment, more);
        }
        return new KeySet(
                document.roots() == null ? roots : document.roots(),
                document.rst() == null ? rst : Math.max(rst, document.rst().n()),
                document,
                areas);
    }

    /** Without the document of this row. */
    public KeySet without(Row row) {
        if (row.equals(Row.KEYS)) {
            return new KeySet(roots, rst, null, areas);
        }
        if (row.typ() == Typ.KEYS && row.to() instanceof Scope.Area area) {
            Map<AreaPath, Keys> fewer = new LinkedHashMap<>(areas);
            fewer.remove(area.area());
            return new KeySet(roots, rst, deployment, fewer);
        }
        return this;
    }
}
