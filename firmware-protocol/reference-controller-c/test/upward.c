#include "upward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/b64.h"
#include "../core/envelope.h"
#include "../core/fields.h"
#include "../core/limits.h"

#define BATCH_MOST 8000 /* [ACK-4] */
#define ANY INT64_C(9007199254740991)
#define QUALITIES "U C T"
#define PROOFS "none dac amp line mic"

enum kind { INTEGER, NUMBER, BOOLEAN, WORD, TEXT, BYTES, NAME, PLAY, ROW, ROWS, FACTS, OBJECT, LIST, PAIRS, YES };

/* A line of a field table. least and most bound an integer, or most the characters, bytes or items. */
struct field {
    const char *name; /* NULL ends a table */
    enum kind kind;
    int64_t least;
    int64_t most;
    const char *words;      /* of a WORD */
    const struct field *of; /* of an OBJECT, or of the items of a LIST, which have no name */
    bool optional;
};

static bool is_one_of(struct gb1_js v, const char *words)
{
    char text[40];
    if (!gb1_js_text(v, text, sizeof text) || text[0] == '\0') return false;
    size_t n = strlen(text);
    for (const char *at = strstr(words, text); at != NULL; at = strstr(at + 1, text)) {
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) return true;
    }
    return false;
}

static bool is_number(struct gb1_js v)
{
    return v.at != NULL && (*v.at == '-' || (*v.at >= '0' && *v.at <= '9')) && isfinite(strtod(v.at, NULL));
}

/* An oid, or a sid with its repetition. */
static bool is_play(struct gb1_js v)
{
    char text[GB1_PLAYID_CAP];
    if (!gb1_js_text(v, text, sizeof text)) return false;
    char *rep = strchr(text, '#');
    if (rep == NULL) return gb1_is_word(text, GB1_OID_CAP - 1);
    *rep++ = '\0';
    return gb1_is_word(text, GB1_SID_CAP - 1) && rep[0] != '0' && rep[0] != '\0' && strspn(rep, "0123456789") == strlen(rep);
}

static bool is_row(struct gb1_js v)
{
    char text[GB1_ROW_CAP];
    return gb1_js_text(v, text, sizeof text) && gb1_is_row(text);
}

/* Rising pairs of block numbers, none twice. */
static bool are_pairs(struct gb1_js v, int64_t most)
{
    struct gb1_js_walk walk;
    struct gb1_js_walk pair;
    int64_t past = -1;
    if (!gb1_js_is_array(v) || gb1_js_count(v) > (size_t)most || !gb1_js_open(&walk, v)) return false;
    while (gb1_js_next(&walk)) {
        int64_t bound[2];
        int n = 0;
        if (!gb1_js_is_array(walk.value) || gb1_js_count(walk.value) != 2 || !gb1_js_open(&pair, walk.value)) return false;
        while (gb1_js_next(&pair)) {
            if (!gb1_js_int(pair.value, &bound[n++])) return false;
        }
        if (bound[0] <= past || bound[1] < bound[0] || bound[1] > UINT32_MAX) return false;
        past = bound[1];
    }
    return true;
}

/* An object whose values are all numbers of documents, or all text. */
static bool is_map(struct gb1_js v, bool of_numbers)
{
    struct gb1_js_walk walk;
    int64_t seq;
    if (!gb1_js_is_object(v) || !gb1_js_open(&walk, v)) return false;
    while (gb1_js_next(&walk)) {
        if (of_numbers ? !gb1_js_int(walk.value, &seq) || seq < 0 : !gb1_js_is_string(walk.value)) return false;
    }
    return true;
}

static bool fits(struct gb1_js v, const struct field *f);

static bool is_object(struct gb1_js v, const struct field *table)
{
    if (!gb1_js_is_object(v)) return false;
    for (; table->name != NULL; table++) {
        struct gb1_js member = gb1_js_member(v, table->name);
        if (member.at == NULL ? !table->optional : !fits(member, table)) return false;
    }
    return true;
}

static bool is_list(struct gb1_js v, const struct field *f)
{
    struct gb1_js_walk walk;
    if (!gb1_js_is_array(v) || gb1_js_count(v) > (size_t)f->most || !gb1_js_open(&walk, v)) return false;
    while (gb1_js_next(&walk)) {
        if (!fits(walk.value, f->of)) return false;
    }
    return true;
}

