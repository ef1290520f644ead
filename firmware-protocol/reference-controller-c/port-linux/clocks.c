#include "linux.h"

#include <time.h>

static _Atomic int64_t shift;
static _Atomic int64_t life_ns;
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

void life_begins(void)
{
    life_ns = mono_ns();
}

int64_t life_ms(void)
{
    return (mono_ns() - life_ns) / 1000000;
}

void believe(bool in_step)
{
    synchronised = in_step;
}

bool is_synchronised(void)
{
    return synchronised;
}
