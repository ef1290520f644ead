#include "docs.h"

#include <string.h>

static bool steps_read(struct gb1_js obj, int assets, struct gb1_item *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "play", GB1_ITEM_STEPS, true, &walk)) return false;
    size_t n = gb1_js_count(gb1_js_member(obj, "play"));
    while (gb1_js_next(&walk)) {
        int64_t index;
        if (n == 1 && gb1_js_is_object(walk.value)) {
            struct gb1_js input = gb1_js_member(walk.value, "in");
            return gb1_js_equals(input, "fm") || gb1_js_equals(input, "line"); /* steps stays 0 */
        }
        if (!gb1_js_int(walk.value, &index) || index < 0 || index >= assets) return false;
        out->step[out->steps++] = (uint8_t)index;
    }
    return n > 0;
}

static bool item_read(struct gb1_js obj, const struct gb1_plan *plan, struct gb1_item *out)
{
    int pri;
    int vol;
    int dur;
    int late;
    if (!gb1_js_is_object(obj) || !gb1_f_text(obj, "oid", out->oid, sizeof out->oid) || !gb1_is_word(out->oid, 16)) return false;
    if (!gb1_f_moment(obj, "at", &out->at) || !gb1_f_small(obj, "dur", 1, 14400, &dur)) return false;
    if (!gb1_f_small(obj, "pri", 10, 59, &pri) || !gb1_f_small_or(obj, "vol", 1, 100, 70, &vol)) return false;
    if (!gb1_f_small_or(obj, "late", 0, 3600, 300, &late)) return false;
    out->pri = (uint8_t)pri;
    out->vol = (uint8_t)vol;
    out->dur = (uint16_t)dur;
    out->late = (uint16_t)late;
    return out->at >= plan->from && out->at + out->dur * INT64_C(1000) <= plan->till && steps_read(obj, plan->assets, out);
}

bool gb1_plan_read(struct gb1_js obj, int64_t exp, struct gb1_plan *out)
{
    struct gb1_js_walk walk;
    memset(out, 0, sizeof *out);
    if (!gb1_f_moment(obj, "from", &out->from)) return false;
    if (!gb1_f_int(obj, "till", out->from + 1, out->from + GB1_PLAN_BY_HAND_MS, &out->till) || exp > out->till) return false;
    if (!gb1_f_array(obj, "assets", GB1_PLAN_ASSETS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!gb1_f_asset(walk.value, &out->asset[out->assets++])) return false;
    }
    if (!gb1_f_array(obj, "items", GB1_PLAN_ITEMS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        struct gb1_item *item = &out->item[out->items];
        if (!item_read(walk.value, out, item)) return false;
        for (int i = 0; i < out->items; i++) {
            if (strcmp(out->item[i].oid, item->oid) == 0) return false;
        }
        out->items++;
    }
    return true;
}
