/*
 * GB1 controller core: a state machine. Inputs go in by the functions below, what is to be done comes out through the port, in
 * order, before the function returns. One object, one thread, no allocation, no clock and no randomness of its own.
 *
 *     gb1_start(&core, &profile, &port, mono, rtc);
 *     for (;;) { wait until gb1_next_wake(&core) or an input; hand it over; if (gb1_is_broken(&core)) start again; }
 */
#ifndef GB1_H
#define GB1_H

#include "state.h"

/* What this box is, for as long as it runs. Texts must live as long. */
struct gb1_profile {
    const char *id;
    const char *sys;
    const struct gb1_root *roots; /* of the claim file */
    int64_t claimed_at;           /* t of the claim file */
    int64_t built_at;             /* of the firmware, Unix ms */
    const char *fw;
    const char *hw;
    const char *proof; /* none dac amp line mic */
    const char *why;   /* of this start: power watchdog cmd fw */
    bool counts_boot;  /* this start counts towards a boot loop [BOOT-1] */
    bool rtc;          /* there is a battery clock */
    bool usb;          /* there is a place for memory sticks, told by gb1_stick */
    size_t pkt;        /* largest MQTT payload, 8192 ... 16384 */
    int64_t store_bytes;
    int64_t first_ms;  /* largest random delay of the first connection [CON-4] */
    int64_t pause_ms;  /* first pause between attempts [CON-4] */
};

#define GB1_ENDLESS_MS INT64_C(1000000000000) /* 31 years, and small enough to count samples in */

/* Six bytes without padding: there are up to three thousand. */
struct gb1_journal_entry {
    uint8_t n[4]; /* counted from the journal's base, the low byte first */
    uint8_t fours; /* length of its text in fours, rounded up */
    uint8_t flags;
};

/* Two rings, and a gap between any two entries of one that has lost nothing there while the other has. */
#define GB1_JOURNAL_ALL (3 * GB1_JOURNAL_RING + 8)

struct gb1_journal {
    int64_t base;
    int64_t next;
    int count;
    bool outstanding;
    int64_t sent_most; /* highest number ever sent in this epoch */
    int64_t retry_mono;
    int64_t retry_pause;
    struct gb1_journal_entry entry[GB1_JOURNAL_ALL];
};

/* What has become of an item (oid) or an entry (sid) [ACK-3]. */
struct gb1_done {
    char id[GB1_SID_CAP]; /* empty: free */
    bool is_sid : 1;
    bool ended : 1; /* never again */
    bool told : 1;  /* reported missed */
    bool whole : 1; /* a repetition of it was completed */
    uint8_t cuts;
    uint16_t starts;
    uint16_t next; /* repetition that comes next, from 1 */
    int32_t position_ms;
    int32_t heard_ms;
    uint32_t forget_s; /* Unix seconds after which it may be forgotten */
    uint32_t turn; /* when it last began, for taking turns; of this boot */
};

#define GB1_CEILING_KIDS 24
#define GB1_CEILING_BUCKETS 24

/* Sound of pri >= 60 by one key in the last six hours, by quarters of an hour [PRI-3]. */
struct gb1_ceiling {
    char kid[GB1_KID_CAP];
    int64_t bucket; /* number of the newest quarter */
    int32_t ms[GB1_CEILING_BUCKETS];
    int64_t kept_ms; /* of the newest quarter, on stable storage */
};

struct gb1_want {
    struct gb1_asset asset;
    bool failed;
    bool no_room;
    bool on_stick;
    uint8_t attempts;
    int32_t pause_ms;
    int64_t retry_mono;
    int64_t progress_mono;
    int64_t told_mono;
    int64_t received; /* since received_mono */
    int64_t received_mono;
};

struct gb1_file {
    uint8_t h[32];
    int64_t sz; /* have so far, when not ready */
    bool ready;
};

struct gb1_shelf {
    int wants;
    int files;
    int active; /* index of the want in transfer, or -1 */
    bool fetching;
    bool copying;    /* the fetch under way is from the stick */
    bool broken_off; /* the fetch under way, for an emergency or for what a stick brings */
    int64_t disk_free; /* what the storage itself still takes; INT64_MAX when it has not said */
    int64_t hour;      /* of uptime, up to which received_in is kept */
    uint32_t received_in[GB1_QUOTA_HOURS]; /* bytes in each of the last hours */
    struct gb1_want want[GB1_WANTED];
    struct gb1_file file[GB1_HELD];
};

