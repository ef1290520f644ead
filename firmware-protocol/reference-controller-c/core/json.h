/*
 * Strict JSON [ENV-4] without memory of its own: one pass proves the text, later look-ups walk over the proven text. A look-up
 * costs time instead of RAM; messages have at most 16 KB and are looked up after their signature has been checked.
 */
#ifndef GB1_JSON_H
#define GB1_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value inside a proven text: its first byte and the end of the whole text. at is NULL where there is no value. */
struct gb1_js {
    const char *at;
    const char *end;
};

/* Proves that the text is one strict JSON object; with fractions, numbers may have fractions and exponents (telemetry). */
bool gb1_js_prove(const char *text, size_t n, bool fractions, struct gb1_js *object);

/* The member of that name; at is NULL when there is none or obj is no object. */
struct gb1_js gb1_js_member(struct gb1_js obj, const char *name);

static inline bool gb1_js_has(struct gb1_js obj, const char *name)
{
    return gb1_js_member(obj, name).at != NULL;
}

bool gb1_js_is_object(struct gb1_js v);
bool gb1_js_is_array(struct gb1_js v);
bool gb1_js_is_string(struct gb1_js v);

/* Walks over the items of an array or the members of an object. */
struct gb1_js_walk {
    struct gb1_js name; /* of an object's member */
    struct gb1_js value;
    const char *next;
    const char *end;
    bool named;
};

/* False when v is neither object nor array. */
bool gb1_js_open(struct gb1_js_walk *walk, struct gb1_js v);
bool gb1_js_next(struct gb1_js_walk *walk);
/* Number of items or members; 0 for anything else. */
size_t gb1_js_count(struct gb1_js v);

/* Each returns false when the value is absent or of another type. */
bool gb1_js_int(struct gb1_js v, int64_t *out);
bool gb1_js_bool(struct gb1_js v, bool *out);
/* Unescaped text with a NUL; also false when it needs more than cap bytes with the NUL. */
bool gb1_js_text(struct gb1_js v, char *out, size_t cap);
bool gb1_js_equals(struct gb1_js v, const char *text);
/* Characters of a string; 0 for anything else. */
size_t gb1_js_length(struct gb1_js v);

#endif
