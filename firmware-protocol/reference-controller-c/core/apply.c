/* From an accepted document to a changed state, in one transaction [ENV-7]. */
#include <string.h>

#include "admit.h"

static bool is_expired_now(const struct gb1_row *row, int64_t now)
{
    return gb1_row_is(row->row, GB1_NOW_DOC) && (!row->in_force || row->doc_exp < now) && row->mark < now;
}

/* A place for the row; of a full table only expired `now` rows give way (section 15). */
static struct gb1_row *place(struct gb1_state *s, struct gb1_memory *m, const char *name, int64_t now)
{
    char key[GB1_KEY_CAP];
    struct gb1_row *found = gb1_row_find(s, name);
    if (found != NULL) return found;
    for (int i = 0; i < GB1_ROWS; i++) {
        if (s->rows[i].row[0] == '\0') return &s->rows[i];
    }
    for (int i = 0; i < GB1_ROWS; i++) {
        struct gb1_row *row = &s->rows[i];
        if (!is_expired_now(row, now)) continue;
        gb1_state_drop(s, m, row, false);
        gb1_forget(m, gb1_key(key, "mark/", row->row));
        memset(row, 0, sizeof *row);
        return row;
    }
    return NULL;
}

/* [TIM-5]: floor and marks above t fall to it, documents above it go. */
static void recover(struct gb1_state *s, struct gb1_memory *m, int64_t t)
{
    for (int i = 0; i < GB1_ROWS; i++) {
        struct gb1_row *row = &s->rows[i];
        if (row->row[0] == '\0') continue;
        if (row->in_force && row->doc_seq > t) gb1_state_drop(s, m, row, false);
        if (row->mark > t) {
            row->mark = t;
            row->has_mark_hash = false;
            gb1_row_remember(m, row);
        }
    }
    for (int i = 0; i < GB1_CLEARS_ALL; i++) {
        struct gb1_clear *c = &s->clears[i];
        if (!c->used || c->iat <= t) continue;
        c->iat = t;
        gb1_clear_remember(m, c, i);
    }
    int64_t floor = s->floor < t ? s->floor : t;
    s->floor = floor > s->base ? floor : s->base;
}

/* Documents of keys named bad go [KEY-6], and delegated keys of areas left [KEY-7]. */
static bool falls(const struct gb1_state *s, const struct gb1_row *row)
{
    char scope[GB1_SCOPE_CAP];
    for (int k = 0; k < row->signers; k++) {
        if (row->signer[k][0] != '\0' && gb1_keyring_is_bad(&s->ring, row->signer[k])) return true;
    }
    gb1_row_scope(scope, row->row);
    return scope[0] == 'a' && !gb1_own_scope(s, scope);
}

static void drop_clears_of_bad_keys(struct gb1_state *s, struct gb1_memory *m)
{
    for (int i = 0; i < GB1_CLEARS_ALL; i++) {
        struct gb1_clear *c = &s->clears[i];
        if (!c->used) continue;
        for (int k = 0; k < 2; k++) {
            if (c->by[k][0] != '\0' && gb1_keyring_is_bad(&s->ring, c->by[k])) c->used = false;
        }
        if (!c->used) gb1_clear_remember(m, c, i);
    }
}

static void drop_what_fell(struct gb1_state *s, struct gb1_memory *m)
{
    bool again;
    /* A site that falls takes its areas along, so once more until nothing falls. */
    do {
        again = false;
        for (int i = 0; i < GB1_ROWS; i++) {
            struct gb1_row *row = &s->rows[i];
            if (row->row[0] == '\0' || !row->in_force || !falls(s, row)) continue;
            gb1_state_drop(s, m, row, false);
            again = true;
        }
    } while (again);
    drop_clears_of_bad_keys(s, m);
}

/* A free place for a clear; the oldest of the same key goes first when it has eight [NOW-4]. */
static int clear_place(const struct gb1_state *s, const char *by)
{
    int spare = -1;
    int oldest = -1;
    int own_oldest = -1;
    int own = 0;
    for (int i = 0; i < GB1_CLEARS_ALL; i++) {
        const struct gb1_clear *c = &s->clears[i];
        if (!c->used) {
            spare = i;
            continue;
        }
        if (oldest < 0 || c->iat < s->clears[oldest].iat) oldest = i;
        if (strcmp(c->by[0], by) != 0) continue;
        own++;
        if (own_oldest < 0 || c->iat < s->clears[own_oldest].iat) own_oldest = i;
    }
    if (own >= GB1_CLEARS_PER_KEY) return own_oldest;
    return spare >= 0 ? spare : oldest;
}

static void keep_clear(struct gb1_state *s, struct gb1_memory *m, const struct gb1_admitted *a, const char *sid, int cpri)
{
    int at = clear_place(s, a->by);
    struct gb1_clear *c = &s->clears[at];
    memset(c, 0, sizeof *c);
    c->used = true;
    c->cpri = (int8_t)cpri;
    c->iat = a->effective;
    memcpy(c->message, a->hash, 32);
    memcpy(c->to, a->head.to, sizeof c->to);
    memcpy(c->sid, sid, strlen(sid) + 1);
    for (int i = 0; i < a->signers; i++) memcpy(c->by[i], a->signer[i].key.kid, GB1_KID_CAP);
    gb1_clear_remember(m, c, at);
}

static void keep_clears(struct gb1_state *s, struct gb1_memory *m, const struct gb1_admitted *a, const struct gb1_now *doc)
{
    int cpri = 99;
    for (int i = 0; i < a->signers; i++) {
        if (a->signer[i].key.cpri < cpri) cpri = a->signer[i].key.cpri;
    }
    for (int i = 0; i < doc->clears; i++) keep_clear(s, m, a, doc->clear[i], cpri);
    if (doc->all_clear && doc->clears == 0) keep_clear(s, m, a, "*", -1);
}

