/* Signed chunks of live sound (section 10). They are taken for every session in force, also before it sounds and while something else
 * does; the port keeps them until their moment. */
#include <string.h>

#include "parts.h"

#define HEADER 24
#define SIGNATURE 64
#define PAYLOAD 8104
#define CONTEXT "GB1LIVE"
#define CONTEXT_N 7
/* Sooner than this before its beg a session goes ahead of later ones, whatever its pri: its first chunks may come. */
#define SOON_MS GB1_MINUTE_MS
/* How far apart sound and clock may be at the end of a session. */
#define DRIFT_MS 500

#define MOMENT_BITS 29
#define MOMENT ((UINT32_C(1) << MOMENT_BITS) - 1)

/* ---- sessions in force ---- */

int gb1_live_place(const struct gb1 *g, const char *sid)
{
    for (int i = 0; i < GB1_VOICES; i++) {
        if (strcmp(g->live.voice[i].sid, sid) == 0) return i;
    }
    return -1;
}

static const struct gb1_voice *find(const struct gb1 *g, const char *sid)
{
    int place = gb1_live_place(g, sid);
    return place < 0 ? NULL : &g->live.voice[place];
}

static bool sounds(const struct gb1 *g, const char *sid)
{
    const struct gb1_run *run = &g->player.run;
    return run->on && run->live && strcmp(run->id, sid) == 0;
}

static bool in_force(const struct gb1 *g, int index, int64_t now)
{
    const struct gb1_entry *e = &g->state.entry[index];
    if (!e->live || e->excluded || now >= e->until) return false;
    return gb1_order_find(g, e->sid) == index && !gb1_is_cleared(&g->state, e);
}

/* The entry in force that a voice belongs to, or -1. */
static int entry_of(const struct gb1 *g, const struct gb1_voice *v, int64_t now)
{
    int index = v->sid[0] == '\0' ? -1 : gb1_order_find(g, v->sid);
    return index >= 0 && in_force(g, index, now) ? index : -1;
}

static void forget_chunks(struct gb1 *g, int place)
{
    struct gb1_live_state *l = &g->live;
    int kept = 0;
    for (int i = 0; i < l->waiting; i++) {
        if ((int)(l->due[i] >> MOMENT_BITS) != place) l->due[kept++] = l->due[i];
    }
    l->waiting = kept;
    g->port->forget_chunks(g->port->ctx, place);
}

/* Its topic: gb1/{sys}/{scope}/live/{first 16 hex digits of the hash of the sid}. */
static void subscribe(struct gb1 *g, struct gb1_voice *v, bool wanted)
{
    char scope[GB1_SCOPE_CAP];
    char rest[24];
    struct gb1_out o = gb1_out_in(rest, sizeof rest);
    if (v->subscribed == wanted) return;
    gb1_row_scope(scope, g->state.rows[v->row].row);
    gb1_put(&o, "/live/");
    gb1_put_hex(&o, v->prefix, sizeof v->prefix);
    gb1_subscribe(g, scope, rest, wanted);
    v->subscribed = wanted;
}

static void leave(struct gb1 *g, int place)
{
    struct gb1_voice *v = &g->live.voice[place];
    subscribe(g, v, false);
    forget_chunks(g, place);
    memset(v, 0, sizeof *v);
}

static void enter(struct gb1 *g, int place, int index)
{
    struct gb1_voice *v = &g->live.voice[place];
    const struct gb1_entry *e = &g->state.entry[index];
    uint8_t hash[32];
    memcpy(v->sid, e->sid, sizeof v->sid);
    v->row = e->row;
    g->port->sha256(g->port->ctx, e->sid, strlen(e->sid), hash);
    memcpy(v->prefix, hash, sizeof v->prefix);
}

/* Whether entry a needs one of the few places more than entry b. */
static bool goes_ahead(const struct gb1 *g, int a, int b, int64_t now)
{
    const struct gb1_entry *x = &g->state.entry[a];
    const struct gb1_entry *y = &g->state.entry[b];
    bool x_soon = x->beg - now < SOON_MS;
    bool y_soon = y->beg - now < SOON_MS;
    if (x_soon != y_soon) return x_soon;
    if (x->pri != y->pri) return x->pri > y->pri;
    return x->beg < y->beg;
}

/* A free place for this entry, or that of one that gives way; -1 when all others need theirs more. */
static int place_for(const struct gb1 *g, int index, int64_t now)
{
    int worst = -1;
    int worst_index = -1;
    for (int i = 0; i < GB1_VOICES; i++) {
        const struct gb1_voice *v = &g->live.voice[i];
        if (v->sid[0] == '\0') return i;
        int held = entry_of(g, v, now);
        if (held < 0 || sounds(g, v->sid)) continue;
        if (worst >= 0 && !goes_ahead(g, worst_index, held, now)) continue;
        worst = i;
        worst_index = held;
    }
    return worst >= 0 && goes_ahead(g, index, worst_index, now) ? worst : -1;
}

