package vn.loalang.protocol;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a server must let fall of what devices say [DOC-3], claim files that a device must not take [CLM-1], and journals on a
 * stick that prove nothing [USB-2b]. Each is a right one with one thing wrong.
 */
final class UpwardVectors {
    private static final String SERVER = "[DOC-3]";
    private static final String CLAIM = "[CLM-1]";
    private static final String STICK = "[USB-2b]";

    private final Vectors vectors;

    UpwardVectors(Vectors vectors) {
        this.vectors = vectors;
    }

    void all() {
        hello();
        events();
        need();
        report();
        presence();
        telemetry();
        claim();
        sticks();
    }

    // ---- a right message, and what is done to it ----

    /** Wrong ones of one kind, made of a right one. */
    private final class Of {
        private final String kind;
        private final String suffix;
        private final String rule;
        private final byte[] right;

        Of(String kind, String right, String rule) {
            this.kind = kind;
            this.suffix = right.substring(right.indexOf('.'));
            this.rule = rule;
            this.right = vectors.bytesOf(right);
        }

        Of put(String name, byte[] bytes, String expect, String note) {
            vectors.put(
                    "bad-" + kind + "-" + name + suffix,
                    bytes,
                    expect,
                    List.of(),
                    note.isEmpty() ? rule : rule + " " + note);
            return this;
        }

        /** Without each of these members in turn; a dot leads into an object or a list. */
        Of without(String... paths) {
            for (String path : paths) {
                put(
                        "no-" + path.replaceAll("\\.0|\\.", "-").replaceAll("-+", "-"),
                        edited(right, path, null),
                        "E_SEM",
                        "");
            }
            return this;
        }

        Of with(String name, String path, Json value) {
            return with(name, path, value, "");
        }

        Of with(String name, String path, Json value, String note) {
            return put(name, edited(right, path, value), "E_SEM", note);
        }

        /** Its text edited into what is no strict JSON. */
        Of broken(String name, String note, UnaryOperator<String> edit) {
            String text = new String(right, StandardCharsets.UTF_8);
            String changed = edit.apply(text);
            if (changed.equals(text)) {
                throw new IllegalStateException("nothing to edit for " + kind + " " + name);
            }
            return put(name, utf8(changed), "E_JSON", note);
        }

        /** What is no message at all. */
        Of broken() {
            String text = new String(right, StandardCharsets.UTF_8);
            // What begins with another byte than a brace would be a stored document.
            String shapeless = kind.equals("rep") ? "E_FMT" : "E_JSON";
            put("cut", utf8(text.substring(0, text.length() / 2)), "E_JSON", "cut in the middle");
            put("twice", utf8(text + text), "E_JSON", "two objects");
            put("list", utf8("[" + text + "]"), shapeless, "an object within a list");
            put("bom", utf8("\uFEFF" + text), shapeless, "");
            put("words", utf8("Loa Làng"), shapeless, "no JSON at all");
            put("nothing", new byte[0], "E_JSON", "no bytes");
            return put("zeros", new byte[64], shapeless, "64 zero bytes");
        }
    }

    /** The message with another value at the end of the path, or without it. */
    private static byte[] edited(byte[] message, String path, @Nullable Json value) {
        return edit(StrictJson.parseWithFractions(message), List.of(path.split("\\.")), value)
                .bytes();
    }

