/*
 * Memory over power cuts: changes gather in a batch and go to the disk in one transaction, before anything that others can see
 * or hear happens [ENV-7, last step; ACK-2].
 */
#ifndef GB1_MEMORY_H
#define GB1_MEMORY_H

#include "port.h"

#define GB1_BATCH_CHANGES 128
#define GB1_BATCH_BYTES 8192 /* the largest batch that must be whole, a now with 16 clr, is below 6 KB */
#define GB1_KEY_CAP 96

struct gb1_memory {
    const struct gb1_port *port;
    bool broken; /* the storage refused: nothing more is done until the port begins again */
    size_t changes;
    size_t used;
    struct gb1_change change[GB1_BATCH_CHANGES];
    char arena[GB1_BATCH_BYTES];
};

void gb1_memory_init(struct gb1_memory *m, const struct gb1_port *port);
/* Copies key and value into the batch. */
void gb1_remember(struct gb1_memory *m, const char *key, const void *value, size_t n);
void gb1_remember_text(struct gb1_memory *m, const char *key, const char *text);
/* The same, but the value must stay where it is until the end of the step. */
void gb1_remember_by_reference(struct gb1_memory *m, const char *key, const void *value, size_t n);
void gb1_forget(struct gb1_memory *m, const char *key);
/* Puts the batch on the disk; false when the storage failed, now or before. */
bool gb1_flush(struct gb1_memory *m);
/* Reads a key, after flushing; -1 when absent. */
long gb1_recall(struct gb1_memory *m, const char *key, void *out, size_t cap);
/* The same as text with a NUL; false when absent. */
bool gb1_recall_text(struct gb1_memory *m, const char *key, char *out, size_t cap);
/* Joins two names to a key. */
const char *gb1_key(char out[GB1_KEY_CAP], const char *prefix, const char *name);

#endif
