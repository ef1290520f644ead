#include "linux.h"

#include <time.h>

static _Atomic int64_t shift;
static _Atomic int64_t difference;
static _Atomic bool known;
static _Atomic bool synchronised;

int64_t mono_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t rtc_ms(void)
{
    return wall_ms() + shift;
}

void rtc_shift(int64_t ms)
{
    shift = ms;
}

void believe(bool is_known, int64_t core_minus_mono_ms, bool in_step)
{
    known = is_known;
    difference = core_minus_mono_ms;
    synchronised = in_step;
}

bool believed(int64_t *core_minus_mono_ms)
{
    *core_minus_mono_ms = difference;
    return known;
}

bool is_synchronised(void)
{
    return synchronised;
}
