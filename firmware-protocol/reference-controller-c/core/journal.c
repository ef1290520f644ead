/*
 * The evidence of what happened (section 11): numbered entries that stay until the server has them on its disk. Two rings, so
 * that a flood of the rest never pushes out what was played; where entries fell out of a ring, a gap stands in their place.
 * In RAM an entry is six bytes; its text lies in the memory under "j/" and its number.
 */
#include <string.h>

#include "parts.h"

enum { EVIDENCE = 1, SENT = 2, GAP = 4, CHOSEN = 8 };

#define ENTRY_TEXT 400

int64_t gb1_journal_number(const struct gb1 *g, int i)
{
    const uint8_t *n = g->journal.entry[i].n;
    return g->journal.base + ((uint32_t)n[3] << 24 | (uint32_t)n[2] << 16 | (uint32_t)n[1] << 8 | n[0]);
}

static void fill(struct gb1_journal_entry *e, uint32_t n, size_t len, uint8_t flags)
{
    for (int i = 0; i < 4; i++) e->n[i] = (uint8_t)(n >> 8 * i);
    e->fours = (uint8_t)((len + 3) / 4);
    e->flags = flags;
}

static const char *key_of(char key[GB1_KEY_CAP], int64_t n)
{
    struct gb1_out o = gb1_out_in(key, GB1_KEY_CAP);
    gb1_put(&o, "j/");
    gb1_put_hex64(&o, (uint64_t)n);
    return key;
}

static void keep_epoch(struct gb1 *g)
{
    char text[96];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"jid\":\"");
    gb1_put(&o, g->state.jid);
    gb1_put(&o, "\"");
    gb1_put_int_member(&o, "next", g->journal.next);
    gb1_put(&o, "}");
    gb1_remember_text(&g->memory, "journal", text);
}

static void fresh_jid(struct gb1 *g)
{
    uint8_t random[4];
    struct gb1_out o = gb1_out_in(g->state.jid, sizeof g->state.jid);
    g->port->random(g->port->ctx, random, sizeof random);
    gb1_put_hex(&o, random, sizeof random);
}

static void restore_entry(void *arg, const char *key)
{
    struct gb1 *g = arg;
    struct gb1_journal *j = &g->journal;
    int64_t n = 0;
    for (const char *c = key + 2; *c != '\0'; c++) n = n << 4 | (*c <= '9' ? *c - '0' : *c - 'a' + 10);
    long len = gb1_recall(&g->memory, key, g->text, sizeof g->text - 1);
    if (len < 0 || len > ENTRY_TEXT || j->count == GB1_JOURNAL_ALL) return;
    g->text[len] = '\0';
    if (j->count == 0) j->base = n;
    /* The first byte of the kept text tells the ring, so that no text needs to be understood again. */
    fill(&j->entry[j->count++], (uint32_t)(n - j->base), (size_t)len, (uint8_t)(g->text[0] - '0'));
    if (n >= j->next) j->next = n + 1;
}

void gb1_journal_restore(struct gb1 *g)
{
    char text[96];
    struct gb1_js json;
    struct gb1_journal *j = &g->journal;
    memset(j, 0, sizeof *j);
    j->next = 1;
    j->base = 1;
    j->retry_mono = GB1_NEVER;
    if (gb1_recall_text(&g->memory, "journal", text, sizeof text) && gb1_js_prove(text, strlen(text), false, &json) &&
        gb1_f_text(json, "jid", g->state.jid, sizeof g->state.jid) && gb1_f_moment(json, "next", &j->next)) {
        g->port->each(g->port->ctx, "j/", restore_entry, g);
        return;
    }
    fresh_jid(g);
    keep_epoch(g);
}

static void remove_at(struct gb1 *g, int i)
{
    char key[GB1_KEY_CAP];
    struct gb1_journal *j = &g->journal;
    gb1_forget(&g->memory, key_of(key, gb1_journal_number(g, i)));
    memmove(j->entry + i, j->entry + i + 1, (size_t)(j->count - i - 1) * sizeof *j->entry);
    j->count--;
}

