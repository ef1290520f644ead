/* The audio on the device and the way more of it comes (section 9): one transfer at a time, in the order of need. The hash of
 * the whole decides; addresses are hints. */
#include <string.h>

#include "b64.h"
#include "parts.h"

struct gb1_file *gb1_shelf_file(struct gb1 *g, const uint8_t h[32], bool make)
{
    struct gb1_shelf *s = &g->shelf;
    for (int i = 0; i < s->files; i++) {
        if (memcmp(s->file[i].h, h, 32) == 0) return &s->file[i];
    }
    if (!make || s->files == GB1_HELD) return NULL;
    struct gb1_file *f = &s->file[s->files++];
    memset(f, 0, sizeof *f);
    memcpy(f->h, h, 32);
    return f;
}

bool gb1_ready(const struct gb1 *g, const uint8_t h[32])
{
    for (int i = 0; i < g->shelf.files; i++) {
        if (g->shelf.file[i].ready && memcmp(g->shelf.file[i].h, h, 32) == 0) return true;
    }
    return false;
}

int64_t gb1_shelf_free(const struct gb1 *g)
{
    int64_t used = 0;
    for (int i = 0; i < g->shelf.files; i++) used += g->shelf.file[i].sz;
    int64_t left = used < g->profile.store_bytes ? g->profile.store_bytes - used : 0;
    return left < g->shelf.disk_free ? left : g->shelf.disk_free;
}

/* ---- what is wanted ---- */

/* The list is made anew in its own place: before `wants` stand those found so far, behind it those of before, which keep what
 * is known about their transfers when they are named again. */
static void want(struct gb1 *g, const struct gb1_asset *asset, int *all)
{
    struct gb1_shelf *s = &g->shelf;
    int from = -1;
    for (int i = 0; i < s->wants; i++) {
        if (memcmp(s->want[i].asset.h, asset->h, 32) != 0) continue;
        /* A wrong word for the codec in one document must not keep the file from another. */
        if (asset->mp3 && !s->want[i].asset.mp3) s->want[i].asset = *asset;
        return;
    }
    if (s->wants == GB1_WANTED) return;
    struct gb1_want w;
    memset(&w, 0, sizeof w);
    w.asset = *asset;
    w.pause_ms = GB1_HTTP_RETRY_MS;
    w.progress_mono = g->clock.mono;
    w.told_mono = INT64_MIN;
    w.received_mono = g->clock.mono;
    for (int i = s->wants; i < *all; i++) {
        const struct gb1_want *old = &s->want[i];
        if (memcmp(old->asset.h, asset->h, 32) != 0 || old->asset.sz != asset->sz || (old->failed && asset->mp3)) continue;
        w = *old;
        from = i;
        break;
    }
    if (from < 0) {
        if (*all < GB1_WANTED) ++*all;
        from = *all - 1; /* of a full list the last of before is forgotten */
    }
    memmove(&s->want[s->wants + 1], &s->want[s->wants], (size_t)(from - s->wants) * sizeof w);
    s->want[s->wants++] = w;
}

static void want_orders(struct gb1 *g, int *all)
{
    int row = -1;
    long n = -1;
    struct gb1_js json;
    for (int i = 0; i < g->state.held; i++) {
        const struct gb1_entry *held = &g->state.entry[i];
        if (held->row != row) {
            row = held->row;
            n = gb1_state_message(&g->memory, &g->state.rows[row], (uint8_t *)g->text, sizeof g->text);
        }
        const char *payload = n > 0 ? memchr(g->text, '{', (size_t)n) : NULL;
        if (payload == NULL || !gb1_js_prove(payload, (size_t)(g->text + n - payload), false, &json)) continue;
        if (!gb1_content_read(json, held->index, &g->content)) continue;
        for (int k = 0; k < g->content.steps; k++) {
            if (g->content.step[k].kind == GB1_STEP_SOUND) want(g, &g->content.step[k].asset, all);
        }
    }
}

