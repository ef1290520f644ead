/* The way to the server (sections 3 and 6): connecting with pauses, subscribing in the safe order, hello until it is answered. */
#include <string.h>

#include "parts.h"

static int64_t random_below(struct gb1 *g, int64_t limit)
{
    uint8_t bytes[4];
    if (limit <= 0) return 0;
    g->port->random(g->port->ctx, bytes, sizeof bytes);
    uint32_t r = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return (int64_t)(r % (uint64_t)limit);
}

void gb1_subscribe(struct gb1 *g, const char *scope, const char *rest, bool wanted)
{
    char topic[112];
    struct gb1_out o = gb1_out_in(topic, sizeof topic);
    gb1_put(&o, "gb1/");
    gb1_put(&o, g->state.sys);
    gb1_put(&o, "/");
    gb1_put(&o, scope);
    gb1_put(&o, rest);
    if (gb1_flush(&g->memory)) g->port->subscribe(g->port->ctx, topic, wanted);
}

static void subscribe_own(struct gb1 *g, const char *rest)
{
    char scope[GB1_SCOPE_CAP];
    struct gb1_out o = gb1_out_in(scope, sizeof scope);
    gb1_put(&o, "d/");
    gb1_put(&o, g->state.id);
    gb1_subscribe(g, scope, rest, true);
}

static void subscribe_area(struct gb1 *g, const char *area, const char *rest, bool wanted)
{
    char scope[GB1_SCOPE_CAP];
    struct gb1_out o = gb1_out_in(scope, sizeof scope);
    gb1_put(&o, "a/");
    gb1_put(&o, area);
    gb1_subscribe(g, scope, rest, wanted);
}

static void subscribe_now(struct gb1 *g)
{
    subscribe_own(g, "/now/+");
    for (int i = 0; i < g->link.areas; i++) subscribe_area(g, g->link.area[i], "/now/+", true);
}

static void subscribe_rest_of_area(struct gb1 *g, const char *area)
{
    subscribe_area(g, area, "/ses", true);
    subscribe_area(g, area, "/blk", true);
}

/* now first: of all that is waiting, an emergency must come soonest [SES-1]. */
static void subscribe_all(struct gb1 *g)
{
    static const char *const own[] = {"/site", "/cfg", "/plan", "/ses", "/blk"};
    subscribe_now(g);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) subscribe_own(g, own[i]);
    for (int i = 0; i < g->link.areas; i++) subscribe_rest_of_area(g, g->link.area[i]);
}

static void copy_areas(struct gb1 *g)
{
    g->link.areas = g->state.has_site ? g->state.site.areas : 0;
    memcpy(g->link.area, g->state.site.area, sizeof g->link.area);
}

void gb1_session_start(struct gb1 *g)
{
    struct gb1_link *l = &g->link;
    memset(l, 0, sizeof *l);
    l->state = GB1_DOWN;
    l->sn = g->boot * 4096 - 1; /* [SES-8] */
    l->next_attempt = g->clock.mono + random_below(g, g->profile.first_ms);
    l->next_hello = GB1_NEVER;
    l->resync_mono = GB1_NEVER;
    l->closer_mono = GB1_NEVER;
    l->acl_retry_mono = GB1_NEVER;
    l->acl_over_mono = GB1_NEVER;
    l->welcomed_mono = -1;
}

static void down(struct gb1 *g)
{
    struct gb1_link *l = &g->link;
    if (l->state == GB1_DOWN) return;
    if (l->welcomed_mono >= 0 && g->clock.mono - l->welcomed_mono >= GB1_SESSION_PROVEN_MS) l->failures = 0;
    l->state = GB1_DOWN;
    l->welcomed_mono = -1;
    l->next_hello = GB1_NEVER;
    l->resync_mono = GB1_NEVER;
    l->closer_mono = GB1_NEVER;
    gb1_live_unlinked(g);
    int64_t pause = g->profile.pause_ms << (l->failures < 16 ? l->failures : 16);
    if (pause > GB1_RECONNECT_MAX_MS) pause = GB1_RECONNECT_MAX_MS;
    l->failures++;
    l->next_attempt = g->clock.mono + pause / 2 + random_below(g, pause + 1);
}

static int64_t next_sn(const struct gb1 *g)
{
    int64_t last = (g->boot + 1) * 4096 - 1;
    return g->link.sn + 1 < last ? g->link.sn + 1 : last;
}

static void up(struct gb1 *g)
{
    struct gb1_link *l = &g->link;
    if (l->state == GB1_UP) return;
    l->state = GB1_UP;
    l->sn = next_sn(g);
    l->hellos = 0;
    l->up_mono = g->clock.mono;
    l->welcomed_mono = -1;
    l->refused = 0;
    l->acl_retry_mono = GB1_NEVER;
    l->acl_over_mono = GB1_NEVER;
    l->acl_rounds = 0;
    g->state.nonces = 0;
    gb1_fault_set(g, GB1_ACL, false);
    gb1_clock_resync(&g->clock);
    gb1_journal_session(g);
    copy_areas(g);
    gb1_subscribe(g, "keys", "", true);
    for (int i = 0; i < l->areas; i++) subscribe_area(g, l->area[i], "/keys", true);
    subscribe_own(g, "/rsp");
    gb1_send_presence(g, true);
    gb1_session_hello(g);
}

