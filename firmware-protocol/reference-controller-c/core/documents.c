/* What becomes of a message: judged, remembered with its journal entry in one transaction, and only then acted upon. */
#include <string.h>

#include "admit.h"
#include "parts.h"

static void journal_row(struct gb1 *g, const char *s, const char *row, int64_t seq)
{
    char d[128];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    gb1_put(&o, "\"row\":");
    gb1_put_string(&o, row);
    gb1_put_int_member(&o, "seq", seq);
    gb1_journal_add(g, "doc", s, d);
}

static void journal_skipped(struct gb1 *g, const struct gb1_admitted *a)
{
    char d[200];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    const char *comma = "";
    gb1_put(&o, "\"row\":");
    gb1_put_string(&o, a->row);
    gb1_put_int_member(&o, "seq", a->head.seq);
    gb1_put(&o, ",\"i\":[");
    for (int i = 0; i < GB1_ENTRIES; i++) {
        if (((unsigned)g->doc.now.skipped >> i & 1U) == 0) continue;
        gb1_put(&o, comma);
        gb1_put_int(&o, i);
        comma = ",";
    }
    gb1_put(&o, "],\"e\":\"E_SEM\"");
    gb1_journal_add(g, "doc", "skipped", d);
}

static void journal_step(struct gb1 *g, int64_t before, int64_t after)
{
    char d[64];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    gb1_put(&o, "\"old\":");
    gb1_put_int(&o, before);
    gb1_put_int_member(&o, "new", after);
    gb1_journal_add(g, "clk", "step", d);
}

static void welcomed(struct gb1 *g, const struct gb1_admitted *a, int64_t round_trip)
{
    int64_t before;
    int64_t after;
    int64_t other;
    g->clock_suspect = a->clock_bad;
    if (g->link.welcomed_mono < 0) gb1_shelf_hurry(g);
    if (gb1_clock_welcome(&g->clock, a->head.iat, round_trip, &before, &after)) {
        journal_step(g, before, after);
        gb1_fault_set(g, GB1_CLK_BAD, true);
    } else if (!g->clock_suspect && !gb1_clock_other(&g->clock, &other)) {
        gb1_fault_set(g, GB1_CLK_BAD, false);
    }
    gb1_session_welcomed(g, &g->doc.welcome, round_trip);
    gb1_journal_ack(g, &g->doc.welcome.jack);
}

static void act(struct gb1 *g, const struct gb1_admitted *a, int64_t round_trip)
{
    switch (a->head.typ) {
    case GB1_WELCOME_DOC: welcomed(g, a, round_trip); return;
    case GB1_JACK_DOC: gb1_journal_ack(g, &g->doc.jack); return;
    case GB1_CMD_DOC: gb1_command(g, &g->doc.cmd); return;
    case GB1_MAN_DOC: gb1_blocks_manifest(g, &g->doc.man); return;
    case GB1_BUNDLE_DOC: return; /* usb.c goes through its files */
    default: break;
    }
    gb1_say(g, "Applied ", a->row, ".");
    gb1_shelf_want(g);
    gb1_player_changed(g);
    if (a->head.typ == GB1_SITE_DOC) gb1_session_areas(g);
    if (a->head.typ == GB1_KEYS_DOC) gb1_kept_retry(g);
}

/* The type a payload claims, for the report of a refusal; nothing about it is proven. */
static const char *claimed(const struct gb1_admitted *a)
{
    return a->typ_known ? gb1_typ_name(a->head.typ) : "";
}

static bool contains(const uint8_t *bytes, size_t n, const char *text)
{
    size_t m = strlen(text);
    for (size_t i = 0; i + m <= n; i++) {
        if (memcmp(bytes + i, text, m) == 0) return true;
    }
    return false;
}

static const char *kept_key(int place)
{
    return place == 0 ? "kept/0" : "kept/1";
}

