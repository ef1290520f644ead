/* Reads members by a field table: each returns false for a missing, mistyped or out-of-range member, which is E_SEM. */
#ifndef GB1_FIELDS_H
#define GB1_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "names.h"

/* A file of sound. h is the only authority (section 9). */
struct gb1_asset {
    uint8_t h[32];
    int64_t sz;
    bool mp3; /* no other codec is played here, so its name need not be kept */
};

bool gb1_f_int(struct gb1_js obj, const char *name, int64_t min, int64_t max, int64_t *out);
bool gb1_f_int_or(struct gb1_js obj, const char *name, int64_t min, int64_t max, int64_t otherwise, int64_t *out);
/* The same into an int; ranges must fit. */
bool gb1_f_small(struct gb1_js obj, const char *name, int min, int max, int *out);
bool gb1_f_small_or(struct gb1_js obj, const char *name, int min, int max, int otherwise, int *out);
/* Unix ms, not negative. */
bool gb1_f_moment(struct gb1_js obj, const char *name, int64_t *out);
bool gb1_f_bool_or(struct gb1_js obj, const char *name, bool otherwise, bool *out);
bool gb1_f_text(struct gb1_js obj, const char *name, char *out, size_t cap);
/* n bytes in canonical base64url. */
bool gb1_f_bytes(struct gb1_js obj, const char *name, uint8_t *out, size_t n);
/* Member c: any token, and whether it is the codec this controller plays. */
bool gb1_f_codec(struct gb1_js obj, bool *mp3);
bool gb1_f_asset(struct gb1_js obj, struct gb1_asset *out);
/* An array of at most `most` items; absent counts as empty unless required. */
bool gb1_f_array(struct gb1_js obj, const char *name, size_t most, bool required, struct gb1_js_walk *walk);

#endif
