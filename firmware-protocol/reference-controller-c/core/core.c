/* Inputs, timers and the start: everything else stands in the parts. */
#include <string.h>

#include "parts.h"

#define PURGE_MS GB1_HOUR_MS
#define LONGEST_SLEEP_MS 250 /* the table of section 8 is asked at least four times a second */
#define SECOND_MS 1000
#define FAULTS_SETTLED_MS 30000 /* by then whoever watches hardware has said what is wrong */

static void set_aside(struct gb1 *g, const char *name)
{
    for (int i = 0; i < GB1_ROWS; i++) {
        struct gb1_row *row = &g->state.rows[i];
        size_t n = strlen(name);
        char d[128];
        struct gb1_out o = gb1_out_in(d, sizeof d);
        if (!row->in_force || strncmp(row->row, name, n) != 0 || (row->row[n] != '\0' && row->row[n] != '@')) continue;
        gb1_put(&o, "\"row\":");
        gb1_put_string(&o, row->row);
        gb1_put_int_member(&o, "seq", row->doc_seq);
        gb1_journal_add(g, "doc", "setaside", d);
        gb1_state_drop(&g->state, &g->memory, row, true);
    }
}

/* A document that makes the device restart again and again is taken out of force [BOOT-1]. */
static void count_boot(struct gb1 *g)
{
    char text[24] = "0";
    int unproven = 0;
    struct gb1_out o = gb1_out_in(text, sizeof text);
    char old[24];
    if (gb1_recall_text(&g->memory, "boots", old, sizeof old)) {
        for (const char *c = old; *c >= '0' && *c <= '9'; c++) unproven = unproven * 10 + *c - '0';
    }
    g->boot_proven = unproven == 0;
    if (!g->profile.counts_boot) return;
    g->boot_proven = false;
    unproven++;
    gb1_put_int(&o, unproven);
    gb1_remember_text(&g->memory, "boots", text);
    if (unproven < 3) return;
    set_aside(g, "plan");
    set_aside(g, "ses");
    set_aside(g, "now");
    if (unproven >= 6) {
        set_aside(g, "site");
        set_aside(g, "cfg");
    }
    gb1_fault_set(g, GB1_BOOT_LOOP, true);
}

static void next_boot(struct gb1 *g)
{
    char text[24];
    g->boot = 0;
    if (gb1_recall_text(&g->memory, "boot", text, sizeof text)) {
        for (const char *c = text; *c >= '0' && *c <= '9'; c++) g->boot = g->boot * 10 + *c - '0';
    }
    g->boot++;
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put_int(&o, g->boot);
    gb1_remember_text(&g->memory, "boot", text);
}

void gb1_start(struct gb1 *g, const struct gb1_profile *profile, const struct gb1_port *port, int64_t mono, int64_t rtc)
{
    memset(g, 0, sizeof *g);
    g->port = port;
    g->profile = *profile;
    g->shelf.active = -1;
    g->shelf.disk_free = INT64_MAX;
    g->budget = GB1_VERIFICATIONS;
    g->player.hold_until_mono = INT64_MIN;
    for (int v = 0; v < GB1_VERDICTS; v++) g->sec[v].told_mono = INT64_MIN;
    for (int i = 0; i <= GB1_WRONG_SIGNATURES; i++) g->wrong_mono[i] = INT64_MIN;
    gb1_memory_init(&g->memory, port);
    gb1_clock_init(&g->clock);
    next_boot(g);
    (void)gb1_flush(&g->memory);
    int64_t base = profile->built_at > profile->claimed_at ? profile->built_at : profile->claimed_at;
    gb1_state_init(&g->state, profile->id, profile->sys, profile->roots, base, profile->pkt);
    gb1_state_restore(&g->state, &g->memory, gb1_message(g), &g->doc);
    g->clock.floor = g->state.floor;
    gb1_clock_at(&g->clock, mono, rtc);
    gb1_journal_restore(g);
    gb1_done_restore(g);
    gb1_ceiling_restore(g);
    gb1_cmds_restore(g);
    gb1_faults_restore(g);
    count_boot(g);
    gb1_player_restore(g);
    gb1_session_start(g);
    gb1_live_start(g);
    gb1_shelf_want(g);
    (void)gb1_flush(&g->memory);
}

