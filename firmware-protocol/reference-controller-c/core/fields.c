#include "fields.h"

#include <string.h>

#include "b64.h"
#include "limits.h"

bool gb1_f_int(struct gb1_js obj, const char *name, int64_t min, int64_t max, int64_t *out)
{
    return gb1_js_int(gb1_js_member(obj, name), out) && *out >= min && *out <= max;
}

bool gb1_f_int_or(struct gb1_js obj, const char *name, int64_t min, int64_t max, int64_t otherwise, int64_t *out)
{
    *out = otherwise;
    return !gb1_js_has(obj, name) || gb1_f_int(obj, name, min, max, out);
}

bool gb1_f_small(struct gb1_js obj, const char *name, int min, int max, int *out)
{
    int64_t wide;
    if (!gb1_f_int(obj, name, min, max, &wide)) return false;
    *out = (int)wide;
    return true;
}

bool gb1_f_small_or(struct gb1_js obj, const char *name, int min, int max, int otherwise, int *out)
{
    *out = otherwise;
    return !gb1_js_has(obj, name) || gb1_f_small(obj, name, min, max, out);
}

bool gb1_f_moment(struct gb1_js obj, const char *name, int64_t *out)
{
    return gb1_f_int(obj, name, 0, GB1_MAX_INTEGER, out);
}

bool gb1_f_bool_or(struct gb1_js obj, const char *name, bool otherwise, bool *out)
{
    *out = otherwise;
    return !gb1_js_has(obj, name) || gb1_js_bool(gb1_js_member(obj, name), out);
}

bool gb1_f_text(struct gb1_js obj, const char *name, char *out, size_t cap)
{
    return gb1_js_text(gb1_js_member(obj, name), out, cap);
}

bool gb1_f_bytes(struct gb1_js obj, const char *name, uint8_t *out, size_t n)
{
    char text[96];
    return gb1_f_text(obj, name, text, sizeof text) && gb1_b64_decode(out, n, text, strlen(text));
}

bool gb1_f_codec(struct gb1_js obj, bool *mp3)
{
    char name[GB1_CODEC_CAP];
    if (!gb1_f_text(obj, "c", name, sizeof name) || !gb1_is_word(name, GB1_CODEC_CAP - 1)) return false;
    *mp3 = strcmp(name, "mp3") == 0;
    return true;
}

bool gb1_f_asset(struct gb1_js obj, struct gb1_asset *out)
{
    return gb1_js_is_object(obj) && gb1_f_bytes(obj, "h", out->h, 32) &&
           gb1_f_int(obj, "sz", 1, GB1_MAX_INTEGER, &out->sz) && gb1_f_codec(obj, &out->mp3);
}

bool gb1_f_array(struct gb1_js obj, const char *name, size_t most, bool required, struct gb1_js_walk *walk)
{
    struct gb1_js v = gb1_js_member(obj, name);
    memset(walk, 0, sizeof *walk);
    if (v.at == NULL) return !required;
    return gb1_js_is_array(v) && gb1_js_count(v) <= most && gb1_js_open(walk, v);
}