static void insert(struct gb1 *g, const char *text, size_t len, uint8_t flags)
{
    char key[GB1_KEY_CAP];
    struct gb1_journal *j = &g->journal;
    if (j->count == 0) j->base = j->next;
    fill(&j->entry[j->count++], (uint32_t)(j->next - j->base), len, flags);
    gb1_remember(&g->memory, key_of(key, j->next), text, len);
    j->next++;
    keep_epoch(g);
}

/* Kept text: the ring's digit, then everything of the entry but its number. */
static size_t compose(
    char out[ENTRY_TEXT], uint8_t flags, int64_t t, char q, int64_t boot, const char *k, const char *s, const char *d)
{
    char mark[2] = {(char)('0' + flags), '\0'};
    char quality[2] = {q, '\0'};
    struct gb1_out o = gb1_out_in(out, ENTRY_TEXT);
    gb1_put(&o, mark);
    gb1_put_int_member(&o, "t", t);
    gb1_put_text_member(&o, "q", quality);
    if (q == 'U') gb1_put_int_member(&o, "boot", boot);
    gb1_put_text_member(&o, "k", k);
    gb1_put_text_member(&o, "s", s);
    gb1_put(&o, ",\"d\":{");
    gb1_put(&o, d);
    gb1_put(&o, "}}");
    return o.n;
}

/* What a kept gap says: the first number it covers, and how many entries are lost. */
static void read_gap(struct gb1 *g, int at, int64_t *lo, int64_t *count)
{
    char key[GB1_KEY_CAP];
    char text[ENTRY_TEXT]; /* not the large buffer: a message may be in it */
    struct gb1_js json;
    int64_t own = gb1_journal_number(g, at);
    long n = gb1_recall(&g->memory, key_of(key, own), text, sizeof text);
    *lo = own;
    *count = 0;
    if (n <= 1) return;
    text[1] = '{'; /* the comma after the ring's digit */
    if (!gb1_js_prove(text + 1, (size_t)n - 1, false, &json)) return;
    struct gb1_js d = gb1_js_member(json, "d");
    if (!gb1_f_moment(d, "lo", lo) || !gb1_f_moment(d, "c", count)) *lo = own;
}

static size_t compose_gap(const struct gb1 *g, char text[ENTRY_TEXT], int64_t lo, int64_t hi, int64_t count)
{
    char d[96];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    gb1_put(&o, "\"lo\":");
    gb1_put_int(&o, lo);
    gb1_put_int_member(&o, "hi", hi);
    gb1_put_int_member(&o, "c", count);
    return compose(text, GAP, gb1_clock_stamp(&g->clock), gb1_clock_quality(&g->clock), g->boot, "gap", "lost", d);
}

/*
 * The oldest of a ring falls out: a gap takes its place and its number, and takes in the gaps that end right before it. So gaps
 * cover what is lost and nothing else, and what was told under a gap's number is never told otherwise again [ACK-1d] [ACK-1e].
 */
static void fall_out(struct gb1 *g, uint8_t ring)
{
    char key[GB1_KEY_CAP];
    char text[ENTRY_TEXT];
    struct gb1_journal *j = &g->journal;
    int at = 0;
    while ((j->entry[at].flags & GAP) != 0 || (j->entry[at].flags & EVIDENCE) != ring) at++;
    int64_t hi = gb1_journal_number(g, at);
    int64_t lo = hi;
    int64_t count = 1;
    while (at > 0 && (j->entry[at - 1].flags & GAP) != 0 && gb1_journal_number(g, at - 1) == lo - 1) {
        int64_t older;
        read_gap(g, --at, &lo, &older);
        count += older;
        remove_at(g, at);
    }
    size_t len = compose_gap(g, text, lo, hi, count);
    fill(&j->entry[at], (uint32_t)(hi - j->base), len, GAP);
    gb1_remember(&g->memory, key_of(key, hi), text, len);
}