void gb1_file_found(struct gb1 *g, const uint8_t h[32], int64_t bytes, bool ready)
{
    gb1_shelf_found(g, h, bytes, ready);
}

static void timers(struct gb1 *g)
{
    int64_t t;
    int64_t mono = g->clock.mono;
    gb1_session_tick(g);
    gb1_floor_remember(&g->state, &g->memory, mono);
    gb1_sec_tick(g);
    gb1_shelf_tick(g);
    if (!g->boot_proven && mono >= GB1_BOOT_PROVEN_MS) {
        g->boot_proven = true;
        gb1_forget(&g->memory, "boots");
        gb1_fault_set(g, GB1_BOOT_LOOP, false);
    }
    if (g->faults_before != 0 && mono >= FAULTS_SETTLED_MS) gb1_faults_settle(g);
    if (mono >= g->purge_mono && gb1_clock_quality(&g->clock) == 'T' && gb1_clock_now(&g->clock, &t)) {
        g->purge_mono = mono + PURGE_MS;
        gb1_done_purge(g, t);
        gb1_clears_purge(&g->state, &g->memory, t);
    }
}

static void reports(struct gb1 *g)
{
    /* Without a welcome what an emergency did is told all the same: the server may be there and only its answer lost. */
    if (g->state.session.welcomed || g->state.session.open) gb1_journal_send(g);
    if (!g->state.session.welcomed || g->clock.mono < g->tel_mono) return;
    g->tel_mono = g->clock.mono + g->state.cfg.tel_s * INT64_C(1000);
    gb1_send_telemetry(g);
}

void gb1_step_begin(struct gb1 *g, int64_t mono, int64_t rtc)
{
    gb1_clock_at(&g->clock, mono, rtc);
    /* The verification budget fills up evenly, so that what follows a burst is not lost for a whole second [ENV-7b]. */
    int64_t fresh = (g->clock.mono - g->budget_mono) * GB1_VERIFICATIONS / SECOND_MS;
    if (fresh <= 0) return;
    g->budget_mono += fresh * SECOND_MS / GB1_VERIFICATIONS;
    g->budget = g->budget + fresh < GB1_VERIFICATIONS ? g->budget + (int)fresh : GB1_VERIFICATIONS;
}

/* What is due, who sounds, what is told, all on the disk. */
void gb1_step_end(struct gb1 *g)
{
    timers(g);
    gb1_decide(g);
    reports(g);
    (void)gb1_flush(&g->memory);
}

void gb1_tick(struct gb1 *g, int64_t mono, int64_t rtc)
{
    gb1_step_begin(g, mono, rtc);
    gb1_step_end(g);
}

enum gb1_verdict gb1_receive(struct gb1 *g, int64_t mono, int64_t rtc, const char *topic, const void *bytes, size_t n)
{
    gb1_step_begin(g, mono, rtc);
    enum gb1_verdict verdict = gb1_document(g, topic, bytes, n);
    gb1_step_end(g);
    return verdict;
}

void gb1_link(struct gb1 *g, int64_t mono, int64_t rtc, bool up)
{
    gb1_step_begin(g, mono, rtc);
    gb1_session_link(g, up);
    gb1_step_end(g);
}

void gb1_subscription_refused(struct gb1 *g, int64_t mono, int64_t rtc, const char *topic)
{
    gb1_step_begin(g, mono, rtc);
    gb1_session_refused(g, topic);
    gb1_step_end(g);
}

void gb1_fetched(struct gb1 *g, int64_t mono, int64_t rtc, const uint8_t h[32], int64_t have, int64_t received, bool ok)
{
    gb1_step_begin(g, mono, rtc);
    gb1_shelf_fetched(g, h, have, received, ok);
    gb1_step_end(g);
}

