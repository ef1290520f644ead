/* The small documents: jack, welcome, cmd, man, fw. */
#include "docs.h"

#include <string.h>

#include "b64.h"

bool gb1_jack_read(struct gb1_js obj, struct gb1_jack *out)
{
    memset(out, 0, sizeof *out);
    return gb1_f_text(obj, "jid", out->jid, sizeof out->jid) && gb1_is_word(out->jid, 16) &&
           gb1_f_moment(obj, "upto", &out->upto) && gb1_f_bool_or(obj, "new", false, &out->fresh);
}

bool gb1_welcome_read(struct gb1_js obj, struct gb1_welcome *out)
{
    struct gb1_js_walk walk;
    struct gb1_js vec = gb1_js_member(obj, "vec");
    struct gb1_js jack = gb1_js_member(obj, "jack");
    memset(out, 0, sizeof *out);
    if (!gb1_f_bytes(obj, "bn", out->bn, 16) || !gb1_f_moment(obj, "sn", &out->sn)) return false;
    if (!gb1_js_is_object(vec) || !gb1_js_is_object(jack) || !gb1_js_open(&walk, vec)) return false;
    while (gb1_js_next(&walk)) {
        char row[GB1_ROW_CAP];
        int64_t seq;
        if (!gb1_js_int(walk.value, &seq) || seq < 0) return false;
        /* Rows of later revisions, and more than a device may have, are left out. */
        if (!gb1_js_text(walk.name, row, sizeof row) || !gb1_is_row(row) || out->rows == GB1_ROWS) continue;
        memcpy(out->vec[out->rows].row, row, sizeof row);
        out->vec[out->rows++].seq = seq;
    }
    return gb1_jack_read(jack, &out->jack);
}

/* Names of operations may hold an underscore as well. */
static bool is_op_name(const char *name)
{
    char plain[GB1_OID_CAP];
    size_t n = strlen(name);
    for (size_t i = 0; i <= n; i++) plain[i] = (char)(name[i] == '_' ? '-' : name[i]);
    return gb1_is_word(plain, 16);
}

static enum gb1_op op_of(const char *name)
{
    static const char *const names[] = {"reboot", "tone", "identify", "measure", "report"};
    for (int op = 0; op < GB1_OP_UNKNOWN; op++) {
        if (strcmp(name, names[op]) == 0) return (enum gb1_op)op;
    }
    return GB1_OP_UNKNOWN;
}

bool gb1_cmd_read(struct gb1_js obj, const struct gb1_head *head, struct gb1_cmd *out)
{
    struct gb1_js arg = gb1_js_member(obj, "arg");
    memset(out, 0, sizeof *out);
    if (head->exp > head->iat + 120000) return false; /* a command that waits is a time bomb [CMD-1] */
    if (!gb1_f_text(obj, "cid", out->cid, sizeof out->cid) || !gb1_is_word(out->cid, 16)) return false;
    if (!gb1_f_text(obj, "op", out->name, sizeof out->name) || !is_op_name(out->name)) return false;
    out->op = op_of(out->name);
    switch (out->op) {
    case GB1_OP_TONE: return gb1_f_small(arg, "s", 1, 3, &out->s);
    case GB1_OP_IDENTIFY: return gb1_f_small(arg, "s", 1, 60, &out->s);
    case GB1_OP_REPORT:
        if (!gb1_f_text(arg, "what", out->what, sizeof out->what)) return false;
        if (strcmp(out->what, "doc") == 0) return gb1_f_text(arg, "row", out->row, sizeof out->row) && gb1_is_row(out->row);
        return strcmp(out->what, "state") == 0 || strcmp(out->what, "log") == 0;
    case GB1_OP_REBOOT:
    case GB1_OP_MEASURE:
    case GB1_OP_UNKNOWN: return true;
    }
    return true;
}

bool gb1_man_read(struct gb1_js obj, struct gb1_man_doc *doc)
{
    struct gb1_man *out = &doc->man;
    struct gb1_js_walk walk;
    memset(doc, 0, sizeof *doc);
    if (!gb1_f_bytes(obj, "a", out->a.h, 32) || !gb1_f_int(obj, "sz", 1, GB1_MAX_INTEGER, &out->a.sz)) return false;
    if (!gb1_f_codec(obj, &out->a.mp3)) return false;
    if (!gb1_f_small(obj, "blk", 512, 16384, &out->blk) || !gb1_f_small(obj, "segn", 1, 64, &out->segn)) return false;
    if (!gb1_f_array(obj, "seg", GB1_SEGMENTS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        char text[48];
        if (!gb1_js_text(walk.value, text, sizeof text)) return false;
        if (!gb1_b64_decode(doc->seg[doc->segs++], 32, text, strlen(text))) return false;
    }
    int64_t span = (int64_t)out->blk * out->segn;
    return doc->segs == (out->a.sz + span - 1) / span;
}

bool gb1_fw_read(struct gb1_js obj, struct gb1_fw *out)
{
    int from;
    int to;
    memset(out, 0, sizeof *out);
    if (!gb1_f_text(obj, "model", out->model, sizeof out->model) || !gb1_is_word(out->model, 32)) return false;
    if (!gb1_f_text(obj, "ver", out->ver, sizeof out->ver) || out->ver[0] == '\0') return false;
    for (const char *c = out->ver; *c != '\0'; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        if (!letter && strchr(".+-_", *c) == NULL) return false;
    }
    if (!gb1_f_moment(obj, "sec", &out->sec) || !gb1_f_int(obj, "sz", 1, GB1_MAX_INTEGER, &out->sz)) return false;
    return gb1_f_bytes(obj, "h", out->h, 32) &&
           (!gb1_js_has(obj, "win") || gb1_window_read(gb1_js_member(obj, "win"), &from, &to));
}
