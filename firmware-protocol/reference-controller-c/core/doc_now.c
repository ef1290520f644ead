/* now and ses: what must sound, entry by entry; one wrong entry never silences the others [NOW-3]. */
#include "docs.h"

#include <string.h>

#define BEG_AROUND_MS INT64_C(600000)
#define LONGEST_MS (6 * GB1_HOUR_MS)

static bool status_read(struct gb1_js obj, uint8_t *out)
{
    static const char *const names[] = {"actual", "exercise", "test"};
    struct gb1_js st = gb1_js_member(obj, "st");
    for (uint8_t i = 0; i < 3; i++) {
        if (gb1_js_equals(st, names[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool not_read(struct gb1_js obj, const char *id, bool *excluded)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "not", GB1_ENTRY_NOT, false, &walk)) return false;
    while (gb1_js_next(&walk)) {
        char other[GB1_ID_CAP];
        if (!gb1_js_text(walk.value, other, sizeof other) || !gb1_is_id(other)) return false;
        if (strcmp(other, id) == 0) *excluded = true;
    }
    return true;
}

static bool tone_read(struct gb1_js obj, struct gb1_step *out)
{
    struct gb1_js tone = gb1_js_member(obj, "tone");
    if (gb1_js_equals(tone, "wail")) out->tone = GB1_WAIL;
    else if (gb1_js_equals(tone, "yelp")) out->tone = GB1_YELP;
    else if (gb1_js_equals(tone, "steady")) out->tone = GB1_STEADY;
    else {
        out->kind = GB1_STEP_UNKNOWN; /* a later revision's pattern sounds as steady, whatever its members [NOW-1] */
        return gb1_js_is_string(tone);
    }
    return gb1_f_small_or(obj, "n", 1, 20, 1, &out->n) &&
           gb1_f_small_or(obj, "on", 1, 60, 10, &out->on) && gb1_f_small_or(obj, "off", 0, 60, 0, &out->off);
}

static bool step_read(struct gb1_js obj, struct gb1_step *out)
{
    memset(out, 0, sizeof *out);
    out->kind = GB1_STEP_UNKNOWN;
    out->tone = GB1_STEADY;
    out->n = 1;
    out->on = 10;
    if (!gb1_js_is_object(obj)) return false;
    if (gb1_js_has(obj, "pin")) {
        out->kind = GB1_STEP_PIN;
        return gb1_f_text(obj, "pin", out->pin, sizeof out->pin) && gb1_is_word(out->pin, GB1_PIN_CAP - 1);
    }
    if (gb1_js_has(obj, "tone")) {
        out->kind = GB1_STEP_TONE;
        return tone_read(obj, out);
    }
    if (gb1_js_has(obj, "a")) {
        out->kind = GB1_STEP_SOUND;
        if (!gb1_f_asset(gb1_js_member(obj, "a"), &out->asset)) return false;
        return !gb1_js_has(obj, "alt") ||
               (gb1_f_text(obj, "alt", out->pin, sizeof out->pin) && gb1_is_word(out->pin, GB1_PIN_CAP - 1));
    }
    return true;
}

static bool live_read(struct gb1_js live, struct gb1_live *out)
{
    struct gb1_js alt = gb1_js_member(live, "alt");
    out->has_alt = alt.at != NULL;
    return gb1_js_is_object(live) && gb1_f_bytes(live, "pk", out->pk, 32) && gb1_f_codec(live, &out->mp3) &&
           gb1_f_small(live, "ms", 240, 1000, &out->ms) &&
           gb1_f_small_or(live, "jit", 1000, 10000, 3000, &out->jit) && (!out->has_alt || step_read(alt, &out->alt));
}

static bool content_read(struct gb1_js obj, struct gb1_content *out)
{
    struct gb1_js_walk walk;
    memset(out, 0, sizeof *out);
    out->is_live = gb1_js_has(obj, "live");
    if (out->is_live) return live_read(gb1_js_member(obj, "live"), &out->live);
    if (!gb1_f_array(obj, "play", GB1_ENTRY_STEPS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!step_read(walk.value, &out->step[out->steps++])) return false;
    }
    return out->steps > 0;
}

static bool entry_read(struct gb1_js obj, const struct gb1_now_ask *ask, struct gb1_entry *out)
{
    const struct gb1_head *head = ask->head;
    struct gb1_content content;
    bool now = head->typ == GB1_NOW_DOC;
    int pri;
    int max;
    int rep;
    int gap;
    int vol;
    if (!gb1_js_is_object(obj) || !gb1_f_text(obj, "sid", out->sid, sizeof out->sid)) return false;
    if (!gb1_is_word(out->sid, GB1_SID_CAP - 1) || !status_read(obj, &out->st)) return false;
    if (!gb1_f_small(obj, "pri", now ? 80 : 20, now ? 99 : 69, &pri) || pri > ask->ceiling) return false;
    if (!gb1_f_int(obj, "beg", now ? head->iat - BEG_AROUND_MS : 0, head->iat + (now ? BEG_AROUND_MS : GB1_DAY_MS), &out->beg)) {
        return false;
    }
    if (!gb1_f_int(obj, "until", out->beg + 1, out->beg + LONGEST_MS, &out->until)) return false;
    if (!gb1_f_small_or(obj, "max", 1, 3600, 600, &max) || !gb1_f_small_or(obj, "rep", 1, 20, 1, &rep)) return false;
    if (!gb1_f_small_or(obj, "gap", 0, 120, 0, &gap) || !gb1_f_small_or(obj, "vol", 10, 100, 100, &vol)) return false;
    if (!not_read(obj, ask->id, &out->excluded) || !content_read(obj, &content)) return false;
    if (content.is_live && !ask->usable(ask->ctx, content.live.pk)) return false;
    out->pri = (uint8_t)pri;
    out->max = (uint16_t)max;
    out->rep = (uint8_t)rep;
    out->gap = (uint8_t)gap;
    out->vol = (uint8_t)vol;
    out->live = content.is_live;
    return true;
}

static bool said_before(const struct gb1_now *doc, const char *sid)
{
    for (int i = 0; i < doc->entries; i++) {
        if (strcmp(doc->entry[i].sid, sid) == 0) return true;
    }
    return false;
}

static bool clears_read(struct gb1_js obj, struct gb1_now *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "clr", GB1_ENTRIES, false, &walk)) return false;
    while (gb1_js_next(&walk)) {
        char *sid = out->clear[out->clears++];
        if (!gb1_js_text(walk.value, sid, GB1_SID_CAP)) return false;
        if (strcmp(sid, "*") != 0 && !gb1_is_word(sid, GB1_SID_CAP - 1)) return false;
    }
    return true;
}