void gb1_journal_add_at(struct gb1 *g, int64_t t, char q, int64_t boot, const char *k, const char *s, const char *d)
{
    char text[ENTRY_TEXT];
    bool evidence = strcmp(k, "play") == 0 || strcmp(k, "cmd") == 0 || strcmp(k, "fw") == 0 || strcmp(k, "local") == 0 ||
                    (strcmp(k, "fault") == 0 && strstr(d, "TAMPER") != NULL);
    uint8_t ring = evidence ? EVIDENCE : 0;
    int held = 0;
    insert(g, text, compose(text, ring, t, q, boot, k, s, d), ring);
    for (int i = 0; i < g->journal.count; i++) {
        uint8_t flags = g->journal.entry[i].flags;
        held += (flags & GAP) == 0 && (flags & EVIDENCE) == ring;
    }
    if (held > GB1_JOURNAL_RING) fall_out(g, ring);
}

void gb1_journal_add(struct gb1 *g, const char *k, const char *s, const char *d)
{
    gb1_journal_add_at(g, gb1_clock_stamp(&g->clock), gb1_clock_quality(&g->clock), g->boot, k, s, d);
}

int64_t gb1_journal_lo(const struct gb1 *g)
{
    return g->journal.count == 0 ? g->journal.next : gb1_journal_number(g, 0);
}

void gb1_journal_session(struct gb1 *g)
{
    g->journal.outstanding = false;
    g->journal.retry_pause = GB1_EVENTS_RETRY_MS;
    g->journal.retry_mono = GB1_NEVER;
}

/*
 * A new epoch: what is unacknowledged is renumbered from 1, in its order [ACK-5d]. A gap in the old numbers covers none of the
 * new; one behind them keeps its count.
 */
static void renumber(struct gb1 *g)
{
    struct gb1_journal *j = &g->journal;
    char from[GB1_KEY_CAP];
    char to[GB1_KEY_CAP];
    char gap[ENTRY_TEXT];
    int64_t lo;
    int64_t count;
    int64_t lost = 0;
    int kept = 0;
    fresh_jid(g);
    for (int i = 0; i < j->count; i++) {
        if ((j->entry[i].flags & GAP) == 0) continue;
        read_gap(g, i, &lo, &count);
        lost += count;
    }
    for (int i = 0; i < j->count; i++) {
        int64_t n = gb1_journal_number(g, i);
        long len = gb1_recall(&g->memory, key_of(from, n), g->text, sizeof g->text);
        gb1_forget(&g->memory, from);
        if (len < 0 || (j->entry[i].flags & GAP) != 0) continue;
        fill(&j->entry[kept], (uint32_t)kept, (size_t)len, (uint8_t)(j->entry[i].flags & EVIDENCE));
        gb1_remember(&g->memory, key_of(to, kept + 1), g->text, (size_t)len);
        kept++;
    }
    if (lost > 0) {
        /* A gap has left a place free. */
        size_t len = compose_gap(g, gap, kept + 1, kept + 1, lost);
        fill(&j->entry[kept], (uint32_t)kept, len, GAP);
        gb1_remember(&g->memory, key_of(to, kept + 1), gap, len);
        kept++;
    }
    j->base = 1;
    j->count = kept;
    j->next = kept + 1;
    j->sent_most = 0;
    j->outstanding = false;
    keep_epoch(g);
}

void gb1_journal_ack(struct gb1 *g, const struct gb1_jack *jack)
{
    struct gb1_journal *j = &g->journal;
    if (strcmp(jack->jid, g->state.jid) != 0) return;
    if (jack->fresh || jack->upto >= j->next) {
        renumber(g);
        gb1_session_hello(g); /* the server acknowledges the epoch only once a hello has named it */
        return;
    }
    j->outstanding = false;
    int before = j->count;
    int i = 0;
    while (i < j->count && gb1_journal_number(g, i) <= jack->upto) {
        if ((j->entry[i].flags & SENT) != 0) remove_at(g, i);
        else i++;
    }
    if (j->count < before) j->retry_pause = GB1_EVENTS_RETRY_MS;
}

