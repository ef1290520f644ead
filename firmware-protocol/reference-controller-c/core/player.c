/* The one channel: asks the table who may have it, lets at most one thing sound, and keeps the evidence of what truly left the
 * loudspeaker. */
#include <string.h>

#include "parts.h"

/* A sink that stays silent this long after its end has failed. */
#define SINK_OVERDUE_MS 3000
/* A fade takes 300 ms at most; after this the sink is given up, so that the next sound begins within a second [DEC-2]. */
#define FADE_OVERDUE_MS 600

static const char *why_word(enum gb1_why why)
{
    static const char *const words[] = {
        "", "preempted", "stopped", "cleared", "cancelled", "local_stop", "quiet", "ceiling", "power_loss", "link_lost", "fault",
    };
    return words[why];
}

static bool is_remote(const struct gb1_run *run)
{
    return run->kind == GB1_ITEM || run->kind == GB1_ORDER;
}

bool gb1_quiet_now(const struct gb1 *g)
{
    int64_t t;
    if (!g->state.has_site) return false;
    if (gb1_clock_now(&g->clock, &t) && gb1_is_quiet(&g->state.site, t)) return true;
    return gb1_clock_other(&g->clock, &t) && gb1_is_quiet(&g->state.site, t);
}

bool gb1_sounds(const struct gb1 *g, int pri)
{
    return g->player.run.on && g->player.run.pri >= pri;
}

/* ---- evidence ---- */

static void journal_play(struct gb1 *g, const char *s, const char *why, bool vol)
{
    const struct gb1_run *run = &g->player.run;
    char d[160];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    if (!is_remote(run)) return;
    gb1_put(&o, "\"oid\":");
    gb1_put_string(&o, run->name);
    gb1_put_int_member(&o, "ms", run->heard_before + run->last_ms);
    gb1_put_text_member(&o, "proof", g->profile.proof);
    if (vol) gb1_put_int_member(&o, "vol", gb1_volume(g, run->vol, run->pri, run->st == GB1_ACTUAL));
    if (why != NULL) gb1_put_text_member(&o, "why", why);
    gb1_journal_add(g, "play", s, d);
}

static void journal_started(struct gb1 *g, int64_t err)
{
    const struct gb1_run *run = &g->player.run;
    char d[120];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    gb1_put(&o, "\"oid\":");
    gb1_put_string(&o, run->name);
    gb1_put_int_member(&o, "err", err);
    gb1_put_int_member(&o, "pos", run->offset_ms);
    gb1_journal_add(g, "play", "started", d);
}

/* What a power cut would interrupt; written at the start and with every report of the sink. */
static void keep_run(struct gb1 *g)
{
    const struct gb1_run *run = &g->player.run;
    char q[2] = {gb1_clock_quality(&g->clock), '\0'};
    char text[240];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    if (!is_remote(run)) return;
    gb1_put(&o, "{\"name\":");
    gb1_put_string(&o, run->name);
    gb1_put_text_member(&o, "id", run->id);
    gb1_put_int_member(&o, "order", run->kind == GB1_ORDER);
    gb1_put_int_member(&o, "ms", run->heard_before + run->last_ms);
    gb1_put_int_member(&o, "t", gb1_clock_stamp(&g->clock));
    gb1_put_text_member(&o, "q", q);
    gb1_put_int_member(&o, "boot", g->boot);
    gb1_put(&o, "}");
    gb1_remember_text(&g->memory, "run", text);
}

static void cut_item(struct gb1 *g, const char *oid)
{
    struct gb1_done *done = gb1_done_find(g, oid, false);
    if (done == NULL) return;
    done->cuts++;
    gb1_done_keep(g, done);
}

static void restore_run(struct gb1 *g)
{
    char text[240];
    char name[GB1_PLAYID_CAP];
    char id[GB1_SID_CAP];
    char q[2];
    int order;
    int64_t ms;
    int64_t t;
    int64_t boot;
    struct gb1_js json;
    char d[120];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    if (!gb1_recall_text(&g->memory, "run", text, sizeof text) || !gb1_js_prove(text, strlen(text), false, &json)) return;
    gb1_forget(&g->memory, "run");
    if (!gb1_f_text(json, "name", name, sizeof name) || !gb1_f_text(json, "id", id, sizeof id) ||
        !gb1_f_text(json, "q", q, sizeof q) || !gb1_f_small(json, "order", 0, 1, &order) || !gb1_f_moment(json, "ms", &ms) ||
        !gb1_f_moment(json, "t", &t) || !gb1_f_moment(json, "boot", &boot)) {
        return;
    }
    gb1_put(&o, "\"oid\":");
    gb1_put_string(&o, name);
    gb1_put_int_member(&o, "ms", ms);
    gb1_put_text_member(&o, "proof", g->profile.proof);
    gb1_put_text_member(&o, "why", "power_loss");
    gb1_journal_add_at(g, t, q[0], boot, "play", "interrupted", d);
    if (order) gb1_order_cut(g, id);
    else cut_item(g, id);
    gb1_say(g, "The power failed while ", name, " sounded.");
}