/* What its document says of it, read again when that is another one. The same session under another key is another one. */
static void read_again(struct gb1 *g, int place, int index)
{
    struct gb1_voice *v = &g->live.voice[place];
    const struct gb1_row *row = &g->state.rows[g->state.entry[index].row];
    const struct gb1_live *live = &g->content.live;
    struct gb1_js json;
    if (memcmp(v->doc, row->hash, sizeof v->doc) == 0 || !gb1_flush(&g->memory)) return;
    memcpy(v->doc, row->hash, sizeof v->doc);
    v->able = gb1_order_load(g, &g->state.entry[index], &json) && g->content.is_live && live->mp3;
    if (!v->able) return;
    v->ms = (uint16_t)live->ms;
    if (memcmp(v->pk, live->pk, sizeof v->pk) == 0) return;
    memcpy(v->pk, live->pk, sizeof v->pk);
    v->heard = v->ends = false;
    forget_chunks(g, place);
}

/* Where another row holds the session now, its chunks come on that row's topic [NOW-5]. */
static void follow(struct gb1 *g, struct gb1_voice *v, uint8_t row)
{
    char before[GB1_SCOPE_CAP];
    char after[GB1_SCOPE_CAP];
    if (v->row == row) return;
    gb1_row_scope(before, g->state.rows[v->row].row);
    gb1_row_scope(after, g->state.rows[row].row);
    if (strcmp(before, after) != 0) subscribe(g, v, false);
    v->row = row;
}

/* ---- the moments of chunks ---- */

static int voice_of(uint32_t due)
{
    return (int)(due >> MOMENT_BITS);
}

/* ms from now until it is due; below 0 when it sounds already. */
static int64_t ahead(const struct gb1 *g, uint32_t due)
{
    uint32_t ms = (due - (uint32_t)((uint64_t)g->clock.mono & MOMENT)) & MOMENT;
    return ms <= MOMENT / 2 ? (int64_t)ms : (int64_t)ms - MOMENT - 1;
}

static void forget_past(struct gb1 *g)
{
    struct gb1_live_state *l = &g->live;
    int kept = 0;
    for (int i = 0; i < l->waiting; i++) {
        if (ahead(g, l->due[i]) + l->voice[voice_of(l->due[i])].ms > 0) l->due[kept++] = l->due[i];
    }
    l->waiting = kept;
}

static bool flows(const struct gb1 *g, const struct gb1_voice *v)
{
    return v->heard && g->clock.mono - v->good_mono < GB1_LIVE_SILENCE_MS;
}

bool gb1_live_begins(const struct gb1 *g, const char *sid)
{
    int place = gb1_live_place(g, sid);
    const struct gb1_voice *v = place < 0 ? NULL : &g->live.voice[place];
    if (v == NULL) return false;
    if (!v->able) return true;
    if (!flows(g, v) || (v->ends && v->over_mono <= g->clock.mono)) return false;
    for (int i = 0; i < g->live.waiting; i++) {
        if (voice_of(g->live.due[i]) == place && ahead(g, g->live.due[i]) <= 0) return true;
    }
    return false;
}

bool gb1_live_is_lost(const struct gb1 *g, const char *sid)
{
    const struct gb1_voice *v = find(g, sid);
    return v != NULL && !flows(g, v) && !(v->ends && v->over_mono <= g->clock.mono);
}

bool gb1_live_has_sounded(const struct gb1 *g, const char *sid)
{
    const struct gb1_voice *v = find(g, sid);
    return v != NULL && v->ends && v->over_mono <= g->clock.mono + DRIFT_MS;
}

static int64_t sooner(const struct gb1 *g, int64_t wake, int64_t at)
{
    return at > g->clock.mono && at < wake ? at : wake;
}

int64_t gb1_live_wake(const struct gb1 *g)
{
    int64_t wake = GB1_NEVER;
    for (int i = 0; i < g->live.waiting; i++) wake = sooner(g, wake, g->clock.mono + ahead(g, g->live.due[i]));
    for (int i = 0; i < GB1_VOICES; i++) {
        const struct gb1_voice *v = &g->live.voice[i];
        if (v->heard) wake = sooner(g, wake, v->good_mono + GB1_LIVE_SILENCE_MS);
        if (v->ends) wake = sooner(g, wake, v->over_mono);
    }
    return wake;
}

/* ---- what happens ---- */

void gb1_live_start(struct gb1 *g)
{
    for (int i = 0; i < GB1_VOICES; i++) g->port->forget_chunks(g->port->ctx, i);
}

void gb1_live_unlinked(struct gb1 *g)
{
    for (int i = 0; i < GB1_VOICES; i++) g->live.voice[i].subscribed = false;
}