    private static Json edit(Json at, List<String> path, @Nullable Json value) {
        List<String> rest = path.subList(1, path.size());
        if (at instanceof Json.Arr array) {
            List<Json> items = new ArrayList<>(array.items());
            int index = Integer.parseInt(path.get(0));
            items.set(index, rest.isEmpty() ? Objects.requireNonNull(value) : edit(items.get(index), rest, value));
            return Json.array(items);
        }
        Map<String, Json> members = new LinkedHashMap<>(((Json.Obj) at).members());
        String name = path.get(0);
        if (!rest.isEmpty()) {
            members.put(name, edit(Objects.requireNonNull(members.get(name), name), rest, value));
        } else if (value != null) {
            members.put(name, value);
        } else if (members.remove(name) == null) {
            throw new IllegalStateException("there is no " + name);
        }
        return new Json.Obj(members);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Json list(Json item, int times) {
        return Json.array(Collections.nCopies(times, item));
    }

    private static Json pair(long lo, long hi) {
        return Json.integers(List.of(lo, hi));
    }

    private static final Json NULL = new Json.Null();
    private static final Json EMPTY = Json.object().build();
    private static final Json BEYOND = Json.of(1L << 32);

    // ---- unsigned, from a device ----

    private void hello() {
        new Of("hello", "hello.json", SERVER)
                .broken()
                .broken("dup", "a name twice", text -> text.replace("\"boot\":19", "\"boot\":19,\"boot\":18"))
                .broken("float", "fractions are for telemetry", text -> text.replace("\"boot\":19", "\"boot\":19.5"))
                .broken("2p53", "", text -> text.replace("\"sn\":77824", "\"sn\":9007199254740992"))
                .broken("nul", "", text -> text.replace("loalang-ref-1", "loalang\\u0000"))
                .broken(
                        "deep",
                        "nine levels, in a member nobody knows",
                        text -> text.replace("\"floor\"", "\"q\":" + "[".repeat(8) + "]".repeat(8) + ",\"floor\""))
                .without("v", "typ", "bn", "sn", "why", "proto", "crit", "cap", "cap.pkt", "clk.q", "floor", "hwm", "j")
                .without("j.hi")
                .with("v2", "v", Json.of(2))
                .with("typ", "typ", Json.of("hallo"))
                .with("bn-short", "bn", Json.of("AQIDBAUGBwgJCgsMDQ4P"))
                .with("bn-padded", "bn", Json.of("AQIDBAUGBwgJCgsMDQ4PEA=="))
                .with("bn-stray-bits", "bn", Json.of("AQIDBAUGBwgJCgsMDQ4PEB"), "not the canonical form")
                .with("sn-text", "sn", Json.of("77824"))
                .with("sn-negative", "sn", Json.of(-1))
                .with("boot-true", "boot", Json.of(true))
                .with("boot-null", "boot", NULL)
                .with("why", "why", Json.of("boredom"))
                .with("fw-65", "fw", Json.of("1".repeat(65)))
                .with("proto-text", "proto", Json.strings(List.of("1")))
                .with("prof-33", "prof", list(Json.of("blk"), 33))
                .with("cap-list", "cap", list(Json.of(1), 1))
                .with("codec-number", "cap.codec", list(Json.of(3), 1))
                .with("pkt-8191", "cap.pkt", Json.of(8191))
                .with("proof", "cap.proof", Json.of("hearsay"))
                .with("rtc-number", "cap.rtc", Json.of(1))
                .with("q", "clk.q", Json.of("X"))
                .with("hwm-list", "hwm", list(Json.of("keys"), 1))
                .with("hwm-text", "hwm.keys", Json.of("1767477600000"))
                .with("hwm-negative", "hwm.keys", Json.of(-1))
                .with("jid-upper", "j.jid", Json.of("5A0C33E1"))
                .with("lo-0", "j.lo", Json.of(0))
                .with("hi-far-below-lo", "j.hi", Json.of(1031), "an empty journal has hi = lo - 1");
    }

    private void events() {
        Of ev = new Of("ev", "ev.json", SERVER);
        Json.Obj right = StrictJson.parse(ev.right);
        Json entry = ((Json.Arr) Objects.requireNonNull(right.get("e"))).items().get(0);
        ev.broken()
                .broken("float", "", text -> text.replace("\"pos\":0", "\"pos\":0.5"))
                .broken("exponent", "", text -> text.replace("\"pos\":0", "\"pos\":1e3"))
                .broken("surrogate", "", text -> text.replace("7f3a91", "\\ud800"))
                .broken(
                        "deep",
                        "nine levels, four of them in d",
                        text -> text.replace("\"pos\":0", "\"x\":" + "[".repeat(5) + "]".repeat(5)))
                .without("v", "typ", "jid", "e", "e.0.n", "e.0.t", "e.0.q", "e.0.k", "e.0.s", "e.0.d")
                .with("jid-17", "jid", Json.of("0".repeat(17)))
                .with("e-object", "e", EMPTY)
                .with("e-numbers", "e", Json.integers(List.of(1, 2)))
                .with("n-0", "e.0.n", Json.of(0))
                .with("n-text", "e.0.n", Json.of("1041"))
                .with("n-again", "e.1.n", Json.of(1041), "[ACK-1] a number twice")
                .with("n-falls", "e.1.n", Json.of(1040), "[ACK-1]")
                .with("t-negative", "e.0.t", Json.of(-1))
                .with("q", "e.0.q", Json.of("S"))
                .with("u-without-boot", "e.0.q", Json.of("U"), "t counts from a boot that is not named")
                .with("k-33", "e.0.k", Json.of("k".repeat(33)))
                .with("s-number", "e.0.s", Json.of(1))
                .with("d-null", "e.0.d", NULL)
                .with("d-list", "e.0.d", Json.array(List.of()));
        List<Json> many = new ArrayList<>();
        for (int n = 1; n <= 100; n++) {
            many.add(edit(entry, List.of("n"), Json.of(n)));
        }
        ev.put(
                "too-long",
                edit(right, List.of("e"), Json.array(many)).bytes(),
                "E_FMT",
                "[ACK-4] more than 8,000 bytes");
    }

    private void need() {
        new Of("need", "need.json", SERVER)
                .broken()
                .broken("float", "", text -> text.replace("[5,5]", "[5,5.0]"))
                .broken("minus-0", "", text -> text.replace("[[0,", "[[-0,"))
                .without("a", "blk", "miss")
                .with("a-short", "a", Json.of("AAAA"))
                .with("a-hex", "a", Json.of("0".repeat(64)))
                .with("blk-511", "blk", Json.of(511))
                .with("blk-16385", "blk", Json.of(16_385))
                .with("miss-object", "miss", EMPTY)
                .with("miss-numbers", "miss", Json.integers(List.of(0, 3)))
                .with("miss-three", "miss.0", Json.integers(List.of(0, 1, 2)))
                .with("miss-text", "miss.0", Json.strings(List.of("0", "3")))
                .with("miss-negative", "miss.0", pair(-1, 3))
                .with("miss-backwards", "miss.1", pair(6, 5))
                .with("miss-falls", "miss.2", pair(2, 2), "rising")
                .with("miss-overlaps", "miss.1", pair(3, 5), "block 3 twice")
                .with("miss-beyond", "miss.2", Json.array(List.of(Json.of(67), BEYOND)), "an index has 32 bits")
                .put("miss-33", ranges(33), "E_SEM", "");
    }

    private byte[] ranges(int count) {
        List<Json> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ranges.add(pair(2 * i, 2 * i));
        }
        Json.Obj right = StrictJson.parse(vectors.bytesOf("need.json"));
        return edit(right, List.of("miss"), Json.array(ranges)).bytes();
    }