void gb1_player_restore(struct gb1 *g)
{
    g->player.stop_mono = INT64_MIN / 2;
    g->player.mute_until_mono = INT64_MIN / 2; /* the mute ends with the power [PRI-2c] */
    restore_run(g);
}

/* ---- the end of a turn ---- */

static void leave(struct gb1 *g)
{
    struct gb1_run *run = &g->player.run;
    if (run->kind == GB1_ORDER && run->pri >= 60) gb1_ceiling_charge(g, run->by, 0, true); /* [PRI-3b] */
    if (is_remote(run)) gb1_forget(&g->memory, "run");
    if (run->kind == GB1_BEEP) g->player.beep_s = 0;
    run->on = false;
}

static struct gb1_done *done_of_run(struct gb1 *g)
{
    const struct gb1_run *run = &g->player.run;
    return is_remote(run) ? gb1_done_find(g, run->id, run->kind == GB1_ORDER) : NULL;
}

static void end_for_good(struct gb1 *g)
{
    struct gb1_done *done = done_of_run(g);
    if (done == NULL) return;
    done->ended = true;
    gb1_done_keep(g, done);
}

static void interrupted(struct gb1 *g, enum gb1_why why)
{
    struct gb1_run *run = &g->player.run;
    bool again = why == GB1_PREEMPTED || why == GB1_QUIET_HOURS || (run->kind == GB1_ORDER && why != GB1_LOCAL_STOP);
    if (!again) end_for_good(g);
    journal_play(g, "interrupted", why_word(why), false);
    gb1_say(g, "Interrupted ", run->name, why == GB1_CLEARED ? " (cleared)." : ".");
    leave(g);
}

/* The next repetition, and the gap before it in which the channel is held [DEC-3]. */
static void repetition_done(struct gb1 *g, int index, bool whole)
{
    struct gb1_run *run = &g->player.run;
    struct gb1_done *done = done_of_run(g);
    if (done == NULL) return;
    done->whole = done->whole || whole;
    done->next = (uint16_t)(run->rep + 1);
    done->position_ms = 0;
    gb1_done_keep(g, done);
    if (index < 0 || done->next > g->state.entry[index].rep) return;
    memcpy(g->player.hold_sid, run->id, sizeof run->id);
    g->player.hold_until_mono = g->clock.mono + g->state.entry[index].gap * INT64_C(1000);
}

static void completed_order(struct gb1 *g)
{
    struct gb1_run *run = &g->player.run;
    int index = gb1_order_find(g, run->id);
    if (run->last_piece) {
        /* The steps were replaced: the same repetition begins anew with those that hold now. */
        journal_play(g, "interrupted", "stopped", false);
        leave(g);
        return;
    }
    bool whole = run->live ? gb1_live_has_sounded(g, run->id) : run->last_ms + 60 >= run->content_ms;
    if (!whole) {
        /* until, max or smax ended it before its content did, or its issuer a moment before that. */
        journal_play(g, "interrupted", index < 0 ? "stopped" : "ceiling", false);
        leave(g);
        return;
    }
    repetition_done(g, index, true);
    journal_play(g, "completed", NULL, true);
    gb1_say(g, "Completed ", run->name, ".");
    leave(g);
}

static void completed(struct gb1 *g)
{
    struct gb1_run *run = &g->player.run;
    if (run->kind == GB1_ORDER) {
        completed_order(g);
        return;
    }
    if (run->kind == GB1_ITEM) end_for_good(g);
    if (run->kind == GB1_SIREN) g->player.siren = false; /* a switch that is stuck ends some time */
    journal_play(g, "completed", NULL, true);
    if (run->kind == GB1_ITEM) gb1_say(g, "Completed ", run->name, ".");
    leave(g);
}

