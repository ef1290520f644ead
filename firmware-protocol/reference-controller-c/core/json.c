#include "json.h"

#include <string.h>

#include "limits.h"

/* ---- proving ---- */

struct prover {
    const char *at;
    const char *end;
    bool fractions;
};

static bool value(struct prover *p, int depth);

static int peek(const struct prover *p)
{
    return p->at < p->end ? (unsigned char)*p->at : -1;
}

static bool take(struct prover *p, char c)
{
    if (peek(p) != (unsigned char)c) return false;
    p->at++;
    return true;
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

static void space(struct prover *p)
{
    p->at = skip_space(p->at, p->end);
}

static bool hex4(const char *at, const char *end, unsigned *code)
{
    *code = 0;
    if (end - at < 4) return false;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        unsigned digit;
        if (c >= '0' && c <= '9') digit = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f') digit = (unsigned)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F') digit = (unsigned)(c - 'A' + 10);
        else return false;
        *code = *code << 4 | digit;
    }
    return true;
}

/* One well-formed UTF-8 character: no overlong form, no surrogate, nothing above U+10FFFF. */
static bool utf8(struct prover *p)
{
    unsigned first = (unsigned)peek(p);
    unsigned more;
    uint32_t least;
    uint32_t code;
    if (first < 0x80) {
        p->at++;
        return true;
    }
    if (first >= 0xC2 && first <= 0xDF) more = 1, least = 0x80, code = first & 0x1FU;
    else if (first >= 0xE0 && first <= 0xEF) more = 2, least = 0x800, code = first & 0x0FU;
    else if (first >= 0xF0 && first <= 0xF4) more = 3, least = 0x10000, code = first & 0x07U;
    else return false;
    p->at++;
    for (; more > 0; more--) {
        int next = peek(p);
        if (next < 0x80 || next > 0xBF) return false;
        code = code << 6 | ((uint32_t)next & 0x3FU);
        p->at++;
    }
    return code >= least && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

static bool escape(struct prover *p)
{
    int c = peek(p);
    if (c < 0) return false;
    p->at++;
    if (c != 'u') return strchr("\"\\/bfnrt", c) != NULL && c != 0;
    unsigned code;
    if (!hex4(p->at, p->end, &code)) return false;
    p->at += 4;
    if (code == 0 || (code >= 0xDC00 && code <= 0xDFFF)) return false;
    if (code < 0xD800 || code > 0xDBFF) return true;
    /* A high surrogate needs its low one, and at once. */
    if (!take(p, '\\') || !take(p, 'u') || !hex4(p->at, p->end, &code)) return false;
    p->at += 4;
    return code >= 0xDC00 && code <= 0xDFFF;
}

static bool string(struct prover *p)
{
    if (!take(p, '"')) return false;
    for (;;) {
        int c = peek(p);
        if (c < 0x20) return false;
        if (c == '"') {
            p->at++;
            return true;
        }
        if (c == '\\') {
            p->at++;
            if (!escape(p)) return false;
        } else if (!utf8(p)) {
            return false;
        }
    }
}

static size_t digits(struct prover *p)
{
    size_t n = 0;
    for (; peek(p) >= '0' && peek(p) <= '9'; n++) p->at++;
    return n;
}

static bool within_53_bits(const char *from, size_t n)
{
    if (n > 16) return false;
    int64_t value = 0;
    for (size_t i = 0; i < n; i++) value = value * 10 + (from[i] - '0');
    return value <= GB1_MAX_INTEGER;
}

static bool number(struct prover *p)
{
    bool minus = take(p, '-');
    const char *first = p->at;
    size_t whole = digits(p);
    if (whole == 0 || (whole > 1 && *first == '0')) return false;
    bool integer = true;
    if (take(p, '.')) {
        integer = false;
        if (digits(p) == 0) return false;
    }
    if (peek(p) == 'e' || peek(p) == 'E') {
        integer = false;
        p->at++;
        if (peek(p) == '+' || peek(p) == '-') p->at++;
        size_t exponent = digits(p);
        if (exponent == 0 || exponent > 3) return false;
    }
    if (!integer) return p->fractions && p->at - first <= 32;
    return !(minus && *first == '0') && within_53_bits(first, whole);
}

static bool word(struct prover *p, const char *w)
{
    size_t n = strlen(w);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, w, n) != 0) return false;
    p->at += n;
    return true;
}

