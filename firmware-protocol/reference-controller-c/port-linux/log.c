#include "linux.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char name[GB1_ID_CAP];

void log_name(const char *id)
{
    snprintf(name, sizeof name, "%s", id);
}

void log_line(const char *format, ...)
{
    char stamp[32];
    struct tm utc;
    int64_t now = wall_ms();
    time_t seconds = (time_t)(now / 1000);
    va_list args;
    gmtime_r(&seconds, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    pthread_mutex_lock(&lock);
    printf("%s.%03dZ %s ", stamp, (int)(now % 1000), name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&lock);
}