static void failed(struct gb1 *g, const char *why)
{
    struct gb1_run *run = &g->player.run;
    if (run->kind == GB1_ITEM) end_for_good(g);
    if (run->kind == GB1_ORDER) repetition_done(g, gb1_order_find(g, run->id), false); /* the next one may do better */
    if (run->kind == GB1_SIREN) g->player.siren = false;
    if (run->kind == GB1_MIC) g->player.mic = false;
    if (is_remote(run) && run->last_ms > 0) journal_play(g, "interrupted", "fault", false);
    else if (is_remote(run)) {
        char d[120];
        struct gb1_out o = gb1_out_in(d, sizeof d);
        gb1_put(&o, "\"oid\":");
        gb1_put_string(&o, run->name);
        gb1_put_text_member(&o, "why", why);
        gb1_journal_add(g, "play", "failed", d);
    }
    gb1_say(g, "The sound of ", run->name, " failed.");
    leave(g);
}

static void reached(struct gb1 *g, int64_t ms)
{
    struct gb1_run *run = &g->player.run;
    struct gb1_done *done = done_of_run(g);
    int64_t more = ms - run->last_ms;
    if (more <= 0) return;
    run->last_ms = ms;
    if (done == NULL) return;
    if (run->kind == GB1_ITEM) {
        if (run->offset_ms + ms > done->position_ms) done->position_ms = (int32_t)(run->offset_ms + ms);
        done->heard_ms = (int32_t)(run->heard_before + ms);
    } else {
        done->position_ms = (int32_t)(run->heard_before + ms);
        done->heard_ms += (int32_t)more;
        if (run->pri >= 60) gb1_ceiling_charge(g, run->by, more, false);
    }
    gb1_done_keep(g, done);
}

void gb1_player_progress(struct gb1 *g, uint32_t play, int64_t ms)
{
    if (!g->player.run.on || g->player.run.play != play) return;
    reached(g, ms);
    keep_run(g);
}

void gb1_player_ended(struct gb1 *g, uint32_t play, int64_t ms, const char *why)
{
    struct gb1_run *run = &g->player.run;
    if (!run->on || run->play != play) return;
    reached(g, ms);
    if (why != NULL) failed(g, why);
    else if (run->stopping != GB1_WHY_NONE) interrupted(g, run->stopping);
    else completed(g);
}

void gb1_player_fade(struct gb1 *g, enum gb1_why why)
{
    struct gb1_run *run = &g->player.run;
    run->stopping = why;
    run->stopping_mono = g->clock.mono;
    if (gb1_flush(&g->memory)) g->port->fade(g->port->ctx, run->play);
}

/* ---- the decision ---- */

static void start(struct gb1 *g, const struct gb1_candidate *c)
{
    struct gb1_run *run = &g->player.run;
    int64_t now;
    memset(run, 0, sizeof *run);
    memset(&g->sound, 0, sizeof g->sound);
    run->kind = c->kind;
    run->pri = c->pri;
    run->st = GB1_ACTUAL;
    bool ready = true;
    if (c->kind == GB1_ITEM) ready = gb1_item_begin(g, c->index);
    else if (c->kind == GB1_ORDER) ready = gb1_order_begin(g, c->index);
    else gb1_local_begin(g, c->kind);
    if (!ready) return;
    run->on = true;
    run->play = ++g->player.plays;
    run->started_mono = g->clock.mono;
    run->gain = gb1_gain(g, run->vol, c->kind == GB1_SIREN || c->kind == GB1_MIC ? 85 : run->pri, run->st == GB1_ACTUAL);
    keep_run(g);
    int64_t err = 0;
    if (c->kind == GB1_ITEM && gb1_clock_now(&g->clock, &now)) err = now - g->sound.planned_at - run->offset_ms;
    if (c->kind == GB1_ORDER && run->rep == 1 && g->sound.start == 1 && gb1_clock_now(&g->clock, &now)) err = now - g->sound.planned_at;
    if (is_remote(run)) journal_started(g, err);
    if (run->kind == GB1_ORDER && run->pri >= 60) gb1_ceiling_charge(g, run->by, 0, true);
    g->sound.play = run->play;
    g->sound.id = run->name;
    g->sound.limit_ms = run->limit_ms;
    g->sound.gain_q16 = run->gain;
    if (gb1_flush(&g->memory)) g->port->sound(g->port->ctx, &g->sound); /* started is on the disk by now [ACK-2] */
    gb1_say(g, "Sounding ", run->name, ".");
}

static void watch_sink(struct gb1 *g)
{
    const struct gb1_run *run = &g->player.run;
    if (!run->on) return;
    if (run->stopping != GB1_WHY_NONE) {
        if (g->clock.mono - run->stopping_mono > FADE_OVERDUE_MS) interrupted(g, run->stopping);
    } else if (run->limit_ms < GB1_ENDLESS_MS && g->clock.mono - run->started_mono > run->limit_ms + SINK_OVERDUE_MS) {
        g->port->fade(g->port->ctx, run->play);
        failed(g, "amp");
    }
}