static bool fits(struct gb1_js v, const struct field *f)
{
    int64_t integer;
    bool boolean;
    uint8_t bytes[64];
    char text[64];
    switch (f->kind) {
    case INTEGER: return gb1_js_int(v, &integer) && integer >= f->least && integer <= f->most;
    case NUMBER: return is_number(v);
    case BOOLEAN: return gb1_js_bool(v, &boolean);
    case YES: return gb1_js_bool(v, &boolean) && boolean;
    case WORD: return is_one_of(v, f->words);
    case TEXT: return gb1_js_is_string(v) && gb1_js_length(v) <= (size_t)f->most;
    case BYTES: return gb1_js_text(v, text, sizeof text) && gb1_b64_decode(bytes, (size_t)f->most, text, strlen(text));
    case NAME: return gb1_js_text(v, text, sizeof text) && gb1_is_word(text, (size_t)f->most);
    case PLAY: return is_play(v);
    case ROW: return is_row(v);
    case ROWS: return is_map(v, true);
    case FACTS: return is_map(v, false);
    case OBJECT: return is_object(v, f->of);
    case LIST: return is_list(v, f);
    case PAIRS: return are_pairs(v, f->most);
    }
    return false;
}

#define BEGINS(typ) {"v", INTEGER, 1, 1, NULL, NULL, false}, {"typ", WORD, 0, 0, typ, NULL, false}
#define SINCE(name) {name, INTEGER, 0, ANY, NULL, NULL, false}
#define ONE_OF(name, words) {name, WORD, 0, 0, words, NULL, false}
#define SOME(name, most, of) {name, LIST, 0, most, NULL, of, false}
#define PART(name, of) {name, OBJECT, 0, 0, NULL, of, true}
#define END {NULL, TEXT, 0, 0, NULL, NULL, false}

static const struct field word[] = {{NULL, TEXT, 0, 32, NULL, NULL, false}};
static const struct field line_of_log[] = {{NULL, TEXT, 0, 400, NULL, NULL, false}};
static const struct field version[] = {{NULL, INTEGER, 0, ANY, NULL, NULL, false}};
static const struct field play[] = {{NULL, PLAY, 0, 0, NULL, NULL, false}};

static const struct field cap[] = {
    SOME("codec", 32, word), {"pkt", INTEGER, 8192, ANY, NULL, NULL, false}, SINCE("store"), ONE_OF("proof", PROOFS), {"rtc", BOOLEAN, 0, 0, NULL, NULL, false}, END,
};
static const struct field clk[] = {SINCE("t"), ONE_OF("q", QUALITIES), END};
static const struct field journal[] = {{"jid", NAME, 0, 16, NULL, NULL, false}, {"lo", INTEGER, 1, ANY, NULL, NULL, false}, SINCE("hi"), END};
static const struct field hello[] = {
    BEGINS("hello"), {"bn", BYTES, 0, 16, NULL, NULL, false}, SINCE("sn"), SINCE("boot"), ONE_OF("why", "power watchdog cmd fw"),
    {"fw", TEXT, 0, 64, NULL, NULL, false}, {"hw", TEXT, 0, 64, NULL, NULL, false}, SOME("proto", 32, version), SOME("prof", 32, word), SOME("crit", 32, word),
    {"cap", OBJECT, 0, 0, NULL, cap, false}, {"clk", OBJECT, 0, 0, NULL, clk, false}, SINCE("floor"), {"hwm", ROWS, 0, 0, NULL, NULL, false},
    {"j", OBJECT, 0, 0, NULL, journal, false}, END,
};

static const struct field nothing[] = {END};
static const struct field entry_fields[] = {
    {"n", INTEGER, 1, ANY, NULL, NULL, false}, SINCE("t"), ONE_OF("q", QUALITIES), {"boot", INTEGER, 0, ANY, NULL, NULL, true},
    {"k", TEXT, 0, 32, NULL, NULL, false}, {"s", TEXT, 0, 32, NULL, NULL, false}, {"d", OBJECT, 0, 0, NULL, nothing, false}, END,
};
static const struct field entry[] = {{NULL, OBJECT, 0, 0, NULL, entry_fields, false}};
static const struct field ev[] = {BEGINS("ev"), {"jid", NAME, 0, 16, NULL, NULL, false}, SOME("e", BATCH_MOST, entry), END};

static const struct field need[] = {
    BEGINS("need"), {"a", BYTES, 0, 32, NULL, NULL, false}, {"blk", INTEGER, 512, 16384, NULL, NULL, false}, {"miss", PAIRS, 0, 32, NULL, NULL, false}, END,
};