static bool array(struct prover *p, int depth)
{
    if (depth > GB1_JSON_DEPTH) return false;
    p->at++;
    space(p);
    if (take(p, ']')) return true;
    for (;;) {
        if (!value(p, depth + 1)) return false;
        space(p);
        if (take(p, ']')) return true;
        if (!take(p, ',')) return false;
    }
}

/* ---- walking over proven text ---- */

static const char *skip_string(const char *at)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\\') at++;
    }
    return at + 1;
}

static const char *skip_value(const char *at, const char *end)
{
    int nested = 0;
    do {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        if (*at == '{' || *at == '[') nested++;
        if (*at == '}' || *at == ']') nested--;
        at++;
        if (nested == 0) {
            /* After a closing bracket this stops at once; after the first letter of a word or number it runs to its end. */
            char last = at[-1];
            while (last != '}' && last != ']' && at < end && strchr(",]} \t\r\n", *at) == NULL) at++;
        }
    } while (nested > 0);
    return at;
}

/* Unescapes one character of a proven string as UTF-8 into four bytes; returns how many, and moves on. */
static size_t character(const char **at, char out[4])
{
    const char *from = *at;
    if (*from != '\\') {
        out[0] = *from;
        *at = from + 1;
        return 1;
    }
    char c = from[1];
    *at = from + 2;
    switch (c) {
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;
    default: out[0] = c; return 1;
    }
    unsigned code;
    (void)hex4(from + 2, from + 6, &code);
    uint32_t point = code;
    *at = from + 6;
    if (code >= 0xD800 && code <= 0xDBFF) {
        (void)hex4(from + 8, from + 12, &code);
        point = 0x10000U + ((point - 0xD800U) << 10) + (code - 0xDC00U);
        *at = from + 12;
    }
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80U | (point & 0x3FU));
        point >>= 6;
    }
    out[0] = (char)((n == 2 ? 0xC0U : n == 3 ? 0xE0U : 0xF0U) | point);
    return n;
}

/* Whether two proven strings mean the same text, however each is escaped. */
static bool same_text(const char *a, const char *b)
{
    char x[4];
    char y[4];
    size_t xn = 0;
    size_t yn = 0;
    size_t xi = 0;
    size_t yi = 0;
    a++;
    b++;
    for (;;) {
        if (xi == xn) {
            xi = 0;
            xn = *a == '"' ? 0 : character(&a, x);
        }
        if (yi == yn) {
            yi = 0;
            yn = *b == '"' ? 0 : character(&b, y);
        }
        if (xn == 0 || yn == 0) return xn == yn;
        if (x[xi++] != y[yi++]) return false;
    }
}

static bool said_before(const char *first, const char *name, const char *end)
{
    const char *at = first;
    while (at < name) {
        if (same_text(at, name)) return true;
        at = skip_space(skip_string(at), end);
        at = skip_space(at + 1, end);
        at = skip_space(skip_value(at, end), end);
        at = skip_space(at + 1, end);
    }
    return false;
}

static bool object(struct prover *p, int depth)
{
    if (depth > GB1_JSON_DEPTH) return false;
    p->at++;
    space(p);
    if (take(p, '}')) return true;
    const char *first = p->at;
    for (;;) {
        space(p);
        const char *name = p->at;
        if (!string(p) || said_before(first, name, p->end)) return false;
        space(p);
        if (!take(p, ':') || !value(p, depth + 1)) return false;
        space(p);
        if (take(p, '}')) return true;
        if (!take(p, ',')) return false;
    }
}

static bool value(struct prover *p, int depth)
{
    space(p);
    switch (peek(p)) {
    case '{': return object(p, depth);
    case '[': return array(p, depth);
    case '"': return string(p);
    case 't': return word(p, "true");
    case 'f': return word(p, "false");
    case 'n': return word(p, "null");
    default: return number(p);
    }
}

bool gb1_js_prove(const char *text, size_t n, bool fractions, struct gb1_js *object_out)
{
    struct prover p = {text, text + n, fractions};
    if (peek(&p) != '{' || !object(&p, 1)) return false;
    space(&p);
    object_out->at = text;
    object_out->end = text + n;
    return p.at == p.end;
}