static void want_items(struct gb1 *g, int *all)
{
    const struct gb1_plan *plan = &g->state.plan;
    uint64_t taken = 0;
    for (int round = 0; g->state.has_plan && round < plan->items; round++) {
        int next = -1;
        for (int i = 0; i < plan->items; i++) {
            if ((taken >> i & 1U) == 0 && (next < 0 || plan->item[i].at < plan->item[next].at)) next = i;
        }
        taken |= UINT64_C(1) << next;
        for (int k = 0; k < plan->item[next].steps; k++) want(g, &plan->asset[plan->item[next].step[k]], all);
    }
}

void gb1_shelf_want(struct gb1 *g)
{
    struct gb1_shelf *s = &g->shelf;
    int all = s->wants;
    bool active = s->active >= 0;
    uint8_t active_h[32] = {0};
    if (active) memcpy(active_h, s->want[s->active].asset.h, 32);
    s->wants = 0;
    s->active = -1;
    for (int i = 0; g->state.has_site && i < g->state.site.pins; i++) want(g, &g->state.site.pin[i].asset, &all);
    want_orders(g, &all);
    want_items(g, &all);
    for (int i = 0; active && i < s->wants; i++) {
        if (memcmp(s->want[i].asset.h, active_h, 32) == 0) s->active = i;
    }
    if (active && s->active < 0) gb1_blocks_stop(g);
}

void gb1_shelf_hurry(struct gb1 *g)
{
    for (int i = 0; i < g->shelf.wants; i++) {
        if (g->shelf.want[i].retry_mono > g->clock.mono) g->shelf.want[i].retry_mono = g->clock.mono;
        g->shelf.want[i].pause_ms = GB1_HTTP_RETRY_MS;
    }
    gb1_blocks_resume(g);
}

/* ---- transfers ---- */

static void tell(struct gb1 *g, struct gb1_want *w, const char *s, const char *why)
{
    char d[96];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    if (w->told_mono > INT64_MIN && g->clock.mono - w->told_mono < GB1_HOUR_MS && why != NULL) return; /* [AST-4e] */
    w->told_mono = g->clock.mono;
    gb1_put(&o, "\"h\":\"");
    gb1_put_b64(&o, w->asset.h, 32);
    gb1_put(&o, "\"");
    if (why != NULL) gb1_put_text_member(&o, "why", why);
    gb1_journal_add(g, "asset", s, d);
}

void gb1_shelf_fail(struct gb1 *g, struct gb1_want *w, const char *why)
{
    w->failed = true;
    w->retry_mono = g->clock.mono + GB1_DAY_MS;
    tell(g, w, "failed", why);
}

void gb1_shelf_received(struct gb1 *g, struct gb1_want *w, int64_t bytes)
{
    struct gb1_shelf *s = &g->shelf;
    for (int64_t hour = g->clock.mono / GB1_HOUR_MS; s->hour < hour; s->hour++) {
        if (hour - s->hour > GB1_QUOTA_HOURS) s->hour = hour - GB1_QUOTA_HOURS;
        s->received_in[(s->hour + 1) % GB1_QUOTA_HOURS] = 0;
    }
    s->received_in[s->hour % GB1_QUOTA_HOURS] += (uint32_t)bytes;
    if (s->disk_free != INT64_MAX) s->disk_free = s->disk_free > bytes ? s->disk_free - bytes : 0;
    if (g->clock.mono - w->received_mono >= GB1_DAY_MS) {
        w->received_mono = g->clock.mono;
        w->received = 0;
    }
    w->received += bytes;
}