    private void report() {
        new Of("rep", "rep-state.json", SERVER)
                .broken()
                .without("cid", "what", "t", "rows", "play", "flt", "facts")
                .with("what", "what", Json.of("secrets"))
                .with("cid-17", "cid", Json.of("c".repeat(17)))
                .with("q", "q", Json.of("?"))
                .with("rows-text", "rows.plan", Json.of("1"))
                .with("play-9", "play", list(Json.of("7f3a91"), 9))
                .with("play-space", "play", Json.strings(List.of("7f 3a 91")))
                .with("flt-number", "flt", list(Json.of(1), 1))
                .with("flt-65", "flt", list(Json.of("NET_WEAK"), 65))
                .with("facts-number", "facts.store", Json.of(1));
        new Of("rep-log", "rep-log.json", SERVER)
                .without("lines")
                .with("line-number", "lines.0", Json.of(1))
                .with("line-401", "lines.0", Json.of("x".repeat(401)), "a line has at most 400 characters")
                .with("lines-201", "lines", list(Json.of("."), 201));
        new Of("rep-doc", "rep-doc-none.json", SERVER)
                .without("row", "none")
                .with("none-false", "none", Json.of(false), "a document that is there travels as its very bytes")
                .with("row", "row", Json.of("plan@d"));
        vectors.put(
                "bad-rep-doc-cut.gb1",
                Arrays.copyOf(vectors.bytesOf("plan.gb1"), 100),
                "E_FMT",
                List.of(),
                SERVER + " a stored document cut in its signature line");
    }

