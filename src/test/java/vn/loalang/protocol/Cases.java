package vn.loalang.protocol;

import static vn.loalang.protocol.Vectors.DAY;
import static vn.loalang.protocol.Vectors.ME;
import static vn.loalang.protocol.Vectors.T1;
import static vn.loalang.protocol.Vectors.head;
import static vn.loalang.protocol.Vectors.signed;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a device must get right inside: putting blocks together, what it remembers after a torn write, a loop of restarts. */
final class Cases {
    private static final int BLK = 512;
    private static final int SEGN = 4;
    /** 41 blocks, the last one of 100 bytes, in 11 segments. */
    private static final byte[] CONTENT = content(40 * BLK + 100);

    private static final Asset FILE = Asset.mp3(Hash.of(CONTENT), CONTENT.length);
    /** Nothing has this hash; its manifest describes {@link #CONTENT}. */
    private static final Asset LIE =
            Asset.mp3(Hash.of("no such file".getBytes(StandardCharsets.US_ASCII)), CONTENT.length);

    private final Vectors vectors;
    private final List<Json> blocks = new ArrayList<>();
    private final List<Json> recovery = new ArrayList<>();
    private final List<Json> bootLoop = new ArrayList<>();

    private Cases(Vectors vectors) {
        this.vectors = vectors;
    }

    /** The files by name; their documents become vectors of their own. */
    static Map<String, byte[]> generate(Vectors vectors) {
        Cases cases = new Cases(vectors);
        cases.documents();
        cases.blocks();
        cases.recovery();
        cases.bootLoop();
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("blocks.json", text(cases.blocks));
        files.put("recovery.json", text(cases.recovery));
        files.put("bootloop.json", text(cases.bootLoop));
        return files;
    }

    static byte[] text(List<Json> all) {
        StringBuilder out = new StringBuilder("[\n");
        for (int i = 0; i < all.size(); i++) {
            all.get(i).write(out);
            out.append(i + 1 < all.size() ? ",\n" : "\n");
        }
        return out.append("]\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (31 * i + 7 * (i / BLK) + 5);
        }
        return bytes;
    }

    private void document(String file, Document document) {
        vectors.put(
                file,
                signed("p1", document),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                "document of a case");
    }

    private void plan(String file, Asset asset) {
        Plan.Item item =
                new Plan.Item(new Oid("b1"), T1 + DAY / 2, 60, 20, 70, 300, new Plan.Play.Recordings(List.of(0)));
        document(file, new Plan(head(ME, T1 - 1000, T1 + DAY), T1 - DAY / 2, T1 + DAY, List.of(asset), List.of(item)));
    }

    private void documents() {
        List<Hash> segments = new ArrayList<>();
        for (int from = 0; from < CONTENT.length; from += SEGN * BLK) {
            segments.add(Hash.of(Arrays.copyOfRange(CONTENT, from, Math.min(CONTENT.length, from + SEGN * BLK))));
        }
        plan("run-blocks.gb1", FILE);
        plan("run-blocks-lie.gb1", LIE);
        document("run-blocks-man.gb1", new Manifest(head(ME, T1, T1 + DAY), FILE, BLK, SEGN, segments));
        document("run-blocks-man-lie.gb1", new Manifest(head(ME, T1, T1 + DAY), LIE, BLK, SEGN, segments));
        document(
                "run-newer-plan.gb1",
                new Plan(head(ME, T1 + 300_000, T1 + DAY), T1 - DAY / 2, T1 + DAY, List.of(), List.of()));
    }

    // ---- blocks.json ----

    private void block(String name, String note, String end, int frames, Json.Obj trouble) {
        boolean lie = name.startsWith("lie");
        blocks.add(Json.object()
                .put("name", name)
                .put("note", note)
                .put("plan", lie ? "run-blocks-lie.gb1" : "run-blocks.gb1")
                .put("man", lie ? "run-blocks-man-lie.gb1" : "run-blocks-man.gb1")
                .put("sz", CONTENT.length)
                .put("blk", BLK)
                .put("trouble", trouble)
                .put("frames", frames)
                .put("end", end)
                .build());
    }

