#include "keyring.h"

#include <string.h>

#include "envelope.h"

void gb1_keyring_init(struct gb1_keyring *ring, const struct gb1_root roots[GB1_ROOTS])
{
    memset(ring, 0, sizeof *ring);
    memcpy(ring->roots, roots, sizeof ring->roots);
    ring->quorum_depth = 1;
    ring->quorum_n = 2;
}

bool gb1_keyring_is_bad(const struct gb1_keyring *ring, const char *kid)
{
    for (int i = 0; i < ring->bads; i++) {
        if (strcmp(ring->bad[i], kid) == 0) return true;
    }
    return false;
}

static bool collides(const struct gb1_key *key, const struct gb1_key *known, int n)
{
    for (int i = 0; i < n; i++) {
        if (!known[i].hidden && (strcmp(known[i].kid, key->kid) == 0 || memcmp(known[i].x, key->x, 32) == 0)) return true;
    }
    return false;
}

static bool is_root_key(const struct gb1_keyring *ring, const struct gb1_key *key)
{
    for (int i = 0; i < GB1_ROOTS; i++) {
        if (memcmp(ring->roots[i].x, key->x, 32) == 0) return true;
    }
    return false;
}

/* Whether area set a is nearer the root than b. */
static bool shallower(const char *a, const char *b)
{
    int depth_a = gb1_area_depth(a);
    int depth_b = gb1_area_depth(b);
    return depth_a != depth_b ? depth_a < depth_b : strcmp(a, b) < 0;
}

/* A name or key known from nearer the root hides a deeper one [KEY-7]. */
static void hide(struct gb1_keyring *ring)
{
    bool seen[GB1_AREAS] = {false};
    for (int i = 0; i < ring->n; i++) {
        struct gb1_key *key = &ring->keys[i];
        key->hidden = is_root_key(ring, key) || gb1_keyring_is_bad(ring, key->kid);
    }
    for (int round = 0; round < GB1_AREAS; round++) {
        int next = -1;
        for (int i = 0; i < GB1_AREAS; i++) {
            if (seen[i] || ring->areas[i].area[0] == '\0') continue;
            if (next < 0 || shallower(ring->areas[i].area, ring->areas[next].area)) next = i;
        }
        if (next < 0) return;
        struct gb1_area_keys *set = &ring->areas[next];
        for (int k = 0; k < set->n; k++) {
            struct gb1_key *key = &ring->pool[set->first + k];
            key->hidden = is_root_key(ring, key) || gb1_keyring_is_bad(ring, key->kid) || collides(key, ring->keys, ring->n);
            for (int i = 0; i < GB1_AREAS && !key->hidden; i++) {
                key->hidden = seen[i] && collides(key, ring->pool + ring->areas[i].first, ring->areas[i].n);
            }
        }
        seen[next] = true;
    }
}

static bool matches(const char *kid, const uint8_t *header, size_t n)
{
    char constant[GB1_HEADER_MOST + 1];
    return gb1_header_of(constant, kid) == n && memcmp(constant, header, n) == 0;
}

static bool find_among(const struct gb1_key *keys, int count, const uint8_t *header, size_t n, struct gb1_signer *out)
{
    for (int i = 0; i < count; i++) {
        if (keys[i].hidden || !matches(keys[i].kid, header, n)) continue;
        out->key = keys[i];
        return true;
    }
    return false;
}

bool gb1_keyring_find(const struct gb1_keyring *ring, const uint8_t *header, size_t n, struct gb1_signer *out)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < GB1_ROOTS; i++) {
        if (!matches(ring->roots[i].kid, header, n)) continue;
        out->root = true;
        memcpy(out->key.kid, ring->roots[i].kid, sizeof out->key.kid);
        memcpy(out->key.x, ring->roots[i].x, 32);
        return true;
    }
    if (find_among(ring->keys, ring->n, header, n, out)) return true;
    for (int i = 0; i < GB1_AREAS; i++) {
        if (find_among(ring->pool + ring->areas[i].first, ring->areas[i].n, header, n, out)) return true;
    }
    return false;
}

static struct gb1_area_keys *place(struct gb1_keyring *ring, const char *area)
{
    struct gb1_area_keys *spare = NULL;
    for (int i = 0; i < GB1_AREAS; i++) {
        if (strcmp(ring->areas[i].area, area) == 0) return &ring->areas[i];
        if (ring->areas[i].area[0] == '\0') spare = &ring->areas[i];
    }
    return spare;
}

static int pooled(const struct gb1_keyring *ring)
{
    int n = 0;
    for (int i = 0; i < GB1_AREAS; i++) n += ring->areas[i].n;
    return n;
}

bool gb1_keyring_fits(const struct gb1_keyring *ring, const char *area, int n)
{
    int others = pooled(ring);
    for (int i = 0; i < GB1_AREAS; i++) {
        if (strcmp(ring->areas[i].area, area) == 0) others -= ring->areas[i].n;
    }
    return others + n <= GB1_AREA_KEYS_ALL;
}

/* Takes a set's keys out of the pool; those behind move up. */
static void empty(struct gb1_keyring *ring, struct gb1_area_keys *set)
{
    int after = set->first + set->n;
    if (set->n == 0) return;
    memmove(ring->pool + set->first, ring->pool + after, (size_t)(pooled(ring) - after) * sizeof *ring->pool);
    for (int i = 0; i < GB1_AREAS; i++) {
        if (ring->areas[i].first >= after) ring->areas[i].first = (uint8_t)(ring->areas[i].first - set->n);
    }
    set->n = 0;
}

void gb1_keyring_put(struct gb1_keyring *ring, const char *area, const struct gb1_keys *doc)
{
    if (area != NULL) {
        /* There is a place for each of the six areas a site may name, and delegated keys of other areas are never taken. */
        struct gb1_area_keys *set = place(ring, area);
        if (set == NULL || !gb1_keyring_fits(ring, area, doc->n)) return;
        empty(ring, set);
        memcpy(set->area, area, strlen(area) + 1);
        set->first = (uint8_t)pooled(ring);
        set->n = (uint8_t)doc->n;
        memcpy(ring->pool + set->first, doc->keys, (size_t)doc->n * sizeof *ring->pool);
    } else {
        ring->n = doc->n;
        ring->bads = doc->bads;
        ring->quorum_depth = doc->quorum_depth;
        ring->quorum_n = doc->quorum_n;
        memcpy(ring->keys, doc->keys, sizeof ring->keys);
        memcpy(ring->bad, doc->bad, sizeof ring->bad);
        if (doc->has_roots) memcpy(ring->roots, doc->roots, sizeof ring->roots);
        if (doc->has_rst && doc->rst_n > ring->rst) ring->rst = doc->rst_n;
    }
    hide(ring);
}

void gb1_keyring_drop(struct gb1_keyring *ring, const char *area)
{
    if (area != NULL) {
        for (int i = 0; i < GB1_AREAS; i++) {
            if (strcmp(ring->areas[i].area, area) != 0) continue;
            empty(ring, &ring->areas[i]);
            ring->areas[i].area[0] = '\0';
        }
    } else {
        ring->n = 0;
        ring->bads = 0;
        ring->quorum_depth = 1;
        ring->quorum_n = 2;
    }
    hide(ring);
}