/* Assembling an asset from MQTT blocks (profile blk); the hashes of its segments lie in the memory under "man". */
struct gb1_blocks {
    bool wanted;      /* the man topics of h are subscribed */
    int64_t wanted_mono;
    bool has_man;
    uint8_t h[32];
    struct gb1_man man;
    int segment;      /* being filled */
    int wrong;        /* times this segment's hash was wrong [BLK-4] */
    uint64_t have;    /* blocks of the segment */
    uint64_t asked;   /* blocks of the segment last asked for */
    int64_t ask_mono; /* not before this, whatever the pause of the file is */
    int64_t rate;     /* bytes a second */
    int64_t rate_mono;
    int64_t rate_bytes;
    int window;
};

/* The pause between two requests of a file; it outlives the transfer [BLK-1d]. */
struct gb1_pace {
    uint8_t h[8];
    int32_t pause_ms; /* after asked_mono; 0: none */
    int64_t asked_mono;
};

enum gb1_kind { GB1_ITEM, GB1_ORDER, GB1_SIREN, GB1_MIC, GB1_BEEP };

enum gb1_why {
    GB1_WHY_NONE,
    GB1_PREEMPTED,
    GB1_STOPPED,
    GB1_CLEARED,
    GB1_CANCELLED,
    GB1_LOCAL_STOP,
    GB1_QUIET_HOURS,
    GB1_CEILING,
    GB1_POWER_LOSS,
    GB1_LINK_LOST,
    GB1_FAULTY
};

/* What sounds. */
struct gb1_run {
    bool on;
    enum gb1_kind kind;
    bool live;
    bool last_piece; /* told to end with the piece that sounds [NOW-5b] */
    uint8_t st;
    int pri;
    int vol;
    int rep;
    uint32_t play;
    enum gb1_why stopping;
    int64_t stopping_mono;
    int64_t started_mono;
    int64_t offset_ms;
    int64_t limit_ms;
    int64_t last_ms;      /* of this turn, as the sink reports */
    int64_t heard_before;
    int32_t gain;
    int64_t charged_ms;
    int64_t content_ms;   /* of all that was begun; endless sources say GB1_ENDLESS_MS */
    uint8_t content[32];  /* hash of the step list that sounds */
    struct gb1_entry held; /* of an order */
    char id[GB1_SID_CAP]; /* oid or sid */
    char name[GB1_PLAYID_CAP];
    char by[GB1_KID_CAP];
};

/* A live session in force, whether it sounds or not: what its chunks are judged by. Its place among the others is the name that the
 * port knows it by. */
struct gb1_voice {
    char sid[GB1_SID_CAP]; /* empty: a free place */
    uint8_t row;           /* that holds it: its chunks come in that scope [NOW-5] */
    bool able : 1;         /* its codec is ours; otherwise its alt sounds and no chunk is taken */
    bool subscribed : 1;
    bool heard : 1;        /* n and good_mono say something */
    bool ends : 1;         /* over_mono, too */
    uint16_t ms;           /* of sound in a chunk */
    uint32_t n;            /* of the last good chunk; rises over interruptions, too [LIV-1c] */
    uint8_t prefix[8];
    uint8_t doc[8];        /* first bytes of the hash of the document that ms and pk were read from */
    uint8_t pk[32];
    int64_t good_mono;     /* when the last good chunk came */
    int64_t over_mono;     /* end of the last chunk of all */
};

struct gb1_live_state {
    struct gb1_voice voice[GB1_VOICES];
    int waiting;
    /* Of each chunk that the port keeps and that has not passed: the voice in the uppermost three bits, then when it is due, in ms
     * since the start modulo 2^29, which are six days. */
    uint32_t due[GB1_CHUNKS];
};

