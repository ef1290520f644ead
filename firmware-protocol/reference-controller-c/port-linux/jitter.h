#ifndef GB1_JITTER_H
#define GB1_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A session begins to sound: sample 0 is now, in Unix ms by the core's clock. */
void jitter_open(int64_t now_ms);
void jitter_put(int64_t play_at, const void *bytes, size_t n, bool last);
/* The samples from number `at` on; false when the last chunk has sounded. */
bool jitter_read(int64_t at, int16_t *out, int count);

#endif