void gb1_verified(struct gb1 *g, int64_t mono, int64_t rtc, const uint8_t h[32], bool ok)
{
    gb1_step_begin(g, mono, rtc);
    gb1_shelf_verified(g, h, ok);
    gb1_step_end(g);
}

void gb1_progress(struct gb1 *g, int64_t mono, int64_t rtc, uint32_t play, int64_t ms)
{
    gb1_step_begin(g, mono, rtc);
    gb1_player_progress(g, play, ms);
    gb1_step_end(g);
}

void gb1_ended(struct gb1 *g, int64_t mono, int64_t rtc, uint32_t play, int64_t ms, const char *why)
{
    gb1_step_begin(g, mono, rtc);
    gb1_player_ended(g, play, ms, why);
    gb1_step_end(g);
}

void gb1_local(struct gb1 *g, int64_t mono, int64_t rtc, enum gb1_local what, bool on)
{
    struct gb1_player *p = &g->player;
    gb1_step_begin(g, mono, rtc);
    switch (what) {
    case GB1_LOCAL_STOP_HELD: gb1_player_stop(g); break;
    case GB1_LOCAL_SIREN:
        if (on && !p->siren) gb1_journal_add(g, "local", "siren", "");
        if (on) p->local_since = gb1_clock_stamp(&g->clock);
        p->siren = on;
        break;
    case GB1_LOCAL_MIC:
        if (on && !p->mic) gb1_journal_add(g, "local", "mic", "");
        if (on) p->local_since = gb1_clock_stamp(&g->clock);
        p->mic = on;
        break;
    case GB1_LOCAL_AMP_FAULT: gb1_fault_set(g, GB1_AMP_FAULT, on); break;
    case GB1_LOCAL_MAINS_LOST: gb1_fault_set(g, GB1_MAINS_LOST, on); break;
    case GB1_LOCAL_STORE_IO: gb1_fault_set(g, GB1_STORE_IO, on); break;
    }
    gb1_step_end(g);
}

/* What the eye on amplifier and line has seen counts until it looks again. */
void gb1_measured(struct gb1 *g, int64_t mono, int64_t rtc, enum gb1_amp amp, enum gb1_line_state line)
{
    gb1_step_begin(g, mono, rtc);
    if (amp != GB1_AMP_UNKNOWN) gb1_fault_set(g, GB1_AMP_FAULT, amp == GB1_AMP_BROKEN);
    if (line != GB1_LINE_UNKNOWN) {
        gb1_fault_set(g, GB1_LINE_OPEN, line == GB1_LINE_IS_OPEN);
        gb1_fault_set(g, GB1_LINE_SHORT, line == GB1_LINE_IS_SHORT);
        gb1_fault_set(g, GB1_LINE_EARTH, line == GB1_LINE_IS_EARTH);
    }
    g->line = (uint8_t)line;
    g->tel_mono = mono;
    gb1_step_end(g);
}

void gb1_room(struct gb1 *g, int64_t mono, int64_t rtc, int64_t bytes)
{
    gb1_step_begin(g, mono, rtc);
    g->shelf.disk_free = bytes;
    gb1_step_end(g);
}

int64_t gb1_next_wake(const struct gb1 *g)
{
    int64_t wake = g->clock.mono + LONGEST_SLEEP_MS;
    int64_t others[] = {gb1_player_wake(g), gb1_session_wake(g), gb1_shelf_wake(g), gb1_live_wake(g)};
    for (int i = 0; i < 4; i++) {
        if (others[i] < wake) wake = others[i];
    }
    if (g->state.session.welcomed) {
        if (g->tel_mono < wake) wake = g->tel_mono;
        if (gb1_journal_wake(g) < wake) wake = gb1_journal_wake(g);
    }
    return wake > g->clock.mono ? wake : g->clock.mono + 1;
}

void gb1_goodbye(struct gb1 *g)
{
    if (g->link.state == GB1_UP) gb1_send_presence(g, false);
}
