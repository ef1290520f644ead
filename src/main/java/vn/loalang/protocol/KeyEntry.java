package vn.loalang.protocol;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A key that may sign, and what.
 *
 * @param kid its name; roots and device keys are never listed
 * @param x the public key
 * @param use what it may sign; unknown uses are dropped
 * @param area where; the empty path is the whole deployment
 * @param pri highest priority it may order, 0–99; at most 69 with an online use
 * @param nbf first and
 * @param exp last {@code iat} it may sign, Unix ms [KEY-5]
 * @param cpri rank of its clears, 0–99
 */
public record KeyEntry(Kid kid, PublicKey x, Set<Use> use, AreaPath area, int pri, long nbf, long exp, int cpri) {
    private static final Set<Use> ONLINE =
            Set.of(Use.CFG, Use.PLAN, Use.SES, Use.MAN, Use.CMD, Use.WELCOME, Use.JACK, Use.BUNDLE);

    public KeyEntry {
        Refusal.unless(!kid.isRoot() && !kid.isDevice(), "keys[].kid must not begin with r or d");
        Refusal.inRange("keys[].pri", pri, 0, 99);
        Refusal.inRange("keys[].cpri", cpri, 0, 99);
        Refusal.inRange("keys[].nbf", nbf, 0, Limits.MAX_INTEGER);
        Refusal.inRange("keys[].exp", exp, nbf, Limits.MAX_INTEGER);
        use = use.isEmpty() ? Set.of() : java.util.Collections.unmodifiableSet(EnumSet.copyOf(use));
        Refusal.unless(
                use.stream().noneMatch(Use::isOnline) || pri <= Limits.ONLINE_PRI,
                "keys[].pri of an online key is at most " + Limits.ONLINE_PRI);
    }

    /** The scheduler's own key: everything that is not dangerous, priority up to 69, the whole deployment. */
    public static KeyEntry online(Kid kid, PublicKey x, long nbf, long exp) {
        return new KeyEntry(kid, x, ONLINE, AreaPath.ROOT, Limits.ONLINE_PRI, nbf, exp, Limits.ONLINE_PRI);
    }

    /** A key for safety settings of the whole deployment. */
    public static KeyEntry site(Kid kid, PublicKey x, long nbf, long exp) {
        return new KeyEntry(kid, x, Set.of(Use.SITE), AreaPath.ROOT, 0, nbf, exp, 0);
    }

    /** A key for emergencies of an area, up to a priority. */
    public static KeyEntry emergency(Kid kid, PublicKey x, AreaPath area, int pri, long nbf, long exp) {
        return new KeyEntry(kid, x, Set.of(Use.NOW), area, pri, nbf, exp, pri);
    }

    /** A key for firmware. */
    public static KeyEntry firmware(Kid kid, PublicKey x, long nbf, long exp) {
        return new KeyEntry(kid, x, Set.of(Use.FW), AreaPath.ROOT, 0, nbf, exp, 0);
    }

    static KeyEntry read(Fields fields) {
        Kid kid = new Kid(fields.string("kid"));
        PublicKey x = PublicKey.parse(fields.string("x"));
        List<java.util.Optional<Use>> named = fields.strings("use", 16, Use::of);
        EnumSet<Use> use = EnumSet.noneOf(Use.class);
        named.forEach(known -> known.ifPresent(use::add));
        AreaPath area = new AreaPath(fields.string("area"));
        int pri = fields.small("pri", 0, 99);
        return new KeyEntry(
                kid, x, use, area, pri, fields.moment("nbf"), fields.moment("exp"), fields.small("cpri", 0, 99, pri));
    }

    Json.Obj json() {
        return Json.object()
                .put("kid", kid.value())
                .put("x", x.b64u())
                .put("use", Json.strings(use.stream().map(Use::wire).toList()))
                .put("area", area.value())
                .put("pri", pri)
                .put("nbf", nbf)
                .put("exp", exp)
                .putIf("cpri", cpri == pri ? null : Json.of(cpri))
                .build();
    }
}
