/* Reading the state back after a power cut, and the binary form of stored signers. */
#include <string.h>

#include "admit.h"
#include "state.h"

#define SIGNER_BYTES (1 + GB1_KID_CAP + 32 + 2 + GB1_AREA_CAP + 1 + 1 + 8 + 8)

static uint8_t *put(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

static uint8_t *put_number(uint8_t *at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++) at[i] = (uint8_t)(value >> 8 * i);
    return at + n;
}

static uint64_t get_number(const uint8_t **at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--) value = value << 8 | (*at)[i - 1];
    *at += n;
    return value;
}

static void get(const uint8_t **at, void *out, size_t n)
{
    memcpy(out, *at, n);
    *at += n;
}

void gb1_signers_remember(struct gb1_memory *m, const char *row, const struct gb1_signer *signer, int n)
{
    char key[GB1_KEY_CAP];
    uint8_t bytes[2 * SIGNER_BYTES];
    uint8_t *at = bytes;
    for (int i = 0; i < n; i++) {
        const struct gb1_key *k = &signer[i].key;
        at = put_number(at, signer[i].root, 1);
        at = put(at, k->kid, GB1_KID_CAP);
        at = put(at, k->x, 32);
        at = put_number(at, k->use, 2);
        at = put(at, k->area, GB1_AREA_CAP);
        at = put_number(at, k->pri, 1);
        at = put_number(at, k->cpri, 1);
        at = put_number(at, (uint64_t)k->nbf, 8);
        at = put_number(at, (uint64_t)k->exp, 8);
    }
    gb1_remember(m, gb1_key(key, "sig/", row), bytes, (size_t)(at - bytes));
}

int gb1_signers_recall(struct gb1_memory *m, const char *row, struct gb1_signer signer[2])
{
    char key[GB1_KEY_CAP];
    uint8_t bytes[2 * SIGNER_BYTES];
    long n = gb1_recall(m, gb1_key(key, "sig/", row), bytes, sizeof bytes);
    if (n != SIGNER_BYTES && n != 2 * SIGNER_BYTES) return 0;
    const uint8_t *at = bytes;
    memset(signer, 0, 2 * sizeof *signer);
    int count = (int)(n / SIGNER_BYTES);
    for (int i = 0; i < count; i++) {
        struct gb1_key *k = &signer[i].key;
        signer[i].root = get_number(&at, 1) != 0;
        get(&at, k->kid, GB1_KID_CAP);
        get(&at, k->x, 32);
        k->use = (gb1_use)get_number(&at, 2);
        get(&at, k->area, GB1_AREA_CAP);
        k->pri = (uint8_t)get_number(&at, 1);
        k->cpri = (uint8_t)get_number(&at, 1);
        k->nbf = (int64_t)get_number(&at, 8);
        k->exp = (int64_t)get_number(&at, 8);
        k->kid[GB1_KID_CAP - 1] = '\0';
        k->area[GB1_AREA_CAP - 1] = '\0';
    }
    return count;
}

static bool judged_before(void *ctx, const uint8_t x[32])
{
    (void)ctx;
    (void)x;
    return true; /* what was kept had been judged */
}

static void restore_floor(struct gb1_state *s, struct gb1_memory *m)
{
    char text[24];
    if (!gb1_recall_text(m, "floor", text, sizeof text)) return;
    for (const char *c = text; *c >= '0' && *c <= '9'; c++) s->floor_written = s->floor_written * 10 + *c - '0';
    if (s->floor_written > s->floor) s->floor = s->floor_written;
}

static void restore_state(struct gb1_state *s, struct gb1_memory *m)
{
    char text[512];
    struct gb1_js json;
    struct gb1_js_walk walk;
    struct gb1_root roots[GB1_ROOTS];
    int n = 0;
    if (!gb1_recall_text(m, "state", text, sizeof text) || !gb1_js_prove(text, strlen(text), false, &json)) return;
    int64_t base = 0;
    if (gb1_f_moment(json, "base", &base) && base > s->base) s->base = base;
    if (s->floor < s->base) s->floor = s->base;
    (void)gb1_f_moment(json, "rst", &s->ring.rst);
    if (!gb1_f_array(json, "roots", GB1_ROOTS, true, &walk)) return;
    while (gb1_js_next(&walk)) n += gb1_root_read(walk.value, judged_before, NULL, &roots[n]);
    if (n == GB1_ROOTS) memcpy(s->ring.roots, roots, sizeof roots);
}

