#include "docs.h"

#include <string.h>

/* http: or https: with a host; the transport judges the rest. */
static bool is_base(const char *url)
{
    const char *host = strncmp(url, "http://", 7) == 0 ? url + 7 : strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
    if (host == NULL || *host == '\0' || *host == '/' || *host == ':') return false;
    for (const char *c = url; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}", *c) != NULL) return false;
    }
    return true;
}

void gb1_cfg_defaults(struct gb1_cfg *out)
{
    memset(out, 0, sizeof *out);
    out->ka = 60;
    out->tel_s = 300;
}

bool gb1_cfg_read(struct gb1_js obj, struct gb1_cfg *out)
{
    struct gb1_js_walk walk;
    char name[254];
    gb1_cfg_defaults(out);
    if (!gb1_f_small_or(obj, "ka", 30, 240, 60, &out->ka)) return false;
    if (!gb1_f_small_or(obj, "tel_s", 60, 3600, 300, &out->tel_s)) return false;
    if (!gb1_f_array(obj, "ntp", 4, false, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!gb1_js_text(walk.value, name, sizeof name) || name[0] == '\0') return false;
    }
    if (!gb1_f_array(obj, "http", 3, false, &walk)) return false;
    while (gb1_js_next(&walk)) {
        char *base = out->http[out->bases++];
        if (!gb1_js_text(walk.value, base, sizeof out->http[0]) || !is_base(base)) return false;
    }
    return gb1_f_int_or(obj, "quota", 0, GB1_MAX_INTEGER, 0, &out->quota) &&
           gb1_f_small_or(obj, "trim", -20, 0, 0, &out->trim);
}
