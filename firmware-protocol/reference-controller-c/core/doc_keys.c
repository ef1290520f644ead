#include "docs.h"

#include <string.h>

static gb1_use use_of(struct gb1_js word)
{
    for (int typ = 0; typ < GB1_TYPS; typ++) {
        const char *name = typ == GB1_KEYS_DOC ? "akeys" : gb1_typ_name((enum gb1_typ)typ);
        if (gb1_js_equals(word, name)) return GB1_USE(typ);
    }
    return 0; /* a later revision's right: nothing we could grant */
}

static bool key_read(struct gb1_js obj, gb1_key_check *usable, void *ctx, struct gb1_key *out)
{
    struct gb1_js_walk uses;
    int pri;
    int cpri;
    memset(out, 0, sizeof *out);
    if (!gb1_js_is_object(obj) || !gb1_f_text(obj, "kid", out->kid, sizeof out->kid) || !gb1_is_kid(out->kid)) return false;
    if (out->kid[0] == 'r' || out->kid[0] == 'd') return false;
    if (!gb1_f_bytes(obj, "x", out->x, 32) || !usable(ctx, out->x)) return false;
    if (!gb1_f_array(obj, "use", 16, true, &uses)) return false;
    while (gb1_js_next(&uses)) {
        if (!gb1_js_is_string(uses.value)) return false;
        out->use = (gb1_use)(out->use | use_of(uses.value));
    }
    if (!gb1_f_text(obj, "area", out->area, sizeof out->area) || !gb1_is_area(out->area, true)) return false;
    if (!gb1_f_small(obj, "pri", 0, 99, &pri) || !gb1_f_small_or(obj, "cpri", 0, 99, pri, &cpri)) return false;
    if ((out->use & GB1_USE_ONLINE) != 0 && pri > GB1_ONLINE_PRI) return false;
    out->pri = (uint8_t)pri;
    out->cpri = (uint8_t)cpri;
    return gb1_f_moment(obj, "nbf", &out->nbf) && gb1_f_int(obj, "exp", out->nbf, GB1_MAX_INTEGER, &out->exp);
}

bool gb1_root_read(struct gb1_js obj, gb1_key_check *usable, void *ctx, struct gb1_root *out)
{
    return gb1_js_is_object(obj) && gb1_f_text(obj, "kid", out->kid, sizeof out->kid) && gb1_is_kid(out->kid) &&
           out->kid[0] == 'r' && gb1_f_bytes(obj, "x", out->x, 32) && usable(ctx, out->x);
}

static bool is_bad(const struct gb1_keys *keys, const char *kid)
{
    for (int i = 0; i < keys->bads; i++) {
        if (strcmp(keys->bad[i], kid) == 0) return true;
    }
    return false;
}

/* No kid and no x twice, roots included; no kid that bad[] names. */
static bool distinct(const struct gb1_keys *keys)
{
    for (int i = 0; i < keys->n; i++) {
        const struct gb1_key *a = &keys->keys[i];
        if (is_bad(keys, a->kid)) return false;
        for (int j = 0; j < i; j++) {
            const struct gb1_key *b = &keys->keys[j];
            if (strcmp(a->kid, b->kid) == 0 || memcmp(a->x, b->x, 32) == 0) return false;
        }
    }
    for (int i = 0; keys->has_roots && i < GB1_ROOTS; i++) {
        const struct gb1_root *root = &keys->roots[i];
        for (int j = 0; j < i; j++) {
            const struct gb1_root *other = &keys->roots[j];
            if (strcmp(root->kid, other->kid) == 0 || memcmp(root->x, other->x, 32) == 0) return false;
        }
        for (int j = 0; j < keys->n; j++) {
            if (memcmp(root->x, keys->keys[j].x, 32) == 0) return false;
        }
    }
    return true;
}

static bool deployment_only(struct gb1_js obj, gb1_key_check *usable, void *ctx, struct gb1_keys *out)
{
    struct gb1_js_walk walk;
    struct gb1_js quorum = gb1_js_member(obj, "quorum");
    out->has_quorum = quorum.at != NULL;
    if (out->has_quorum && (!gb1_js_is_object(quorum) || !gb1_f_small(quorum, "depth", 0, 24, &out->quorum_depth) ||
                            !gb1_f_small(quorum, "n", 1, 2, &out->quorum_n))) {
        return false;
    }
    if (!gb1_f_array(obj, "bad", GB1_BAD, false, &walk)) return false;
    while (gb1_js_next(&walk)) {
        char *kid = out->bad[out->bads++];
        if (!gb1_js_text(walk.value, kid, GB1_KID_CAP) || !gb1_is_kid(kid)) return false;
    }
    out->has_roots = gb1_js_has(obj, "roots");
    if (!gb1_f_array(obj, "roots", GB1_ROOTS, false, &walk)) return false;
    int roots = 0;
    while (gb1_js_next(&walk)) {
        if (!gb1_root_read(walk.value, usable, ctx, &out->roots[roots++])) return false;
    }
    if (out->has_roots && roots != GB1_ROOTS) return false;
    struct gb1_js rst = gb1_js_member(obj, "rst");
    out->has_rst = rst.at != NULL;
    return !out->has_rst || (gb1_js_is_object(rst) && gb1_f_int(rst, "n", 1, GB1_MAX_INTEGER, &out->rst_n) &&
                             gb1_f_moment(rst, "t", &out->rst_t));
}

bool gb1_keys_read(struct gb1_js obj, bool of_area, gb1_key_check *usable, void *ctx, struct gb1_keys *out)
{
    struct gb1_js_walk walk;
    memset(out, 0, sizeof *out);
    out->quorum_depth = 1;
    out->quorum_n = 2;
    if (!gb1_f_array(obj, "keys", GB1_KEYS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!key_read(walk.value, usable, ctx, &out->keys[out->n++])) return false;
    }
    if (!of_area && !deployment_only(obj, usable, ctx, out)) return false;
    return distinct(out);
}