struct gb1_player {
    struct gb1_run run;
    uint32_t plays;
    uint32_t turns;
    bool siren;
    bool mic;
    int beep_s;
    int64_t local_since;
    int64_t hold_until_mono; /* the gap of hold_sid [DEC-3] */
    char hold_sid[GB1_SID_CAP];
    int64_t stop_mono;
    int64_t mute_until_mono;
    uint64_t blocked_quiet;   /* per plan item: why it could not sound */
    uint64_t blocked_asset;
    uint64_t blocked_preempted;
    uint64_t blocked_muted;
};

enum gb1_link_state { GB1_DOWN, GB1_CONNECTING, GB1_UP };

struct gb1_link {
    enum gb1_link_state state;
    int64_t sn;
    int failures;
    int hellos;
    int64_t next_attempt;
    int64_t attempt_mono;
    int64_t up_mono;
    int64_t next_hello;
    int64_t welcomed_mono;
    int64_t resync_mono;
    int resync_left;
    int64_t closer_mono; /* one more hello sets the clock closer [SES-6b] */
    int64_t acl_retry_mono;
    int64_t acl_over_mono; /* the last repetition counts as granted, since nobody refused it */
    int acl_rounds;
    int areas;
    char area[GB1_AREAS][GB1_AREA_CAP]; /* whose topics are subscribed */
    int refused;
    char refused_topic[8][112];
};

struct gb1_sec {
    int64_t told_mono;
    int64_t untold;
    char typ[9];
};

struct gb1_cid {
    char cid[GB1_OID_CAP];
    int64_t n; /* of its journal entry, whose text is kept apart: the journal forgets what is acknowledged */
};

/* Two emergencies under keys we do not know yet [KEY-8]; their bytes lie in the memory under "kept/" and the place. */
struct gb1_kept {
    size_t n; /* 0: free */
    int64_t mono;
    uint8_t hash[32];
};

struct gb1 {
    const struct gb1_port *port;
    struct gb1_profile profile;
    int64_t boot;
    bool boot_proven;
    struct gb1_clock clock;
    struct gb1_memory memory;
    struct gb1_state state;
    struct gb1_journal journal;
    struct gb1_link link;
    struct gb1_player player;
    struct gb1_live_state live;
    struct gb1_shelf shelf;
    struct gb1_blocks blocks;
    struct gb1_pace pace[GB1_NEED_FILES];
    struct gb1_done done[GB1_DONE_ALL];
    struct gb1_ceiling ceiling[GB1_CEILING_KIDS];
    struct gb1_sec sec[GB1_VERDICTS];
    int64_t wrong_mono[GB1_WRONG_SIGNATURES + 1]; /* when the last wrong signatures came */
    int wrong; /* place of the next one, and of the eldest */
    struct gb1_cid cid[GB1_CIDS];
    int cids; /* place of the next one */
    struct gb1_kept kept[2];
    uint32_t faults; /* bit per enum gb1_fault */
    uint32_t faults_before; /* told before the power failed and not seen since: their ends are owed */
    int budget;
    int64_t budget_mono;
    int64_t tel_mono;
    uint8_t line; /* enum gb1_line_state, as it was when somebody looked */
    int64_t purge_mono;
    bool clock_suspect;
    bool purge;
    /* Scratch: of one step only. */
    union gb1_doc doc;
    struct gb1_content content;
    struct gb1_sound sound;
    char text[GB1_MESSAGE]; /* the message being judged; once it is on the disk, whatever is read or sent [parts.h] */
};

/* ---- inputs; mono is ms since this start, rtc Unix ms as the battery clock says ---- */

