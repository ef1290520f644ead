#include "memory.h"

#include <string.h>

void gb1_memory_init(struct gb1_memory *m, const struct gb1_port *port)
{
    m->port = port;
    m->broken = false;
    m->changes = 0;
    m->used = 0;
}

bool gb1_flush(struct gb1_memory *m)
{
    if (m->broken) return false;
    if (m->changes > 0 && !m->port->commit(m->port->ctx, m->change, m->changes)) m->broken = true;
    m->changes = 0;
    m->used = 0;
    return !m->broken;
}

static const char *copy(struct gb1_memory *m, const void *bytes, size_t n)
{
    char *at = m->arena + m->used;
    memcpy(at, bytes, n);
    m->used += n;
    return at;
}

/* Room for one more change; a batch that outgrows the arena is a rare sum of small ones and may go in two parts. */
static struct gb1_change *room(struct gb1_memory *m, size_t bytes)
{
    if (m->changes == GB1_BATCH_CHANGES || m->used + bytes > GB1_BATCH_BYTES) (void)gb1_flush(m);
    return &m->change[m->changes++];
}

void gb1_remember(struct gb1_memory *m, const char *key, const void *value, size_t n)
{
    size_t key_n = strlen(key) + 1;
    struct gb1_change *change = room(m, key_n + n);
    change->key = copy(m, key, key_n);
    change->value = copy(m, value, n);
    change->n = n;
}

void gb1_remember_text(struct gb1_memory *m, const char *key, const char *text)
{
    gb1_remember(m, key, text, strlen(text));
}

void gb1_remember_by_reference(struct gb1_memory *m, const char *key, const void *value, size_t n)
{
    size_t key_n = strlen(key) + 1;
    struct gb1_change *change = room(m, key_n);
    change->key = copy(m, key, key_n);
    change->value = value;
    change->n = n;
}

void gb1_forget(struct gb1_memory *m, const char *key)
{
    gb1_remember_by_reference(m, key, NULL, 0);
}

long gb1_recall(struct gb1_memory *m, const char *key, void *out, size_t cap)
{
    if (!gb1_flush(m)) return -1;
    return m->port->recall(m->port->ctx, key, out, cap);
}

bool gb1_recall_text(struct gb1_memory *m, const char *key, char *out, size_t cap)
{
    long n = gb1_recall(m, key, out, cap - 1);
    if (n < 0) return false;
    out[n] = '\0';
    return true;
}

const char *gb1_key(char out[GB1_KEY_CAP], const char *prefix, const char *name)
{
    size_t first = strlen(prefix);
    size_t second = strlen(name);
    if (first + second >= GB1_KEY_CAP) second = GB1_KEY_CAP - 1 - first;
    memcpy(out, prefix, first);
    memcpy(out + first, name, second);
    out[first + second] = '\0';
    return out;
}
