/* The parts of the Linux port among themselves. The main thread runs the core; the others only put events into its queue. */
#ifndef GB1_LINUX_H
#define GB1_LINUX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/claim.h"
#include "../core/gb1.h"
#include "store.h"

/* ---- options.c ---- */
struct options {
    const char *data;
    const char *claim;
    const char *pin;
    const char *wav;     /* directory of WAV files */
    const char *usb;     /* where a memory stick appears, or NULL */
    const char *broker;  /* tcp://host:port or ssl://host:port, or NULL */
    int64_t hello_delay; /* ms */
    int64_t backoff_base;
    int64_t rtc_offset;
    int hook_port;       /* 0: none */
    int64_t store;       /* bytes for sound */
    bool init;           /* only print the label */
    bool claim_button;   /* as if it had been held for 10 s */
};
/* False when the command line cannot be used; says why on stderr. */
bool options_read(int argc, char **argv, struct options *out);

/* ---- clocks.c ---- */
int64_t mono_ns(void);
int64_t wall_ms(void);
/* Unix ms as the battery clock of the pretended box says. */
int64_t rtc_ms(void);
void rtc_shift(int64_t ms);
/* A life of the core begins; ms since then. */
void life_begins(void);
int64_t life_ms(void);
/* What the core believes about the time: for certificates. */
void believe(bool synchronised);
bool is_synchronised(void);

/* ---- queue.c ---- */
enum event_kind { EV_NONE, EV_MESSAGE, EV_LINK, EV_REFUSED, EV_FETCHED, EV_VERIFIED, EV_PROGRESS, EV_ENDED, EV_LOCAL, EV_MEASURED, EV_END };
struct event {
    enum event_kind kind;
    bool on;
    uint32_t play;
    enum gb1_local local;
    int64_t a;
    int64_t b;
    const char *why;
    uint8_t h[32];
    char topic[128];
    size_t n;
    uint8_t *bytes; /* of a message; freed by event_free */
};
/* Takes over `bytes`. A flood of messages waits here, at the socket; after 2 s one falls, and the server repeats it. */
void event_put(const struct event *e);
/* False when none came within the time. */
bool event_take(struct event *e, int64_t wait_ms);
void event_free(struct event *e);

/* ---- files.c ---- */
/* A whole small file; the caller frees it. NULL when it cannot be read. */
char *file_read(const char *path, size_t *n);
/* Written beside, synced, renamed over. */
bool file_write(const char *path, const void *bytes, size_t n);
bool directory_make(const char *path);
/* What was made, renamed or deleted in it stays so over a power cut. */
bool directory_sync(const char *path);
void path_join(char out[1024], const char *directory, const char *name);

/* ---- unit.c ---- */
/* The box's own key in DATA/unit.key, made if absent, and the name that follows from it. */
bool unit_id(const char *data, char id[GB1_ID_CAP]);
/* Of that key, once unit_id has read it. */
const uint8_t *unit_public(void);
void unit_sign(const void *bytes, size_t n, uint8_t signature[64]);
void crypto_random(void *ctx, void *out, size_t n);
void crypto_sha256(void *ctx, const void *bytes, size_t n, uint8_t out[32]);
bool crypto_signature_ok(void *ctx, const uint8_t x[32], const void *bytes, size_t n, const uint8_t signature[64]);
bool crypto_key_ok(void *ctx, const uint8_t x[32]);

/* ---- tls.c ---- */
struct ssl_ctx_st;
/* Adds the authorities of the claim file; dates count only when the clock is synchronised [CON-1]. */
bool tls_pin(struct ssl_ctx_st *ctx, const struct gb1_claim *claim);
/* A context for MQTT that also checks the host's name. */
struct ssl_ctx_st *tls_context(const struct gb1_claim *claim, const char *host);

/* ---- mqtt.c ---- */
bool mqtt_start(const struct options *o, const struct gb1_claim *claim, const char *id);
void mqtt_stop(void);
void mqtt_connect(void *ctx, const char *will_topic, const char *will, int keep_alive_s);
void mqtt_subscribe(void *ctx, const char *topic, bool wanted);
void mqtt_publish(void *ctx, const char *topic, int qos, bool retained, const void *bytes, size_t n);

