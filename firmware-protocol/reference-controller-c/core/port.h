/*
 * What the core needs from the machine it runs on. The core calls these from inside its own functions, one after another and
 * never from elsewhere; none may call back into the core. All but `commit` and `recall` may return before the work is done: its
 * end comes back as an input (gb1.h).
 */
#ifndef GB1_PORT_H
#define GB1_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "docs.h"

/* A key of at most 95 characters and its new value; value NULL forgets the key. */
struct gb1_change {
    const char *key;
    const void *value;
    size_t n;
};

#define GB1_PIECES 16 /* steps of an item; of an entry eight and two announcements */

enum gb1_piece_kind { GB1_PIECE_ASSET, GB1_PIECE_TONE, GB1_PIECE_CHIME };

/* One stretch of what is played. */
struct gb1_piece {
    enum gb1_piece_kind kind;
    enum gb1_tone tone;
    int n;   /* blasts */
    int on;  /* s each */
    int off; /* s between two */
    uint8_t h[32];
    int64_t sz;
};

enum gb1_source { GB1_FROM_PIECES, GB1_FROM_LIVE, GB1_FROM_MICROPHONE, GB1_FROM_INPUT };

/* Begin to sound now; what still sounds is cut off. The port reports progress about once a second, and the end. */
struct gb1_sound {
    uint32_t play; /* repeated in every report */
    enum gb1_source source;
    const char *id; /* oid or sid#rep, for the log and the names of files */
    int start;      /* which start of this id, from 1 */
    int pieces;
    int64_t offset_ms;  /* position to begin at */
    int64_t limit_ms;   /* sound at most this long */
    int64_t planned_at; /* Unix ms at which position 0 was planned; 0 unknown */
    bool joining;       /* the position must keep up with time: what opening costs is skipped */
    int32_t gain_q16;   /* linear factor, 65536 is 1 */
    const char *input;  /* of GB1_FROM_INPUT */
    int voice;          /* of GB1_FROM_LIVE: whose chunks */
    struct gb1_piece piece[GB1_PIECES];
};

/* Fetch bytes from ... to (exclusive) of an asset into its part. */
struct gb1_fetch {
    uint8_t h[32];
    const char *url; /* NULL: the whole file asset/{h} of the memory stick; nothing crosses the network then */
    int64_t from;
    int64_t to;
};

enum gb1_effect { GB1_DO_REBOOT, GB1_DO_LAMP, GB1_DO_MEASURE };

struct gb1_port {
    void *ctx;

    /* ---- memory over power cuts ---- */
    /* All of these or none, in this order, on stable storage when it returns. False: the storage failed; begin again. */
    bool (*commit)(void *ctx, const struct gb1_change *changes, size_t n);
    /* The value of a key into out; its length, or -1 when there is none or it does not fit. */
    long (*recall)(void *ctx, const char *key, void *out, size_t cap);
    /* Calls each with every key that begins with prefix, in rising order; meanwhile keys may be forgotten. Only while starting. */
    void (*each)(void *ctx, const char *prefix, void (*each)(void *arg, const char *key), void *arg);

    /* ---- MQTT ---- */
    void (*connect)(void *ctx, const char *will_topic, const char *will, int keep_alive_s);
    void (*subscribe)(void *ctx, const char *topic, bool wanted);
    void (*publish)(void *ctx, const char *topic, int qos, bool retained, const void *bytes, size_t n);

    /* ---- sound ---- */
    void (*sound)(void *ctx, const struct gb1_sound *sound);
    /* limit_ms counts from the beginning of this playback; with last_piece it ends with the piece that sounds. */
    void (*adjust)(void *ctx, uint32_t play, int64_t limit_ms, int32_t gain_q16, bool last_piece);
    /* Fade out within 300 ms and report the end. */
    void (*fade)(void *ctx, uint32_t play);
    /* A verified chunk of the live session at place `voice`, below GB1_VOICES, whether that sounds or not. The port keeps it until it
     * has passed; a sound GB1_FROM_LIVE of that voice plays it at `at`, in ms since the start like the time of inputs, or what of it
     * has not passed, and silence where no chunk is. After the end of the last one, which may be empty or have passed, the sound ends.
     * At most GB1_CHUNKS wait, of one voice GB1_LIVE_WAITING [LIV-1] [LIV-1d]. */
    void (*chunk)(void *ctx, int voice, int64_t at, const void *bytes, size_t n, bool last);
    /* The session of this voice is over, and what was kept of it; the next chunk is of another one. */
    void (*forget_chunks)(void *ctx, int voice);

    /* ---- assets: parts that grow, and whole ones under their hash ---- */
    void (*fetch)(void *ctx, const struct gb1_fetch *fetch);
    /* Break off the fetch under way, if there is one; its end is told all the same [AST-3]. */
    void (*stop_fetch)(void *ctx);
    bool (*put_block)(void *ctx, const uint8_t h[32], int64_t at, const void *bytes, size_t n);
    /* Whether these bytes of a part have this hash. */
    bool (*check_part)(void *ctx, const uint8_t h[32], int64_t at, int64_t n, const uint8_t hash[32]);
    /* Hash the whole part; if it is right, sync it and show it under its name. Answered by gb1_verified. */
    void (*verify)(void *ctx, const uint8_t h[32], int64_t sz);
    void (*discard)(void *ctx, const uint8_t h[32]);

    /* ---- the rest ---- */
    void (*random)(void *ctx, void *out, size_t n);
    void (*sha256)(void *ctx, const void *bytes, size_t n, uint8_t out[32]);
    /* Ed25519 as ENV-3 wants it: S below the order, canonical A and R, cofactorless equation. */
    bool (*signature_ok)(void *ctx, const uint8_t x[32], const void *bytes, size_t n, const uint8_t signature[64]);
    bool (*key_ok)(void *ctx, const uint8_t x[32]);
    void (*effect)(void *ctx, enum gb1_effect effect, int seconds);
    /* A calm line for a person. */
    void (*say)(void *ctx, const char *line);
};

#endif