bool gb1_shelf_allowed(const struct gb1 *g, const struct gb1_want *w)
{
    int64_t hour = g->clock.mono / GB1_HOUR_MS;
    int64_t sum = 0;
    for (int i = 0; i < GB1_QUOTA_HOURS; i++) {
        int64_t of = g->shelf.hour - i; /* what lies longer back than that is forgotten when the next bytes come */
        if (of >= 0 && of > hour - GB1_QUOTA_HOURS) sum += g->shelf.received_in[of % GB1_QUOTA_HOURS];
    }
    bool day = g->state.cfg.quota == 0 || sum < g->state.cfg.quota * 1024; /* [AST-4c] */
    if (w->no_room) return false;
    if (w->on_stick) return true;
    return day && (w->received < 2 * w->asset.sz || g->clock.mono - w->received_mono >= GB1_DAY_MS); /* [AST-4] */
}

void gb1_shelf_postpone(struct gb1 *g, struct gb1_want *w)
{
    w->retry_mono = g->clock.mono + w->pause_ms;
    w->pause_ms = w->pause_ms * 2 < GB1_HTTP_RETRY_MAX_MS ? w->pause_ms * 2 : GB1_HTTP_RETRY_MAX_MS;
}

static bool is_wanted(const struct gb1 *g, const uint8_t h[32])
{
    for (int i = 0; i < g->shelf.wants; i++) {
        if (memcmp(g->shelf.want[i].asset.h, h, 32) == 0) return true;
    }
    return false;
}

/* Throws away what no document names, as far as needed; what one names is never evicted [AST-2b]. */
static void make_room(struct gb1 *g, int64_t bytes)
{
    struct gb1_shelf *s = &g->shelf;
    for (int i = 0; i < s->files && (gb1_shelf_free(g) < bytes || s->files == GB1_HELD);) {
        if (is_wanted(g, s->file[i].h)) {
            i++;
            continue;
        }
        g->port->discard(g->port->ctx, s->file[i].h);
        if (s->disk_free != INT64_MAX) s->disk_free += s->file[i].sz;
        s->file[i] = s->file[--s->files];
    }
}

void gb1_shelf_found(struct gb1 *g, const uint8_t h[32], int64_t bytes, bool ready)
{
    make_room(g, 0);
    struct gb1_file *f = gb1_shelf_file(g, h, true);
    if (f == NULL) return;
    /* A part as long as the whole may still have holes where blocks are missing: never taken for complete by its length. */
    for (int i = 0; !ready && i < g->shelf.wants; i++) {
        const struct gb1_asset *asset = &g->shelf.want[i].asset;
        if (memcmp(asset->h, h, 32) == 0 && bytes >= asset->sz) bytes = asset->sz - 1;
    }
    f->sz = bytes;
    f->ready = ready;
}

/* From the stick, always the whole: of a part that blocks were filling nobody knows the holes. */
static void copy(struct gb1 *g, const struct gb1_want *w)
{
    struct gb1_fetch fetch;
    memcpy(fetch.h, w->asset.h, 32);
    fetch.url = NULL;
    fetch.from = 0;
    fetch.to = w->asset.sz;
    g->shelf.fetching = true;
    g->shelf.copying = true;
    g->shelf.broken_off = false;
    g->port->fetch(g->port->ctx, &fetch);
}

static void request(struct gb1 *g, int index)
{
    struct gb1_shelf *s = &g->shelf;
    struct gb1_want *w = &s->want[index];
    struct gb1_file *f = gb1_shelf_file(g, w->asset.h, false);
    int64_t have = f == NULL ? 0 : f->sz;
    make_room(g, w->asset.sz - have);
    s->active = index;
    s->fetching = false;
    s->copying = false;
    if (!gb1_flush(&g->memory)) return;
    if (w->on_stick) {
        copy(g, w);
        return;
    }
    if (have >= w->asset.sz) {
        g->port->verify(g->port->ctx, w->asset.h, w->asset.sz);
        return;
    }
    if (g->state.cfg.bases == 0) {
        gb1_blocks_want(g, w);
        return;
    }
    char url[600];
    struct gb1_out o = gb1_out_in(url, sizeof url);
    struct gb1_fetch fetch;
    gb1_put(&o, g->state.cfg.http[w->attempts++ % g->state.cfg.bases]);
    gb1_put_b64(&o, w->asset.h, 32);
    memcpy(fetch.h, w->asset.h, 32);
    fetch.url = url;
    fetch.from = have;
    fetch.to = have + GB1_HTTP_SEGMENT < w->asset.sz ? have + GB1_HTTP_SEGMENT : w->asset.sz;
    s->fetching = true;
    s->broken_off = false;
    g->port->fetch(g->port->ctx, &fetch);
}