    private void presence() {
        new Of("st", "st-on.json", SERVER)
                .broken()
                .without("s", "sn")
                .with("s", "s", Json.of("asleep"))
                .with("s-true", "s", Json.of(true))
                .with("sn-text", "sn", Json.of("77824"))
                .with("sn-negative", "sn", Json.of(-1));
    }

    private void telemetry() {
        new Of("tel", "tel.json", SERVER)
                .broken()
                .broken("nan", "", text -> text.replace("-108.5", "NaN"))
                .broken("plus", "", text -> text.replace("-108.5", "+108.5"))
                .broken("leading-zero", "", text -> text.replace("-108.5", "-0108.5"))
                .broken("no-fraction", "", text -> text.replace("-108.5", "-108."))
                .broken("exponent-4-digits", "", text -> text.replace("-108.5", "-1e1000"))
                .put(
                        "beyond",
                        utf8(new String(vectors.bytesOf("tel.json"), StandardCharsets.UTF_8)
                                .replace("-108.5", "-1e999")),
                        "E_SEM",
                        "more than a double holds")
                .without("t", "q", "up", "pwr.src", "net.rat", "amp.on", "line.0.s", "sto.free", "sto.pins")
                .with("t-fraction", "t", new Json.Dec(new BigDecimal("1767570000000.5")), "a time is an integer")
                .with("up-negative", "up", Json.of(-1))
                .with("pwr-text", "pwr", Json.of("mains"))
                .with("mv-text", "pwr.mv", Json.of("12840"))
                .with("src-33", "pwr.src", Json.of("x".repeat(33)))
                .with("on-number", "amp.on", Json.of(0))
                .with("line-33", "line", list(Json.object().put("s", "ok").build(), 33))
                .with("clk-null", "clk", NULL)
                .with("pins-negative", "sto.pins", Json.of(-1))
                .with("flt-33", "flt", list(Json.of("NET_WEAK"), 33))
                .with("flt-number", "flt", list(Json.of(1), 1));
    }

    // ---- claim files ----

