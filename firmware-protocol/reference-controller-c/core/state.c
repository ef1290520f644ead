#include "state.h"

#include <string.h>

#include "out.h"

void gb1_state_init(struct gb1_state *s, const char *id, const char *sys, const struct gb1_root *roots, int64_t base, size_t pkt)
{
    memset(s, 0, sizeof *s);
    memcpy(s->id, id, strlen(id) + 1);
    memcpy(s->sys, sys, strlen(sys) + 1);
    s->base = base;
    s->floor = base;
    s->pkt = pkt;
    gb1_keyring_init(&s->ring, roots);
    gb1_cfg_defaults(&s->cfg);
}

struct gb1_row *gb1_row_find(struct gb1_state *s, const char *row)
{
    for (int i = 0; i < GB1_ROWS; i++) {
        if (s->rows[i].row[0] != '\0' && strcmp(s->rows[i].row, row) == 0) return &s->rows[i];
    }
    return NULL;
}

bool gb1_own_scope(const struct gb1_state *s, const char *scope)
{
    if (scope[0] == '*') return true;
    if (scope[0] == 'd') return strcmp(scope + 2, s->id) == 0;
    for (int i = 0; s->has_site && i < s->site.areas; i++) {
        if (strcmp(s->site.area[i], scope + 2) == 0) return true;
    }
    return false;
}

bool gb1_rights_cover(const struct gb1_state *s, const char *area, const char *scope)
{
    if (area[0] == '\0') return true;
    if (scope[0] == 'a') return gb1_area_covers(area, scope + 2);
    for (int i = 0; scope[0] == 'd' && s->has_site && i < s->site.areas; i++) {
        if (gb1_area_covers(area, s->site.area[i])) return true;
    }
    return false;
}

/* Equal or narrower; the device's own scope lies within each area it has. */
static bool clear_reaches(const char *clear, const char *scope)
{
    if (clear[0] == 'a') return scope[0] == 'd' || gb1_area_covers(clear + 2, scope + 2);
    return strcmp(clear, scope) == 0;
}

bool gb1_is_cleared(const struct gb1_state *s, const struct gb1_entry *held)
{
    char scope[GB1_SCOPE_CAP];
    gb1_row_scope(scope, s->rows[held->row].row);
    for (int i = 0; i < GB1_CLEARS_ALL; i++) {
        const struct gb1_clear *c = &s->clears[i];
        if (c->used && clear_reaches(c->to, scope) && held->pri <= c->cpri && s->rows[held->row].doc_iat <= c->iat &&
            (c->sid[0] == '*' || strcmp(c->sid, held->sid) == 0)) {
            return true;
        }
    }
    return false;
}

void gb1_state_forget_session(struct gb1_state *s)
{
    memset(&s->session, 0, sizeof s->session);
}

/* ---- what survives ---- */

/* A row: "seq hash-or-minus docseq dochash-or-minus iat exp". */
void gb1_row_remember(struct gb1_memory *m, const struct gb1_row *row)
{
    char key[GB1_KEY_CAP];
    char text[256];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"seq\":");
    gb1_put_int(&o, row->mark);
    if (row->has_mark_hash) {
        gb1_put(&o, ",\"h\":\"");
        gb1_put_b64(&o, row->hash, 32);
        gb1_put(&o, "\"");
    }
    gb1_put(&o, "}");
    gb1_remember_text(m, gb1_key(key, "mark/", row->row), text);
}

void gb1_state_remember(struct gb1_state *s, struct gb1_memory *m)
{
    char text[512];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"base\":");
    gb1_put_int(&o, s->base);
    gb1_put_int_member(&o, "rst", s->ring.rst);
    gb1_put(&o, ",\"roots\":[");
    for (int i = 0; i < GB1_ROOTS; i++) {
        gb1_put(&o, i == 0 ? "{\"kid\":\"" : ",{\"kid\":\"");
        gb1_put(&o, s->ring.roots[i].kid);
        gb1_put(&o, "\",\"x\":\"");
        gb1_put_b64(&o, s->ring.roots[i].x, 32);
        gb1_put(&o, "\"}");
    }
    gb1_put(&o, "]}");
    gb1_remember_text(m, "state", text);
}