/* Power on. Files of assets are announced by gb1_file_found before the first other input. */
void gb1_start(struct gb1 *g, const struct gb1_profile *profile, const struct gb1_port *port, int64_t mono, int64_t rtc);
void gb1_file_found(struct gb1 *g, const uint8_t h[32], int64_t bytes, bool ready);
void gb1_tick(struct gb1 *g, int64_t mono, int64_t rtc);
/* A message. GB1_LATER: hand the same one over again in a moment, before any other [ENV-7b]. */
enum gb1_verdict gb1_receive(struct gb1 *g, int64_t mono, int64_t rtc, const char *topic, const void *bytes, size_t n);
/* The MQTT session came up; or it went down, or could not be made. */
void gb1_link(struct gb1 *g, int64_t mono, int64_t rtc, bool up);
void gb1_subscription_refused(struct gb1 *g, int64_t mono, int64_t rtc, const char *topic);
/* A fetch is over: the part has `have` bytes, `received` crossed the network, ok when the whole range came. */
void gb1_fetched(struct gb1 *g, int64_t mono, int64_t rtc, const uint8_t h[32], int64_t have, int64_t received, bool ok);
void gb1_verified(struct gb1 *g, int64_t mono, int64_t rtc, const uint8_t h[32], bool ok);
/* Of a playback: ms of sound have left the loudspeaker so far; and its end, with why NULL or codec amp line storage. */
void gb1_progress(struct gb1 *g, int64_t mono, int64_t rtc, uint32_t play, int64_t ms);
void gb1_ended(struct gb1 *g, int64_t mono, int64_t rtc, uint32_t play, int64_t ms, const char *why);

enum gb1_local { GB1_LOCAL_STOP_HELD, GB1_LOCAL_SIREN, GB1_LOCAL_MIC, GB1_LOCAL_AMP_FAULT, GB1_LOCAL_MAINS_LOST, GB1_LOCAL_STORE_IO };
/* STOP was held for 3 s (on is ignored); the others begin or end. */
void gb1_local(struct gb1 *g, int64_t mono, int64_t rtc, enum gb1_local what, bool on);

/* What a look at amplifier and loudspeaker line has found; the answer to GB1_DO_MEASURE. */
enum gb1_line_state { GB1_LINE_UNKNOWN, GB1_LINE_OK, GB1_LINE_IS_OPEN, GB1_LINE_IS_SHORT, GB1_LINE_IS_EARTH };
enum gb1_amp { GB1_AMP_UNKNOWN, GB1_AMP_WORKS, GB1_AMP_BROKEN };
void gb1_measured(struct gb1 *g, int64_t mono, int64_t rtc, enum gb1_amp amp, enum gb1_line_state line);
/* How many bytes the storage itself still takes for sound; said at the start and when it has changed. */
void gb1_room(struct gb1 *g, int64_t mono, int64_t rtc, int64_t bytes);

/* ---- profile usb (usb.c, which a device without it need not have) ---- */

/* A memory stick, as long as the call that names it. All names are below /GB1/. */
struct gb1_stick {
    void *ctx;
    const uint8_t *x; /* the device's own public key, from which its id follows */
    /* A whole file into out; its length, or -1 when there is none, or more than cap bytes of it. */
    long (*read)(void *ctx, const char *name, void *out, size_t cap);
    /* Calls each with the name of every file in doc/, such as "doc/plan.gb1". */
    void (*each)(void *ctx, void (*each)(void *arg, const char *name), void *arg);
    /* Begins a file; what is put is its payload. At the end it is signed by the device's own key under this header [ENV-2],
     * synced and shown under its name; false when it could not be written. */
    void (*begin)(void *ctx, const char *name, const char *header);
    void (*put)(void *ctx, const void *bytes, size_t n);
    bool (*end)(void *ctx);
};

/* A stick was put in, or its bundle has changed. Takes what it brings and writes the journal back before it returns; sound that
 * is wanted is copied later, by fetches without a URL. */
void gb1_stick(struct gb1 *g, int64_t mono, int64_t rtc, const struct gb1_stick *stick);

/* ---- questions ---- */

/* ms since start by which the next gb1_tick is due. */
int64_t gb1_next_wake(const struct gb1 *g);
/* The storage refused: drop this object and start again from what it holds. */
static inline bool gb1_is_broken(const struct gb1 *g)
{
    return g->memory.broken;
}
/* The device's idea of now, Unix ms; false at T0. */
static inline bool gb1_wall(const struct gb1 *g, int64_t *t)
{
    return gb1_clock_now(&g->clock, t);
}
/* Whether certificate dates may be judged [CON-1]. */
static inline bool gb1_is_synchronised(const struct gb1 *g)
{
    return gb1_clock_quality(&g->clock) == 'T';
}
/* Says goodbye on u/{id}/st before a planned end. */
void gb1_goodbye(struct gb1 *g);

#endif
