package vn.loalang.protocol;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Names of the topics of one deployment, {@code gb1/{sys}/…} (§3 of PROTOCOL.md). */
public final class Topics {
    private static final String VERSION = "gb1";

    private final String root;

    public Topics(SystemId sys) {
        root = VERSION + "/" + sys + "/";
    }

    /** {@code gb1/{sys}/}. */
    public String root() {
        return root;
    }

    /** Everything of the deployment, for the server alone. */
    public String everything() {
        return root() + "#";
    }

    public String keys() {
        return root() + "keys";
    }

    public String keys(AreaPath area) {
        return down(Scope.of(area), "keys");
    }

    public String site(DeviceId id) {
        return down(Scope.of(id), "site");
    }

    public String cfg(DeviceId id) {
        return down(Scope.of(id), "cfg");
    }

    public String plan(DeviceId id) {
        return down(Scope.of(id), "plan");
    }

    public String rsp(DeviceId id) {
        return down(Scope.of(id), "rsp");
    }

    public String fw(DeviceId id) {
        return down(Scope.of(id), "fw");
    }

    public String ses(Scope scope) {
        return down(scope, "ses");
    }

    /** Emergency state of a scope by one key. */
    public String now(Scope scope, Kid by) {
        return down(scope, "now/" + by);
    }

    /** Every key's emergency state of a scope, for a subscription. */
    public String everyNow(Scope scope) {
        return down(scope, "now/+");
    }

    /** How an asset is cut into blocks; its name is the first 16 hexadecimal digits of the hash. */
    public String man(Scope scope, Hash asset) {
        return down(scope, "man/" + asset.hex().substring(0, 16));
    }

    /** Blocks of assets. */
    public String blk(Scope scope) {
        return down(scope, "blk");
    }

    /** Chunks of a session; its name is the first 16 hexadecimal digits of H(sid). */
    public String live(Scope scope, Sid sid) {
        return down(
                scope,
                "live/" + HexFormat.of().formatHex(LiveFrame.prefixOf(sid).raw()));
    }

    public String need(DeviceId id) {
        return up(id, "need");
    }

    public String rep(DeviceId id, Cid cid) {
        return up(id, "rep/" + cid);
    }

    public String st(DeviceId id) {
        return up(id, "st");
    }

    public String hello(DeviceId id) {
        return up(id, "hello");
    }

    public String ev(DeviceId id) {
        return up(id, "ev");
    }

    public String tel(DeviceId id) {
        return up(id, "tel");
    }

    /** Where a device listens before its welcome [SES-1]. */
    public List<String> beforeWelcome(DeviceId id, List<AreaPath> areas) {
        return Stream.concat(Stream.of(keys(), rsp(id)), areas.stream().map(this::keys))
                .toList();
    }

    /** What a device with all profiles adds after its welcome, emergencies first [SES-1]. */
    public List<String> afterWelcome(DeviceId id, List<AreaPath> areas) {
        return afterWelcome(id, areas, true);
    }

    /**
     * The same.
     *
     * @param live whether it has that profile
     */
    public List<String> afterWelcome(DeviceId id, List<AreaPath> areas, boolean live) {
        return Stream.of(
                        withoutWelcome(id, areas).stream(),
                        Stream.of(site(id), cfg(id), plan(id), fw(id)),
                        live ? scopes(id, areas).map(this::ses) : Stream.<String>empty())
                .flatMap(topics -> topics)
                .toList();
    }

    /** What a device listens to when nobody welcomes it: emergencies alone [SES-3]. */
    public List<String> withoutWelcome(DeviceId id, List<AreaPath> areas) {
        return scopes(id, areas).map(this::everyNow).toList();
    }

    private static Stream<Scope> scopes(DeviceId id, List<AreaPath> areas) {
        return Stream.concat(Stream.of(Scope.of(id)), areas.stream().map(Scope::of));
    }

    /** The server's filter for one upward kind of all devices. */
    public String fromAll(Topic.Kind kind) {
        Refusal.unless(kind.isUpward(), "only upward kinds come from devices");
        return root() + "u/+/" + wire(kind) + (kind.hasTail() ? "/+" : "");
    }

    /** Filters a device's credential may subscribe to. */
    public List<String> readable(DeviceId id, List<AreaPath> areas) {
        return Stream.concat(
                        Stream.of(keys(), down(Scope.of(id), "#")),
                        areas.stream().map(area -> down(Scope.of(area), "#")))
                .toList();
    }

    /** The filter a device's credential may publish under. */
    public String writable(DeviceId id) {
        return up(id, "#");
    }

    /** Where a document is published retained; empty for types that have no topic of their own. */
    public Optional<String> of(Document document) {
        Scope to = document.head().to();
        return switch (document.typ()) {
            case KEYS -> Optional.of(to instanceof Scope.All ? keys() : down(to, "keys"));
            case SITE, CFG, PLAN -> Optional.of(down(to, document.typ().wire()));
            case SES, FW -> Optional.of(down(to, document.typ().wire()));
            case NOW -> document.row().map(row -> down(to, "now/" + row.by()));
            case MAN -> Optional.of(man(to, ((Manifest) document).a().h()));
            case WELCOME, JACK, CMD, BUNDLE -> Optional.empty();
        };
    }

    /** Takes a topic apart; empty for what is not one of ours. */
    public Optional<Topic> parse(String topic) {
        if (!topic.startsWith(root())) {
            return Optional.empty();
        }
        String[] levels = topic.substring(root().length()).split("/", -1);
        if (levels.length == 1) {
            return levels[0].equals("keys")
                    ? Optional.of(new Topic(Topic.Kind.KEYS, Scope.ALL, Optional.empty()))
                    : Optional.empty();
        }
        if (levels.length < 3) {
            return Optional.empty();
        }
        boolean upward = levels[0].equals("u");
        for (Topic.Kind kind : Topic.Kind.values()) {
            if (wire(kind).equals(levels[2])
                    && kind.isUpward() == upward
                    && levels.length == (kind.hasTail() ? 4 : 3)
                    && mayFollow(kind, levels[0])) {
                return scope(levels[0], levels[1])
                        .map(scope ->
                                new Topic(kind, scope, kind.hasTail() ? Optional.of(levels[3]) : Optional.empty()));
            }
        }
        return Optional.empty();
    }

    private static boolean mayFollow(Topic.Kind kind, String level) {
        return switch (kind) {
            case KEYS -> level.equals("a");
            case SITE, CFG, PLAN, FW, RSP -> level.equals("d");
            case NOW, SES, MAN, BLK, LIVE -> level.equals("a") || level.equals("d");
            case ST, HELLO, EV, NEED, REP, TEL -> level.equals("u");
        };
    }

    private static Optional<Scope> scope(String level, String name) {
        try {
            return switch (level) {
                case "u", "d" -> Optional.of(Scope.of(new DeviceId(name)));
                case "a" -> Optional.of(Scope.of(new AreaPath(name)));
                default -> Optional.empty();
            };
        } catch (Refusal notAName) {
            return Optional.empty();
        }
    }

    private static String wire(Topic.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private String down(Scope scope, String tail) {
        return root() + scope.wire() + "/" + tail;
    }

    private String up(DeviceId id, String tail) {
        return root() + "u/" + id + "/" + tail;
    }
}
