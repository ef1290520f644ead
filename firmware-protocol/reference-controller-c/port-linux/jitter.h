#ifndef GB1_JITTER_H
#define GB1_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void jitter_clear(void);
void jitter_put(int64_t play_at, const void *bytes, size_t n, bool last);
/* What sounds from Unix ms t on; false when the last chunk has sounded. */
bool jitter_read(int64_t t, int16_t *out, int count);

#endif