bool gb1_now_read(struct gb1_js obj, const struct gb1_now_ask *ask, struct gb1_now *out)
{
    const struct gb1_head *head = ask->head;
    struct gb1_js_walk walk;
    bool now = head->typ == GB1_NOW_DOC;
    int index = 0;
    memset(out, 0, sizeof *out);
    if (!gb1_f_array(obj, "act", GB1_ENTRIES, true, &walk)) return false;
    if (now && !clears_read(obj, out)) return false;
    while (gb1_js_next(&walk)) {
        struct gb1_entry *entry = &out->entry[out->entries];
        memset(entry, 0, sizeof *entry);
        if (entry_read(walk.value, ask, entry) && !said_before(out, entry->sid)) {
            entry->index = (uint8_t)index;
            out->entries++;
        } else {
            out->skipped = (uint16_t)(out->skipped | 1U << index);
        }
        index++;
    }
    out->all_clear = index == 0;
    if (index > 0 && out->entries == 0) return false;
    if (!now) return true;
    if (out->all_clear) return head->exp <= head->iat + GB1_CLEAR_KEPT_MS; /* [NOW-2] */
    for (int i = 0; i < out->entries; i++) {
        if (head->exp < out->entry[i].until) return false;
    }
    return head->exp <= head->iat + GB1_DAY_MS;
}

bool gb1_content_read(struct gb1_js obj, int index, struct gb1_content *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "act", GB1_ENTRIES, true, &walk)) return false;
    for (int i = 0; gb1_js_next(&walk); i++) {
        if (i == index) return content_read(walk.value, out);
    }
    return false;
}