struct restoring {
    struct gb1_state *s;
    struct gb1_memory *m;
    int rows;
};

static void restore_mark(void *arg, const char *key)
{
    struct restoring *r = arg;
    char text[256];
    struct gb1_js json;
    if (r->rows == GB1_ROWS || strlen(key) - 5 >= GB1_ROW_CAP || !gb1_is_row(key + 5)) return;
    if (!gb1_recall_text(r->m, key, text, sizeof text) || !gb1_js_prove(text, strlen(text), false, &json)) return;
    struct gb1_row *row = &r->s->rows[r->rows];
    if (!gb1_f_moment(json, "seq", &row->mark)) return;
    memcpy(row->row, key + 5, strlen(key + 5) + 1);
    row->has_mark_hash = gb1_f_bytes(json, "h", row->hash, 32);
    r->rows++;
}

static void restore_clear(void *arg, const char *key)
{
    struct restoring *r = arg;
    char text[256];
    struct gb1_js json;
    struct gb1_clear c;
    int index = 0;
    int cpri = -1;
    for (const char *d = key + 6; *d >= '0' && *d <= '9' && index < GB1_CLEARS_ALL; d++) index = index * 10 + *d - '0';
    memset(&c, 0, sizeof c);
    if (index >= GB1_CLEARS_ALL || !gb1_recall_text(r->m, key, text, sizeof text)) return;
    if (!gb1_js_prove(text, strlen(text), false, &json)) return;
    c.used = gb1_f_bytes(json, "h", c.message, 32) && gb1_f_small(json, "cpri", -1, 99, &cpri) &&
             gb1_f_moment(json, "iat", &c.iat) && gb1_f_text(json, "to", c.to, sizeof c.to) &&
             gb1_f_text(json, "sid", c.sid, sizeof c.sid) && gb1_f_text(json, "by", c.by[0], sizeof c.by[0]) &&
             gb1_f_text(json, "with", c.by[1], sizeof c.by[1]);
    c.cpri = (int8_t)cpri;
    r->s->clears[index] = c;
}

static void restore_document(struct gb1_state *s, struct gb1_memory *m, struct gb1_row *row, uint8_t *message, union gb1_doc *doc)
{
    struct gb1_signer signer[2];
    struct gb1_admitted a;
    long n = gb1_state_message(m, row, message, GB1_MESSAGE);
    if (n < 0) return;
    int signers = gb1_signers_recall(m, row->row, signer);
    if (signers > 0 && gb1_still_stands(s, m->port, message, (size_t)n, signer, signers, doc, &a) &&
        strcmp(a.row, row->row) == 0) {
        gb1_put_back(s, &a, doc, row);
    } else {
        row->in_force = true; /* so that the files go too */
        gb1_state_drop(s, m, row, false);
    }
}

void gb1_state_restore(struct gb1_state *s, struct gb1_memory *m, uint8_t *message, union gb1_doc *doc)
{
    struct restoring r = {s, m, 0};
    restore_state(s, m);
    restore_floor(s, m);
    m->port->each(m->port->ctx, "mark/", restore_mark, &r);
    m->port->each(m->port->ctx, "clear/", restore_clear, &r);
    /* Keys before what they guard, the site before what depends on its areas. */
    static const char *const first[] = {"keys", "site"};
    for (int i = 0; i < 2; i++) {
        struct gb1_row *row = gb1_row_find(s, first[i]);
        if (row != NULL) restore_document(s, m, row, message, doc);
    }
    for (int i = 0; i < r.rows; i++) {
        if (!s->rows[i].in_force && strcmp(s->rows[i].row, "keys") != 0 && strcmp(s->rows[i].row, "site") != 0) {
            restore_document(s, m, &s->rows[i], message, doc);
        }
    }
}