void gb1_session_link(struct gb1 *g, bool is_up)
{
    gb1_state_forget_session(&g->state);
    gb1_blocks_linked(g);
    if (is_up) up(g);
    else down(g);
}

void gb1_session_hello(struct gb1 *g)
{
    static const int64_t pauses[] = {20000, 60000, 300000};
    struct gb1_link *l = &g->link;
    if (l->state != GB1_UP) return;
    if (g->state.nonces == 2) {
        g->state.nonce[0] = g->state.nonce[1];
        g->state.nonces = 1;
    }
    struct gb1_nonce *nonce = &g->state.nonce[g->state.nonces++];
    g->port->random(g->port->ctx, nonce->bn, sizeof nonce->bn);
    nonce->mono = g->clock.mono;
    l->next_hello = g->clock.mono + pauses[l->hellos < 2 ? l->hellos : 2];
    l->hellos++;
    gb1_send_hello(g, nonce->bn);
}

int64_t gb1_session_round_trip(const struct gb1 *g, const uint8_t bn[16])
{
    for (int i = 0; i < g->state.nonces; i++) {
        if (memcmp(g->state.nonce[i].bn, bn, 16) == 0) return g->clock.mono - g->state.nonce[i].mono;
    }
    return GB1_SYNC_ROUND_TRIP_MS + 1;
}

void gb1_session_welcomed(struct gb1 *g, const struct gb1_welcome *welcome, int64_t round_trip)
{
    struct gb1_link *l = &g->link;
    (void)welcome;
    bool first = l->welcomed_mono < 0;
    if (first) {
        l->welcomed_mono = g->clock.mono;
        g->tel_mono = g->clock.mono;
        subscribe_all(g);
        gb1_say(g, "Welcomed; documents and audio come now.", "", "");
    }
    if (round_trip <= GB1_CLOSE_ROUND_TRIP_MS) {
        l->closer_mono = GB1_NEVER;
    } else if (first) {
        int64_t pause = GB1_CLOSER_HELLO_FROM_MS + random_below(g, GB1_CLOSER_HELLO_TO_MS - GB1_CLOSER_HELLO_FROM_MS);
        l->closer_mono = g->clock.mono + pause;
    }
    l->hellos = 0;
    if (l->resync_left > 1) {
        l->resync_left--;
        l->next_hello = g->clock.mono + GB1_RESYNC_GAP_MS;
        return;
    }
    l->resync_left = 0;
    l->resync_mono = g->clock.mono + GB1_RESYNC_MS;
    l->next_hello = GB1_NEVER;
}

void gb1_session_tick(struct gb1 *g)
{
    struct gb1_link *l = &g->link;
    int64_t mono = g->clock.mono;
    if (l->state == GB1_DOWN && mono >= l->next_attempt) {
        char topic[96];
        char will[48];
        struct gb1_out o = gb1_out_in(topic, sizeof topic);
        gb1_put(&o, "gb1/");
        gb1_put(&o, g->state.sys);
        gb1_put(&o, "/u/");
        gb1_put(&o, g->state.id);
        gb1_put(&o, "/st");
        (void)gb1_presence(will, sizeof will, false, next_sn(g));
        l->state = GB1_CONNECTING;
        l->attempt_mono = mono;
        if (gb1_flush(&g->memory)) g->port->connect(g->port->ctx, topic, will, g->state.cfg.ka);
    }
    if (l->state == GB1_CONNECTING && mono - l->attempt_mono > GB1_ATTEMPT_MS) gb1_session_link(g, false);
    if (l->state != GB1_UP) return;
    if (mono >= l->next_hello) gb1_session_hello(g);
    if (mono >= l->resync_mono) {
        l->resync_mono = GB1_NEVER;
        l->resync_left = 3;
        gb1_clock_resync(&g->clock);
        gb1_session_hello(g);
    }
    if (mono >= l->closer_mono) {
        l->closer_mono = GB1_NEVER;
        gb1_session_hello(g);
    }
    if (!g->state.session.welcomed && !g->state.session.open && mono - l->up_mono > GB1_FAIL_OPEN_MS) {
        g->state.session.open = true; /* [SES-3] */
        subscribe_now(g);
    }
    if (mono >= l->acl_retry_mono) {
        l->acl_retry_mono = GB1_NEVER;
        l->acl_over_mono = mono + GB1_ACL_STANDS_MS;
        for (int i = 0; i < l->refused; i++) {
            if (gb1_flush(&g->memory)) g->port->subscribe(g->port->ctx, l->refused_topic[i], true);
        }
        l->refused = 0;
    }
    if (mono >= l->acl_over_mono) {
        l->acl_over_mono = GB1_NEVER;
        l->acl_rounds = 0;
        gb1_fault_set(g, GB1_ACL, false);
    }
}

