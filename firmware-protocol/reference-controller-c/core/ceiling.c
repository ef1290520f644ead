/* How long remote sound of pri >= 60 may last [PRI-3]: no stolen key may keep a village awake. */
#include <string.h>

#include "parts.h"

#define BUCKET_MS (GB1_CEILING_MS / GB1_CEILING_BUCKETS)
#define KEEP_EACH_MS 60000

/* Quarters of an hour by the clock. At T0 nothing remote sounds, so time stands still here and nothing decays by a reboot. */
static bool bucket_now(const struct gb1 *g, int64_t *bucket)
{
    int64_t t;
    bool known = gb1_clock_now(&g->clock, &t);
    *bucket = known ? t / BUCKET_MS : 0;
    return known;
}

/* Moves the window on; a clock that steps back forgives nothing. */
static void advance(struct gb1_ceiling *c, int64_t bucket)
{
    if (bucket - c->bucket >= GB1_CEILING_BUCKETS) {
        memset(c->ms, 0, sizeof c->ms);
        c->bucket = bucket;
        c->kept_ms = 0;
    }
    while (c->bucket < bucket) {
        c->bucket++;
        c->ms[c->bucket % GB1_CEILING_BUCKETS] = 0;
        c->kept_ms = 0;
    }
}

static int64_t spent(const struct gb1_ceiling *c)
{
    int64_t sum = 0;
    for (int i = 0; i < GB1_CEILING_BUCKETS; i++) sum += c->ms[i];
    return sum;
}

static struct gb1_ceiling *of(struct gb1 *g, const char *kid, bool make)
{
    struct gb1_ceiling *least = &g->ceiling[0];
    for (int i = 0; i < GB1_CEILING_KIDS; i++) {
        if (strcmp(g->ceiling[i].kid, kid) == 0) return &g->ceiling[i];
        if (g->ceiling[i].kid[0] == '\0' || (least->kid[0] != '\0' && spent(&g->ceiling[i]) < spent(least))) least = &g->ceiling[i];
    }
    if (!make) return NULL;
    memset(least, 0, sizeof *least);
    memcpy(least->kid, kid, strlen(kid) + 1);
    return least;
}

int64_t gb1_ceiling_left(struct gb1 *g, const char *kid)
{
    int64_t smax = (g->state.has_site ? g->state.site.smax : 3600) * INT64_C(1000);
    int64_t all = 0;
    int64_t own = 0;
    int64_t bucket;
    bool known = bucket_now(g, &bucket);
    for (int i = 0; i < GB1_CEILING_KIDS; i++) {
        struct gb1_ceiling *c = &g->ceiling[i];
        if (c->kid[0] == '\0') continue;
        if (known) advance(c, bucket);
        all += spent(c);
        if (strcmp(c->kid, kid) == 0) own = spent(c);
    }
    int64_t left = smax - own < 2 * smax - all ? smax - own : 2 * smax - all;
    return left > 0 ? left : 0;
}

static void keep(struct gb1 *g, struct gb1_ceiling *c)
{
    char key[GB1_KEY_CAP];
    char text[GB1_CEILING_BUCKETS * 12 + 64];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"b\":");
    gb1_put_int(&o, c->bucket);
    gb1_put(&o, ",\"ms\":[");
    for (int i = 0; i < GB1_CEILING_BUCKETS; i++) {
        if (i > 0) gb1_put(&o, ",");
        gb1_put_int(&o, c->ms[i]);
    }
    gb1_put(&o, "]}");
    gb1_remember_text(&g->memory, gb1_key(key, "ceil/", c->kid), text);
    c->kept_ms = c->ms[c->bucket % GB1_CEILING_BUCKETS];
}

void gb1_ceiling_charge(struct gb1 *g, const char *kid, int64_t ms, bool now)
{
    struct gb1_ceiling *c = of(g, kid, true);
    int64_t bucket;
    if (bucket_now(g, &bucket)) advance(c, bucket);
    int32_t *slot = &c->ms[c->bucket % GB1_CEILING_BUCKETS];
    *slot += (int32_t)ms;
    if (now || *slot - c->kept_ms >= KEEP_EACH_MS) keep(g, c);
}

static void restore(void *arg, const char *key)
{
    struct gb1 *g = arg;
    char text[GB1_CEILING_BUCKETS * 12 + 64];
    struct gb1_js json;
    struct gb1_js_walk walk;
    int i = 0;
    int64_t ms;
    if (!gb1_is_kid(key + 5) || !gb1_recall_text(&g->memory, key, text, sizeof text)) return;
    if (!gb1_js_prove(text, strlen(text), false, &json)) return;
    struct gb1_ceiling *c = of(g, key + 5, true);
    if (!gb1_f_moment(json, "b", &c->bucket) || !gb1_f_array(json, "ms", GB1_CEILING_BUCKETS, true, &walk)) return;
    while (gb1_js_next(&walk) && gb1_js_int(walk.value, &ms)) c->ms[i++] = (int32_t)ms;
    c->kept_ms = c->ms[c->bucket % GB1_CEILING_BUCKETS];
}

void gb1_ceiling_restore(struct gb1 *g)
{
    g->port->each(g->port->ctx, "ceil/", restore, g);
}
