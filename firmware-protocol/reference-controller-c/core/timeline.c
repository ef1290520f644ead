#include "parts.h"

/* How far sound may have gone beyond the last remembered position. */
#define POSITION_RESOLUTION_MS 2000

enum gb1_place gb1_timeline(
    const struct gb1_span *item, const struct gb1_done *past, int64_t now, int64_t *offset_ms, int64_t *limit_ms)
{
    int64_t late = now - item->at;
    int64_t length = item->dur_ms < item->audio_ms ? item->dur_ms : item->audio_ms;
    bool started = past != NULL && past->starts > 0;
    if (past != NULL && past->ended) return GB1_OVER;
    if (late < 0) return GB1_AHEAD;
    if (!started && late <= GB1_ON_TIME_MS) {
        int64_t left = item->dur_ms - late;
        *offset_ms = 0;
        *limit_ms = left < item->audio_ms ? left : item->audio_ms;
        return *limit_ms > 0 ? GB1_JOINS : GB1_OVER;
    }
    *offset_ms = late;
    *limit_ms = length - late;
    if (*limit_ms < GB1_JOIN_REMAINING_MS) return GB1_OVER;
    if (!started) return late > item->late_ms ? GB1_OVER : GB1_JOINS;
    if (past->cuts > GB1_POWER_REJOINS) return GB1_OVER;
    /* A clock that stepped back never repeats sound [TIM-7]. */
    return late < past->position_ms + POSITION_RESOLUTION_MS ? GB1_AHEAD : GB1_JOINS;
}