static void retry_refused(struct gb1 *g)
{
    struct gb1_link *l = &g->link;
    int64_t pause = GB1_ACL_RETRY_MS << (l->acl_rounds < 16 ? l->acl_rounds : 16);
    if (pause > GB1_ACL_RETRY_MAX_MS) pause = GB1_ACL_RETRY_MAX_MS;
    l->acl_rounds++;
    l->acl_retry_mono = g->clock.mono + pause / 2 + random_below(g, pause + 1);
}

void gb1_session_refused(struct gb1 *g, const char *topic)
{
    struct gb1_link *l = &g->link;
    size_t n = strlen(topic);
    bool known = false;
    for (int i = 0; i < l->refused && !known; i++) known = strcmp(l->refused_topic[i], topic) == 0;
    if (l->state != GB1_UP || n >= sizeof l->refused_topic[0] || (!known && l->refused >= 8)) return;
    if (!known) memcpy(l->refused_topic[l->refused++], topic, n + 1);
    l->acl_over_mono = GB1_NEVER;
    gb1_fault_set(g, GB1_ACL, true);
    if (l->acl_retry_mono == GB1_NEVER) retry_refused(g);
    gb1_say(g, "The broker refuses ", topic, "; tried again soon, then ever more rarely.");
}

/* Whether a topic is of the scope `a/{area}`. */
static bool topic_of_area(const struct gb1 *g, const char *topic, const char *area)
{
    size_t at = 4 + strlen(g->state.sys) + 1; /* behind gb1/{sys}/ */
    size_t n = strlen(area);
    return strlen(topic) > at + 2 + n && topic[at] == 'a' && topic[at + 1] == '/' &&
           memcmp(topic + at + 2, area, n) == 0 && topic[at + 2 + n] == '/';
}

/* What is refused in an area that was left is not asked for again. */
static void forget_refused(struct gb1 *g, const char *area)
{
    struct gb1_link *l = &g->link;
    int kept = 0;
    for (int i = 0; i < l->refused; i++) {
        if (topic_of_area(g, l->refused_topic[i], area)) continue;
        if (kept != i) memcpy(l->refused_topic[kept], l->refused_topic[i], sizeof l->refused_topic[0]);
        kept++;
    }
    if (l->refused > 0 && kept == 0) {
        l->acl_retry_mono = GB1_NEVER;
        gb1_fault_set(g, GB1_ACL, false);
    }
    l->refused = kept;
}

void gb1_session_areas(struct gb1 *g)
{
    struct gb1_link *l = &g->link;
    static const char *const topics[] = {"/keys", "/now/+", "/ses", "/blk"};
    bool changed = l->areas != (g->state.has_site ? g->state.site.areas : 0);
    for (int i = 0; i < l->areas && !changed; i++) changed = strcmp(l->area[i], g->state.site.area[i]) != 0;
    if (l->state != GB1_UP) return;
    l->acl_rounds = 0; /* a new site [CON-9b] */
    if (l->refused > 0) retry_refused(g);
    if (!changed) return;
    for (int i = 0; i < l->areas; i++) {
        char scope[GB1_SCOPE_CAP] = "a/";
        memcpy(scope + 2, l->area[i], strlen(l->area[i]) + 1);
        if (gb1_own_scope(&g->state, scope)) continue;
        for (size_t t = 0; t < sizeof topics / sizeof *topics; t++) subscribe_area(g, l->area[i], topics[t], false);
        forget_refused(g, l->area[i]);
    }
    copy_areas(g);
    /* Keys first, then a hello; what else is in the new areas comes with its welcome [SES-7]. */
    for (int i = 0; i < l->areas; i++) subscribe_area(g, l->area[i], "/keys", true);
    l->welcomed_mono = -1;
    gb1_session_hello(g);
}

int64_t gb1_session_wake(const struct gb1 *g)
{
    const struct gb1_link *l = &g->link;
    if (l->state == GB1_DOWN) return l->next_attempt;
    if (l->state == GB1_CONNECTING) return l->attempt_mono + GB1_ATTEMPT_MS + 1;
    int64_t wake = l->next_hello < l->resync_mono ? l->next_hello : l->resync_mono;
    if (!g->state.session.welcomed && !g->state.session.open && l->up_mono + GB1_FAIL_OPEN_MS + 1 < wake) {
        wake = l->up_mono + GB1_FAIL_OPEN_MS + 1;
    }
    if (l->closer_mono < wake) wake = l->closer_mono;
    if (l->acl_over_mono < wake) wake = l->acl_over_mono;
    return wake < l->acl_retry_mono ? wake : l->acl_retry_mono;
}
