/* The memory on disk: batches appended to one log, each framed by length and CRC, synced before commit returns. A batch torn by a
 * power cut is the last one and is cut off at the next start. A log grown well past its content is written anew and renamed over. */
#include "linux.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REWRITE_BYTES (1 << 20)

struct entry {
    char *key;
    uint8_t *value;
    uint32_t n;
};

static struct entry *entries; /* sorted by key */
static size_t count;
static size_t room;
static int log_fd = -1;
static int64_t log_size;
static int64_t content_size;
static char directory[1024];

static uint32_t crc32_of(const uint8_t *bytes, size_t n)
{
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1U)));
    }
    return ~crc;
}

static size_t find(const char *key, bool *found)
{
    size_t lo = 0;
    size_t hi = count;
    *found = false;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int order = strcmp(entries[mid].key, key);
        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

static bool put(const char *key, const uint8_t *value, uint32_t n)
{
    bool found;
    size_t at = find(key, &found);
    uint8_t *copy = malloc((size_t)n + 1);
    if (copy == NULL) return false;
    memcpy(copy, value, n);
    if (!found) {
        if (count == room) {
            size_t more = room == 0 ? 256 : room * 2;
            struct entry *grown = realloc(entries, more * sizeof *entries);
            if (grown == NULL) {
                free(copy);
                return false;
            }
            entries = grown;
            room = more;
        }
        char *name = strdup(key);
        if (name == NULL) {
            free(copy);
            return false;
        }
        memmove(entries + at + 1, entries + at, (count - at) * sizeof *entries);
        entries[at].key = name;
        count++;
    } else {
        content_size -= entries[at].n;
        free(entries[at].value);
    }
    entries[at].value = copy;
    entries[at].n = n;
    content_size += n;
    return true;
}

static void drop(const char *key)
{
    bool found;
    size_t at = find(key, &found);
    if (!found) return;
    content_size -= entries[at].n;
    free(entries[at].key);
    free(entries[at].value);
    memmove(entries + at, entries + at + 1, (count - at - 1) * sizeof *entries);
    count--;
}

/* A change in a batch: u16 length of key, u32 length of value or 0xFFFFFFFF for none, key, value. */
static bool apply(const uint8_t *at, size_t n)
{
    const uint8_t *end = at + n;
    char key[GB1_KEY_CAP];
    while (end - at >= 6) {
        uint16_t key_n;
        uint32_t value_n;
        memcpy(&key_n, at, 2);
        memcpy(&value_n, at + 2, 4);
        at += 6;
        uint32_t held = value_n == UINT32_MAX ? 0 : value_n;
        if (key_n >= sizeof key || (size_t)(end - at) < (size_t)key_n + held) return false;
        memcpy(key, at, key_n);
        key[key_n] = '\0';
        if (value_n == UINT32_MAX) drop(key);
        else if (!put(key, at + key_n, value_n)) return false;
        at += (size_t)key_n + held;
    }
    return at == end;
}

static bool write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done <= 0) return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static uint8_t *frame(const struct gb1_change *changes, size_t n, size_t *size)
{
    size_t total = 8;
    for (size_t i = 0; i < n; i++) total += 6 + strlen(changes[i].key) + (changes[i].value == NULL ? 0 : changes[i].n);
    uint8_t *bytes = malloc(total);
    if (bytes == NULL) return NULL;
    uint8_t *at = bytes + 8;
    for (size_t i = 0; i < n; i++) {
        uint16_t key_n = (uint16_t)strlen(changes[i].key);
        uint32_t value_n = changes[i].value == NULL ? UINT32_MAX : (uint32_t)changes[i].n;
        memcpy(at, &key_n, 2);
        memcpy(at + 2, &value_n, 4);
        memcpy(at + 6, changes[i].key, key_n);
        at += 6 + key_n;
        if (changes[i].value != NULL) {
            memcpy(at, changes[i].value, changes[i].n);
            at += changes[i].n;
        }
    }
    uint32_t body = (uint32_t)(total - 8);
    uint32_t crc = crc32_of(bytes + 8, body);
    memcpy(bytes, &body, 4);
    memcpy(bytes + 4, &crc, 4);
    *size = total;
    return bytes;
}

