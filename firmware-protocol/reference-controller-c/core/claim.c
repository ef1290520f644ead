#include "claim.h"

#include <string.h>

#define LONGEST_PEM 16384
#define LONGEST_TEXT 512

static bool roots_read(struct gb1_js json, gb1_key_check *usable, void *ctx, struct gb1_claim *out)
{
    struct gb1_js_walk walk;
    int n = 0;
    if (!gb1_f_array(json, "roots", GB1_ROOTS, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!gb1_root_read(walk.value, usable, ctx, &out->roots[n])) return false;
        for (int i = 0; i < n; i++) {
            if (strcmp(out->roots[i].kid, out->roots[n].kid) == 0 || memcmp(out->roots[i].x, out->roots[n].x, 32) == 0) {
                return false;
            }
        }
        n++;
    }
    return n == GB1_ROOTS;
}

static bool brokers_read(struct gb1_js json, struct gb1_claim *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(json, "broker", 8, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!gb1_f_text(walk.value, "host", out->broker[out->brokers].host, sizeof out->broker[0].host)) return false;
        if (out->broker[out->brokers].host[0] == '\0') return false;
        if (!gb1_f_small(walk.value, "port", 1, 65535, &out->broker[out->brokers].port)) return false;
        out->brokers++;
    }
    return out->brokers > 0;
}

static bool is_pin(const char *pin)
{
    for (int i = 0; i < 6; i++) {
        if (pin[i] < '0' || pin[i] > '9') return false;
    }
    return pin[6] == '\0';
}

/* The certificates and the name of the modem's network stay in the file, but it is judged as a whole. */
static bool texts_right(struct gb1_js json, struct gb1_js cred)
{
    struct gb1_js_walk ca;
    struct gb1_js cert = gb1_js_member(cred, "cert");
    struct gb1_js apn = gb1_js_member(json, "apn");
    if (!gb1_f_array(json, "ca", 8, true, &ca)) return false;
    while (gb1_js_next(&ca)) {
        if (!gb1_js_is_string(ca.value)) return false;
    }
    if (cert.at != NULL && (gb1_js_length(cert) < 1 || gb1_js_length(cert) > LONGEST_PEM)) return false;
    return apn.at == NULL || (gb1_js_is_string(apn) && gb1_js_length(apn) <= LONGEST_TEXT);
}

bool gb1_claim_read(const char *file, size_t n, gb1_key_check *usable, void *ctx, struct gb1_claim *out)
{
    struct gb1_js json;
    int64_t version;
    memset(out, 0, sizeof *out);
    if (!gb1_js_prove(file, n, false, &json)) return false;
    if (!gb1_f_int(json, "v", 1, 1, &version) || !gb1_f_text(json, "sys", out->sys, sizeof out->sys)) return false;
    if (!gb1_is_word(out->sys, 16) || !gb1_f_text(json, "id", out->id, sizeof out->id)) return false;
    if (gb1_js_has(json, "pin") && (!gb1_f_text(json, "pin", out->pin, sizeof out->pin) || !is_pin(out->pin))) return false;
    if (strcmp(out->id, "*") == 0 ? out->pin[0] == '\0' : !gb1_is_id(out->id)) return false;
    if (!gb1_f_moment(json, "t", &out->t) || !roots_read(json, usable, ctx, out) || !brokers_read(json, out)) return false;
    struct gb1_js cred = gb1_js_member(json, "cred");
    if (!texts_right(json, cred)) return false;
    out->ca = gb1_js_member(json, "ca");
    if (gb1_js_has(cred, "cert")) return true;
    out->has_password = gb1_f_text(cred, "user", out->user, sizeof out->user) && out->user[0] != '\0' &&
                        gb1_f_text(cred, "pass", out->pass, sizeof out->pass) && out->pass[0] != '\0';
    return out->has_password;
}

bool gb1_claim_fits(const struct gb1_claim *claim, const char *id, const char *pin)
{
    if (claim->id[0] != '*') return strcmp(claim->id, id) == 0;
    return pin != NULL && strcmp(claim->pin, pin) == 0;
}
