/* Assets by MQTT blocks, pulled with a small window (profile blk): a segment at a time, each proven by its hash. */
#include <string.h>

#include "parts.h"

#define HEADER 16
#define MAN_PATIENCE_MS 30000

static int64_t blocks_of(const struct gb1_man *man)
{
    return (man->a.sz + man->blk - 1) / man->blk;
}

/* Blocks of the segment being filled. */
static int in_segment(const struct gb1_blocks *b)
{
    int64_t left = blocks_of(&b->man) - (int64_t)b->segment * b->man.segn;
    return left < b->man.segn ? (int)left : b->man.segn;
}

static uint64_t all_of(int n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* Whether all of it is here and only the hash over the whole is awaited. */
static bool is_whole(struct gb1 *g, const struct gb1_want *w)
{
    const struct gb1_file *f = gb1_shelf_file(g, w->asset.h, false);
    return f != NULL && f->sz >= w->asset.sz;
}

static void man_topics(struct gb1 *g, bool wanted)
{
    char rest[32];
    char scope[GB1_SCOPE_CAP];
    struct gb1_out r = gb1_out_in(rest, sizeof rest);
    gb1_put(&r, "/man/");
    gb1_put_hex(&r, g->blocks.h, 8);
    for (int i = -1; i < (g->state.has_site ? g->state.site.areas : 0); i++) {
        struct gb1_out o = gb1_out_in(scope, sizeof scope);
        gb1_put(&o, i < 0 ? "d/" : "a/");
        gb1_put(&o, i < 0 ? g->state.id : g->state.site.area[i]);
        gb1_subscribe(g, scope, rest, wanted);
    }
}

/* Where the pause of the file in transfer stands; -1: it has none. */
static int pace_at(const struct gb1 *g)
{
    for (int i = 0; i < GB1_NEED_FILES; i++) {
        if (memcmp(g->pace[i].h, g->blocks.h, sizeof g->pace[i].h) == 0) return i;
    }
    return -1;
}

/* The pause of the file in transfer; a file that has none takes the place of the one that was asked for longest ago. */
static struct gb1_pace *pace(struct gb1 *g)
{
    int at = pace_at(g);
    if (at >= 0) return &g->pace[at];
    struct gb1_pace *oldest = g->pace;
    for (int i = 1; i < GB1_NEED_FILES; i++) {
        if (g->pace[i].asked_mono < oldest->asked_mono) oldest = &g->pace[i];
    }
    memset(oldest, 0, sizeof *oldest);
    memcpy(oldest->h, g->blocks.h, sizeof oldest->h);
    return oldest;
}

/* When to ask (again). */
static int64_t due(const struct gb1 *g)
{
    int at = pace_at(g);
    int64_t paused = at < 0 ? 0 : g->pace[at].asked_mono + g->pace[at].pause_ms;
    return paused > g->blocks.ask_mono ? paused : g->blocks.ask_mono;
}

void gb1_blocks_linked(struct gb1 *g)
{
    memset(g->pace, 0, sizeof g->pace);
}

void gb1_blocks_stop(struct gb1 *g)
{
    if (g->blocks.wanted && g->link.state == GB1_UP) man_topics(g, false);
    memset(&g->blocks, 0, sizeof g->blocks);
}

void gb1_blocks_want(struct gb1 *g, struct gb1_want *want)
{
    struct gb1_blocks *b = &g->blocks;
    if (b->wanted && memcmp(b->h, want->asset.h, 32) == 0 && b->has_man) return;
    memset(b, 0, sizeof *b);
    b->wanted = true;
    b->wanted_mono = g->clock.mono;
    memcpy(b->h, want->asset.h, 32);
    b->window = 2;
    man_topics(g, true);
}

void gb1_blocks_manifest(struct gb1 *g, const struct gb1_man_doc *doc)
{
    const struct gb1_man *man = &doc->man;
    struct gb1_blocks *b = &g->blocks;
    if (!b->wanted || b->has_man || memcmp(b->h, man->a.h, 32) != 0 || g->shelf.active < 0) return; /* [BLK-3] */
    if (man->a.sz != g->shelf.want[g->shelf.active].asset.sz || man->blk > (int)g->profile.pkt - HEADER) return; /* [BLK-3b] */
    gb1_remember_by_reference(&g->memory, "man", doc->seg, (size_t)doc->segs * 32);
    if (!gb1_flush(&g->memory)) return;
    b->man = *man;
    b->has_man = true;
    /* Whole segments of an earlier start need not come again. The size of the part alone proves nothing: blocks may have come in
     * any order before the power failed. */
    struct gb1_file *f = gb1_shelf_file(g, b->h, true);
    int64_t span = (int64_t)man->blk * man->segn;
    while (f != NULL && (b->segment + 1) * span <= f->sz &&
           g->port->check_part(g->port->ctx, b->h, b->segment * span, span, doc->seg[b->segment])) {
        b->segment++;
    }
    if (f != NULL) f->sz = b->segment * span;
    b->ask_mono = g->clock.mono;
    b->rate_mono = g->clock.mono;
}

/* Asks for the next missing blocks of the segment, at most a window of them [BLK-1]. */
static void ask(struct gb1 *g)
{
    struct gb1_blocks *b = &g->blocks;
    char text[700];
    int n = in_segment(b);
    int asked = 0;
    int64_t first = (int64_t)b->segment * b->man.segn;
    const char *comma = "";
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"v\":1,\"typ\":\"need\",\"a\":\"");
    gb1_put_b64(&o, b->h, 32);
    gb1_put(&o, "\"");
    gb1_put_int_member(&o, "blk", b->man.blk);
    gb1_put(&o, ",\"miss\":[");
    b->asked = 0;
    for (int i = 0; i < n && asked < b->window; i++) {
        if ((b->have >> i & 1U) != 0) continue;
        int last = i;
        while (last + 1 < n && (b->have >> (last + 1) & 1U) == 0 && asked + last + 1 - i < b->window) last++;
        gb1_put(&o, comma);
        gb1_put(&o, "[");
        gb1_put_int(&o, first + i);
        gb1_put(&o, ",");
        gb1_put_int(&o, first + last);
        gb1_put(&o, "]");
        comma = ",";
        for (; i <= last; i++, asked++) b->asked |= UINT64_C(1) << i;
    }
    gb1_put(&o, "]}");
    struct gb1_pace *p = pace(g);
    int32_t longer = 2 * p->pause_ms < GB1_NEED_RETRY_MAX_MS ? 2 * p->pause_ms : GB1_NEED_RETRY_MAX_MS;
    p->pause_ms = p->pause_ms == 0 ? GB1_NEED_RETRY_MS : longer; /* [BLK-1c] */
    p->asked_mono = g->clock.mono;
    if (g->shelf.active >= 0) gb1_shelf_received(g, &g->shelf.want[g->shelf.active], (int64_t)o.n);
    gb1_publish(g, "need", 1, false, o.text, o.n);
}