/* ---- assets.c and http.c ---- */
bool assets_open(const char *data);
/* Bytes the disk still takes for sound; some are held back for the journal. -1 when it does not say. */
int64_t assets_room(void);
bool assets_erase(void);
/* Announces every file to the core. */
void assets_announce(struct gb1 *core);
void asset_path(char out[1024], const uint8_t h[32], bool part);
bool asset_put(void *ctx, const uint8_t h[32], int64_t at, const void *bytes, size_t n);
bool asset_check(void *ctx, const uint8_t h[32], int64_t at, int64_t n, const uint8_t hash[32]);
/* Hashes the part and, when right, makes it whole. */
bool asset_finish(const uint8_t h[32], int64_t sz);
void asset_discard(void *ctx, const uint8_t h[32]);
int64_t asset_part_size(const uint8_t h[32]);
void http_start(const struct gb1_claim *claim);
void http_fetch(void *ctx, const struct gb1_fetch *fetch);
void http_stop(void *ctx);
void http_verify(void *ctx, const uint8_t h[32], int64_t sz);

/* ---- stick.c ---- */
/* Where a stick appears: DIR/GB1/bundle.gb1, doc/, asset/, out/. */
void stick_at(const char *directory);
/* A box that starts takes the stick in it for a new one. */
void stick_forget(void);
/* Looks from time to time; hands a stick that is new, or whose bundle has changed, to the core. */
void stick_look(struct gb1 *core, int64_t mono);
/* Only leaves the journal, on the stick or where there is no place for one in this directory. *begun becomes true when all that the
 * file says is on the disk; false when the file is not. */
bool stick_leave(struct gb1 *core, const char *otherwise, bool *begun);
/* Opens a sound on the stick for reading if it has this size; -1 when it cannot. */
int stick_sound(const uint8_t h[32], int64_t sz);

/* ---- sink.c, samples.c, wav.c ---- */
#define RATE 24000
#define FRAME_SAMPLES 576
#define DELAY_SAMPLES 1105 /* of encoder and decoder, cut from the start of every file */
void sink_start(const char *wav_directory);
void sink_stop(void);
/* Whether a file can be made and filled here, found out without a sound; GB1_AMP_UNKNOWN while one is being filled. */
enum gb1_amp sink_check(void);
void sink_sound(void *ctx, const struct gb1_sound *sound);
void sink_adjust(void *ctx, uint32_t play, int64_t limit_ms, int32_t gain_q16, bool last_piece);
void sink_fade(void *ctx, uint32_t play);
void sink_chunk(void *ctx, int voice, int64_t at, const void *bytes, size_t n, bool last);
void sink_forget_chunks(void *ctx, int voice);

struct samples; /* the content of one sound as a stream */
struct samples *samples_open(const struct gb1_sound *sound);
/* Up to count samples; 0 at the end, -1 when decoding failed. Never crosses a border between pieces. */
int samples_read(struct samples *s, int16_t *out, int count);
/* Index of the piece that is being read. */
int samples_piece(const struct samples *s);
void samples_close(struct samples *s);
/* The built-in sounds: sample n of a blast of `length` samples, and of the chime. */
int16_t tone_sample(enum gb1_tone tone, int64_t n, int64_t length);
int16_t chime_sample(int64_t n);
#define CHIME_SAMPLES ((int64_t)2880 * RATE / 1000)

struct wav;
struct wav *wav_open(const char *directory, const struct gb1_sound *sound, int64_t first_ms, int64_t offset_ms);
bool wav_write(struct wav *w, const int16_t *samples, int n);
void wav_refresh(struct wav *w);
void wav_close(struct wav *w);

/* ---- hooks.c ---- */
bool hooks_start(int port, char **command);
/* Why this process began: watchdog after the line RESET, else power. */
const char *hooks_why(void);
/* What a look at the box shows beyond the machine itself. */
enum gb1_line_state hooks_line(void);
bool hooks_amp_broken(void);

/* ---- log.c ---- */
void log_name(const char *id);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