void gb1_live_tick(struct gb1 *g)
{
    int64_t now;
    bool welcomed = g->link.state == GB1_UP && g->link.welcomed_mono >= 0;
    forget_past(g);
    if (!gb1_clock_now(&g->clock, &now)) return;
    for (int i = 0; i < GB1_VOICES; i++) {
        struct gb1_voice *v = &g->live.voice[i];
        /* What sounds keeps its chunks for its fade. */
        if (v->sid[0] != '\0' && entry_of(g, v, now) < 0 && !sounds(g, v->sid)) leave(g, i);
    }
    for (int i = 0; i < g->state.held; i++) {
        if (!g->state.entry[i].live || gb1_live_place(g, g->state.entry[i].sid) >= 0 || !in_force(g, i, now)) continue;
        int place = place_for(g, i, now);
        if (place < 0) continue;
        if (g->live.voice[place].sid[0] != '\0') leave(g, place);
        enter(g, place, i);
    }
    for (int i = 0; i < GB1_VOICES; i++) {
        struct gb1_voice *v = &g->live.voice[i];
        int index = entry_of(g, v, now);
        if (index < 0) continue;
        follow(g, v, g->state.entry[index].row);
        read_again(g, i, index);
        if (welcomed && v->able) subscribe(g, v, true);
    }
}

/* ---- a chunk ---- */

struct chunk {
    const uint8_t *frame;
    size_t n;
    size_t len; /* of the payload */
    bool last;
    uint32_t number;
    int64_t play_at;
    int64_t ms;
};

static uint64_t big_endian(const uint8_t *at, int n)
{
    uint64_t value = 0;
    for (int i = 0; i < n; i++) value = value << 8 | at[i];
    return value;
}

static bool chunk_read(const uint8_t *frame, size_t n, struct chunk *out)
{
    if (n < HEADER + SIGNATURE || n > HEADER + PAYLOAD + SIGNATURE || frame[1] > 1) return false;
    uint64_t at = big_endian(frame + 8, 8);
    out->frame = frame;
    out->n = n;
    out->len = (size_t)big_endian(frame + 2, 2);
    out->last = frame[1] == 1;
    out->number = (uint32_t)big_endian(frame + 4, 4);
    out->play_at = (int64_t)at;
    out->ms = (int64_t)(out->len / GB1_FRAME_BYTES) * GB1_FRAME_MS;
    return out->len == n - HEADER - SIGNATURE && out->len % GB1_FRAME_BYTES == 0 && at <= (uint64_t)GB1_MAX_INTEGER;
}

static bool is_signed(struct gb1 *g, const struct gb1_voice *v, const struct chunk *c)
{
    size_t n = c->n - SIGNATURE;
    memcpy(gb1_message(g), CONTEXT, CONTEXT_N);
    memcpy(gb1_message(g) + CONTEXT_N, c->frame, n);
    return g->port->signature_ok(g->port->ctx, v->pk, gb1_message(g), CONTEXT_N + n, c->frame + n);
}

static bool has_room(const struct gb1 *g, int place)
{
    int waiting = 0;
    for (int i = 0; i < g->live.waiting; i++) waiting += voice_of(g->live.due[i]) == place;
    return waiting < GB1_LIVE_WAITING && g->live.waiting < GB1_CHUNKS;
}

/* All that can be told without the signature [LIV-1c] [LIV-1d]. */
static bool fits(const struct gb1 *g, int place, const struct chunk *c, int64_t now)
{
    const struct gb1_voice *v = &g->live.voice[place];
    int index = entry_of(g, v, now);
    if (index < 0 || !v->able || (v->heard && c->number <= v->n)) return false;
    if (c->play_at < g->state.entry[index].beg || c->play_at >= g->state.entry[index].until) return false;
    return (c->last || c->play_at + c->ms > now) && has_room(g, place);
}

static void take(struct gb1 *g, int place, const struct chunk *c, int64_t now)
{
    struct gb1_voice *v = &g->live.voice[place];
    int64_t at = g->clock.mono + c->play_at - now;
    if (!is_signed(g, v, c)) {
        gb1_refused(g, GB1_E_SIG, "");
        return;
    }
    v->n = c->number;
    v->heard = true;
    v->good_mono = g->clock.mono;
    if (c->last) {
        v->ends = true;
        v->over_mono = at + c->ms;
    }
    if (c->ms > 0) g->live.due[g->live.waiting++] = (uint32_t)place << MOMENT_BITS | ((uint32_t)(uint64_t)at & MOMENT);
    if (gb1_flush(&g->memory)) g->port->chunk(g->port->ctx, place, at, c->frame + HEADER, c->len, c->last);
}

void gb1_live_frame(struct gb1 *g, const uint8_t *frame, size_t n)
{
    struct chunk c;
    int64_t now;
    if (!chunk_read(frame, n, &c) || !gb1_clock_now(&g->clock, &now)) return;
    forget_past(g);
    for (int i = 0; i < GB1_VOICES; i++) {
        const struct gb1_voice *v = &g->live.voice[i];
        /* Of no session in force: no signature work [LIV-2]. */
        if (v->sid[0] == '\0' || memcmp(frame + 16, v->prefix, sizeof v->prefix) != 0) continue;
        if (fits(g, i, &c, now)) take(g, i, &c, now);
    }
}
