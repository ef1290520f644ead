/* Names of GB1: kids, areas, scopes, rows, identities (grammar in section 4 of PROTOCOL.md). */
#ifndef GB1_NAMES_H
#define GB1_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codes.h"

#define GB1_KID_CAP 9
#define GB1_AREA_CAP 49
#define GB1_SCOPE_CAP 51
#define GB1_SYS_CAP 17
#define GB1_ID_CAP 17
#define GB1_OID_CAP 17
#define GB1_SID_CAP 25
#define GB1_PLAYID_CAP 29 /* sid#rep */
#define GB1_PIN_CAP 17
#define GB1_CODEC_CAP 17
#define GB1_ROW_CAP 68

bool gb1_is_kid(const char *text);
/* Labels joined by dots; the empty path, which is the whole deployment, only when asked for. */
bool gb1_is_area(const char *text, bool or_empty);
/* 1 to most characters of a-z 0-9 and '-'. */
bool gb1_is_word(const char *text, size_t most);
bool gb1_is_id(const char *text);
bool gb1_is_scope(const char *text);

static inline bool gb1_is_area_scope(const char *scope)
{
    return scope[0] == 'a';
}

/* 0 for the whole deployment, 1 for 37, 2 for 37.14329 [KEY-4]. */
int gb1_area_depth(const char *area);
/* Whether area k is a or holds it; parents are not implied [KEY-3]. */
bool gb1_area_covers(const char *k, const char *a);

/* First 16 characters of base32 of the hash of the device's public key [CON-2]. */
void gb1_id_of_hash(char id[GB1_ID_CAP], const uint8_t hash[32]);

/* The row of a document; false for types without one [ENV-9]. by is used for now alone. */
bool gb1_row_of(char row[GB1_ROW_CAP], enum gb1_typ typ, const char *to, const char *by);
/* Whether the text is a row this revision knows. */
bool gb1_is_row(const char *text);
bool gb1_row_is(const char *row, enum gb1_typ typ);
/* The scope inside a row such as now@a/37@x1; empty when the row has none. */
void gb1_row_scope(char scope[GB1_SCOPE_CAP], const char *row);

#endif
