/* The test hooks: lines on a port of this machine alone, each answered OK. STOP | SIREN on|off | MIC on|off | CLOCK <ms> |
 * AMP fault|ok | LINE ok|open|short|earth (what `measure` finds) | MAINS off|on | RESET (the watchdog bites). */
#include "linux.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WOKEN "GB1_RESET" /* in the environment of a process that RESET began */

static char **words; /* of this process's command */
static _Atomic int line_seen = GB1_LINE_UNKNOWN;
static _Atomic bool amp_broken;

enum gb1_line_state hooks_line(void)
{
    return (enum gb1_line_state)line_seen;
}

bool hooks_amp_broken(void)
{
    return amp_broken;
}

static void local(enum gb1_local what, bool on)
{
    struct event e;
    if (what == GB1_LOCAL_AMP_FAULT) amp_broken = on;
    memset(&e, 0, sizeof e);
    e.kind = EV_LOCAL;
    e.local = what;
    e.on = on;
    event_put(&e);
}

static bool obey(const char *line)
{
    long long ms;
    char end;
    if (strcmp(line, "STOP") == 0) local(GB1_LOCAL_STOP_HELD, true);
    else if (strcmp(line, "SIREN on") == 0) local(GB1_LOCAL_SIREN, true);
    else if (strcmp(line, "SIREN off") == 0) local(GB1_LOCAL_SIREN, false);
    else if (strcmp(line, "MIC on") == 0) local(GB1_LOCAL_MIC, true);
    else if (strcmp(line, "MIC off") == 0) local(GB1_LOCAL_MIC, false);
    else if (strcmp(line, "AMP fault") == 0) local(GB1_LOCAL_AMP_FAULT, true);
    else if (strcmp(line, "AMP ok") == 0) local(GB1_LOCAL_AMP_FAULT, false);
    else if (strcmp(line, "LINE ok") == 0) line_seen = GB1_LINE_OK;
    else if (strcmp(line, "LINE open") == 0) line_seen = GB1_LINE_IS_OPEN;
    else if (strcmp(line, "LINE short") == 0) line_seen = GB1_LINE_IS_SHORT;
    else if (strcmp(line, "LINE earth") == 0) line_seen = GB1_LINE_IS_EARTH;
    else if (strcmp(line, "MAINS off") == 0) local(GB1_LOCAL_MAINS_LOST, true);
    else if (strcmp(line, "MAINS on") == 0) local(GB1_LOCAL_MAINS_LOST, false);
    else if (sscanf(line, "CLOCK %lld%c", &ms, &end) == 1) rtc_shift(ms);
    else return false;
    return true;
}

/* Like a processor whose watchdog has bitten: this moment everything stops, and the same program begins with an empty memory. Files
 * and connections close with it; nobody is told. */
static void reset(void)
{
    (void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (setenv(WOKEN, "1", 1) == 0) execv("/proc/self/exe", words);
    perror("RESET");
    _exit(1);
}

const char *hooks_why(void)
{
    const char *why = getenv(WOKEN) != NULL ? "watchdog" : "power";
    unsetenv(WOKEN);
    return why;
}

static void *serve(void *arg)
{
    int listener = (int)(intptr_t)arg;
    for (;;) {
        char line[128];
        int fd = accept(listener, NULL, NULL);
        FILE *client = fd < 0 ? NULL : fdopen(fd, "r+");
        if (client == NULL) continue;
        setvbuf(client, NULL, _IONBF, 0);
        bool bites = false;
        while (!bites && fgets(line, sizeof line, client) != NULL) {
            line[strcspn(line, "\r\n")] = '\0';
            bites = strcmp(line, "RESET") == 0;
            fputs(bites || obey(line) ? "OK\n" : "ERR\n", client);
        }
        fclose(client);
        if (bites) reset();
    }
    return NULL;
}

bool hooks_start(int port, char **command)
{
    pthread_t thread;
    struct sockaddr_in address;
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    words = command;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4) != 0 ||
        pthread_create(&thread, NULL, serve, (void *)(intptr_t)listener) != 0) {
        fprintf(stderr, "The hook port %d is not free.\n", port);
        return false;
    }
    pthread_detach(thread);
    return true;
}