/* In the order of need: what has no room, even when all is thrown away that no document names [STORE_FULL]. */
static void judge_room(struct gb1 *g)
{
    struct gb1_shelf *s = &g->shelf;
    int64_t spare = gb1_shelf_free(g);
    bool full = false;
    for (int i = 0; i < s->files; i++) {
        if (!is_wanted(g, s->file[i].h)) spare += s->file[i].sz;
    }
    for (int i = 0; i < s->wants; i++) {
        struct gb1_want *w = &s->want[i];
        const struct gb1_file *f = gb1_shelf_file(g, w->asset.h, false);
        w->no_room = false;
        if (!w->asset.mp3 || (f != NULL && f->ready)) continue;
        int64_t missing = w->asset.sz - (f != NULL ? f->sz : 0);
        w->no_room = missing > spare;
        full = full || w->no_room;
        if (!w->no_room) spare -= missing;
    }
    gb1_fault_set(g, GB1_STORE_FULL, full);
}

static bool is_due(const struct gb1 *g, const struct gb1_want *w)
{
    return !gb1_ready(g, w->asset.h) && !w->failed && w->retry_mono <= g->clock.mono && gb1_shelf_allowed(g, w);
}

void gb1_shelf_tick(struct gb1 *g)
{
    struct gb1_shelf *s = &g->shelf;
    bool paused = gb1_sounds(g, 60); /* [AST-3] */
    for (int i = 0; i < s->wants; i++) {
        struct gb1_want *w = &s->want[i];
        if (gb1_ready(g, w->asset.h)) continue;
        if (w->failed && g->clock.mono >= w->retry_mono) {
            w->failed = false;
            w->progress_mono = g->clock.mono;
        }
        if (!w->failed && !w->asset.mp3) gb1_shelf_fail(g, w, "codec"); /* [DOC-4] */
        if (!w->failed && g->clock.mono - w->progress_mono >= GB1_ASSET_FAILED_MS) gb1_shelf_fail(g, w, w->no_room ? "storage" : "timeout");
    }
    judge_room(g);
    gb1_blocks_tick(g, paused);
    if (paused && s->fetching && !s->broken_off) {
        s->broken_off = true;
        g->port->stop_fetch(g->port->ctx);
    }
    bool way = g->state.cfg.bases > 0 || g->state.session.welcomed;
    for (int i = 0; s->active < 0 && !paused && i < s->wants; i++) {
        if (s->want[i].on_stick && is_due(g, &s->want[i])) request(g, i);
    }
    for (int i = 0; s->active < 0 && !paused && way && i < s->wants; i++) {
        if (is_due(g, &s->want[i])) request(g, i);
    }
}

int64_t gb1_shelf_wake(const struct gb1 *g)
{
    int64_t wake = gb1_blocks_wake(g);
    for (int i = 0; g->shelf.active < 0 && i < g->shelf.wants; i++) {
        const struct gb1_want *w = &g->shelf.want[i];
        /* What is overdue after a tick cannot be had now; waking for it again and again would only keep the box busy. */
        bool later = !gb1_ready(g, w->asset.h) && !w->failed && w->retry_mono > g->clock.mono && gb1_shelf_allowed(g, w);
        if (later && w->retry_mono < wake) wake = w->retry_mono;
    }
    return wake;
}

