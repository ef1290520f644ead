#include "clock.h"

#include <string.h>

#include "limits.h"

void gb1_clock_init(struct gb1_clock *c)
{
    memset(c, 0, sizeof *c);
    c->best_round_trip = INT64_MAX;
    c->known_since = -1;
    c->other_until_mono = INT64_MIN;
}

void gb1_clock_at(struct gb1_clock *c, int64_t mono, int64_t rtc)
{
    int64_t t;
    if (mono > c->mono) c->mono = mono;
    c->rtc = rtc;
    if (c->known_since < 0 && gb1_clock_now(c, &t)) c->known_since = c->mono;
}

bool gb1_clock_now(const struct gb1_clock *c, int64_t *t)
{
    *t = c->welcomed ? c->mono + c->offset : c->rtc;
    return c->welcomed || (c->rtc >= c->floor && c->rtc <= c->floor + GB1_HORIZON_MS);
}

char gb1_clock_quality(const struct gb1_clock *c)
{
    int64_t t;
    if (c->welcomed && c->synced && c->mono - c->synced_mono < GB1_SYNCHRONISED_MS) return 'T';
    return gb1_clock_now(c, &t) ? 'C' : 'U';
}

int64_t gb1_clock_stamp(const struct gb1_clock *c)
{
    int64_t t;
    return gb1_clock_now(c, &t) ? t : c->mono;
}

bool gb1_clock_sure(const struct gb1_clock *c)
{
    int64_t t;
    return c->welcomed || (gb1_clock_now(c, &t) && c->mono >= GB1_RTC_BELIEVED_MS);
}

void gb1_clock_resync(struct gb1_clock *c)
{
    c->best_round_trip = INT64_MAX;
}

bool gb1_clock_welcome(struct gb1_clock *c, int64_t iat, int64_t round_trip, int64_t *before, int64_t *after)
{
    if (round_trip >= c->best_round_trip) return false;
    bool known = gb1_clock_now(c, before);
    c->best_round_trip = round_trip;
    if (gb1_clock_quality(c) == 'T' && round_trip > GB1_SYNC_ROUND_TRIP_MS) { /* [TIM-9] */
        if (*before >= iat && *before <= iat + round_trip) return false;
        c->synced = false;
    }
    *after = iat + round_trip / 2;
    c->offset = *after - c->mono;
    c->welcomed = true;
    if (round_trip <= GB1_SYNC_ROUND_TRIP_MS) {
        c->synced = true;
        c->synced_mono = c->mono;
    }
    if (c->known_since < 0) c->known_since = c->mono;
    int64_t moved = *after - *before;
    if (!known || (moved <= GB1_CLOCK_JUMP_MS && moved >= -GB1_CLOCK_JUMP_MS)) return false;
    c->other_offset = -moved;
    c->other_until_mono = c->mono + GB1_DAY_MS;
    return true;
}

bool gb1_clock_other(const struct gb1_clock *c, int64_t *t)
{
    if (c->mono >= c->other_until_mono || !gb1_clock_now(c, t)) return false;
    *t += c->other_offset;
    return true;
}
