package vn.loalang.protocol;

import static vn.loalang.protocol.Vectors.DAY;
import static vn.loalang.protocol.Vectors.ME;
import static vn.loalang.protocol.Vectors.T1;
import static vn.loalang.protocol.Vectors.head;
import static vn.loalang.protocol.Vectors.signed;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Binary frames, good and bad, and {@code frames.json}: what a device makes of each, one after another. */
final class FrameVectors {
    private static final Sid SID = new Sid("l1-01");
    /** {@code beg} of the session in {@code ses.gb1}, Unix ms. */
    private static final long BEG = T1 + 4_000;
    /** Its {@code until}. */
    private static final long UNTIL = T1 + 1_204_000;
    /** 20 frames of MP3 are 480 ms. */
    private static final byte[] CHUNK = OrderVectors.pseudo(144 * 20);

    private static final Hash FILE = Hash.of(OrderVectors.BLOCKS);
    /** What no block of the file holds. */
    private static final byte[] WRONG = new byte[512];

    private final Vectors vectors;
    private final List<Json> cases = new ArrayList<>();
    private final List<Json> frames = new ArrayList<>();

    private FrameVectors(Vectors vectors) {
        this.vectors = vectors;
    }

    /** The text of {@code frames.json}; its frames and documents become vectors of their own. */
    static byte[] generate(Vectors vectors) {
        FrameVectors all = new FrameVectors(vectors);
        all.blocks();
        all.live();
        return Cases.text(all.cases);
    }

    private void frame(String file, byte[] bytes, String expect, String note) {
        vectors.put(file, bytes, expect, List.of(), note);
    }

    private void give(String file, long at, String expect) {
        frames.add(Json.object()
                .put("file", file)
                .put("at", at)
                .put("expect", expect)
                .build());
    }

    private void one(String name, String note, List<String> take, Json.Obj.Builder more) {
        cases.add(Json.object()
                .put("name", name)
                .put("note", note)
                .put("t", T1)
                .put("take", Json.strings(take))
                .putAll(more.build())
                .put("frames", Json.array(frames))
                .build());
        frames.clear();
    }

    // ---- blocks ----

    private void badBlock(String name, byte[] bytes, String note) {
        String file = "bad-block-" + name + ".bin";
        frame(file, bytes, "dropped", note);
        give(file, 100, "dropped");
    }

    private void blocks() {
        Plan.Item item =
                new Plan.Item(new Oid("b1"), T1 + DAY / 2, 60, 20, 70, 300, new Plan.Play.Recordings(List.of(0)));
        vectors.put(
                "run-frames.gb1",
                signed(
                        "p1",
                        new Plan(
                                head(ME, T1 - 900, T1 + DAY),
                                T1 - DAY / 2,
                                T1 + DAY,
                                List.of(Asset.mp3(FILE, OrderVectors.BLOCKS.length)),
                                List.of(item))),
                "accept",
                Vectors.after(":hello", "welcome-any.gb1"),
                "document of a case");
        give("block-first.bin", 100, "taken");
        give("block-first.bin", 100, "dropped");
        byte[] whole = BlockFrame.of(FILE, 1, WRONG).encode();
        badBlock("header", Arrays.copyOf(whole, 15), "[BLK-2b] shorter than a header");
        badBlock("cut", Arrays.copyOf(whole, 216), "[BLK-2b] cut in the middle");
        badBlock("more", Arrays.copyOf(whole, 529), "[BLK-2b] a byte behind the payload");
        byte[] flag = whole.clone();
        flag[1] = 1;
        badBlock("flag", flag, "[BLK-2b] the second byte is not 0");
        badBlock("short", BlockFrame.of(FILE, 1, new byte[511]).encode(), "[BLK-2b] shorter than its block");
        badBlock("long", BlockFrame.of(FILE, 1, new byte[513]).encode(), "[BLK-2b] longer than its block");
        badBlock("empty", BlockFrame.of(FILE, 1, new byte[0]).encode(), "[BLK-2b] no payload and no end frame");
        badBlock("strange", BlockFrame.of(Hash.of(WRONG), 1, WRONG).encode(), "[BLK-2b] of a file nobody wants");
        badBlock("beyond", BlockFrame.of(FILE, 70, WRONG).encode(), "[BLK-2b] the file has 70 blocks");
        badBlock("far-beyond", BlockFrame.of(FILE, (1L << 32) - 1, WRONG).encode(), "[BLK-2b] the highest index");
        frames.add(Json.object()
                .put("blocks", Json.integers(List.of(1, 68)))
                .put("at", 200)
                .put("expect", "taken")
                .build());
        give("block-end.bin", 300, "dropped");
        give("block-last.bin", 300, "taken");
        one(
                "blocks",
                "[BLK-2] [BLK-2b] what is not a block of the file that is missing leaves it as it is; the wrong ones carry other bytes",
                List.of("keys.gb1", "site.gb1", "run-frames.gb1", "man-device.gb1"),
                Json.object().put("sz", OrderVectors.BLOCKS.length).put("blk", 512));
    }

    // ---- live ----

