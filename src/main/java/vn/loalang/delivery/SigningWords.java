package vn.loalang.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.OrderStatus;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Site;
import vn.loalang.protocol.Step;
import vn.loalang.protocol.Use;

/** What a document says, in words, for whoever is about to sign it. */
final class SigningWords {
    private static final int LONGEST_NAME = 120;

    private final ToSign wanted;
    private final DateTimeFormatter times;

    /** @param zone in which times are said */
    SigningWords(ToSign wanted, ZoneId zone) {
        this.wanted = wanted;
        this.times = DateTimeFormatter.ofPattern("HH:mm:ss dd/MM/yyyy xxx").withZone(zone);
    }

    /** Lines about all that stands in the document but its place and number. */
    List<String> about(Document document) {
        if (document instanceof Now order) {
            return about(order);
        } else if (document instanceof Site site) {
            return about(site);
        } else if (document instanceof Keys keys) {
            return about(keys);
        }
        throw new IllegalArgumentException(
                "typ " + document.typ().wire()
                        + ": khoá của cán bộ chỉ ký now, site và keys của địa bàn / officers sign now, site and keys of an area");
    }

    /** The place of a document: as it is signed, then as the server calls it. */
    String place(Document document) {
        var scope = document.head().to().wire();
        return scope + wanted.place(scope).map(name -> " (" + plain(name) + ")").orElse("");
    }

    String time(long unixMs) {
        return times.format(Instant.ofEpochMilli(unixMs));
    }

    private List<String> about(Now order) {
        var lines = new ArrayList<String>();
        lines.add(headline(order));
        order.act().forEach(entry -> lines.addAll(about(entry)));
        order.clr()
                .forEach(sid -> lines.add(
                        sid.equals(Now.EVERYTHING)
                                ? "  Kết thúc mọi lệnh ở đó / ends every order there"
                                : "  Kết thúc / ends " + named(sid)));
        lines.add("  Nhận đến / taken over until " + time(order.head().exp()));
        return lines;
    }

    private static String headline(Now order) {
        if (order.isAllClear()) {
            return "BÁO YÊN / ALL-CLEAR";
        }
        var status = order.act().stream().map(Entry::st).sorted().findFirst().orElse(OrderStatus.ACTUAL);
        return switch (status) {
            case ACTUAL -> "*** LỆNH KHẨN CẤP THẬT / REAL EMERGENCY ORDER ***";
            case EXERCISE -> "Lệnh DIỄN TẬP / order for a DRILL";
            case TEST -> "Lệnh THỬ / order for a TEST";
        };
    }

    private List<String> about(Entry entry) {
        var lines = new ArrayList<String>();
        lines.add("  " + status(entry.st()) + " " + named(entry.sid().value()) + ", ưu tiên / priority " + entry.pri());
        lines.add("    Phát / sounds: " + sound(entry));
        lines.add("    " + entry.rep() + " lần / times, nghỉ / pause " + entry.gap() + " s, âm lượng / volume "
                + entry.vol() + " %, lâu nhất / at most " + entry.max() + " s");
        lines.add("    Hiệu lực / in force " + time(entry.beg()) + " – " + time(entry.until()) + " ("
                + Duration.ofMillis(entry.until() - entry.beg()).toMinutes() + " min)");
        if (!entry.not().isEmpty()) {
            lines.add("    Trừ / except: "
                    + entry.not().stream().map(each -> "d/" + each).collect(Collectors.joining(" ")));
        }
        return lines;
    }

    private static String status(OrderStatus status) {
        return switch (status) {
            case ACTUAL -> "THẬT / REAL";
            case EXERCISE -> "DIỄN TẬP / DRILL";
            case TEST -> "THỬ / TEST";
        };
    }

    private String named(String sid) {
        return sid + wanted.title(sid).map(title -> " “" + plain(title) + "”").orElse("");
    }

    private static String sound(Entry entry) {
        if (entry.content() instanceof Entry.Steps steps) {
            return steps.steps().stream().map(SigningWords::sound).collect(Collectors.joining(" → "));
        }
        return "giọng nói trực tiếp / a live voice";
    }

    private static String sound(Step step) {
        if (step instanceof Step.Tone tone) {
            var pattern =
                    switch (tone.pattern()) {
                        case WAIL -> "còi hú / wail";
                        case YELP -> "còi gấp / yelp";
                        case STEADY -> "tiếng đều / steady tone";
                    };
            return pattern + " " + tone.n() + "×" + tone.on() + " s";
        } else if (step instanceof Step.Pin pin) {
            return "âm có sẵn trong loa / pinned sound “" + pin.name() + "”";
        } else if (step instanceof Step.Sound sound) {
            return "bản ghi / recording sha256 " + sound.asset().h().hex();
        }
        return "tiếng đều / steady tone";
    }

    private List<String> about(Site site) {
        var lines = new ArrayList<String>();
        lines.add("Cài đặt an toàn / safety settings");
        lines.add("  Địa bàn / areas: " + areas(site.areas()));
        lines.add("  Giờ yên tĩnh / quiet hours: "
                + (site.quiet().isEmpty()
                        ? "KHÔNG / NONE"
                        : site.quiet().stream()
                                .map(window -> window.fromText() + "–" + window.toText())
                                .collect(Collectors.joining(", ")))
                + ", UTC" + (site.tz() < 0 ? "" : "+") + site.tz() + " min");
        lines.add("  Âm lượng / volume ≤ " + site.vmax() + " %, " + site.gain() + " dB; tối đa / at most " + site.smax()
                + " s / 6 h");
        lines.add("  Phát lệnh khẩn cấp khi mất máy chủ / emergencies without the server: "
                + (site.failOpen() ? "có / yes" : "không / no"));
        site.pins()
                .forEach((name, asset) -> lines.add("  Âm có sẵn / pinned sound “" + name + "”: sha256 "
                        + asset.h().hex()));
        if (!site.in().isEmpty()) {
            lines.add("  Đầu vào / inputs: " + String.join(", ", site.in()));
        }
        lines.add("  Nhận đến / taken over until " + time(site.head().exp()));
        return lines;
    }

