/* The keys a device knows: pinned roots, the deployment's keys, delegated keys of its areas (section 5 of PROTOCOL.md). */
#ifndef GB1_KEYRING_H
#define GB1_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "docs.h"

/* A delegated set: a stretch of the pool. */
struct gb1_area_keys {
    uint8_t first;
    uint8_t n;
    char area[GB1_AREA_CAP]; /* empty: a free place */
};

struct gb1_keyring {
    struct gb1_root roots[GB1_ROOTS];
    int64_t rst; /* highest rst.n ever accepted [TIM-5] */
    int quorum_depth;
    int quorum_n;
    int n;
    int bads;
    struct gb1_key keys[GB1_KEYS];
    char bad[GB1_BAD][GB1_KID_CAP];
    struct gb1_area_keys areas[GB1_AREAS];
    struct gb1_key pool[GB1_AREA_KEYS_ALL];
};

/* Who signed a line; a copy, because keys leave while documents stay [KEY-6]. */
struct gb1_signer {
    bool root;
    struct gb1_key key; /* of a root only kid and x count */
};

void gb1_keyring_init(struct gb1_keyring *ring, const struct gb1_root roots[GB1_ROOTS]);
/* The known key whose header constant this is [ENV-1]. */
bool gb1_keyring_find(const struct gb1_keyring *ring, const uint8_t *header, size_t n, struct gb1_signer *out);
/* Whether the delegated keys of a document find room. */
bool gb1_keyring_fits(const struct gb1_keyring *ring, const char *area, int n);
/* Puts a document in its place; area is NULL for the deployment's. */
void gb1_keyring_put(struct gb1_keyring *ring, const char *area, const struct gb1_keys *doc);
void gb1_keyring_drop(struct gb1_keyring *ring, const char *area);
bool gb1_keyring_is_bad(const struct gb1_keyring *ring, const char *kid);

#endif