/* What the stick has of it is missing, damaged or another size: nothing of that stays, and the network may bring it [USB-1e]. */
static void leave_stick(struct gb1 *g, struct gb1_want *w)
{
    struct gb1_file *f = gb1_shelf_file(g, w->asset.h, false);
    g->port->discard(g->port->ctx, w->asset.h);
    if (f != NULL) f->sz = 0;
    w->on_stick = false;
    w->retry_mono = g->clock.mono;
    gb1_say(g, "Sound on the stick is missing or damaged.", "", "");
}

void gb1_shelf_bring(struct gb1 *g, const uint8_t h[32], int64_t sz)
{
    struct gb1_shelf *s = &g->shelf;
    bool any = false;
    for (int i = 0; i < s->wants; i++) {
        struct gb1_want *w = &s->want[i];
        if (memcmp(w->asset.h, h, 32) != 0 || w->asset.sz != sz || !w->asset.mp3 || gb1_ready(g, h)) continue;
        any = true;
        w->on_stick = true;
        w->failed = false;
        w->retry_mono = g->clock.mono;
        w->progress_mono = g->clock.mono;
    }
    if (!any || s->active < 0 || (s->fetching && s->copying)) return;
    /* What the network is bringing waits: it may be nowhere in sight. */
    struct gb1_want *w = &s->want[s->active];
    const struct gb1_file *f = gb1_shelf_file(g, w->asset.h, false);
    if (s->fetching && !s->broken_off) {
        s->broken_off = true;
        g->port->stop_fetch(g->port->ctx);
    } else if (g->blocks.wanted && (f == NULL || f->sz < w->asset.sz)) {
        gb1_blocks_stop(g);
        s->active = -1;
        w->retry_mono = g->clock.mono;
    }
}

void gb1_shelf_fetched(struct gb1 *g, const uint8_t h[32], int64_t have, int64_t received, bool ok)
{
    struct gb1_shelf *s = &g->shelf;
    struct gb1_file *f = gb1_shelf_file(g, h, true);
    if (f != NULL && !f->ready) f->sz = have;
    if (s->active < 0 || memcmp(s->want[s->active].asset.h, h, 32) != 0) return;
    struct gb1_want *w = &s->want[s->active];
    bool broken_off = s->broken_off;
    s->fetching = false;
    s->broken_off = false;
    gb1_shelf_received(g, w, received);
    if (!ok) {
        s->active = -1;
        if (s->copying && !broken_off) leave_stick(g, w);
        else if (broken_off) w->retry_mono = g->clock.mono; /* goes on where it was as soon as it may */
        else gb1_shelf_postpone(g, w);
        return;
    }
    w->progress_mono = g->clock.mono;
    w->pause_ms = GB1_HTTP_RETRY_MS;
    if (have >= w->asset.sz) {
        g->port->verify(g->port->ctx, h, w->asset.sz);
    } else {
        s->active = -1;
        w->retry_mono = g->clock.mono;
    }
}

void gb1_shelf_verified(struct gb1 *g, const uint8_t h[32], bool ok)
{
    struct gb1_shelf *s = &g->shelf;
    struct gb1_file *f = gb1_shelf_file(g, h, true);
    struct gb1_want *w = s->active >= 0 && memcmp(s->want[s->active].asset.h, h, 32) == 0 ? &s->want[s->active] : NULL;
    if (f != NULL) {
        f->ready = ok;
        f->sz = ok && w != NULL ? w->asset.sz : 0;
    }
    if (w == NULL) return;
    s->active = -1;
    gb1_blocks_stop(g);
    if (ok) {
        w->on_stick = false;
        tell(g, w, "ready", NULL);
        gb1_say(g, "Audio is ready.", "", "");
    } else if (w->on_stick) {
        leave_stick(g, w);
    } else {
        gb1_shelf_fail(g, w, "hash");
    }
}
