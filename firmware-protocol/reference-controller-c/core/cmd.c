/* Commands: once each, remembered with their result before the effect [CMD-1]. None makes programme sound. */
#include <string.h>

#include "parts.h"

static const char *cid_key(char key[GB1_KEY_CAP], const struct gb1_cid *place)
{
    return gb1_key(key, "cid/", place->cid);
}

static void keep_cids(struct gb1 *g)
{
    char text[GB1_CIDS * 48];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    gb1_put(&o, "{\"next\":");
    gb1_put_int(&o, g->cids);
    gb1_put(&o, ",\"cid\":[");
    for (int i = 0; i < GB1_CIDS; i++) {
        if (i > 0) gb1_put(&o, ",");
        gb1_put(&o, "{\"c\":");
        gb1_put_string(&o, g->cid[i].cid);
        gb1_put_int_member(&o, "n", g->cid[i].n);
        gb1_put(&o, "}");
    }
    gb1_put(&o, "]}");
    gb1_remember_text(&g->memory, "cids", text);
}

void gb1_cmds_restore(struct gb1 *g)
{
    struct gb1_js json;
    struct gb1_js_walk walk;
    int i = 0;
    long n = gb1_recall(&g->memory, "cids", g->text, sizeof g->text);
    if (n < 0 || !gb1_js_prove(g->text, (size_t)n, false, &json)) return;
    if (!gb1_f_small(json, "next", 0, GB1_CIDS - 1, &g->cids) || !gb1_f_array(json, "cid", GB1_CIDS, true, &walk)) return;
    while (gb1_js_next(&walk)) {
        (void)gb1_f_text(walk.value, "c", g->cid[i].cid, sizeof g->cid[i].cid);
        (void)gb1_f_moment(walk.value, "n", &g->cid[i].n);
        i++;
    }
}

static void result(struct gb1 *g, const struct gb1_cmd *cmd, const char *s, const char *why)
{
    char d[120];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    gb1_put(&o, "\"cid\":");
    gb1_put_string(&o, cmd->cid);
    gb1_put_text_member(&o, "op", cmd->name);
    if (why != NULL) gb1_put_text_member(&o, "why", why);
    struct gb1_cid *place = &g->cid[g->cids];
    char old[GB1_KEY_CAP];
    if (place->cid[0] != '\0') gb1_forget(&g->memory, cid_key(old, place));
    g->cids = (g->cids + 1) % GB1_CIDS;
    memcpy(place->cid, cmd->cid, sizeof place->cid);
    place->n = g->journal.next;
    gb1_journal_add(g, "cmd", s, d);
    keep_cids(g);
    if (gb1_journal_text(g, place->n, g->text, sizeof g->text)) {
        char key[GB1_KEY_CAP];
        gb1_remember_text(&g->memory, cid_key(key, place), g->text);
    }
    (void)gb1_flush(&g->memory);
}

static void beep(struct gb1 *g, const struct gb1_cmd *cmd)
{
    if (!g->state.has_site || gb1_quiet_now(g)) { /* [SIT-1] */
        result(g, cmd, "refused", "quiet");
    } else if (g->player.run.on) {
        result(g, cmd, "refused", "busy");
    } else if (gb1_has_fault(g, GB1_MUTED)) {
        result(g, cmd, "refused", "muted"); /* [PRI-2b] */
    } else if (gb1_has_fault(g, GB1_AMP_FAULT)) {
        result(g, cmd, "failed", "amp");
    } else {
        result(g, cmd, "ok", NULL);
        g->player.beep_s = cmd->s;
    }
}

void gb1_command(struct gb1 *g, const struct gb1_cmd *cmd)
{
    for (int i = 0; i < GB1_CIDS; i++) {
        if (strcmp(g->cid[i].cid, cmd->cid) != 0) continue;
        char key[GB1_KEY_CAP];
        char kept[400];
        /* The same event under the same n, no second effect [CMD-1b]. */
        if (gb1_recall_text(&g->memory, cid_key(key, &g->cid[i]), kept, sizeof kept)) gb1_journal_again(g, g->cid[i].n, kept);
        return;
    }
    switch (cmd->op) {
    case GB1_OP_REBOOT:
        if (gb1_sounds(g, 60)) {
            result(g, cmd, "refused", "busy");
            return;
        }
        result(g, cmd, "ok", NULL);
        if (!gb1_is_broken(g)) g->port->effect(g->port->ctx, GB1_DO_REBOOT, 0);
        return;
    case GB1_OP_TONE: beep(g, cmd); return;
    case GB1_OP_IDENTIFY:
        result(g, cmd, "ok", NULL);
        g->port->effect(g->port->ctx, GB1_DO_LAMP, cmd->s);
        return;
    case GB1_OP_MEASURE:
        result(g, cmd, "ok", NULL);
        g->port->effect(g->port->ctx, GB1_DO_MEASURE, 0); /* what it finds comes as faults and telemetry */
        return;
    case GB1_OP_REPORT:
        result(g, cmd, "ok", NULL);
        gb1_send_report(g, cmd);
        return;
    case GB1_OP_UNKNOWN: result(g, cmd, "unsupported", NULL); return;
    }
}
