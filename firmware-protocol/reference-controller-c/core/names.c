#include "names.h"

#include <string.h>

static bool is_small_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool gb1_is_kid(const char *text)
{
    size_t n = strlen(text);
    if (n < 1 || n >= GB1_KID_CAP || text[0] < 'a' || text[0] > 'z') return false;
    for (size_t i = 1; i < n; i++) {
        if (!is_small_or_digit(text[i])) return false;
    }
    return true;
}

bool gb1_is_area(const char *text, bool or_empty)
{
    if (*text == '\0') return or_empty;
    if (strlen(text) >= GB1_AREA_CAP) return false;
    size_t label = 0;
    for (; *text != '\0'; text++) {
        if (*text == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!is_small_or_digit(*text) || ++label > 12) {
            return false;
        }
    }
    return label > 0;
}

bool gb1_is_word(const char *text, size_t most)
{
    size_t n = strlen(text);
    if (n < 1 || n > most) return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_small_or_digit(text[i]) && text[i] != '-') return false;
    }
    return true;
}

bool gb1_is_id(const char *text)
{
    if (strlen(text) != 16) return false;
    for (; *text != '\0'; text++) {
        if (!((*text >= 'A' && *text <= 'Z') || (*text >= '2' && *text <= '7'))) return false;
    }
    return true;
}

bool gb1_is_scope(const char *text)
{
    if (strcmp(text, "*") == 0) return true;
    if (strncmp(text, "d/", 2) == 0) return gb1_is_id(text + 2);
    return strncmp(text, "a/", 2) == 0 && gb1_is_area(text + 2, false);
}

int gb1_area_depth(const char *area)
{
    if (*area == '\0') return 0;
    int depth = 1;
    for (; *area != '\0'; area++) depth += *area == '.';
    return depth;
}

bool gb1_area_covers(const char *k, const char *a)
{
    size_t n = strlen(k);
    return n == 0 || (strncmp(k, a, n) == 0 && (a[n] == '\0' || a[n] == '.'));
}

void gb1_id_of_hash(char id[GB1_ID_CAP], const uint8_t hash[32])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (unsigned i = 0; i < 16; i++) {
        unsigned bit = i * 5;
        unsigned window = (unsigned)hash[bit / 8] << 8 | hash[bit / 8 + 1];
        id[i] = alphabet[window >> (11 - bit % 8) & 31U];
    }
    id[16] = '\0';
}

static void append(char *row, const char *text)
{
    size_t n = strlen(row);
    size_t more = strlen(text);
    if (n + more + 1 > GB1_ROW_CAP) return;
    memcpy(row + n, text, more + 1);
}

bool gb1_row_of(char row[GB1_ROW_CAP], enum gb1_typ typ, const char *to, const char *by)
{
    row[0] = '\0';
    append(row, gb1_typ_name(typ));
    switch (typ) {
    case GB1_KEYS_DOC:
        if (strcmp(to, "*") == 0) return true;
        break;
    case GB1_SITE_DOC:
    case GB1_CFG_DOC:
    case GB1_PLAN_DOC:
    case GB1_FW_DOC: return true;
    case GB1_NOW_DOC:
    case GB1_SES_DOC: break;
    default: return false;
    }
    append(row, "@");
    append(row, to);
    if (typ == GB1_NOW_DOC) {
        append(row, "@");
        append(row, by);
    }
    return true;
}

bool gb1_row_is(const char *row, enum gb1_typ typ)
{
    const char *name = gb1_typ_name(typ);
    size_t n = strlen(name);
    return strncmp(row, name, n) == 0 && (row[n] == '\0' || row[n] == '@');
}

void gb1_row_scope(char scope[GB1_SCOPE_CAP], const char *row)
{
    const char *at = strchr(row, '@');
    size_t n = 0;
    if (at != NULL) {
        for (at++; *at != '\0' && *at != '@' && n + 1 < GB1_SCOPE_CAP; at++) scope[n++] = *at;
    }
    scope[n] = '\0';
}

bool gb1_is_row(const char *text)
{
    static const enum gb1_typ plain[] = {GB1_KEYS_DOC, GB1_SITE_DOC, GB1_CFG_DOC, GB1_PLAN_DOC, GB1_FW_DOC};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (strcmp(text, gb1_typ_name(plain[i])) == 0) return true;
    }
    char scope[GB1_SCOPE_CAP];
    const char *first = strchr(text, '@');
    if (first == NULL || strlen(text) >= GB1_ROW_CAP) return false;
    gb1_row_scope(scope, text);
    if (!gb1_is_scope(scope)) return false;
    const char *second = strchr(first + 1, '@');
    if (gb1_row_is(text, GB1_KEYS_DOC)) return second == NULL && gb1_is_area_scope(scope);
    if (gb1_row_is(text, GB1_SES_DOC)) return second == NULL;
    return gb1_row_is(text, GB1_NOW_DOC) && second != NULL && gb1_is_kid(second + 1);
}
