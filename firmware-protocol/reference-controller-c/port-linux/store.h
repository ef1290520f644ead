/* The memory of the port: what core/port.h says of commit, recall and each. */
#ifndef GB1_STORE_H
#define GB1_STORE_H

#include "../core/port.h"

bool store_open(const char *directory);
void store_close(void);
/* Forgets everything but this key; all of it or, after a power cut, perhaps nothing yet. */
bool store_erase_but(const char *key);
bool store_commit(void *ctx, const struct gb1_change *changes, size_t n);
long store_recall(void *ctx, const char *key, void *out, size_t cap);
void store_each(void *ctx, const char *prefix, void (*each)(void *arg, const char *key), void *arg);

#endif
