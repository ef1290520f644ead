package vn.loalang.conformance;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Use;

/** All keys of one deployment of its own, made for one controller in one run, and the documents they sign. */
final class Authority {
    static final AreaPath PROVINCE = new AreaPath("37");
    static final AreaPath COMMUNE = new AreaPath("37.14329");
    static final AreaPath OTHER = new AreaPath("38.1");
    static final long HOUR = 3_600_000;
    static final long DAY = 24 * HOUR;

    final SystemId sys;
    final SigningKey r1;
    final SigningKey r2;
    final SigningKey r3;
    /** The scheduler's own. */
    final SigningKey p1;
    /** Safety settings. */
    final SigningKey s1;
    /** A commune's emergencies, up to 85; its clears rank 85. */
    final SigningKey x1;
    /** The same commune, up to 82: weaker. */
    final SigningKey w1;
    /** Two officers of the province, up to 95. */
    final SigningKey e1;

    final SigningKey e2;
    /** Keys of the commune. */
    final SigningKey k1;
    /** Firmware. */
    final SigningKey f1;
    /** Listed nowhere. */
    final SigningKey stranger;

    private final LongSupplier now;
    private final AtomicLong last = new AtomicLong();
    private final Map<String, KeyEntry> listed = new TreeMap<>();

    Authority(SystemId sys, LongSupplier now) {
        this.sys = sys;
        this.now = now;
        var random = new SecureRandom();
        r1 = key("r1", random);
        r2 = key("r2", random);
        r3 = key("r3", random);
        p1 = key("p1", random);
        s1 = key("s1", random);
        x1 = key("x1", random);
        w1 = key("w1", random);
        e1 = key("e1", random);
        e2 = key("e2", random);
        k1 = key("k1", random);
        f1 = key("f1", random);
        stranger = key("q9", random);
        list(
                p1,
                Set.of(Use.CFG, Use.PLAN, Use.SES, Use.MAN, Use.CMD, Use.WELCOME, Use.JACK, Use.BUNDLE),
                AreaPath.ROOT,
                69);
        list(s1, Set.of(Use.SITE), AreaPath.ROOT, 0);
        list(x1, Set.of(Use.NOW), COMMUNE, 85);
        list(w1, Set.of(Use.NOW), COMMUNE, 82);
        list(e1, Set.of(Use.NOW), PROVINCE, 95);
        list(e2, Set.of(Use.NOW), PROVINCE, 95);
        list(k1, Set.of(Use.AKEYS), COMMUNE, 85);
        list(f1, Set.of(Use.FW), AreaPath.ROOT, 0);
    }

    static SigningKey key(String kid, SecureRandom random) {
        return SigningKey.generate(new Kid(kid), random);
    }

    List<RootKey> roots() {
        return List.of(r1, r2, r3).stream()
                .map(root -> new RootKey(root.kid(), root.publicKey()))
                .toList();
    }

    /** The server's clock, which never repeats and never goes back. */
    long stamp() {
        return last.accumulateAndGet(now.getAsLong(), (before, clock) -> Math.max(before + 1, clock));
    }

    /** The server's clock. */
    long now() {
        return now.getAsLong();
    }

    private void list(SigningKey key, Set<Use> use, AreaPath area, int pri) {
        var t = now.getAsLong();
        listed.put(
                key.kid().value(),
                new KeyEntry(key.kid(), key.publicKey(), use, area, pri, t - 30 * DAY, t + 40_000 * DAY, pri));
    }

    /** A key entry as it stands in {@code keys[]}, before it is spoiled. */
    Json.Obj entry(SigningKey key, Set<Use> use, AreaPath area, int pri) {
        var t = now.getAsLong();
        return Json.object()
                .put("kid", key.kid().value())
                .put("x", key.publicKey().b64u())
                .put("use", Json.strings(use.stream().map(Use::wire).toList()))
                .put("area", area.value())
                .put("pri", pri)
                .put("nbf", t - 30 * DAY)
                .put("exp", t + 40_000 * DAY)
                .build();
    }

    /** The head every document begins with; issued now, valid for a year. */
    Draft head(String typ, Scope to) {
        var t = stamp();
        return new Draft(Json.object()
                .put("v", 1)
                .put("typ", typ)
                .put("sys", sys.value())
                .put("to", to.wire())
                .put("seq", t)
                .put("iat", t)
                .put("exp", t + 365 * DAY)
                .build());
    }