static enum gb1_why revoked(struct gb1 *g)
{
    const struct gb1_run *run = &g->player.run;
    switch (run->kind) {
    case GB1_ITEM: return !g->state.has_site || gb1_item_find(g, run->id) < 0 ? GB1_CANCELLED : GB1_WHY_NONE;
    case GB1_ORDER: return gb1_order_revoked(g, gb1_order_find(g, run->id));
    case GB1_SIREN: return g->player.siren ? GB1_WHY_NONE : GB1_STOPPED;
    case GB1_MIC: return g->player.mic ? GB1_WHY_NONE : GB1_STOPPED;
    case GB1_BEEP: return GB1_WHY_NONE;
    }
    return GB1_WHY_NONE;
}

static enum gb1_why bar_word(enum gb1_bar bar)
{
    switch (bar) {
    case GB1_BAR_QUIET: return GB1_QUIET_HOURS;
    case GB1_BAR_MUTED: return GB1_LOCAL_STOP;
    case GB1_BAR_AMP:
    case GB1_BAR_CLOCK: return GB1_FAULTY;
    case GB1_NOT_BARRED: break;
    }
    return GB1_PREEMPTED;
}

struct ballot {
    struct gb1_conditions now;
    bool any;
    struct gb1_candidate best;
    bool running_stands;
    int running_pri;
    enum gb1_bar running_bar;
};

static bool is_running(const struct gb1 *g, const struct gb1_candidate *c)
{
    const struct gb1_run *run = &g->player.run;
    return run->on && run->kind == c->kind && strcmp(run->id, c->id) == 0;
}

static void note_bar(struct gb1 *g, const struct gb1_candidate *c, enum gb1_bar bar)
{
    if (c->kind != GB1_ITEM) return;
    uint64_t bit = UINT64_C(1) << c->index;
    if (bar == GB1_BAR_QUIET) g->player.blocked_quiet |= bit;
    if (bar == GB1_BAR_MUTED) g->player.blocked_muted |= bit;
}

static void consider(struct gb1 *g, struct ballot *b, const struct gb1_candidate *c)
{
    enum gb1_bar bar = gb1_barred(c, &b->now);
    bool runs = is_running(g, c);
    if (runs) b->running_bar = bar;
    if (bar != GB1_NOT_BARRED) {
        if (!runs) note_bar(g, c, bar);
        return;
    }
    if (runs) {
        b->running_stands = true;
        b->running_pri = c->pri;
    }
    if (!b->any || gb1_before(c, &b->best)) {
        if (b->any && b->best.kind == GB1_ITEM && !is_running(g, &b->best)) g->player.blocked_preempted |= UINT64_C(1) << b->best.index;
        b->best = *c;
        b->any = true;
    } else if (c->kind == GB1_ITEM && !runs) {
        g->player.blocked_preempted |= UINT64_C(1) << c->index;
    }
}

static void vote(struct gb1 *g, struct ballot *b)
{
    struct gb1_candidate c;
    int64_t t;
    memset(b, 0, sizeof *b);
    b->now.amp_fault = gb1_has_fault(g, GB1_AMP_FAULT);
    b->now.muted = gb1_has_fault(g, GB1_MUTED);
    b->now.clock = gb1_clock_now(&g->clock, &t);
    b->now.quiet = !g->state.has_site || gb1_quiet_now(g); /* [SIT-1] */
    for (int kind = GB1_SIREN; kind <= GB1_BEEP; kind++) {
        if (gb1_local_candidate(g, (enum gb1_kind)kind, &c)) consider(g, b, &c);
    }
    for (int i = 0; i < g->state.held; i++) {
        if (gb1_order_candidate(g, i, &c)) consider(g, b, &c);
    }
    for (int i = 0; g->state.has_plan && i < g->state.plan.items; i++) {
        if (gb1_item_candidate(g, i, &c)) consider(g, b, &c);
    }
}

