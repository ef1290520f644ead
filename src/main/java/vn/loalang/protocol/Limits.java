package vn.loalang.protocol;

/** Limits of GB1 (§15 of PROTOCOL.md); sizes in bytes, durations in the unit of the name. */
public final class Limits {
    /** Largest message on {@code keys} and {@code a/}, signature lines included. */
    public static final int AREA_MESSAGE = 8_000;
    /** Largest message on {@code d/}, unless the device's {@code cap.pkt} is smaller. */
    public static final int DEVICE_MESSAGE = 16_384;
    /** Smallest MQTT payload a device must take ({@code cap.pkt}). */
    public static final int MIN_PACKET = 8_192;
    /** Deepest nesting of a payload, the outer object being 1 [ENV-4]. */
    public static final int JSON_DEPTH = 8;
    /** Largest integer in a payload, 2^53−1 [ENV-4]. */
    public static final long MAX_INTEGER = (1L << 53) - 1;
    /** {@code seq} lies within {@code iat … iat + this}, in ms [ENV-5]. */
    public static final long SEQ_AHEAD_MS = 90_000_000;
    /** Signatures a device verifies per second [ENV-7]. */
    public static final int VERIFICATIONS_PER_SECOND = 20;
    /** Rows a device keeps. */
    public static final int ROWS = 48;
    /** Keys in one key document. */
    public static final int KEYS = 32;
    /** Kids in {@code keys.bad}. */
    public static final int BAD_KEYS = 64;
    /** Roots in {@code keys.roots} and in a claim file [KEY-1]. */
    public static final int ROOTS = 3;
    /** Root signatures a deployment key document needs [KEY-1]. */
    public static final int ROOT_SIGNATURES = 2;
    /**
     * Priority from which an order goes first, as live speech and emergencies do: its sound counts against {@code smax} [PRI-3],
     * meanwhile no device starts anew on command, and transfers give way [AST-3] [BLK-6b].
     */
    public static final int FIRST_PRI = 60;
    /**
     * Priority from which an order is an emergency: it is never silent for want of a recording [PRO-6], equals take turns [DEC-4],
     * and when it is actual, neither quiet hours [DEC-5] nor {@code vmax} [PRI-1] bind it.
     */
    public static final int EMERGENCY_PRI = 80;
    /** Highest {@code pri} of an online key. */
    public static final int ONLINE_PRI = 69;
    /** Areas of a device. */
    public static final int AREAS = 6;
    /** Pinned sounds of a device. */
    public static final int PINS = 32;
    /** Quiet windows of a device. */
    public static final int QUIET_WINDOWS = 4;
    /** Local inputs a plan may name. */
    public static final int INPUTS = 4;
    /** Items of a plan. */
    public static final int PLAN_ITEMS = 64;
    /** Assets of a plan. */
    public static final int PLAN_ASSETS = 48;
    /** Steps of a plan item. */
    public static final int ITEM_STEPS = 16;
    /** Longest plan, 48 h in ms. */
    public static final long PLAN_SPAN_MS = 48 * 3_600_000L;
    /** Longest plan that comes by hand, 35 d in ms (§7). */
    public static final long PLAN_BY_HAND_MS = 35 * 86_400_000L;
    /** Entries of a {@code now} or {@code ses}, and names in {@code clr}. */
    public static final int ENTRIES = 16;
    /** Steps of an entry. */
    public static final int ENTRY_STEPS = 8;
    /** Devices in {@code not}. */
    public static final int ENTRY_NOT = 32;
    /** Longest time from {@code beg} to {@code until}, 6 h in ms. */
    public static final long ENTRY_SPAN_MS = 6 * 3_600_000L;
    /** How far {@code beg} of an order may be from its {@code iat}, in ms. */
    public static final long BEGIN_MS = 600_000;
    /** How far {@code beg} of a session may be after its {@code iat}, in ms. */
    public static final long SESSION_AHEAD_MS = 86_400_000;
    /** Longest life of a {@code now} with entries, in ms [NOW-2]. */
    public static final long ORDER_LIFE_MS = 86_400_000;
    /** How long a clear is kept, and longest life of an all-clear, 7 d in ms [NOW-2] [NOW-4]. */
    public static final long CLEAR_KEPT_MS = 7 * 86_400_000L;
    /** Clears kept of one key [NOW-4]. */
    public static final int CLEARS_PER_KEY = 8;
    /** How far before an order's {@code iat} the clock of a device without welcome may be, in ms [SES-3]. */
    public static final long FAIL_OPEN_AHEAD_MS = 120_000;
    /** How far below the floor an order may be issued for a device without welcome, in ms [SES-3]. */
    public static final long FAIL_OPEN_BELOW_FLOOR_MS = 600_000;
    /** Longest life of a command, in ms. */
    public static final long COMMAND_LIFE_MS = 120_000;
    /** Commands a device remembers with their results [CMD-1]. */
    public static final int COMMANDS = 32;
    /** Smallest and largest block of an asset, in bytes. */
    public static final int MIN_BLOCK = 512;

