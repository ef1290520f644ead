#ifndef GB1_JITTER_H
#define GB1_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A chunk of a voice to sound at this moment, in ms since the core's start like all times here; kept until then. */
void jitter_put(int voice, int64_t at_ms, const void *bytes, size_t n, bool last);
/* Nothing of this voice is kept any more. */
void jitter_forget(int voice);
/* A voice begins to sound now. */
void jitter_open(int voice, int64_t now_ms);
/* The samples from number `at` on, counted from the opening; false when the last chunk has sounded. */
bool jitter_read(int64_t at, int16_t *out, int count);

#endif