void gb1_floor_remember(struct gb1_state *s, struct gb1_memory *m, int64_t mono)
{
    char text[24];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    bool lowered = s->floor < s->floor_written;
    /* It is a time itself: a start does not begin a new hour. */
    if (!lowered && (s->floor - s->floor_written < GB1_FLOOR_WRITE_MS || mono < s->floor_due_mono)) return;
    s->floor_written = s->floor;
    s->floor_due_mono = mono + GB1_FLOOR_WRITE_MS;
    gb1_put_int(&o, s->floor);
    gb1_remember_text(m, "floor", text);
}

void gb1_clear_remember(struct gb1_memory *m, const struct gb1_clear *c, int index)
{
    char key[GB1_KEY_CAP];
    char number[8];
    char text[256];
    struct gb1_out n = gb1_out_in(number, sizeof number);
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put_int(&n, index);
    gb1_key(key, "clear/", number);
    if (!c->used) {
        gb1_forget(m, key);
        return;
    }
    gb1_put(&o, "{\"h\":\"");
    gb1_put_b64(&o, c->message, 32);
    gb1_put(&o, "\"");
    gb1_put_int_member(&o, "cpri", c->cpri);
    gb1_put_int_member(&o, "iat", c->iat);
    gb1_put_text_member(&o, "to", c->to);
    gb1_put_text_member(&o, "sid", c->sid);
    gb1_put_text_member(&o, "by", c->by[0]);
    gb1_put_text_member(&o, "with", c->by[1]);
    gb1_put(&o, "}");
    gb1_remember_text(m, key, text);
}

void gb1_clears_purge(struct gb1_state *s, struct gb1_memory *m, int64_t t)
{
    for (int i = 0; i < GB1_CLEARS_ALL; i++) {
        if (!s->clears[i].used || t <= s->clears[i].iat + GB1_CLEAR_KEPT_MS) continue;
        s->clears[i].used = false;
        gb1_clear_remember(m, &s->clears[i], i);
    }
}

long gb1_state_message(struct gb1_memory *m, const struct gb1_row *row, uint8_t *message, size_t cap)
{
    char key[GB1_KEY_CAP];
    return gb1_recall(m, gb1_key(key, "doc/", row->row), message, cap);
}

static void drop_entries(struct gb1_state *s, int row)
{
    int kept = 0;
    for (int i = 0; i < s->held; i++) {
        if (s->entry[i].row != row) s->entry[kept++] = s->entry[i];
    }
    s->held = kept;
}

void gb1_state_drop(struct gb1_state *s, struct gb1_memory *m, struct gb1_row *row, bool strict)
{
    char key[GB1_KEY_CAP];
    char scope[GB1_SCOPE_CAP];
    if (row->in_force) {
        gb1_forget(m, gb1_key(key, "doc/", row->row));
        gb1_forget(m, gb1_key(key, "sig/", row->row));
    }
    row->in_force = false;
    if (strict) {
        row->has_mark_hash = false;
        gb1_row_remember(m, row);
    }
    if (strcmp(row->row, "site") == 0) s->has_site = false;
    else if (strcmp(row->row, "plan") == 0) s->has_plan = false;
    else if (strcmp(row->row, "cfg") == 0) gb1_cfg_defaults(&s->cfg);
    else if (strcmp(row->row, "keys") == 0) gb1_keyring_drop(&s->ring, NULL);
    else if (gb1_row_is(row->row, GB1_KEYS_DOC)) {
        gb1_row_scope(scope, row->row);
        gb1_keyring_drop(&s->ring, scope + 2);
    }
    drop_entries(s, (int)(row - s->rows));
}