    /** The deployment's key set without these kids. */
    Draft keys(String... without) {
        var entries = new ArrayList<Json>();
        for (var entry : listed.values()) {
            if (List.of(without).contains(entry.kid().value())) continue;
            entries.add(json(entry));
        }
        return head("keys", Scope.ALL)
                .put("keys", Json.array(entries))
                .put("quorum", Json.object().put("depth", 1).put("n", 2).build());
    }

    private static Json.Obj json(KeyEntry entry) {
        return Json.object()
                .put("kid", entry.kid().value())
                .put("x", entry.x().b64u())
                .put("use", Json.strings(entry.use().stream().map(Use::wire).toList()))
                .put("area", entry.area().value())
                .put("pri", entry.pri())
                .put("nbf", entry.nbf())
                .put("exp", entry.exp())
                .build();
    }

    /** Safety settings of the commune, without quiet hours. */
    Draft site(DeviceId id) {
        return head("site", Scope.of(id))
                .put("areas", Json.strings(List.of(PROVINCE.value(), COMMUNE.value())))
                .put("tz", 420)
                .put("quiet", Json.array(List.of()))
                .put("vmax", 80)
                .put("gain", 0)
                .put("smax", 3600)
                .put("fail_open", Json.of(true));
    }

    Draft cfg(DeviceId id, String... bases) {
        return head("cfg", Scope.of(id))
                .put("ka", 60)
                .put("tel_s", 60)
                .put("http", Json.strings(List.of(bases)))
                .put("quota", 0)
                .put("trim", 0);
    }

    /** A plan from an hour ago to a day ahead. */
    Draft plan(DeviceId id, List<Asset> assets, Json... items) {
        var draft = head("plan", Scope.of(id));
        var t = draft.number("iat");
        return draft.put("exp", t + DAY)
                .put("from", t - HOUR)
                .put("till", t + DAY)
                .put("assets", Json.array(assets.stream().map(Authority::asset).toList()))
                .put("items", Json.array(List.of(items)));
    }

    static Json.Obj asset(Asset asset) {
        return Json.object()
                .put("h", asset.h().b64u())
                .put("sz", asset.sz())
                .put("c", asset.c())
                .build();
    }

    /** An item of a plan that plays assets by their indexes. */
    static Json.Obj item(String oid, long at, int dur, int pri, Integer... play) {
        return Json.object()
                .put("oid", oid)
                .put("at", at)
                .put("dur", dur)
                .put("pri", pri)
                .put("vol", 70)
                .put("late", 300)
                .put("play", Json.integers(List.of(play)))
                .build();
    }

    /** Emergency state of an owner; expires in two hours. */
    Draft now(Scope to, SigningKey owner, Json... entries) {
        var draft = head("now", to);
        return draft.put("exp", draft.number("iat") + 2 * HOUR)
                .put("by", owner.kid().value())
                .put("act", Json.array(List.of(entries)));
    }

    /** The all-clear of an owner. */
    Draft clear(Scope to, SigningKey owner) {
        return now(to, owner).put("clr", Json.strings(List.of("*")));
    }

    /** An entry that begins now and lasts at most an hour. */
    Json.Obj.Builder entry(String sid, int pri, Json... steps) {
        var t = now();
        return Json.object()
                .put("sid", sid)
                .put("st", "actual")
                .put("pri", pri)
                .put("beg", t)
                .put("until", t + HOUR)
                .put("max", 60)
                .put("rep", 1)
                .put("gap", 0)
                .put("vol", 100)
                .put("play", Json.array(List.of(steps)));
    }

    static Json.Obj tone(String pattern, int n, int on, int off) {
        return Json.object()
                .put("tone", pattern)
                .put("n", n)
                .put("on", on)
                .put("off", off)
                .build();
    }

    static Json.Obj pin(String name) {
        return Json.object().put("pin", name).build();
    }

    static Json.Obj sound(Asset asset, String alt) {
        return Json.object().put("a", asset(asset)).put("alt", alt).build();
    }

    /** A one-shot command, valid for a minute. */
    Draft cmd(DeviceId id, String cid, String op, Json.Obj arg) {
        var draft = head("cmd", Scope.of(id));
        return draft.put("exp", draft.number("iat") + 60_000)
                .put("cid", cid)
                .put("op", op)
                .put("arg", arg);
    }
}