static const struct field rep[] = {BEGINS("rep"), {"cid", NAME, 0, 16, NULL, NULL, false}, ONE_OF("what", "state log doc"), END};
static const struct field rep_state[] = {
    SINCE("t"), ONE_OF("q", QUALITIES), {"rows", ROWS, 0, 0, NULL, NULL, false}, SOME("play", 8, play), SOME("flt", 64, word), {"facts", FACTS, 0, 0, NULL, NULL, false}, END,
};
static const struct field rep_log[] = {SOME("lines", 200, line_of_log), END};
static const struct field rep_doc[] = {{"row", ROW, 0, 0, NULL, NULL, false}, {"none", YES, 0, 0, NULL, NULL, false}, END};

static const struct field st[] = {ONE_OF("s", "on off"), SINCE("sn"), END};

static const struct field pwr[] = {{"src", TEXT, 0, 32, NULL, NULL, false}, {"mv", NUMBER, 0, 0, NULL, NULL, true}, END};
static const struct field net[] = {
    {"rat", TEXT, 0, 32, NULL, NULL, false}, {"rsrp", NUMBER, 0, 0, NULL, NULL, true}, {"rx", NUMBER, 0, 0, NULL, NULL, true}, {"tx", NUMBER, 0, 0, NULL, NULL, true}, END,
};
static const struct field amp[] = {{"on", BOOLEAN, 0, 0, NULL, NULL, false}, {"c", NUMBER, 0, 0, NULL, NULL, true}, END};
static const struct field line_fields[] = {{"z", NUMBER, 0, 0, NULL, NULL, true}, ONE_OF("s", "ok open short earth"), END};
static const struct field line[] = {{NULL, OBJECT, 0, 0, NULL, line_fields, false}};
static const struct field sto[] = {SINCE("free"), SINCE("pins"), END};
static const struct field drift[] = {{"ppm", NUMBER, 0, 0, NULL, NULL, true}, {"err", NUMBER, 0, 0, NULL, NULL, true}, END};
static const struct field tel[] = {
    BEGINS("tel"), SINCE("t"), ONE_OF("q", QUALITIES), SINCE("up"), PART("pwr", pwr), PART("net", net), PART("amp", amp),
    {"line", LIST, 0, 32, NULL, line, true}, PART("sto", sto), PART("clk", drift), {"flt", LIST, 0, 32, NULL, word, true}, END,
};

static bool ends_after_it_begins(struct gb1_js json)
{
    struct gb1_js j = gb1_js_member(json, "j");
    int64_t lo;
    int64_t hi;
    return gb1_js_int(gb1_js_member(j, "lo"), &lo) && gb1_js_int(gb1_js_member(j, "hi"), &hi) && hi >= lo - 1;
}

/* Numbers rise, and a moment since boot says since which. */
static bool entries_right(struct gb1_js json)
{
    struct gb1_js_walk walk;
    int64_t last = 0;
    if (!gb1_js_open(&walk, gb1_js_member(json, "e"))) return false;
    while (gb1_js_next(&walk)) {
        int64_t n;
        bool since_boot = gb1_js_equals(gb1_js_member(walk.value, "q"), "U");
        if (!gb1_js_int(gb1_js_member(walk.value, "n"), &n) || n <= last || since_boot != gb1_js_has(walk.value, "boot")) return false;
        last = n;
    }
    return true;
}

static bool report_right(struct gb1_js json)
{
    struct gb1_js what = gb1_js_member(json, "what");
    return is_object(json, gb1_js_equals(what, "state") ? rep_state : gb1_js_equals(what, "log") ? rep_log : rep_doc);
}

static const struct {
    const char *kind;
    const struct field *table;
    bool (*besides)(struct gb1_js json);
} messages[] = {
    {"hello", hello, ends_after_it_begins}, {"ev", ev, entries_right}, {"need", need, NULL}, {"rep", rep, report_right}, {"st", st, NULL}, {"tel", tel, NULL},
};

const char *upward_read(const char *file, const char *bytes, size_t n)
{
    struct gb1_js json;
    struct gb1_envelope envelope;
    bool report = strncmp(file, "rep", 3) == 0;
    if (report && n > 0 && bytes[0] != '{') return gb1_envelope_parse((const uint8_t *)bytes, n, &envelope) ? "read" : "E_FMT";
    if (strncmp(file, "ev", 2) == 0 && n > BATCH_MOST) return "E_FMT";
    if (!gb1_js_prove(bytes, n, strncmp(file, "tel", 3) == 0, &json)) return "E_JSON";
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (strncmp(file, messages[i].kind, strlen(messages[i].kind)) != 0) continue;
        bool right = is_object(json, messages[i].table) && (messages[i].besides == NULL || messages[i].besides(json));
        return right ? "read" : "E_SEM";
    }
    return "E_DST";
}
