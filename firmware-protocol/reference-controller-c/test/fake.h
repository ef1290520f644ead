/* A port for tests: a store in memory that can lose power, real cryptography, and a record of what the core did. */
#ifndef GB1_TEST_FAKE_H
#define GB1_TEST_FAKE_H

#include <stddef.h>

#include "../core/port.h"

#define FAKE_LOG (1 << 16)

struct fake_entry {
    char *key;
    unsigned char *value;
    size_t n;
};

struct fake {
    struct gb1_port port;
    struct fake_entry *entries; /* sorted by key */
    size_t count;
    long commits;
    int floor_writes; /* how often the value of the floor was among them */
    long fail_at;        /* the commit of this number fails, as in a power cut; -1 never */
    unsigned random;     /* state of the sequence */
    unsigned char next_random[64]; /* served first, next_n of them */
    size_t next_n;
    char log[FAKE_LOG];  /* a line for every output */
    size_t log_n;
    struct gb1_sound sound; /* the newest */
    char sound_id[64];
    unsigned char *part; /* where blocks go, part_cap bytes; NULL: nowhere, and every hash is right */
    size_t part_cap;
    size_t part_n; /* end of the last byte written */
    bool verify;   /* the whole is to be hashed */
    char published[20000]; /* the newest message on a topic that contains `watch` */
    const char *watch;
};

void fake_init(struct fake *f);
void fake_free(struct fake *f);
/* Forgets the record of outputs. */
void fake_quiet(struct fake *f);
/* Whether a line of the record contains this. */
int fake_said(const struct fake *f, const char *text);
/* How many lines do. */
int fake_count(const struct fake *f, const char *text);

#endif
