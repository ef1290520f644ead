/* The items of the plan: each sounds once, at its time or joining where its neighbours are, or is told to be missed [POS-1]. */
#include <string.h>

#include "parts.h"

static struct gb1_span span_of(const struct gb1 *g, const struct gb1_item *item)
{
    struct gb1_span span = {item->at, item->dur * INT64_C(1000), item->late * INT64_C(1000), 0};
    for (int i = 0; i < item->steps; i++) span.audio_ms += gb1_asset_ms(g->state.plan.asset[item->step[i]].sz);
    return span;
}

static int64_t forget_at(const struct gb1_item *item)
{
    return item->at + item->dur * INT64_C(1000) + GB1_DONE_KEPT_MS;
}

int gb1_item_find(const struct gb1 *g, const char *oid)
{
    for (int i = 0; g->state.has_plan && i < g->state.plan.items; i++) {
        if (strcmp(g->state.plan.item[i].oid, oid) == 0) return i;
    }
    return -1;
}

static bool is_stored(const struct gb1 *g, const struct gb1_item *item)
{
    for (int i = 0; i < item->steps; i++) {
        if (!gb1_ready(g, g->state.plan.asset[item->step[i]].h)) return false;
    }
    return true;
}

/* Why this hardware cannot make that sound at any hour; NULL when it can. */
static const char *impossible(const struct gb1 *g, const struct gb1_item *item)
{
    if (item->steps == 0) return "line"; /* it has no local inputs [SIT-3] */
    for (int i = 0; i < item->steps; i++) {
        if (!g->state.plan.asset[item->step[i]].mp3) return "codec"; /* [DOC-4] */
    }
    return NULL;
}

bool gb1_item_candidate(struct gb1 *g, int index, struct gb1_candidate *out)
{
    const struct gb1_item *item = &g->state.plan.item[index];
    const struct gb1_run *run = &g->player.run;
    bool runs = run->on && run->kind == GB1_ITEM && strcmp(run->id, item->oid) == 0;
    int64_t now;
    int64_t offset;
    int64_t limit;
    memset(out, 0, sizeof *out);
    out->kind = GB1_ITEM;
    out->index = index;
    out->pri = item->pri;
    out->actual = true;
    out->start = item->at;
    out->id = item->oid;
    if (runs) return true;
    if (!g->state.has_site || !gb1_clock_now(&g->clock, &now)) return false; /* [SIT-1] */
    struct gb1_span span = span_of(g, item);
    if (impossible(g, item) != NULL) return false;
    if (gb1_timeline(&span, gb1_done_find(g, item->oid, false), now, &offset, &limit) != GB1_JOINS) return false;
    if (is_stored(g, item)) return true;
    g->player.blocked_asset |= UINT64_C(1) << index;
    return false;
}

int64_t gb1_item_limit(const struct gb1 *g, const struct gb1_item *item, const struct gb1_run *run)
{
    int64_t now;
    struct gb1_span span = span_of(g, item);
    if (!gb1_clock_now(&g->clock, &now)) return run->limit_ms;
    int64_t length = span.dur_ms < span.audio_ms ? span.dur_ms : span.audio_ms;
    /* A start within the first two seconds began at 0; the ordered end stays, the audio may run to its own. */
    int64_t end = span.at + (run->offset_ms > 0 ? length : span.dur_ms);
    int64_t left = end > now ? end - now : 0;
    int64_t limit = g->clock.mono - run->started_mono + left;
    return limit < span.audio_ms - run->offset_ms ? limit : span.audio_ms - run->offset_ms;
}

