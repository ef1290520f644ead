#include "linux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char USAGE[] =
    "gb1-controller --data DIR [--claim FILE [--claim-button]] [--pin PIN] [--wav-dir DIR]\n"
    "               [--broker tcp://host:port|ssl://host:port]\n"
    "               [--hello-delay MS] [--backoff-base MS] [--rtc-offset MS] [--hook-port N] [--store MIB] [--usb DIR]\n"
    "gb1-controller init --data DIR     makes the key of this box, if absent, and prints its label GB1:{id}:{model}\n";

bool options_read(int argc, char **argv, struct options *out)
{
    memset(out, 0, sizeof *out);
    out->hello_delay = 15000;
    out->backoff_base = 5000;
    out->store = (int64_t)512 << 20;
    int i = 1;
    if (argc > 1 && strcmp(argv[1], "controller") == 0) i++;
    if (i < argc && strcmp(argv[i], "init") == 0) {
        out->init = true;
        i++;
    }
    for (; i < argc; i++) {
        if (strcmp(argv[i], "--claim-button") == 0) {
            out->claim_button = true;
            continue;
        }
        /* Both --name value and --name=value. */
        char *value = strchr(argv[i], '=');
        if (value != NULL) *value++ = '\0';
        else value = i + 1 < argc ? argv[i + 1] : NULL;
        bool apart = value != NULL && i + 1 < argc && value == argv[i + 1];
        const char *name = argv[i];
        if (value == NULL) break;
        if (strcmp(name, "--data") == 0) out->data = value;
        else if (strcmp(name, "--claim") == 0) out->claim = value;
        else if (strcmp(name, "--pin") == 0) out->pin = value;
        else if (strcmp(name, "--wav-dir") == 0 || strcmp(name, "--wav") == 0) out->wav = value;
        else if (strcmp(name, "--usb") == 0) out->usb = value;
        else if (strcmp(name, "--broker") == 0) out->broker = value;
        else if (strcmp(name, "--hello-delay") == 0) out->hello_delay = atoll(value);
        else if (strcmp(name, "--backoff-base") == 0) out->backoff_base = atoll(value);
        else if (strcmp(name, "--rtc-offset") == 0) out->rtc_offset = atoll(value);
        else if (strcmp(name, "--hook-port") == 0) out->hook_port = atoi(value);
        else if (strcmp(name, "--store") == 0 && atoi(value) > 0) out->store = (int64_t)atoi(value) << 20;
        else if (strcmp(name, "--sink") == 0) {
            if (strcmp(value, "javasound") == 0) {
                fprintf(stderr, "This controller sounds into WAV files only; use --sink wav.\n");
                return false;
            }
        } else break;
        i += apart;
    }
    if (i < argc || out->data == NULL) {
        fputs(USAGE, stderr);
        return false;
    }
    if (out->claim_button && out->claim == NULL) {
        fprintf(stderr, "--claim-button needs --claim FILE.\n");
        return false;
    }
    if (out->backoff_base < 1) out->backoff_base = 1;
    return true;
}