    private static Json.Obj trouble(String name, Integer... indexes) {
        return Json.object().put(name, Json.integers(List.of(indexes))).build();
    }

    private static Json.Obj always(String name) {
        return Json.object().put(name, true).build();
    }

    private void blocks() {
        block("straight", "each block once", "ready", 41, Json.object().build());
        block("backwards", "a need answered from its end", "ready", 41, always("backwards"));
        block("twice", "[BLK-2] every other block comes twice", "ready", 62, always("twice"));
        block(
                "strangers",
                "[BLK-2b] before every fourth: another file's, wrong length, beyond the end",
                "ready",
                41,
                always("strangers"));
        block("lost", "[BLK-1c] lost the first time", "ready", 45, trouble("lost", 0, 3, 17, 40));
        block("spoiled", "[BLK-4] a segment that was wrong once comes again", "ready", 45, trouble("spoiled", 6));
        block("spoiled-last", "the short last block was wrong twice", "ready", 43, trouble("spoiled", 40, 40));
        block("spoiled-thrice", "[BLK-4] paused for an hour, then right", "ready", 0, trouble("spoiled", 9, 9, 9));
        block("poisoned", "[BLK-4b] six times wrong", "failed blocks", 0, trouble("spoiled", 5, 5, 5, 5, 5, 5));
        block(
                "lie",
                "[BLK-4c] each segment is right and the whole is not",
                "failed hash",
                41,
                Json.object().build());
        block("power-cut", "whole segments survive; the begun one comes again", "ready", 43, trouble("cut", 14));
        block(
                "power-cut-backwards",
                "the last block of a segment is on the disk and the first is not",
                "ready",
                49,
                Json.object()
                        .put("cut", Json.integers(List.of(25)))
                        .put("backwards", true)
                        .build());
    }

    // ---- recovery.json ----

    private static Json.Obj batch(String... pairs) {
        Json.Obj.Builder batch = Json.object();
        for (int i = 0; i < pairs.length; i += 2) {
            batch.put(pairs[i], pairs[i + 1].isEmpty() ? Json.of(false) : Json.of(pairs[i + 1]));
        }
        return batch.build();
    }

    private static final List<Json> BATCHES = List.of(
            batch("a", "1", "b", "xx"), batch("a", "2"), batch("b", "", "c", "three"), batch("a", "4", "d", "dddd"));

    private static Json.Obj after(int batches) {
        return switch (batches) {
            case 0 -> batch();
            case 1 -> batch("a", "1", "b", "xx");
            case 2 -> batch("a", "2", "b", "xx");
            case 3 -> batch("a", "2", "c", "three");
            default -> batch("a", "4", "c", "three", "d", "dddd");
        };
    }

    private void damaged(String name, String note, String what, int batch, int permille, int stand) {
        recovery.add(Json.object()
                .put("name", name)
                .put("note", note)
                .put("batches", Json.array(BATCHES))
                .put(
                        "damage",
                        Json.object()
                                .put("what", what)
                                .put("batch", batch)
                                .put("at", permille)
                                .build())
                .put("memory", after(stand))
                .build());
    }