bool gb1_item_begin(struct gb1 *g, int index)
{
    const struct gb1_item *item = &g->state.plan.item[index];
    struct gb1_run *run = &g->player.run;
    struct gb1_sound *sound = &g->sound;
    struct gb1_span span = span_of(g, item);
    int64_t now;
    if (!gb1_clock_now(&g->clock, &now)) return false;
    struct gb1_done *done = gb1_done_of(g, item->oid, false, forget_at(item));
    if (gb1_timeline(&span, done, now, &run->offset_ms, &run->limit_ms) != GB1_JOINS) return false;
    done->starts++;
    gb1_done_keep(g, done);
    g->player.blocked_asset &= ~(UINT64_C(1) << index);
    run->heard_before = done->heard_ms;
    run->vol = item->vol;
    run->content_ms = span.audio_ms - run->offset_ms;
    memcpy(run->id, item->oid, sizeof item->oid);
    memcpy(run->name, item->oid, sizeof item->oid);
    sound->start = done->starts;
    sound->planned_at = item->at;
    sound->joining = run->offset_ms > 0;
    /* Assets that end before the offset are left out. */
    int64_t skip = run->offset_ms;
    for (int i = 0; i < item->steps && sound->pieces < GB1_PIECES; i++) {
        const struct gb1_asset *asset = &g->state.plan.asset[item->step[i]];
        struct gb1_piece *piece = &sound->piece[sound->pieces];
        if (sound->pieces == 0 && skip >= gb1_asset_ms(asset->sz)) {
            skip -= gb1_asset_ms(asset->sz);
            continue;
        }
        piece->kind = GB1_PIECE_ASSET;
        memcpy(piece->h, asset->h, 32);
        piece->sz = asset->sz;
        sound->pieces++;
    }
    sound->offset_ms = skip;
    return true;
}

static const char *why_missed(const struct gb1 *g, int index, int64_t now)
{
    uint64_t bit = UINT64_C(1) << index;
    int64_t planned_mono = g->clock.mono - (now - g->state.plan.item[index].at);
    if ((g->player.blocked_quiet & bit) != 0) return "quiet";
    if ((g->player.blocked_muted & bit) != 0) return "muted";
    if ((g->player.blocked_asset & bit) != 0) return "asset";
    if ((g->player.blocked_preempted & bit) != 0) return "preempted";
    if (planned_mono < 0) return "power_off";
    return planned_mono < g->clock.known_since ? "clock" : "late";
}

static void tell(struct gb1 *g, const char *s, const char *oid, const char *why)
{
    char d[96];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    gb1_put(&o, "\"oid\":");
    gb1_put_string(&o, oid);
    gb1_put_text_member(&o, "why", why);
    gb1_journal_add(g, "play", s, d);
}

/* Journals, once, each item that never sounded and never will. */
void gb1_items_judge(struct gb1 *g)
{
    int64_t now;
    int64_t offset;
    int64_t limit;
    if (!g->state.has_plan || !gb1_clock_sure(&g->clock) || !gb1_clock_now(&g->clock, &now)) return;
    bool quiet = gb1_quiet_now(g);
    for (int i = 0; i < g->state.plan.items; i++) {
        const struct gb1_item *item = &g->state.plan.item[i];
        const struct gb1_done *past = gb1_done_find(g, item->oid, false);
        if (now < item->at || (past != NULL && (past->starts > 0 || past->ended || past->told))) continue;
        struct gb1_span span = span_of(g, item);
        const char *failure = impossible(g, item);
        bool over = gb1_timeline(&span, past, now, &offset, &limit) == GB1_OVER;
        if (over && failure == NULL && gb1_has_fault(g, GB1_AMP_FAULT)) failure = "amp"; /* [DEC-8] */
        if (!over && !quiet && failure == NULL) continue;
        struct gb1_done *done = gb1_done_of(g, item->oid, false, forget_at(item));
        done->told = true;
        done->ended = !over || failure != NULL;
        gb1_done_keep(g, done);
        if (failure != NULL) tell(g, "failed", item->oid, failure);
        else tell(g, "missed", item->oid, over ? why_missed(g, i, now) : "quiet");
    }
}

int64_t gb1_items_wake(const struct gb1 *g)
{
    int64_t now;
    int64_t wake = GB1_NEVER;
    if (!g->state.has_plan || !gb1_clock_now(&g->clock, &now)) return GB1_NEVER;
    for (int i = 0; i < g->state.plan.items; i++) {
        int64_t at = g->state.plan.item[i].at;
        if (at > now && g->clock.mono + at - now < wake) wake = g->clock.mono + at - now;
    }
    return wake;
}