/* win = rate * 0.5 s / blk, between 1 and 8: what half a second of this link carries. */
static void measure(struct gb1 *g, size_t bytes)
{
    struct gb1_blocks *b = &g->blocks;
    b->rate_bytes += (int64_t)bytes;
    int64_t passed = g->clock.mono - b->rate_mono;
    if (passed < 500) return;
    b->rate = b->rate_bytes * 1000 / passed;
    b->rate_bytes = 0;
    b->rate_mono = g->clock.mono;
    int64_t window = b->rate / 2 / b->man.blk;
    b->window = window < 1 ? 1 : window > 8 ? 8 : (int)window;
}

/* What the segment being filled must hash to. */
static bool hash_of_segment(struct gb1 *g, uint8_t out[32])
{
    size_t at = (size_t)g->blocks.segment * 32;
    long n = gb1_recall(&g->memory, "man", g->text, sizeof g->text);
    if (n < 0 || at + 32 > (size_t)n) return false;
    memcpy(out, g->text + at, 32);
    return true;
}

static void segment_full(struct gb1 *g)
{
    struct gb1_blocks *b = &g->blocks;
    struct gb1_want *w = &g->shelf.want[g->shelf.active];
    struct gb1_file *f = gb1_shelf_file(g, b->h, true);
    int64_t at = (int64_t)b->segment * b->man.segn * b->man.blk;
    int64_t n = (int64_t)in_segment(b) * b->man.blk;
    if (at + n > b->man.a.sz) n = b->man.a.sz - at;
    b->have = 0;
    b->asked = 0;
    b->ask_mono = g->clock.mono;
    uint8_t hash[32];
    if (!hash_of_segment(g, hash) || !g->port->check_part(g->port->ctx, b->h, at, n, hash)) {
        b->wrong++;
        if (b->wrong >= 6) {
            gb1_shelf_fail(g, w, "blocks");
            g->shelf.active = -1;
            gb1_blocks_stop(g);
        } else if (b->wrong == 3) {
            b->ask_mono = g->clock.mono + GB1_HOUR_MS; /* [BLK-4] */
        }
        return;
    }
    b->wrong = 0;
    b->segment++;
    w->progress_mono = g->clock.mono;
    if (f != NULL) f->sz = at + n;
    if (at + n >= b->man.a.sz && gb1_flush(&g->memory)) {
        b->has_man = false;
        g->port->verify(g->port->ctx, b->h, b->man.a.sz);
    }
}