    private void claim() {
        Json root = TestKeys.root("r4").json();
        Json broker = Json.object().put("host", "a").put("port", 1).build();
        new Of("claim", "claim.gbf", CLAIM)
                .broken()
                .broken("dup", "a name twice", text -> text.replace("\"v\":1,", "\"v\":1,\"v\":1,"))
                .broken("float", "", text -> text.replace(":8883", ":8883.0"))
                .broken("comment", "", text -> text.replace("\"v\":1,", "\"v\":1,/* ours */"))
                .broken("control", "a line feed within a string", text -> text.replace("m3-world", "m3\nworld"))
                .broken(
                        "deep",
                        "nine levels, in a member nobody knows",
                        text -> text.replace("\"ca\"", "\"q\":" + "[".repeat(8) + "]".repeat(8) + ",\"ca\""))
                .without("v", "sys", "id", "t", "roots", "ca", "broker", "cred", "cred.user", "cred.pass")
                .without("roots.0.kid", "roots.0.x", "broker.0.host", "broker.0.port")
                .with("v2", "v", Json.of(2))
                .with("sys-upper", "sys", Json.of("XA14"))
                .with("sys-17", "sys", Json.of("x".repeat(17)))
                .with("id-15", "id", Json.of("47VEBOR77OZPV6O"))
                .with("id-lower", "id", Json.of("47vebor77ozpv6os"))
                .with("any-without-pin", "id", Json.of("*"), "any box, without the digits printed in it")
                .with("t-text", "t", Json.of("2026"))
                .with("t-negative", "t", Json.of(-1))
                .with(
                        "roots-two",
                        "roots",
                        Json.array(List.of(root, TestKeys.root("r1").json())))
                .with(
                        "roots-four",
                        "roots",
                        Json.array(TestKeys.roots("r1", "r2", "r3", "r4").stream()
                                .map(RootKey::json)
                                .toList()))
                .with("root-kid-twice", "roots.0.kid", Json.of("r2"))
                .with(
                        "root-key-twice",
                        "roots.0.x",
                        Json.of(TestKeys.root("r2").x().b64u()))
                .with("root-named-p1", "roots.0.kid", Json.of("p1"))
                .with(
                        "root-small-order",
                        "roots.0.x",
                        Json.of("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                        "[ENV-3b]")
                .with("root-short", "roots.0.x", Json.of("AQAA"))
                .with("root-text", "roots.0", Json.of("r1"))
                .with("ca-text", "ca", Json.of("-----BEGIN CERTIFICATE-----"))
                .with("ca-number", "ca", list(Json.of(1), 1))
                .with("ca-nine", "ca", list(Json.of("-----BEGIN CERTIFICATE-----"), 9))
                .with("broker-none", "broker", Json.array(List.of()))
                .with("broker-nine", "broker", list(broker, 9))
                .with("broker-object", "broker", broker)
                .with("host-empty", "broker.0.host", Json.of(""))
                .with("host-254", "broker.0.host", Json.of("a".repeat(254)))
                .with("host-number", "broker.0.host", Json.of(1))
                .with("port-0", "broker.0.port", Json.of(0))
                .with("port-65536", "broker.0.port", Json.of(65_536))
                .with("port-text", "broker.0.port", Json.of("8883"))
                .with("cred-text", "cred", Json.of("secret"))
                .with("cred-empty", "cred", EMPTY)
                .with("user-empty", "cred.user", Json.of(""))
                .with("pass-empty", "cred.pass", Json.of(""))
                .with("pass-513", "cred.pass", Json.of("x".repeat(513)))
                .with("cert-empty", "cred", Json.object().put("cert", "").build())
                .with(
                        "cert-16385",
                        "cred",
                        Json.object().put("cert", "x".repeat(16_385)).build())
                .with("cert-number", "cred", Json.object().put("cert", 1).build())
                .with("apn-number", "apn", Json.of(1))
                .with("apn-513", "apn", Json.of("x".repeat(513)))
                .with("pin-five", "pin", Json.of("04821"))
                .with("pin-letters", "pin", Json.of("o48213"))
                .with("pin-number", "pin", Json.of(48_213))
                .put(
                        "other-device",
                        utf8(new String(vectors.bytesOf("claim.gbf"), StandardCharsets.UTF_8)
                                .replace(
                                        "\"id\":\"" + Vectors.ID,
                                        "\"id\":\""
                                                + DeviceId.of(
                                                        TestKeys.foreignDevice().publicKey()))),
                        "E_DST",
                        "right, and another device's");
        new Of("claim", "claim-any.gbf", CLAIM)
                .put(
                        "other-pin",
                        utf8(new String(vectors.bytesOf("claim-any.gbf"), StandardCharsets.UTF_8)
                                .replace("048213", "048214")),
                        "E_DST",
                        "right, and for a box with other digits printed in it");
    }

    // ---- journals on a stick ----

    private static byte[] signed(SigningKey key, byte[] payload) {
        return Envelope.compose(List.of(key), payload);
    }

    private void sticks() {
        byte[] right = vectors.bytesOf("usb-journal.gb1");
        SigningKey own = TestKeys.device();
        SigningKey foreign = TestKeys.foreignDevice();
        byte[] payload = Envelope.parse(right).payload().raw();
        String text = new String(payload, StandardCharsets.UTF_8);
        String whole = new String(right, StandardCharsets.UTF_8);
        Of usb = new Of("usb", "usb-journal.gb1", STICK);
        vectors.put("usb-journal-long.gb1", longJournal(own), "read", List.of(), "[USB-2] longer than any message");
        usb.put(
                "cut",
                Arrays.copyOf(right, right.length / 2),
                "E_JSON",
                "the stick was pulled out while it was written");
        usb.put("cut-line", Arrays.copyOf(right, 100), "E_FMT", "cut in its signature line");
        usb.put("nothing", new byte[0], "E_FMT", "no bytes");
        usb.put("unsigned", payload, "E_FMT", "a payload alone");
        usb.put(
                "changed",
                utf8(whole.replace("\"ms\":90000,", "\"ms\":90001,")),
                "E_SIG",
                "a digit of an entry is another");
        usb.put("left-out", utf8(leftOut(whole)), "E_SIG", "an entry was taken out");
        usb.put("lengthened", utf8(whole + "\n"), "E_SIG", "a byte was added");
        usb.put("other-signer", signed(foreign, payload), "E_SIG", "another device has signed it");
        String strange =
                text.replace(own.publicKey().b64u(), foreign.publicKey().b64u());
        usb.put("other-x", signed(foreign, utf8(strange)), "E_KID", "the id does not follow from x [CON-2]");
        usb.put(
                "foreign",
                signed(
                        foreign,
                        utf8(strange.replace(
                                Vectors.ID.value(),
                                DeviceId.of(foreign.publicKey()).value()))),
                "E_KID",
                "right, and of a device that is not registered");
        usb.put("by-p1", signed(TestKeys.key("p1"), payload), "E_KID", "an online key does not speak for a device");
        usb.put("by-d2", signed(new SigningKey(new Kid("d2"), own.seed()), payload), "E_KID", "the kid is d1");
        usb.put(
                "two-lines",
                Envelope.compose(List.of(own, TestKeys.key("p1")), payload),
                "E_KID",
                "the device alone signs");
        usb.put("other-sys", signed(own, utf8(text.replace("\"xa14\"", "\"xa15\""))), "E_DST", "of another deployment");
        for (String member : List.of("sys", "id", "x", "jid", "e")) {
            usb.put("no-" + member, signed(own, edited(payload, member, null)), "E_SEM", "");
        }
        usb.put("x-short", signed(own, edited(payload, "x", Json.of("AQAA"))), "E_SEM", "");
        usb.put("typ", signed(own, edited(payload, "typ", Json.of("hello"))), "E_SEM", "");
        usb.put("n-falls", signed(own, edited(payload, "e.1.n", Json.of(1))), "E_SEM", "[ACK-1]");
        usb.put("dup", signed(own, utf8(text.replace("\"v\":1,", "\"v\":1,\"v\":1,"))), "E_JSON", "a name twice");
    }

    private static String leftOut(String whole) {
        return whole.replaceFirst("\\{\"n\":2,.*?\\}\\},", "");
    }

    private static byte[] longJournal(SigningKey own) {
        List<JournalEntry> entries = new ArrayList<>();
        for (int n = 1; n <= 400; n++) {
            entries.add(JournalEntry.at(n, Vectors.T1 + n, Quality.T, new Event.Local(Event.LocalAct.STOP)));
        }
        return new JournalFile(Vectors.SYS, Vectors.ID, new Events(Vectors.EPOCH, entries)).sign(own);
    }
}