void gb1_decide(struct gb1 *g)
{
    struct gb1_run *run = &g->player.run;
    struct ballot b;
    watch_sink(g);
    if (gb1_has_fault(g, GB1_MUTED) && g->clock.mono >= g->player.mute_until_mono) {
        gb1_fault_set(g, GB1_MUTED, false);
    }
    gb1_live_tick(g);
    gb1_items_judge(g);
    gb1_orders_judge(g);
    if (run->on) {
        if (run->stopping != GB1_WHY_NONE) return;
        enum gb1_why why = revoked(g);
        if (why != GB1_WHY_NONE) {
            gb1_player_fade(g, why);
            return;
        }
        if (run->limit_ms < GB1_ENDLESS_MS && g->clock.mono - run->started_mono >= run->limit_ms) return;
    }
    vote(g, &b);
    if (!run->on) {
        /* Whoever waits in its gap holds the channel: silence, not the next best. */
        if (b.any && !b.best.waiting) start(g, &b.best);
        return;
    }
    if (!b.running_stands) gb1_player_fade(g, bar_word(b.running_bar));
    else if (b.any && b.best.pri > b.running_pri) gb1_player_fade(g, GB1_PREEMPTED);
}

/* Documents or settings changed: what sounds takes over its new length, volume and priority [PLN-1b] [NOW-5b]. */
void gb1_player_changed(struct gb1 *g)
{
    struct gb1_run *run = &g->player.run;
    int64_t limit;
    g->player.blocked_asset = g->player.blocked_muted = g->player.blocked_preempted = g->player.blocked_quiet = 0;
    if (!run->on || run->stopping != GB1_WHY_NONE || !is_remote(run)) return;
    if (run->kind == GB1_ITEM) {
        int index = gb1_item_find(g, run->id);
        if (index < 0) return;
        const struct gb1_item *item = &g->state.plan.item[index];
        run->pri = item->pri;
        run->vol = item->vol;
        limit = gb1_item_limit(g, item, run);
    } else {
        int index = gb1_order_find(g, run->id);
        if (index < 0) return;
        const struct gb1_entry *e = &g->state.entry[index];
        run->pri = e->pri;
        run->vol = e->vol;
        run->st = e->st;
        run->held = g->state.entry[index];
        gb1_order_by(g, index, run->by);
        limit = gb1_order_limit(g, index);
        if (!run->last_piece) run->last_piece = gb1_order_steps_changed(g, index) && !run->live;
    }
    run->limit_ms = limit;
    run->gain = gb1_gain(g, run->vol, run->pri, run->st == GB1_ACTUAL);
    if (gb1_flush(&g->memory)) g->port->adjust(g->port->ctx, run->play, limit, run->gain, run->last_piece);
}

/* What waits in its gap, or would sound next, is ended as well as what sounds [PRI-2]. */
static void stop_best(struct gb1 *g)
{
    struct ballot b;
    vote(g, &b);
    if (!b.any || (b.best.kind != GB1_ORDER && b.best.kind != GB1_ITEM)) return;
    struct gb1_done *done = gb1_done_of(g, b.best.id, b.best.kind == GB1_ORDER, gb1_clock_stamp(&g->clock) + 2 * GB1_DAY_MS);
    done->ended = true;
    gb1_done_keep(g, done);
}

void gb1_player_stop(struct gb1 *g)
{
    struct gb1_player *p = &g->player;
    gb1_journal_add(g, "local", "stop", "");
    if (!p->run.on) stop_best(g);
    else if (is_remote(&p->run)) {
        end_for_good(g);
        if (p->run.stopping == GB1_WHY_NONE) gb1_player_fade(g, GB1_LOCAL_STOP);
    }
    if (g->clock.mono - p->stop_mono <= GB1_STOP_REPEAT_MS) {
        p->mute_until_mono = g->clock.mono + GB1_MUTE_MS;
        gb1_fault_set(g, GB1_MUTED, true);
        gb1_say(g, "STOP again: remote sound is muted for 15 minutes.", "", "");
    }
    p->stop_mono = g->clock.mono;
}

int64_t gb1_player_wake(const struct gb1 *g)
{
    const struct gb1_run *run = &g->player.run;
    int64_t wake = gb1_items_wake(g);
    int64_t orders = gb1_orders_wake(g);
    int64_t t;
    if (orders < wake) wake = orders;
    if (gb1_has_fault(g, GB1_MUTED) && g->player.mute_until_mono < wake) wake = g->player.mute_until_mono;
    if (!run->on) return wake;
    int64_t end = run->stopping != GB1_WHY_NONE ? run->stopping_mono + FADE_OVERDUE_MS + 1 : run->started_mono + run->limit_ms;
    if (run->stopping == GB1_WHY_NONE && end <= g->clock.mono) end += SINK_OVERDUE_MS;
    if (end < wake) wake = end;
    /* Quiet hours begin on a full minute, and then at once. */
    if (gb1_clock_now(&g->clock, &t)) {
        int64_t minute = g->clock.mono + GB1_MINUTE_MS - t % GB1_MINUTE_MS;
        if (minute < wake) wake = minute;
    }
    return wake;
}