    private void recovery() {
        recovery.add(Json.object()
                .put("name", "whole")
                .put("note", "everything is there again")
                .put("batches", Json.array(BATCHES))
                .put("memory", after(4))
                .build());
        for (int at : new int[] {0, 1, 250, 500, 750, 999}) {
            damaged("torn-" + at, "the last batch was being written", "torn", 4, at, 3);
        }
        damaged("torn-third", "two batches are lost, whole", "torn", 3, 400, 2);
        damaged("torn-first", "nothing was ever written wholly", "torn", 1, 600, 0);
        for (int at : new int[] {0, 300, 600, 999}) {
            damaged("flipped-" + at, "a bit of the last batch is not what was written", "flipped", 4, at, 3);
        }
        recovery.add(Json.object()
                .put("name", "rubbish")
                .put("note", "flash that was never erased stands behind the last batch")
                .put("batches", Json.array(BATCHES))
                .put(
                        "damage",
                        Json.object()
                                .put("what", "rubbish")
                                .put("batch", 4)
                                .put("at", 0)
                                .build())
                .put("memory", after(4))
                .build());
        recovery.add(Json.object()
                .put("name", "wrap")
                .put(
                        "note",
                        "the same places written again and again: the log begins anew, and what it needs stays bounded")
                .put("batches", Json.array(BATCHES))
                .put(
                        "again",
                        Json.object()
                                .put("key", "w")
                                .put("bytes", 3000)
                                .put("times", 900)
                                .put("bytes_most", 1_500_000)
                                .build())
                .put("memory", after(4))
                .build());
        ring(
                "evidence-overflows",
                "[ACK-1c] the ring of evidence wraps; the rest stays",
                added("rest", 20),
                added("evidence", 1200));
        ring(
                "rest-overflows",
                "[ACK-1b] a flood of the rest pushes out no evidence",
                added("evidence", 20),
                added("rest", 1500));
        ring(
                "both-overflow",
                "[ACK-1d] a gap for each ring, and what is held between them",
                added("evidence", 1300),
                added("rest", 1300));
        ring(
                "again-and-again",
                "[ACK-1d] what was held when a ring overflowed first falls out later",
                added("evidence", 700),
                added("rest", 1500),
                added("evidence", 700),
                added("rest", 300),
                added("evidence", 1100));
        recovery.add(turns(
                "in-turns",
                "[ACK-1d] one ring falls out between the entries of the other",
                1200,
                "rest",
                1,
                "evidence",
                2));
    }

    private void ring(String name, String note, Json... added) {
        recovery.add(Json.object()
                .put("name", name)
                .put("note", note)
                .put("journal", Json.array(List.of(added)))
                .build());
    }

    private static Json turns(
            String name, String note, int turns, String ring, int count, String otherRing, int otherCount) {
        return Json.object()
                .put("name", name)
                .put("note", note)
                .put("turns", turns)
                .put("journal", Json.array(List.of(added(ring, count), added(otherRing, otherCount))))
                .build();
    }

    private static Json added(String ring, int count) {
        return Json.object().put("ring", ring).put("count", count).build();
    }

    // ---- bootloop.json ----

    private static final List<String> ALL = List.of("cfg", "keys", "now@a/37.14329@x1", "plan", "site");
    private static final List<String> SETTINGS = List.of("cfg", "keys", "site");

    private static Json start(String why, long up, List<String> inForce, boolean loop) {
        return Json.object()
                .put("start", why)
                .put("up", up)
                .put("in_force", Json.strings(inForce))
                .put("loop", loop)
                .build();
    }

    private static Json take(String file, List<String> inForce) {
        return Json.object()
                .put("take", file)
                .put("in_force", Json.strings(inForce))
                .build();
    }

    private void loop(String name, String note, Json... starts) {
        List<Json> steps = new ArrayList<>(List.of(
                start("power", 1000, List.of(), false),
                take("keys.gb1", List.of("keys")),
                take("site.gb1", List.of("keys", "site")),
                take("cfg.gb1", SETTINGS),
                take("run-programme.gb1", List.of("cfg", "keys", "plan", "site")),
                take("run-cleared.gb1", ALL)));
        steps.addAll(List.of(starts));
        bootLoop.add(Json.object()
                .put("name", name)
                .put("note", note)
                .put("t", T1)
                .put("steps", Json.array(steps))
                .build());
    }

    private void bootLoop() {
        long s = 1000;
        Json up = start("watchdog", s, ALL, false);
        Json stripped = start("watchdog", s, SETTINGS, true);
        loop("third", "[BOOT-1b] [BOOT-1d]", up, up, stripped, stripped);
        loop(
                "sixth",
                "[BOOT-1c] [BOOT-1d]",
                up,
                up,
                stripped,
                stripped,
                stripped,
                start("watchdog", s, List.of("keys"), true));
        loop("proven", "[BOOT-1] two minutes clear the counter", up, start("watchdog", 121_000, ALL, false), up, up);
        loop(
                "ends",
                "[BOOT-1b] what was set aside stays out; only a newer one is taken",
                up,
                up,
                start("watchdog", 121_000, SETTINGS, false),
                start("watchdog", s, SETTINGS, false),
                take("run-programme.gb1", SETTINGS),
                take("run-newer-plan.gb1", List.of("cfg", "keys", "plan", "site")));
    }
}