static void keep_entries(struct gb1_state *s, uint8_t row, const struct gb1_now *doc)
{
    int kept = 0;
    for (int i = 0; i < s->held; i++) {
        if (s->entry[i].row != row) s->entry[kept++] = s->entry[i];
    }
    s->held = kept;
    for (int i = 0; i < doc->entries && s->held < GB1_ENTRIES_ALL; i++) {
        s->entry[s->held] = doc->entry[i];
        s->entry[s->held++].row = row;
    }
}

static void take(struct gb1_state *s, int row, const struct gb1_admitted *a, const union gb1_doc *doc)
{
    switch (a->head.typ) {
    case GB1_KEYS_DOC:
        gb1_keyring_put(&s->ring, a->head.to[0] == 'a' ? a->head.to + 2 : NULL, &doc->keys);
        return;
    case GB1_SITE_DOC:
        s->site = doc->site;
        s->has_site = true;
        return;
    case GB1_CFG_DOC: s->cfg = doc->cfg; return;
    case GB1_PLAN_DOC:
        s->plan = doc->plan;
        s->has_plan = true;
        return;
    case GB1_NOW_DOC:
    case GB1_SES_DOC: keep_entries(s, (uint8_t)row, &doc->now); return;
    default: return;
    }
}

static void welcome(struct gb1_state *s, const struct gb1_port *port, const struct gb1_admitted *a, const struct gb1_welcome *doc)
{
    /* Taking a welcome closes its nonce and every older one [SES-5]. */
    for (int i = 0; i < s->nonces; i++) {
        if (memcmp(s->nonce[i].bn, doc->bn, 16) != 0) continue;
        int closed = i + 1;
        memmove(s->nonce, s->nonce + closed, (size_t)(s->nonces - closed) * sizeof *s->nonce);
        s->nonces -= closed;
        break;
    }
    s->session.welcomed = true;
    s->session.iat = a->head.iat;
    memcpy(s->session.hash, a->hash, 32);
    s->session.rows = doc->rows;
    for (int i = 0; i < doc->rows; i++) {
        uint8_t name[32];
        port->sha256(port->ctx, doc->vec[i].row, strlen(doc->vec[i].row), name);
        memcpy(s->session.vec[i].name, name, sizeof s->session.vec[i].name);
        s->session.vec[i].seq = doc->vec[i].seq;
    }
}

static void in_force(struct gb1_row *row, const struct gb1_admitted *a)
{
    memcpy(row->hash, a->hash, 32);
    row->in_force = true;
    row->doc_seq = a->head.seq;
    row->doc_iat = a->effective;
    row->doc_exp = a->head.exp;
    row->signers = (uint8_t)a->signers;
    memset(row->signer, 0, sizeof row->signer);
    for (int i = 0; i < a->signers; i++) {
        if (!a->signer[i].root) memcpy(row->signer[i], a->signer[i].key.kid, GB1_KID_CAP);
    }
}

bool gb1_apply(
    struct gb1_state *s,
    struct gb1_memory *m,
    const struct gb1_admitted *a,
    const union gb1_doc *doc,
    const uint8_t *message,
    size_t n,
    int64_t now)
{
    char key[GB1_KEY_CAP];
    if (a->head.typ == GB1_WELCOME_DOC) welcome(s, m->port, a, &doc->welcome);
    if (!a->has_row) {
        bool moves = a->head.typ != GB1_WELCOME_DOC && a->head.typ != GB1_JACK_DOC; /* [TIM-1] */
        if (moves && a->head.iat > s->floor) s->floor = a->head.iat;
        return true;
    }
    if (a->head.typ == GB1_KEYS_DOC && a->head.to[0] == 'a' && !gb1_keyring_fits(&s->ring, a->head.to + 2, doc->keys.n)) return false;
    struct gb1_row *row = place(s, m, a->row, now);
    if (row == NULL) return false;
    if (a->recovery) recover(s, m, doc->keys.rst_t);
    memcpy(row->row, a->row, sizeof row->row);
    row->mark = a->mark;
    row->has_mark_hash = a->mark == a->head.seq;
    in_force(row, a);
    if (a->effective > s->floor) s->floor = a->effective;
    take(s, (int)(row - s->rows), a, doc);
    if (a->head.typ == GB1_NOW_DOC) keep_clears(s, m, a, &doc->now);
    gb1_remember_by_reference(m, gb1_key(key, "doc/", row->row), message, n);
    gb1_signers_remember(m, row->row, a->signer, a->signers);
    gb1_row_remember(m, row);
    drop_what_fell(s, m);
    gb1_state_remember(s, m);
    return true;
}

void gb1_put_back(struct gb1_state *s, const struct gb1_admitted *a, const union gb1_doc *doc, struct gb1_row *row)
{
    struct gb1_root roots[GB1_ROOTS];
    int64_t rst = s->ring.rst;
    memcpy(roots, s->ring.roots, sizeof roots);
    in_force(row, a);
    take(s, (int)(row - s->rows), a, doc);
    /* Documents in force tell the floor by themselves; an early all-clear up to its bound, like its mark [TIM-1] [TIM-4]. */
    int64_t iat = a->head.iat < row->mark ? a->head.iat : row->mark;
    if (iat > s->floor) s->floor = iat;
    /* Roots and recoveries took effect long ago, perhaps followed by others. */
    memcpy(s->ring.roots, roots, sizeof roots);
    s->ring.rst = rst;
}
