#include "linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PLACES 256
#define MESSAGES 128 /* places messages may take; the rest is for ourselves */
#define PATIENCE_NS INT64_C(2000000000)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled;
static pthread_cond_t emptied;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct event ring[PLACES];
static size_t first;
static size_t count;

static void prepare(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&filled, &attributes);
    pthread_cond_init(&emptied, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct timespec in(int64_t ns)
{
    int64_t at = mono_ns() + ns;
    struct timespec t = {(time_t)(at / 1000000000), (long)(at % 1000000000)};
    return t;
}

void event_put(const struct event *e)
{
    size_t limit = e->kind == EV_MESSAGE ? MESSAGES : PLACES;
    struct timespec until = in(PATIENCE_NS);
    pthread_once(&once, prepare);
    pthread_mutex_lock(&lock);
    while (count >= limit) {
        if (pthread_cond_timedwait(&emptied, &lock, &until) == ETIMEDOUT) {
            pthread_mutex_unlock(&lock);
            free(e->bytes);
            return;
        }
    }
    ring[(first + count++) % PLACES] = *e;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
}

bool event_take(struct event *e, int64_t wait_ms)
{
    struct timespec until = in(wait_ms * 1000000);
    pthread_once(&once, prepare);
    pthread_mutex_lock(&lock);
    while (count == 0) {
        if (wait_ms <= 0 || pthread_cond_timedwait(&filled, &lock, &until) == ETIMEDOUT) break;
    }
    bool any = count > 0;
    if (any) {
        *e = ring[first];
        first = (first + 1) % PLACES;
        count--;
        pthread_cond_signal(&emptied);
    }
    pthread_mutex_unlock(&lock);
    return any;
}

void event_free(struct event *e)
{
    free(e->bytes);
    e->bytes = NULL;
}