/* One batch with all that is remembered, beside, synced, renamed over. */
static bool rewrite(void)
{
    char fresh[1100];
    char name[1100];
    snprintf(fresh, sizeof fresh, "%s/memory.log.new", directory);
    snprintf(name, sizeof name, "%s/memory.log", directory);
    struct gb1_change *all = malloc((count + 1) * sizeof *all);
    if (all == NULL) return false;
    for (size_t i = 0; i < count; i++) {
        all[i].key = entries[i].key;
        all[i].value = entries[i].value;
        all[i].n = entries[i].n;
    }
    size_t size = 0;
    uint8_t *bytes = frame(all, count, &size);
    free(all);
    int fd = bytes == NULL ? -1 : open(fresh, O_RDWR | O_CREAT | O_TRUNC, 0600);
    bool ok = fd >= 0 && write_all(fd, bytes, size) && fdatasync(fd) == 0 && rename(fresh, name) == 0 && directory_sync(directory);
    free(bytes);
    if (!ok) {
        if (fd >= 0) close(fd);
        return false;
    }
    close(log_fd);
    log_fd = fd;
    log_size = (int64_t)size;
    return true;
}

bool store_commit(void *ctx, const struct gb1_change *changes, size_t n)
{
    size_t size;
    (void)ctx;
    uint8_t *bytes = frame(changes, n, &size);
    if (bytes == NULL) return false;
    bool ok = write_all(log_fd, bytes, size) && fdatasync(log_fd) == 0 && apply(bytes + 8, size - 8);
    if (!ok && ftruncate(log_fd, log_size) == 0) lseek(log_fd, log_size, SEEK_SET);
    free(bytes);
    if (!ok) return false;
    log_size += (int64_t)size;
    if (log_size > REWRITE_BYTES && log_size > 4 * content_size) return rewrite();
    return true;
}

long store_recall(void *ctx, const char *key, void *out, size_t cap)
{
    bool found;
    (void)ctx;
    size_t at = find(key, &found);
    if (!found || entries[at].n > cap) return -1;
    memcpy(out, entries[at].value, entries[at].n);
    return (long)entries[at].n;
}

void store_each(void *ctx, const char *prefix, void (*each)(void *arg, const char *key), void *arg)
{
    char last[GB1_KEY_CAP];
    bool found;
    (void)ctx;
    snprintf(last, sizeof last, "%s", prefix);
    for (;;) {
        size_t at = find(last, &found);
        if (found) at++;
        if (at >= count || strncmp(entries[at].key, prefix, strlen(prefix)) != 0) return;
        snprintf(last, sizeof last, "%s", entries[at].key);
        each(arg, last);
    }
}

bool store_open(const char *where)
{
    char path[1100];
    size_t n = 0;
    snprintf(directory, sizeof directory, "%s", where);
    snprintf(path, sizeof path, "%s/memory.log.new", where);
    unlink(path);
    snprintf(path, sizeof path, "%s/memory.log", where);
    log_fd = open(path, O_RDWR | O_CREAT, 0600);
    if (log_fd < 0) return false;
    uint8_t *bytes = (uint8_t *)file_read(path, &n);
    size_t at = 0;
    while (bytes != NULL && n - at >= 8) {
        uint32_t body;
        uint32_t crc;
        memcpy(&body, bytes + at, 4);
        memcpy(&crc, bytes + at + 4, 4);
        if (n - at - 8 < body || crc32_of(bytes + at + 8, body) != crc || !apply(bytes + at + 8, body)) break;
        at += 8 + (size_t)body;
    }
    free(bytes);
    log_size = (int64_t)at;
    return ftruncate(log_fd, log_size) == 0 && lseek(log_fd, log_size, SEEK_SET) >= 0 && directory_sync(directory);
}

bool store_erase_but(const char *key)
{
    for (size_t i = count; i-- > 0;) {
        if (strcmp(entries[i].key, key) != 0) drop(entries[i].key);
    }
    return rewrite();
}

void store_close(void)
{
    while (count > 0) drop(entries[count - 1].key);
    free(entries);
    entries = NULL;
    room = 0;
    content_size = 0;
    if (log_fd >= 0) close(log_fd);
    log_fd = -1;
}