void gb1_blocks_frame(struct gb1 *g, const uint8_t *frame, size_t n)
{
    struct gb1_blocks *b = &g->blocks;
    if (!b->has_man || g->shelf.active < 0 || n < HEADER || frame[1] != 0) return;
    size_t len = (size_t)frame[2] << 8 | frame[3];
    uint32_t index = (uint32_t)frame[4] << 24 | (uint32_t)frame[5] << 16 | (uint32_t)frame[6] << 8 | frame[7];
    if (len != n - HEADER || memcmp(frame + 8, b->h, 8) != 0 || index >= blocks_of(&b->man)) return; /* [BLK-2b] */
    int64_t at = (int64_t)index * b->man.blk;
    int64_t right = b->man.a.sz - at < b->man.blk ? b->man.a.sz - at : b->man.blk;
    int64_t first = (int64_t)b->segment * b->man.segn;
    gb1_shelf_received(g, &g->shelf.want[g->shelf.active], (int64_t)n);
    if ((int64_t)len != right || index < first || index >= first + in_segment(b)) return;
    uint64_t bit = UINT64_C(1) << (index - first);
    if ((b->have & bit) != 0) return; /* a duplicate never triggers a request [BLK-2] */
    if (!g->port->put_block(g->port->ctx, b->h, at, frame + HEADER, len)) return;
    measure(g, n);
    b->have |= bit;
    b->asked &= ~bit;
    struct gb1_pace *p = pace(g);
    p->asked_mono = g->clock.mono;
    p->pause_ms = b->asked == 0 ? 0 : GB1_NEED_RETRY_MS;
    if (b->have == all_of(in_segment(b))) segment_full(g);
}

void gb1_blocks_resume(struct gb1 *g)
{
    if (!g->blocks.wanted) return;
    g->blocks.wanted_mono = g->clock.mono;
    man_topics(g, true);
}

/* Nobody offers this one in blocks: the next may have more luck. */
static void give_way(struct gb1 *g)
{
    struct gb1_blocks *b = &g->blocks;
    if (!b->wanted || b->has_man || g->shelf.active < 0 || g->clock.mono - b->wanted_mono < MAN_PATIENCE_MS) return;
    struct gb1_want *w = &g->shelf.want[g->shelf.active];
    if (memcmp(w->asset.h, b->h, 32) != 0 || is_whole(g, w)) return;
    g->shelf.active = -1;
    gb1_shelf_postpone(g, w);
    gb1_blocks_stop(g);
}

void gb1_blocks_tick(struct gb1 *g, bool paused)
{
    struct gb1_blocks *b = &g->blocks;
    give_way(g);
    if (!b->has_man || paused || g->shelf.active < 0 || !g->state.session.welcomed) return;
    if (!gb1_shelf_allowed(g, &g->shelf.want[g->shelf.active]) || g->clock.mono < due(g)) return;
    ask(g);
}

int64_t gb1_blocks_wake(const struct gb1 *g)
{
    if (g->blocks.wanted && !g->blocks.has_man) return g->blocks.wanted_mono + MAN_PATIENCE_MS;
    return g->blocks.has_man && g->shelf.active >= 0 && g->state.session.welcomed ? due(g) : GB1_NEVER;
}
