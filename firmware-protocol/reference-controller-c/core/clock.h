/*
 * The device's idea of now (section 6): nothing (T0), coarse from a real-time clock or a slow welcome (T1), synchronised by a
 * quick welcome (T2). After a welcome it runs on the monotonic clock alone, so a stepping real-time clock moves nothing.
 */
#ifndef GB1_CLOCK_H
#define GB1_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct gb1_clock {
    int64_t mono; /* ms since boot */
    int64_t rtc;  /* Unix ms, perhaps nonsense */
    int64_t floor;
    int64_t offset; /* T - mono after a welcome */
    int64_t synced_mono;
    int64_t best_round_trip;
    int64_t known_since; /* mono at which T first became known, or -1 */
    int64_t other_offset;
    int64_t other_until_mono;
    bool welcomed;
    bool synced;
};

void gb1_clock_init(struct gb1_clock *c);
void gb1_clock_at(struct gb1_clock *c, int64_t mono, int64_t rtc);
/* Unix ms; false at T0. */
bool gb1_clock_now(const struct gb1_clock *c, int64_t *t);
/* 'U', 'C' or 'T'. */
char gb1_clock_quality(const struct gb1_clock *c);
/* For the journal: Unix ms, or ms since boot at T0. */
int64_t gb1_clock_stamp(const struct gb1_clock *c);
/* Whether the past may be judged: a wrong clock at boot must not declare tomorrow's items missed. */
bool gb1_clock_sure(const struct gb1_clock *c);
/* A resynchronisation begins: the quickest of the coming welcomes wins [SES-6]. */
void gb1_clock_resync(struct gb1_clock *c);
/* A welcome; true when it moved a known clock by more than ten minutes [TIM-8], then with both times. */
bool gb1_clock_welcome(struct gb1_clock *c, int64_t iat, int64_t round_trip, int64_t *before, int64_t *after);
/* For a day after such a jump quiet hours bind by the old clock too [TIM-8]; false when they do not any more. */
bool gb1_clock_other(const struct gb1_clock *c, int64_t *t);

#endif
