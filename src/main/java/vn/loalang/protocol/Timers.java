package vn.loalang.protocol;

import java.time.Duration;
import java.util.List;

/** Timers of GB1 (§15 of PROTOCOL.md). */
public final class Timers {
    /** Waits for a welcome before the next {@code hello} with a new nonce; the last one repeats. */
    public static final List<Duration> HELLO_UNANSWERED =
            List.of(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofSeconds(300));
    /** Welcomes are awaited for this many of the newest nonces [SES-5]. */
    public static final int NONCES_VALID = 2;
    /** First and largest reconnect delay before jitter 0.5–1.5 [CON-4]. */
    public static final Duration RECONNECT_FIRST = Duration.ofSeconds(5);

    public static final Duration RECONNECT_MAX = Duration.ofMinutes(5);
    /** Largest random delay of the first connect after power-up [CON-4]. */
    public static final Duration FIRST_CONNECT_MAX = Duration.ofSeconds(15);
    /** Welcomed for this long, the reconnect delay starts anew [CON-4]. */
    public static final Duration SESSION_PROVEN = Duration.ofMinutes(2);
    /** A refused subscription is tried again after this, doubling up to the maximum, before jitter 0.5–1.5 [CON-9]. */
    public static final Duration SUBSCRIBE_RETRY_FIRST = Duration.ofSeconds(5);

    public static final Duration SUBSCRIBE_RETRY_MAX = Duration.ofHours(1);
    /** A repeated subscription that nobody has refused for this long stands [CON-9]. */
    public static final Duration SUBSCRIBE_STANDS = Duration.ofSeconds(30);
    /** A batch of events is sent again after this, doubling up to the maximum. */
    public static final Duration EVENTS_RETRY_FIRST = Duration.ofSeconds(30);

    public static final Duration EVENTS_RETRY_MAX = Duration.ofMinutes(10);
    /** New firmware proves itself within this, or the old one comes back [FW-1]. */
    public static final Duration FIRMWARE_TRIAL = Duration.ofMinutes(10);
    /** Blocks that do not come are asked for again after this, doubling up to the maximum [BLK-1]. */
    public static final Duration NEED_RETRY_FIRST = Duration.ofSeconds(5);

    public static final Duration NEED_RETRY_MAX = Duration.ofMinutes(5);
    /** An asset request is tried again after this, doubling up to the maximum. */
    public static final Duration HTTP_RETRY_FIRST = Duration.ofSeconds(10);

    public static final Duration HTTP_RETRY_MAX = Duration.ofMinutes(10);
    /** An asset without verified progress for this long has failed [AST-4]. */
    public static final Duration ASSET_FAILED = Duration.ofHours(6);
    /** Without a welcome for this long, emergencies are taken without one [SES-3]. */
    public static final Duration WELCOME_OVERDUE = Duration.ofSeconds(60);
    /** Clock resynchronisation by three hellos [SES-6]. */
    public static final Duration RESYNC = Duration.ofHours(6);

    public static final int RESYNC_HELLOS = 3;
    public static final Duration RESYNC_HELLO_GAP = Duration.ofSeconds(10);
    /** When a session's first welcome took longer than this, a second hello sets the clock closer, after this [SES-6b]. */
    public static final Duration CLOSE_ROUND_TRIP = Duration.ofMillis(50);

    public static final Duration CLOSER_HELLO_FROM = Duration.ofSeconds(20);
    public static final Duration CLOSER_HELLO_TO = Duration.ofSeconds(80);
    /** A synchronised clock becomes coarse after this (§6). */
    public static final Duration SYNCHRONISED = Duration.ofHours(24);
    /** Longest round trip of a welcome that synchronises (§6). */
    public static final Duration SYNC_ROUND_TRIP = Duration.ofSeconds(2);
    /** A welcome that moves a trusted clock further raises {@code CLK_BAD} [TIM-8]. */
    public static final Duration CLOCK_JUMP = Duration.ofMinutes(10);
    /** For this long after such a jump quiet hours bind by both clocks [TIM-8]. */
    public static final Duration BOTH_CLOCKS = Duration.ofHours(24);
    /** The floor is written to storage at most this often [TIM-1]. */
    public static final Duration FLOOR_WRITE = Duration.ofHours(1);
    /** Holding STOP, its repeat window, and the mute it then causes [PRI-2]. */
    public static final Duration STOP_HOLD = Duration.ofSeconds(3);

    public static final Duration STOP_REPEAT = Duration.ofMinutes(10);
    public static final Duration MUTE = Duration.ofMinutes(15);
    /** Uptime after which the boot counter is cleared [BOOT-1]. */
    public static final Duration BOOT_PROVEN = Duration.ofMinutes(2);
    /** Done-memory is kept until the end of an item plus this [ACK-3]. */
    public static final Duration DONE_KEPT = Duration.ofHours(24);
    /** Nothing terminal this long after {@code till}: the server derives {@code unknown} [ACK-8]. */
    public static final Duration UNKNOWN_AFTER = Duration.ofHours(24);
    /** Silence of keepalive times this also means offline [PRE-1]. */
    public static final double OFFLINE_KEEPALIVES = 2.5;
    /** Ceiling window for loud remote sound [PRI-3]. */
    public static final Duration CEILING_WINDOW = Duration.ofHours(6);
    /** A plan is reissued at least this often (§7). */
    public static final Duration PLAN_REISSUE = Duration.ofHours(6);

    private Timers() {}
}
