/* Entries of now and ses: when they may sound, and what they sound with what is on the device this moment [NOW-1]. */
#include <string.h>

#include "parts.h"

#define COUNTED_FROM 60
#define CUTS_GIVEN_BACK 2
#define WORTH_HEARING_MS 30000 /* [NOW-11] */
#define WITHOUT_SOUND_MS 10000 /* a steady tone stands in for what is not there */

static int64_t forget_at(const struct gb1_entry *e)
{
    return e->until + GB1_DONE_KEPT_MS;
}

void gb1_order_by(const struct gb1 *g, int index, char by[GB1_KID_CAP])
{
    const struct gb1_row *row = &g->state.rows[g->state.entry[index].row];
    memcpy(by, row->signer[0], GB1_KID_CAP);
}

/* Of the same sid in several rows the higher pri, then the later document, holds whole [NOW-5]. */
int gb1_order_find(const struct gb1 *g, const char *sid)
{
    int best = -1;
    for (int i = 0; i < g->state.held; i++) {
        const struct gb1_entry *held = &g->state.entry[i];
        if (strcmp(held->sid, sid) != 0) continue;
        if (best >= 0) {
            const struct gb1_entry *other = &g->state.entry[best];
            if (held->pri < other->pri) continue;
            if (held->pri == other->pri && g->state.rows[held->row].doc_iat <= g->state.rows[other->row].doc_iat) continue;
        }
        best = i;
    }
    return best;
}

/* Sound left for it: of its own max, and of its key's ceiling. */
static int64_t sound_left(struct gb1 *g, int index, bool *ceiling)
{
    const struct gb1_entry *e = &g->state.entry[index];
    const struct gb1_done *past = gb1_done_find(g, e->sid, true);
    char by[GB1_KID_CAP];
    int64_t left = e->max * INT64_C(1000) - (past == NULL ? 0 : past->heard_ms);
    *ceiling = false;
    if (e->pri < COUNTED_FROM) return left;
    gb1_order_by(g, index, by);
    int64_t most = gb1_ceiling_left(g, by);
    if (most >= left) return left;
    *ceiling = true;
    return most;
}

static int64_t step_ms(const struct gb1 *g, const struct gb1_step *step)
{
    const struct gb1_asset *pin = step->pin[0] != '\0' && g->state.has_site ? gb1_pin_find(&g->state.site, step->pin) : NULL;
    if (step->kind == GB1_STEP_TONE) return INT64_C(1000) * (step->n * step->on + (step->n - 1) * step->off);
    if (step->kind == GB1_STEP_SOUND && step->asset.mp3 && gb1_ready(g, step->asset.h)) return gb1_asset_ms(step->asset.sz);
    return pin != NULL && pin->mp3 && gb1_ready(g, pin->h) ? gb1_asset_ms(pin->sz) : WITHOUT_SOUND_MS;
}

/* Whether its key's ceiling leaves a piece worth hearing: a few ms every minute would be a rattle for hours [NOW-11]. */
static bool is_worth_hearing(struct gb1 *g, const struct gb1_entry *e, int64_t left)
{
    struct gb1_js json;
    int64_t needed = 0;
    if (left >= WORTH_HEARING_MS) return true;
    if (e->live || !gb1_order_load(g, e, &json)) return false;
    for (int i = 0; i < g->content.steps; i++) needed += step_ms(g, &g->content.step[i]);
    return left >= needed;
}

bool gb1_order_candidate(struct gb1 *g, int index, struct gb1_candidate *out)
{
    const struct gb1_entry *e = &g->state.entry[index];
    const struct gb1_run *run = &g->player.run;
    const struct gb1_done *past = gb1_done_find(g, e->sid, true);
    bool runs = run->on && run->kind == GB1_ORDER && strcmp(run->id, e->sid) == 0;
    bool ceiling;
    int64_t now;
    memset(out, 0, sizeof *out);
    out->kind = GB1_ORDER;
    out->index = index;
    out->pri = e->pri;
    out->actual = e->st == GB1_ACTUAL;
    out->start = e->beg;
    out->id = e->sid;
    out->turn = past == NULL ? 0 : past->turn;
    if (gb1_order_find(g, e->sid) != index || e->excluded || gb1_is_cleared(&g->state, e)) return false;
    if (!gb1_clock_now(&g->clock, &now) || now < e->beg) return false;
    if (runs) return true;
    if (now >= e->until || (past != NULL && (past->ended || past->next > e->rep))) return false;
    int64_t left = sound_left(g, index, &ceiling);
    if (left <= 0 || (ceiling && !is_worth_hearing(g, e, left))) return false;
    if (e->live && !gb1_live_begins(g, e->sid)) return false;
    out->waiting = g->clock.mono < g->player.hold_until_mono && strcmp(g->player.hold_sid, e->sid) == 0;
    return true;
}

