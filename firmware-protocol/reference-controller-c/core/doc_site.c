#include "docs.h"

#include <string.h>

static bool minutes(struct gb1_js v, int *out)
{
    char t[6];
    if (!gb1_js_text(v, t, sizeof t) || strlen(t) != 5 || t[2] != ':') return false;
    for (int i = 0; i < 5; i++) {
        if (i != 2 && (t[i] < '0' || t[i] > '9')) return false;
    }
    int hour = (t[0] - '0') * 10 + t[1] - '0';
    int minute = (t[3] - '0') * 10 + t[4] - '0';
    *out = hour * 60 + minute;
    return hour < 24 && minute < 60;
}

bool gb1_window_read(struct gb1_js v, int *from, int *to)
{
    struct gb1_js_walk pair;
    return gb1_js_is_array(v) && gb1_js_count(v) == 2 && gb1_js_open(&pair, v) && gb1_js_next(&pair) &&
           minutes(pair.value, from) && gb1_js_next(&pair) && minutes(pair.value, to) && *from != *to;
}

static bool quiet_read(struct gb1_js obj, struct gb1_site *out)
{
    struct gb1_js_walk windows;
    if (!gb1_js_has(obj, "quiet")) {
        out->quiets = 1;
        out->quiet[0].from = 21 * 60 + 30;
        out->quiet[0].to = 4 * 60 + 45;
        return true;
    }
    if (!gb1_f_array(obj, "quiet", GB1_QUIET, true, &windows)) return false;
    while (gb1_js_next(&windows)) {
        if (!gb1_window_read(windows.value, &out->quiet[out->quiets].from, &out->quiet[out->quiets].to)) return false;
        out->quiets++;
    }
    return true;
}

static bool areas_read(struct gb1_js obj, struct gb1_site *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "areas", GB1_AREAS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        char *area = out->area[out->areas];
        if (!gb1_js_text(walk.value, area, GB1_AREA_CAP) || !gb1_is_area(area, false)) return false;
        for (int i = 0; i < out->areas; i++) {
            if (strcmp(out->area[i], area) == 0) return false;
        }
        out->areas++;
    }
    return true;
}

static bool pins_read(struct gb1_js obj, struct gb1_site *out)
{
    struct gb1_js pins = gb1_js_member(obj, "pins");
    struct gb1_js_walk walk;
    if (pins.at == NULL) return true;
    if (!gb1_js_is_object(pins) || gb1_js_count(pins) > GB1_PINS || !gb1_js_open(&walk, pins)) return false;
    while (gb1_js_next(&walk)) {
        struct gb1_pin *pin = &out->pin[out->pins++];
        if (!gb1_js_text(walk.name, pin->name, sizeof pin->name) || !gb1_is_word(pin->name, GB1_PIN_CAP - 1)) return false;
        if (!gb1_f_asset(walk.value, &pin->asset)) return false;
    }
    return true;
}

static bool inputs_read(struct gb1_js obj, struct gb1_site *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "in", GB1_INPUTS, false, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (gb1_js_equals(walk.value, "fm")) out->input_fm = true;
        else if (gb1_js_equals(walk.value, "line")) out->input_line = true;
        else return false;
    }
    return true;
}

bool gb1_site_read(struct gb1_js obj, struct gb1_site *out)
{
    memset(out, 0, sizeof *out);
    return areas_read(obj, out) && pins_read(obj, out) && gb1_f_small_or(obj, "tz", -840, 840, 420, &out->tz) &&
           quiet_read(obj, out) && gb1_f_small_or(obj, "vmax", 10, 100, 80, &out->vmax) &&
           gb1_f_small_or(obj, "gain", -12, 6, 0, &out->gain) &&
           gb1_f_small_or(obj, "smax", 600, 7200, 3600, &out->smax) &&
           gb1_f_bool_or(obj, "fail_open", true, &out->fail_open) && inputs_read(obj, out);
}

bool gb1_is_quiet(const struct gb1_site *site, int64_t unix_ms)
{
    int64_t day = (unix_ms / GB1_MINUTE_MS + site->tz) % 1440;
    int minute = (int)(day < 0 ? day + 1440 : day);
    for (int i = 0; i < site->quiets; i++) {
        int from = site->quiet[i].from;
        int to = site->quiet[i].to;
        if (from < to ? minute >= from && minute < to : minute >= from || minute < to) return true;
    }
    return false;
}

const struct gb1_asset *gb1_pin_find(const struct gb1_site *site, const char *name)
{
    for (int i = 0; i < site->pins; i++) {
        if (strcmp(site->pin[i].name, name) == 0) return &site->pin[i].asset;
    }
    return NULL;
}