    private List<String> about(Keys keys) {
        var lines = new ArrayList<String>();
        var ofAll = keys.head().to() instanceof Scope.All;
        lines.add(
                ofAll
                        ? "*** DANH SÁCH KHOÁ CỦA TOÀN HỆ THỐNG, thay danh sách trước / KEYS OF THE WHOLE DEPLOYMENT, in place of "
                                + "those before ***"
                        : "Danh sách khoá của địa bàn, thay danh sách trước / keys of an area, in place of those before");
        lines.add("  Phát lúc / issued " + time(keys.head().iat()));
        lines.add(
                ofAll
                        ? "  Khoá dưới đây được ký loại văn bản ghi kèm; khoá của danh sách trước không có ở đây thì hết hiệu lực / each "
                                + "key below may sign what stands beside it; keys of the list before that are not here count no "
                                + "longer"
                        : "  Ai giữ khoá dưới đây được ra lệnh khẩn cấp (now), ký cài đặt an toàn (site) trong địa bàn ghi kèm; khoá "
                                + "của danh sách trước không có ở đây thì hết hiệu lực / whoever holds one of these keys may order "
                                + "emergencies (now), sign safety settings (site) in the area beside it; keys of the list before "
                                + "that are not here count no longer");
        if (ofAll) {
            lines.addAll(aboutAll(keys));
        }
        if (keys.keys().isEmpty()) {
            lines.add("  KHÔNG CÓ KHOÁ NÀO / NO KEYS");
        }
        keys.keys()
                .forEach(key -> lines.add("  " + key.kid() + " "
                        + key.use().stream().map(Use::wire).collect(Collectors.joining("+")) + ", "
                        + areas(List.of(key.area()))
                        + ", ưu tiên / priority ≤ " + key.pri() + " (báo yên / clears ≤ " + key.cpri() + "), "
                        + time(key.nbf()) + " – " + time(key.exp()) + ", x "
                        + key.x().b64u()));
        return lines;
    }

    private List<String> aboutAll(Keys keys) {
        var lines = new ArrayList<String>();
        var quorum = keys.effectiveQuorum();
        lines.add("  Số chữ ký / signatures: "
                + (quorum.n() == 1
                        ? "1"
                        : quorum.n() + ", địa bàn cấp ≤ " + quorum.depth() + " / for areas of level ≤ "
                                + quorum.depth()));
        if (!keys.bad().isEmpty()) {
            lines.add("  Bị lộ, mọi thứ đã ký bị bỏ / compromised, all they signed is dropped: "
                    + keys.bad().stream().map(Object::toString).collect(Collectors.joining(", ")));
        }
        var roots = keys.roots();
        if (roots != null) {
            lines.add("  KHOÁ GỐC MỚI, thay khoá gốc cũ / NEW ROOTS in place of the old ones:");
            roots.forEach(
                    root -> lines.add("    " + root.kid() + " x " + root.x().b64u()));
        }
        var rst = keys.rst();
        if (rst != null) {
            lines.add("  Khôi phục số / recovery number " + rst.n()
                    + ": loa bỏ mọi thứ phát sau / boxes drop all issued after " + time(rst.t()));
        }
        return lines;
    }

    /** What one list of the deployment's keys says otherwise than the one before. */
    List<String> change(Keys before, Keys after) {
        var lines = new ArrayList<String>();
        lines.add("Khác danh sách hiện hành / other than in the current list:");
        before.keys().stream()
                .filter(key -> !after.keys().contains(key))
                .forEach(key -> lines.add("  − " + key.kid() + " " + key.x().b64u()));
        after.keys().stream()
                .filter(key -> !before.keys().contains(key))
                .forEach(key -> lines.add("  + " + key.kid() + " " + key.x().b64u()));
        if (!before.effectiveQuorum().equals(after.effectiveQuorum())) {
            lines.add("  Số chữ ký / signatures " + before.effectiveQuorum().n() + " → "
                    + after.effectiveQuorum().n());
        }
        after.bad().stream()
                .filter(kid -> !before.bad().contains(kid))
                .forEach(kid -> lines.add("  bị lộ / compromised: " + kid));
        return lines;
    }

    private static String areas(List<AreaPath> areas) {
        return areas.isEmpty()
                ? "–"
                : areas.stream()
                        .map(area -> area.isRoot() ? "tất cả / all" : area.value())
                        .collect(Collectors.joining(", "));
    }

    /** Names come from elsewhere: nothing in them may move the cursor or turn the line round. */
    static String plain(String name) {
        var text = name.codePoints()
                .map(c -> Character.isISOControl(c)
                                || Character.getType(c) == Character.FORMAT
                                || Character.getType(c) == Character.LINE_SEPARATOR
                                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                        ? '?'
                        : c)
                .limit(LONGEST_NAME)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
        return text.toString();
    }
}