enum gb1_why gb1_order_revoked(struct gb1 *g, int index)
{
    const struct gb1_run *run = &g->player.run;
    const struct gb1_done *past = gb1_done_find(g, run->id, true);
    if (past != NULL && past->ended) return GB1_LOCAL_STOP;
    if (index < 0) return gb1_is_cleared(&g->state, &run->held) ? GB1_CLEARED : GB1_STOPPED;
    if (gb1_is_cleared(&g->state, &g->state.entry[index])) return GB1_CLEARED;
    if (g->state.entry[index].excluded) return GB1_STOPPED;
    return run->live && gb1_live_is_lost(g, run->id) ? GB1_LINK_LOST : GB1_WHY_NONE;
}

int64_t gb1_order_limit(struct gb1 *g, int index)
{
    const struct gb1_entry *e = &g->state.entry[index];
    const struct gb1_run *run = &g->player.run;
    bool ceiling;
    int64_t now;
    int64_t passed = run->on ? g->clock.mono - run->started_mono : 0;
    int64_t left = sound_left(g, index, &ceiling);
    int64_t limit = (run->on ? run->last_ms : 0) + (left > 0 ? left : 0);
    if (gb1_clock_now(&g->clock, &now) && passed + e->until - now < limit) limit = passed + e->until - now;
    return limit > 0 ? limit : 0;
}

/* ---- what it sounds ---- */

bool gb1_order_load(struct gb1 *g, const struct gb1_entry *held, struct gb1_js *json)
{
    long n = gb1_state_message(&g->memory, &g->state.rows[held->row], (uint8_t *)g->text, sizeof g->text);
    const char *payload = n > 0 ? memchr(g->text, '{', (size_t)n) : NULL;
    return payload != NULL && gb1_js_prove(payload, (size_t)(g->text + n - payload), false, json) &&
           gb1_content_read(*json, held->index, &g->content);
}

/* Hash of the step list as it is written, so that a document issued again with the same steps interrupts nothing. */
static void steps_hash(struct gb1 *g, struct gb1_js json, int index, uint8_t out[32])
{
    struct gb1_js_walk act;
    struct gb1_js_walk members;
    memset(out, 0, 32);
    if (!gb1_js_open(&act, gb1_js_member(json, "act"))) return;
    for (int i = 0; gb1_js_next(&act); i++) {
        if (i != index || !gb1_js_open(&members, act.value)) continue;
        while (gb1_js_next(&members)) {
            if (!gb1_js_equals(members.name, "play") && !gb1_js_equals(members.name, "live")) continue;
            g->port->sha256(g->port->ctx, members.value.at, (size_t)(members.next - members.value.at), out);
        }
    }
}

static struct gb1_piece *add(struct gb1 *g)
{
    struct gb1_sound *sound = &g->sound;
    struct gb1_piece *piece = &sound->piece[sound->pieces < GB1_PIECES ? sound->pieces++ : GB1_PIECES - 1];
    memset(piece, 0, sizeof *piece);
    return piece;
}

static void add_tone(struct gb1 *g, enum gb1_tone tone, int n, int on, int off)
{
    struct gb1_piece *piece = add(g);
    piece->kind = GB1_PIECE_TONE;
    piece->tone = tone;
    piece->n = n;
    piece->on = on;
    piece->off = off;
    g->player.run.content_ms += INT64_C(1000) * (n * on + (n - 1) * off);
}

static bool add_asset(struct gb1 *g, const struct gb1_asset *asset)
{
    if (asset == NULL || !asset->mp3 || !gb1_ready(g, asset->h)) return false;
    struct gb1_piece *piece = add(g);
    piece->kind = GB1_PIECE_ASSET;
    memcpy(piece->h, asset->h, 32);
    piece->sz = asset->sz;
    g->player.run.content_ms += gb1_asset_ms(asset->sz);
    return true;
}

static bool add_pin(struct gb1 *g, const char *name)
{
    return name[0] != '\0' && g->state.has_site && add_asset(g, gb1_pin_find(&g->state.site, name));
}

static void add_step(struct gb1 *g, const struct gb1_step *step)
{
    switch (step->kind) {
    case GB1_STEP_TONE: add_tone(g, step->tone, step->n, step->on, step->off); return;
    case GB1_STEP_PIN:
        if (add_pin(g, step->pin)) return;
        break;
    case GB1_STEP_SOUND:
        if (add_asset(g, &step->asset) || add_pin(g, step->pin)) return;
        break;
    case GB1_STEP_UNKNOWN: break;
    }
    add_tone(g, GB1_STEADY, 1, 10, 0);
}

/* A drill says so itself, whatever the recording says [NOW-7]. */
static void add_announcement(struct gb1 *g, const struct gb1_entry *e)
{
    if (e->st == GB1_ACTUAL || add_pin(g, "exercise")) return;
    add(g)->kind = GB1_PIECE_CHIME;
    g->player.run.content_ms += 2880;
}