    public static final int MAX_BLOCK = 16_384;
    /** Blocks of a segment. */
    public static final int SEGMENT_BLOCKS = 64;
    /** Segments of a manifest. */
    public static final int SEGMENTS = 180;
    /** Ranges of a {@code need}. */
    public static final int NEED_RANGES = 32;
    /** Most blocks one {@code need} asks for [BLK-1]. */
    public static final int NEED_WINDOW = 8;
    /** Files whose pause between two {@code need} a device keeps, whatever becomes of their transfers [BLK-1d]. */
    public static final int NEED_FILES = 4;
    /** New firmware is not started this close before a planned sound, in ms [FW-2]. */
    public static final long FIRMWARE_BEFORE_SOUND_MS = 30 * 60_000L;
    /** Files of a bundle. */
    public static final int BUNDLE_FILES = 128;
    /** Longest plan item in s. */
    public static final int ITEM_SECONDS = 14_400;
    /** Largest batch of journal entries on the wire [ACK-4]. */
    public static final int EVENTS_BATCH = 8_000;
    /** Entries each of the two journal rings keeps at least [ACK-1]. */
    public static final int JOURNAL_RING = 1_000;
    /** Floor to floor + this is the believable time, 400 d in ms [TIM-2] [SES-5]. */
    public static final long HORIZON_MS = 400 * 86_400_000L;
    /** How far {@code iat} may be ahead of T in a welcomed session, in ms [TIM-3]. */
    public static final long AHEAD_MS = 600_000;
    /** How far a welcome may be below the floor, 24 h in ms [SES-5]. */
    public static final long WELCOME_BELOW_FLOOR_MS = 86_400_000;
    /** A welcome further below the floor than this, in ms, raises {@code CLK_BAD} [SES-5]. */
    public static final long WELCOME_SUSPECT_MS = 600_000;
    /** How far before the welcome a document of a row absent from {@code vec} may be issued, in ms [SES-2]. */
    public static final long VEC_ABSENT_MS = 600_000;
    /** A start this late still begins at offset 0, in ms [POS-1]. */
    public static final long ON_TIME_MS = 2_000;
    /** Least remaining time for joining an item that runs, in ms [POS-1]. */
    public static final long JOIN_REMAINING_MS = 30_000;
    /** How often an item is joined again after a power loss [POS-1]. */
    public static final int POWER_REJOINS = 2;
    /** Bytes of one canonical MP3 frame (D9). */
    public static final int FRAME_BYTES = 144;
    /** Duration of one canonical MP3 frame in ms (D9). */
    public static final int FRAME_MS = 24;
    /** Verified progress of an HTTP transfer counts in segments of this many bytes [AST-4]. */
    public static final int HTTP_SEGMENT = 256 * 1024;
    /** Redirects an asset request follows at most [AST-1]. */
    public static final int HTTP_REDIRECTS = 2;
    /** Longest fade when one sound gives way to another, in ms (§8). */
    public static final int FADE_MS = 300;

    private Limits() {}
}