    private static byte[] chunk(long n, long playAt) {
        return chunk(TestKeys.live(), SID, n, playAt);
    }

    private static byte[] chunk(SigningKey key, Sid sid, long n, long playAt) {
        return LiveFrame.sign(key, sid, false, n, playAt, CHUNK).encode();
    }

    private static byte[] last(long n, long playAt) {
        return LiveFrame.sign(TestKeys.live(), SID, true, n, playAt, CHUNK).encode();
    }

    private void badLive(String name, long at, byte[] bytes, String note) {
        String file = "bad-live-" + name + ".bin";
        frame(file, bytes, "dropped", note);
        give(file, at, "dropped");
    }

    /** Signed as it stands, although no encoder would make it: bytes of a right chunk, edited before they are signed. */
    private static byte[] signedAgain(byte[] head) {
        byte[] context = "GB1LIVE".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] signature = TestKeys.live()
                .sign(ByteBuffer.allocate(context.length + head.length)
                        .put(context)
                        .put(head)
                        .array());
        return ByteBuffer.allocate(head.length + signature.length)
                .put(head)
                .put(signature)
                .array();
    }

    private void live() {
        List<String> session = List.of("keys.gb1", "site.gb1", "ses.gb1");
        long at = BEG - T1;
        byte[] next = chunk(1, BEG + 480);
        give("live-0.bin", at, "taken");
        give("live-0.bin", at + 100, "dropped");
        at += 100;
        badLive("forged", at, chunk(TestKeys.key("x1"), SID, 1, BEG + 480), "[LIV-1b] signed by another key");
        byte[] changed = next.clone();
        changed[30] ^= 1;
        badLive("changed", at, changed, "[LIV-1b] a bit of its sound is another");
        byte[] postponed = next.clone();
        postponed[15] ^= 1;
        badLive("postponed", at, postponed, "[LIV-1b] a bit of its moment is another");
        badLive(
                "strange",
                at,
                chunk(TestKeys.live(), new Sid("l1-99"), 1, BEG + 480),
                "[LIV-2] of no session in force, by the right key");
        badLive("before", at, chunk(1, BEG - 24), "[LIV-1d] for a moment before beg");
        badLive("after", at, chunk(1, UNTIL + 24), "[LIV-1d] for a moment after until");
        badLive("until", at, chunk(1, UNTIL), "[LIV-1d] for until, when nothing sounds any more");
        badLive("header", at, Arrays.copyOf(next, 24 + 63), "shorter than header and signature");
        badLive("cut", at, Arrays.copyOf(next, next.length / 2), "cut in the middle");
        badLive("more", at, Arrays.copyOf(next, next.length + 1), "a byte behind the signature");
        byte[] head = Arrays.copyOf(next, next.length - 64);
        byte[] flag = head.clone();
        flag[1] = 2;
        badLive("flag", at, signedAgain(flag), "the second byte is neither 0 nor 1");
        byte[] length = head.clone();
        length[3] += 1;
        badLive("length", at, signedAgain(length), "the length is not that of the payload");
        byte[] year = head.clone();
        year[8] = (byte) 0x80;
        badLive("moment", at, signedAgain(year), "play_at is no time");
        badLive(
                "frames",
                at,
                LiveFrame.sign(TestKeys.live(), SID, false, 1, BEG + 480, Arrays.copyOf(CHUNK, 144 * 20 - 1))
                        .encode(),
                "no whole frames of the codec");
        badLive("past", at + 900, chunk(1, BEG + 240), "[LIV-1d] its sound has passed");
        at += 900;
        frame("live-1.bin", chunk(1, BEG + 1440), "read", "[LIV-1b] what was dropped has raised no n");
        give("live-1.bin", at, "taken");
        frame("live-7.bin", chunk(7, BEG + 1920), "read", "others were lost");
        give("live-7.bin", at + 100, "taken");
        badLive("back", at + 200, chunk(5, BEG + 2400), "[LIV-1c] n below that of the last good one");
        badLive("equal", at + 200, chunk(7, BEG + 2400), "[LIV-1c] n of the last good one");
        one(
                "live",
                "[LIV-1b] [LIV-1c] [LIV-1d] [LIV-2] what is dropped is silence and changes nothing for those after it",
                session,
                Json.object());
        give("live-0.bin", BEG - T1, "taken");
        give("live-last.bin", BEG - T1 + 100, "taken");
        one("live-last", "the frame that says so ends the session", session, Json.object());
        give("live-0.bin", 1_000, "taken");
        frame("live-2.bin", chunk(2, BEG + 480), "read", "[LIV-1d] a part of its sound has not passed");
        give("live-2.bin", BEG - T1 + 900, "taken");
        frame("live-passed.bin", last(3, BEG + 480), "read", "[LIV-1f] the last one counts whenever it comes");
        give("live-passed.bin", BEG - T1 + 2_000, "taken");
        one(
                "live-times",
                "[LIV-1] [LIV-1d] [LIV-1f] long before the session begins, in the middle of its moment, and after it",
                session,
                Json.object());
    }
}