void gb1_journal_again(struct gb1 *g, int64_t n, const char *kept)
{
    struct gb1_out o = gb1_out_in(g->text, sizeof g->text);
    gb1_put(&o, "{\"v\":1,\"typ\":\"ev\"");
    gb1_put_text_member(&o, "jid", g->state.jid);
    gb1_put(&o, ",\"e\":[{\"n\":");
    gb1_put_int(&o, n);
    gb1_put(&o, kept + 1);
    gb1_put(&o, "]}");
    gb1_publish(g, "ev", 1, false, o.text, o.n);
}

bool gb1_journal_text(struct gb1 *g, int64_t n, char *out, size_t cap)
{
    char key[GB1_KEY_CAP];
    return gb1_recall_text(&g->memory, key_of(key, n), out, cap);
}

static void unsend(struct gb1_journal *j)
{
    for (int i = 0; i < j->count; i++) j->entry[i].flags = (uint8_t)(j->entry[i].flags & ~SENT);
}

static bool choose(struct gb1_journal *j, int i, size_t *size)
{
    size_t more = (size_t)j->entry[i].fours * 4 + 24;
    if (*size + more > GB1_EVENTS_BATCH) return false;
    *size += more;
    j->entry[i].flags = (uint8_t)(j->entry[i].flags | CHOSEN);
    return true;
}

/* What has not been sent, in order. */
static bool choose_batch(struct gb1_journal *j)
{
    size_t size = 64;
    bool any = false;
    for (int i = 0; i < j->count; i++) {
        if ((j->entry[i].flags & SENT) != 0) continue;
        if (!choose(j, i, &size)) break;
        any = true;
    }
    return any;
}

void gb1_journal_send(struct gb1 *g)
{
    struct gb1_journal *j = &g->journal;
    char key[GB1_KEY_CAP];
    char entry[ENTRY_TEXT];
    if (j->count == 0) return;
    if (j->outstanding) {
        if (g->clock.mono < j->retry_mono) return;
        unsend(j);
        j->retry_pause = j->retry_pause * 2 < GB1_EVENTS_RETRY_MAX_MS ? j->retry_pause * 2 : GB1_EVENTS_RETRY_MAX_MS;
    }
    if (!choose_batch(j)) {
        /* All is sent and some of it not confirmed: again from the beginning, but in its time. */
        if (g->clock.mono < j->retry_mono) return;
        unsend(j);
        (void)choose_batch(j);
    }
    struct gb1_out o = gb1_out_in(g->text, sizeof g->text);
    gb1_put(&o, "{\"v\":1,\"typ\":\"ev\"");
    gb1_put_text_member(&o, "jid", g->state.jid);
    gb1_put(&o, ",\"e\":[");
    const char *comma = "";
    for (int i = 0; i < j->count; i++) {
        if ((j->entry[i].flags & CHOSEN) == 0) continue;
        long n = gb1_recall(&g->memory, key_of(key, gb1_journal_number(g, i)), entry, sizeof entry);
        j->entry[i].flags = (uint8_t)((j->entry[i].flags & ~CHOSEN) | SENT);
        if (n < 2) continue;
        gb1_put(&o, comma);
        gb1_put(&o, "{\"n\":");
        gb1_put_int(&o, gb1_journal_number(g, i));
        gb1_put_bytes(&o, entry + 1, (size_t)n - 1);
        comma = ",";
        if (gb1_journal_number(g, i) > j->sent_most) j->sent_most = gb1_journal_number(g, i);
    }
    gb1_put(&o, "]}");
    j->outstanding = true;
    j->retry_mono = g->clock.mono + j->retry_pause;
    gb1_publish(g, "ev", 1, false, o.text, o.n);
}

int64_t gb1_journal_wake(const struct gb1 *g)
{
    return g->journal.count == 0 ? GB1_NEVER : g->journal.retry_mono;
}
