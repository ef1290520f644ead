package vn.loalang.delivery;

import java.util.Set;
import java.util.function.Function;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.KeyEntry;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.PublicKey;
import vn.loalang.protocol.Refusal;
import vn.loalang.protocol.Use;

/**
 * A key as an officer's machine names it and a ceremony takes it: {@code kid:use:area:pri:x}, or with {@code pri/cpri} where
 * its holder may end what he may not start.
 *
 * @param use what it may sign in one word, {@link #ONLINE} among them
 */
record KeyOption(Kid kid, String use, AreaPath area, Rank rank, PublicKey x) {
    /** Stands for all uses of a key that lies on a server. */
    static final String ONLINE = "online";

    static final String HELP =
            "kid:use:area:pri[/cpri]:x, use = online | site | now | akeys | fw, area rỗng = tất cả / "
                    + "empty = all; 82/89: ra lệnh đến 82, báo yên đến 89 / orders up to 82, clears up to 89 (now, akeys)";

    private static final Set<String> USES =
            Set.of(ONLINE, Use.SITE.wire(), Use.NOW.wire(), Use.AKEYS.wire(), Use.FW.wire());
    private static final int PARTS = 5;

    /**
     * Up to where a key orders and up to where it clears.
     *
     * @param cpri the same as {@code pri} unless somebody wrote otherwise
     */
    record Rank(int pri, int cpri) {
        private static final int HIGHEST = 99;

        /**
         * Reads {@code 89} or {@code 82/89}.
         *
         * @param field what the person typed it for
         * @throws IllegalArgumentException naming the field and the range
         */
        static Rank parse(String field, String text) {
            var slash = text.indexOf('/');
            var pri = number(field + " pri", slash < 0 ? text : text.substring(0, slash));
            return new Rank(pri, slash < 0 ? pri : number(field + " cpri", text.substring(slash + 1)));
        }

        private static int number(String field, String text) {
            try {
                var number = Integer.parseInt(text);
                if (number >= 0 && number <= HIGHEST) {
                    return number;
                }
            } catch (NumberFormatException other) {
                // The same answer as to a number that is too large.
            }
            throw new IllegalArgumentException(field + ": 0–" + HIGHEST + " (“" + SigningWords.plain(text) + "”)");
        }

        @Override
        public String toString() {
            return cpri == pri ? String.valueOf(pri) : pri + "/" + cpri;
        }
    }

    KeyOption {
        if (!USES.contains(use)) {
            throw new IllegalArgumentException("--add use: online, site, now, akeys, fw");
        }
        var ranked = use.equals(Use.NOW.wire()) || use.equals(Use.AKEYS.wire());
        if (!ranked && rank.cpri() != rank.pri()) {
            throw new IllegalArgumentException(
                    "--add " + kid + " cpri: chỉ cho khoá now, akeys / for now and akeys keys only");
        }
        if (!ranked && !use.equals(Use.SITE.wire()) && !area.isRoot()) {
            throw new IllegalArgumentException("--add " + kid + " area: để trống, khoá " + use
                    + " là của toàn hệ thống / leave it empty, such a key is the whole deployment's");
        }
    }

    /**
     * Reads what follows {@code --add}.
     *
     * @throws IllegalArgumentException naming the part and what it may hold
     */
    static KeyOption parse(String text) {
        var parts = text.split(":", -1);
        if (parts.length != PARTS) {
            throw new IllegalArgumentException("--add kid:use:area:pri[/cpri]:x");
        }
        return new KeyOption(
                part("kid", parts[0], Kid::new),
                parts[1],
                part("area", parts[2], AreaPath::new),
                Rank.parse("--add", parts[3]),
                part("x", parts[4], PublicKey::parse));
    }

    private static <T> T part(String field, String text, Function<String, T> read) {
        try {
            return read.apply(text);
        } catch (Refusal wrong) {
            throw new IllegalArgumentException(
                    "--add " + field + " “" + SigningWords.plain(text) + "”: " + wrong.getMessage(), wrong);
        }
    }

    /** As a list of keys holds it. */
    KeyEntry entry(long nbf, long exp) {
        return switch (use) {
            case ONLINE -> KeyEntry.online(kid, x, nbf, exp);
            case "fw" -> KeyEntry.firmware(kid, x, nbf, exp);
            case "site" -> new KeyEntry(kid, x, Set.of(Use.SITE), area, 0, nbf, exp, 0);
            default -> new KeyEntry(kid, x, Set.of(Use.of(use).orElseThrow()), area, rank.pri(), nbf, exp, rank.cpri());
        };
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return kid + ":" + use + ":" + area + ":" + rank + ":" + x.b64u();
    }
}
