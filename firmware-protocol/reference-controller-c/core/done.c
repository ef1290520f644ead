/* What of each item and entry has sounded [ACK-3]: apart from the journal, so that neither a repeated plan nor a stepped clock
 * nor a power cut makes a village hear the same minute twice. */
#include <string.h>

#include "parts.h"

static const char *key_of(char key[GB1_KEY_CAP], const struct gb1_done *d)
{
    return gb1_key(key, d->is_sid ? "sid/" : "done/", d->id);
}

void gb1_done_keep(struct gb1 *g, const struct gb1_done *d)
{
    char key[GB1_KEY_CAP];
    char text[200];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"starts\":");
    gb1_put_int(&o, d->starts);
    gb1_put_int_member(&o, "ended", d->ended);
    gb1_put_int_member(&o, "told", d->told);
    gb1_put_int_member(&o, "whole", d->whole);
    gb1_put_int_member(&o, "cuts", d->cuts);
    gb1_put_int_member(&o, "next", d->next);
    gb1_put_int_member(&o, "pos", d->position_ms);
    gb1_put_int_member(&o, "heard", d->heard_ms);
    gb1_put_int_member(&o, "forget", d->forget_s);
    gb1_put(&o, "}");
    gb1_remember_text(&g->memory, key_of(key, d), text);
}

static bool read_done(struct gb1_js json, struct gb1_done *d)
{
    int starts;
    int ended;
    int told;
    int whole = 0;
    int cuts;
    int next;
    int position;
    int heard;
    int64_t forget;
    if (!gb1_f_small(json, "starts", 0, 65535, &starts) || !gb1_f_small(json, "ended", 0, 1, &ended) ||
        !gb1_f_small(json, "told", 0, 1, &told) || !gb1_f_small(json, "cuts", 0, 255, &cuts) ||
        !gb1_f_small(json, "next", 0, 65535, &next) || !gb1_f_small(json, "pos", 0, INT32_MAX, &position) ||
        !gb1_f_small(json, "heard", 0, INT32_MAX, &heard) || !gb1_f_int(json, "forget", 0, UINT32_MAX, &forget)) {
        return false;
    }
    d->starts = (uint16_t)starts;
    d->ended = ended != 0;
    d->told = told != 0;
    d->whole = gb1_f_small(json, "whole", 0, 1, &whole) && whole != 0; /* what was written before did not say it */
    d->cuts = (uint8_t)cuts;
    d->next = (uint16_t)next;
    d->position_ms = position;
    d->heard_ms = heard;
    d->forget_s = (uint32_t)forget;
    return true;
}

static void restore(struct gb1 *g, const char *key, const char *name, bool is_sid)
{
    char text[200];
    struct gb1_js json;
    if (strlen(name) >= GB1_SID_CAP || !gb1_recall_text(&g->memory, key, text, sizeof text)) return;
    if (!gb1_js_prove(text, strlen(text), false, &json)) return;
    struct gb1_done *d = gb1_done_of(g, name, is_sid, 0);
    if (!read_done(json, d)) memset(d, 0, sizeof *d);
}

static void restore_item(void *arg, const char *key)
{
    restore(arg, key, key + 5, false);
}

static void restore_order(void *arg, const char *key)
{
    restore(arg, key, key + 4, true);
}

void gb1_done_restore(struct gb1 *g)
{
    g->port->each(g->port->ctx, "done/", restore_item, g);
    g->port->each(g->port->ctx, "sid/", restore_order, g);
}

struct gb1_done *gb1_done_find(struct gb1 *g, const char *id, bool is_sid)
{
    for (int i = 0; i < GB1_DONE_ALL; i++) {
        if (g->done[i].id[0] != '\0' && g->done[i].is_sid == is_sid && strcmp(g->done[i].id, id) == 0) return &g->done[i];
    }
    return NULL;
}

static void forget(struct gb1 *g, struct gb1_done *d)
{
    char key[GB1_KEY_CAP];
    gb1_forget(&g->memory, key_of(key, d));
    memset(d, 0, sizeof *d);
}

struct gb1_done *gb1_done_of(struct gb1 *g, const char *id, bool is_sid, int64_t forget_at)
{
    int64_t seconds = forget_at / 1000 + 1;
    struct gb1_done *d = gb1_done_find(g, id, is_sid);
    if (d == NULL) {
        struct gb1_done *oldest = &g->done[0];
        for (int i = 0; i < GB1_DONE_ALL && oldest->id[0] != '\0'; i++) {
            if (g->done[i].id[0] == '\0' || g->done[i].forget_s < oldest->forget_s) oldest = &g->done[i];
        }
        if (oldest->id[0] != '\0') forget(g, oldest);
        d = oldest;
        memcpy(d->id, id, strlen(id) + 1);
        d->is_sid = is_sid;
        d->next = 1;
    }
    if (seconds > d->forget_s) d->forget_s = (uint32_t)(seconds < UINT32_MAX ? seconds : UINT32_MAX);
    return d;
}

void gb1_done_purge(struct gb1 *g, int64_t t)
{
    for (int i = 0; i < GB1_DONE_ALL; i++) {
        struct gb1_done *d = &g->done[i];
        if (d->id[0] == '\0' || d->forget_s * INT64_C(1000) >= t) continue;
        if (d->is_sid ? gb1_order_find(g, d->id) >= 0 : gb1_item_find(g, d->id) >= 0) continue;
        forget(g, d);
    }
}