bool gb1_order_begin(struct gb1 *g, int index)
{
    const struct gb1_entry *e = &g->state.entry[index];
    struct gb1_run *run = &g->player.run;
    struct gb1_js json;
    struct gb1_out name = gb1_out_in(run->name, sizeof run->name);
    if (!gb1_order_load(g, e, &json)) return false;
    steps_hash(g, json, e->index, run->content);
    struct gb1_done *done = gb1_done_of(g, e->sid, true, forget_at(e));
    done->starts++;
    done->turn = ++g->player.turns;
    gb1_done_keep(g, done);
    run->rep = done->next;
    run->held = *e;
    run->st = e->st;
    run->vol = e->vol;
    run->heard_before = done->position_ms;
    gb1_order_by(g, index, run->by);
    memcpy(run->id, e->sid, sizeof run->id);
    gb1_put(&name, e->sid);
    gb1_put(&name, "#");
    gb1_put_int(&name, run->rep);
    g->sound.start = done->starts;
    g->sound.planned_at = e->beg;
    if (e->live && g->content.live.mp3) {
        run->live = true;
        run->content_ms = GB1_ENDLESS_MS;
        g->sound.source = GB1_FROM_LIVE;
        g->sound.voice = gb1_live_place(g, e->sid);
    } else {
        add_announcement(g, e);
        if (e->live) {
            struct gb1_step none = {GB1_STEP_UNKNOWN, GB1_STEADY, 1, 10, 0, {{0}, 0, false}, {0}};
            add_step(g, g->content.live.has_alt ? &g->content.live.alt : &none);
        }
        for (int i = 0; i < g->content.steps; i++) add_step(g, &g->content.step[i]);
        add_announcement(g, e);
    }
    run->limit_ms = gb1_order_limit(g, index);
    return run->limit_ms > 0;
}

/* Whether the running entry's steps are no longer those that sound [NOW-5b]. */
bool gb1_order_steps_changed(struct gb1 *g, int index)
{
    uint8_t hash[32];
    struct gb1_js json;
    if (!gb1_order_load(g, &g->state.entry[index], &json)) return false;
    steps_hash(g, json, g->state.entry[index].index, hash);
    return memcmp(hash, g->player.run.content, 32) != 0;
}

/* The power failed during its repetition, which is used up [NOW-8b]; but an emergency is heard once, though it is not tried for
 * ever [NOW-8c]. */
void gb1_order_cut(struct gb1 *g, const char *sid)
{
    struct gb1_done *done = gb1_done_find(g, sid, true);
    int index = gb1_order_find(g, sid);
    if (done == NULL) return;
    if (index >= 0 && done->next >= g->state.entry[index].rep && !done->whole && done->cuts < CUTS_GIVEN_BACK) done->cuts++;
    else {
        done->next++;
        done->position_ms = 0;
    }
    gb1_done_keep(g, done);
}

/* Journals, once, an entry that is over and never sounded. */
void gb1_orders_judge(struct gb1 *g)
{
    int64_t now;
    if (!gb1_clock_sure(&g->clock) || !gb1_clock_now(&g->clock, &now)) return;
    for (int i = 0; i < g->state.held; i++) {
        const struct gb1_entry *e = &g->state.entry[i];
        if (now < e->until || e->excluded || gb1_order_find(g, e->sid) != i || gb1_is_cleared(&g->state, &g->state.entry[i])) continue;
        const struct gb1_done *past = gb1_done_find(g, e->sid, true);
        if (past != NULL && (past->starts > 0 || past->told || past->ended)) continue;
        struct gb1_done *done = gb1_done_of(g, e->sid, true, forget_at(e));
        char d[96];
        struct gb1_out o = gb1_out_in(d, sizeof d);
        bool loud = e->pri >= 80 && e->st == GB1_ACTUAL;
        bool quiet = !g->state.has_site || gb1_quiet_now(g); /* [SIT-1] */
        const char *why = gb1_has_fault(g, GB1_MUTED) ? "muted" : !loud && quiet ? "quiet" : g->player.run.on ? "preempted" : "late";
        done->told = true;
        gb1_done_keep(g, done);
        gb1_put(&o, "\"oid\":\"");
        gb1_put(&o, e->sid);
        gb1_put(&o, "#1\"");
        bool amp = gb1_has_fault(g, GB1_AMP_FAULT); /* [DEC-8] */
        gb1_put_text_member(&o, "why", amp ? "amp" : why);
        gb1_journal_add(g, "play", amp ? "failed" : "missed", d);
    }
}

int64_t gb1_orders_wake(const struct gb1 *g)
{
    int64_t now;
    int64_t wake = GB1_NEVER;
    if (g->clock.mono < g->player.hold_until_mono) wake = g->player.hold_until_mono;
    if (!gb1_clock_now(&g->clock, &now)) return wake;
    for (int i = 0; i < g->state.held; i++) {
        const struct gb1_entry *e = &g->state.entry[i];
        int64_t next = now < e->beg ? e->beg : e->until;
        if (next > now && g->clock.mono + next - now < wake) wake = g->clock.mono + next - now;
    }
    return wake;
}