bool gb1_js_is_object(struct gb1_js v)
{
    return v.at != NULL && *v.at == '{';
}

bool gb1_js_is_array(struct gb1_js v)
{
    return v.at != NULL && *v.at == '[';
}

bool gb1_js_is_string(struct gb1_js v)
{
    return v.at != NULL && *v.at == '"';
}

bool gb1_js_open(struct gb1_js_walk *walk, struct gb1_js v)
{
    memset(walk, 0, sizeof *walk);
    if (!gb1_js_is_object(v) && !gb1_js_is_array(v)) return false;
    walk->named = *v.at == '{';
    walk->next = v.at + 1;
    walk->end = v.end;
    return true;
}

bool gb1_js_next(struct gb1_js_walk *walk)
{
    if (walk->next == NULL) return false;
    const char *at = skip_space(walk->next, walk->end);
    if (*at == ',') at = skip_space(at + 1, walk->end);
    if (*at == '}' || *at == ']') {
        walk->next = NULL;
        return false;
    }
    if (walk->named) {
        walk->name.at = at;
        walk->name.end = walk->end;
        at = skip_space(skip_string(at), walk->end);
        at = skip_space(at + 1, walk->end);
    }
    walk->value.at = at;
    walk->value.end = walk->end;
    walk->next = skip_value(at, walk->end);
    return true;
}

size_t gb1_js_count(struct gb1_js v)
{
    struct gb1_js_walk walk;
    size_t n = 0;
    if (gb1_js_open(&walk, v)) {
        while (gb1_js_next(&walk)) n++;
    }
    return n;
}

struct gb1_js gb1_js_member(struct gb1_js obj, const char *name)
{
    struct gb1_js none = {NULL, NULL};
    struct gb1_js_walk walk;
    if (!gb1_js_is_object(obj) || !gb1_js_open(&walk, obj)) return none;
    while (gb1_js_next(&walk)) {
        if (gb1_js_equals(walk.name, name)) return walk.value;
    }
    return none;
}

bool gb1_js_int(struct gb1_js v, int64_t *out)
{
    if (v.at == NULL) return false;
    const char *at = v.at;
    bool minus = *at == '-';
    if (minus) at++;
    if (at >= v.end || *at < '0' || *at > '9') return false;
    int64_t sum = 0;
    for (; at < v.end && *at >= '0' && *at <= '9'; at++) {
        if (sum > GB1_MAX_INTEGER) return false;
        sum = sum * 10 + (*at - '0');
    }
    if (at < v.end && (*at == '.' || *at == 'e' || *at == 'E')) return false;
    *out = minus ? -sum : sum;
    return true;
}

bool gb1_js_bool(struct gb1_js v, bool *out)
{
    if (v.at == NULL || (*v.at != 't' && *v.at != 'f')) return false;
    *out = *v.at == 't';
    return true;
}

bool gb1_js_text(struct gb1_js v, char *out, size_t cap)
{
    if (!gb1_js_is_string(v) || cap == 0) return false;
    size_t n = 0;
    const char *at = v.at + 1;
    while (*at != '"') {
        char utf[4];
        size_t more = character(&at, utf);
        if (n + more >= cap) return false;
        memcpy(out + n, utf, more);
        n += more;
    }
    out[n] = '\0';
    return true;
}

bool gb1_js_equals(struct gb1_js v, const char *text)
{
    if (!gb1_js_is_string(v)) return false;
    const char *at = v.at + 1;
    while (*at != '"') {
        char utf[4];
        size_t n = character(&at, utf);
        for (size_t i = 0; i < n; i++) {
            if (*text == '\0' || *text != utf[i]) return false;
            text++;
        }
    }
    return *text == '\0';
}

size_t gb1_js_length(struct gb1_js v)
{
    size_t n = 0;
    if (!gb1_js_is_string(v)) return 0;
    for (const char *at = v.at + 1; *at != '"';) {
        char utf[4];
        (void)character(&at, utf);
        n += ((unsigned char)utf[0] & 0xC0U) != 0x80U; /* unescaped, a character comes byte by byte */
    }
    return n;
}
