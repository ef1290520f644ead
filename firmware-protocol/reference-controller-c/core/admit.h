/* The order of checks for every message that comes down; the first failure counts [ENV-7]. */
#ifndef GB1_ADMIT_H
#define GB1_ADMIT_H

#include "state.h"

struct gb1_admitted {
    struct gb1_head head;
    bool has_row;
    bool recovery;     /* deployment keys with a rst never seen before [TIM-5] */
    bool clock_bad;    /* the fault CLK_BAD is to be set, accepted or refused */
    bool all_clear;
    int64_t mark;      /* to be kept: seq, or less for an early all-clear [TIM-4] */
    int64_t effective; /* iat for floor and clears, capped likewise */
    int signers;
    struct gb1_signer signer[2];
    uint8_t hash[32];
    bool typ_known;    /* head.typ was readable, also when refused */
    char row[GB1_ROW_CAP];
    char by[GB1_KID_CAP];
};

/* The way a message came: in a session, or carried to the device on a memory stick [USB-1]. */
enum gb1_way { GB1_BY_NETWORK, GB1_BY_HAND };

/*
 * Judges a message of n bytes; the bytes are changed and restored while signatures are checked. On GB1_ACCEPTED the document
 * is in doc. Changes nothing in the state.
 */
enum gb1_verdict gb1_admit(
    const struct gb1_state *s,
    const struct gb1_clock *clock,
    const struct gb1_port *port,
    enum gb1_way way,
    int budget,
    uint8_t *message,
    size_t n,
    union gb1_doc *doc,
    struct gb1_admitted *out);

/*
 * Makes an accepted document count: state, mark and what must survive go into the batch. The message is remembered by
 * reference and must stay. Returns false, with nothing changed, when there is no room for another row (E_SEM).
 */
bool gb1_apply(
    struct gb1_state *s,
    struct gb1_memory *m,
    const struct gb1_admitted *a,
    const union gb1_doc *doc,
    const uint8_t *message,
    size_t n,
    int64_t now);

/*
 * Judges a stored document again at boot: signature by the keys that signed it then, deployment, scope, right use, no bad key;
 * not exp, marks, vec, quorum or areas of keys [ENV-8].
 */
bool gb1_still_stands(
    const struct gb1_state *s,
    const struct gb1_port *port,
    uint8_t *message,
    size_t n,
    const struct gb1_signer *signer,
    int signers,
    union gb1_doc *doc,
    struct gb1_admitted *out);

/* Makes a document that still stands count again, without new marks or clears. */
void gb1_put_back(struct gb1_state *s, const struct gb1_admitted *a, const union gb1_doc *doc, struct gb1_row *row);

#endif