/* Up to two emergencies under unknown keys wait a minute for the keys [KEY-8]. */
static void keep_unknown(struct gb1 *g, const struct gb1_admitted *a, const uint8_t *bytes, size_t n)
{
    int place = -1;
    if (n > GB1_AREA_MESSAGE || !contains(bytes, n, "\"typ\":\"now\"")) return;
    for (int i = 0; i < 2; i++) {
        struct gb1_kept *k = &g->kept[i];
        if (k->n > 0 && g->clock.mono - k->mono > GB1_UNKNOWN_KID_MS) k->n = 0;
        if (k->n == n && memcmp(k->hash, a->hash, 32) == 0) return;
        if (k->n == 0) place = i;
    }
    if (place < 0) return;
    gb1_remember_by_reference(&g->memory, kept_key(place), bytes, n);
    if (!gb1_flush(&g->memory)) return;
    g->kept[place].n = n;
    g->kept[place].mono = g->clock.mono;
    memcpy(g->kept[place].hash, a->hash, 32);
}

static void floor_moved(struct gb1 *g)
{
    g->clock.floor = g->state.floor;
    gb1_floor_remember(&g->state, &g->memory, g->clock.mono);
}

static enum gb1_verdict judge(struct gb1 *g, enum gb1_way way, size_t n, bool keep)
{
    struct gb1_admitted a;
    int64_t now;
    /* The budget is against floods; a stick has an end. */
    int budget = way == GB1_BY_HAND ? GB1_VERIFICATIONS : g->budget;
    enum gb1_verdict verdict = gb1_admit(&g->state, &g->clock, g->port, way, budget, gb1_message(g), n, &g->doc, &a);
    if (way == GB1_BY_NETWORK && (verdict == GB1_ACCEPTED || verdict >= GB1_E_SIG)) g->budget -= a.signers;
    if (a.clock_bad) gb1_fault_set(g, GB1_CLK_BAD, true);
    int64_t round_trip = a.head.typ == GB1_WELCOME_DOC && verdict == GB1_ACCEPTED ? gb1_session_round_trip(g, g->doc.welcome.bn) : 0;
    if (!gb1_clock_now(&g->clock, &now)) now = g->state.floor;
    if (verdict == GB1_ACCEPTED && !gb1_apply(&g->state, &g->memory, &a, &g->doc, gb1_message(g), n, now)) verdict = GB1_E_SEM;
    if (verdict == GB1_ACCEPTED) {
        if (a.has_row) journal_row(g, "applied", a.row, a.head.seq);
        if (a.has_row && g->doc.now.skipped != 0 && (a.head.typ == GB1_NOW_DOC || a.head.typ == GB1_SES_DOC)) journal_skipped(g, &a);
        floor_moved(g);
        (void)gb1_flush(&g->memory); /* the message is remembered by reference, and what follows may reuse its place */
        act(g, &a, round_trip);
    } else if (gb1_is_refusal(verdict)) {
        if (verdict == GB1_E_KID && keep) keep_unknown(g, &a, gb1_message(g), n);
        gb1_refused(g, verdict, claimed(&a));
        gb1_say(g, "Refused a message: ", gb1_verdict_name(verdict), ".");
    }
    return verdict;
}

void gb1_kept_retry(struct gb1 *g)
{
    for (int i = 0; i < 2; i++) {
        struct gb1_kept *k = &g->kept[i];
        size_t n = k->n;
        if (n == 0) continue;
        k->n = 0;
        if (g->clock.mono - k->mono > GB1_UNKNOWN_KID_MS) continue;
        if (gb1_recall(&g->memory, kept_key(i), gb1_message(g), GB1_AREA_MESSAGE) != (long)n) continue;
        (void)judge(g, GB1_BY_NETWORK, n, false);
    }
}

enum gb1_verdict gb1_document(struct gb1 *g, const char *topic, const void *bytes, size_t n)
{
    const uint8_t *first = bytes;
    if (n == 0) return GB1_DROPPED; /* an emptied retained topic says nothing [CON-5] */
    if (*first == 0xB1 || *first == 0xB2) {
        if (*first == 0xB1) gb1_blocks_frame(g, bytes, n);
        else gb1_live_frame(g, bytes, n);
        return GB1_ACCEPTED;
    }
    (void)topic; /* it only routes [CON-6] */
    if (n > sizeof g->text) {
        gb1_refused(g, GB1_E_FMT, "");
        return GB1_E_FMT;
    }
    memcpy(gb1_message(g), bytes, n);
    return judge(g, GB1_BY_NETWORK, n, true);
}

enum gb1_verdict gb1_document_by_hand(struct gb1 *g, size_t n)
{
    return judge(g, GB1_BY_HAND, n, false);
}
