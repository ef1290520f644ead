#include "fake.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t find(const struct fake *f, const char *key, int *found)
{
    size_t lo = 0;
    size_t hi = f->count;
    *found = 0;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int order = strcmp(f->entries[mid].key, key);
        if (order == 0) {
            *found = 1;
            return mid;
        }
        if (order < 0) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

static void forget(struct fake *f, size_t at)
{
    free(f->entries[at].key);
    free(f->entries[at].value);
    memmove(f->entries + at, f->entries + at + 1, (f->count - at - 1) * sizeof *f->entries);
    f->count--;
}

static void line(struct fake *f, const char *what, const char *detail)
{
    int n = snprintf(f->log + f->log_n, FAKE_LOG - f->log_n, "%s %s\n", what, detail);
    if (n > 0 && f->log_n + (size_t)n < FAKE_LOG) f->log_n += (size_t)n;
}

static bool commit(void *ctx, const struct gb1_change *changes, size_t n)
{
    struct fake *f = ctx;
    if (f->fail_at >= 0 && f->commits >= f->fail_at) return false;
    f->commits++;
    for (size_t i = 0; i < n; i++) {
        int found;
        size_t at = find(f, changes[i].key, &found);
        if (found) forget(f, at);
        if (changes[i].value == NULL) continue;
        f->entries = realloc(f->entries, (f->count + 1) * sizeof *f->entries);
        memmove(f->entries + at + 1, f->entries + at, (f->count - at) * sizeof *f->entries);
        f->entries[at].key = malloc(strlen(changes[i].key) + 1);
        memcpy(f->entries[at].key, changes[i].key, strlen(changes[i].key) + 1);
        f->entries[at].value = malloc(changes[i].n + 1);
        memcpy(f->entries[at].value, changes[i].value, changes[i].n);
        f->entries[at].value[changes[i].n] = 0;
        f->entries[at].n = changes[i].n;
        f->count++;
        if (strcmp(changes[i].key, "floor") == 0) f->floor_writes++;
        if (strncmp(changes[i].key, "j/", 2) == 0) line(f, "journal", (const char *)f->entries[at].value);
    }
    return true;
}

static long recall(void *ctx, const char *key, void *out, size_t cap)
{
    struct fake *f = ctx;
    int found;
    size_t at = find(f, key, &found);
    if (!found || f->entries[at].n > cap) return -1;
    memcpy(out, f->entries[at].value, f->entries[at].n);
    return (long)f->entries[at].n;
}

static void each(void *ctx, const char *prefix, void (*call)(void *arg, const char *key), void *arg)
{
    struct fake *f = ctx;
    char last[128] = "";
    int found;
    for (;;) {
        /* The next key after the last one, whatever happened to the store meanwhile. */
        size_t i = find(f, last, &found);
        while (i < f->count && (strcmp(f->entries[i].key, last) <= 0 || strncmp(f->entries[i].key, prefix, strlen(prefix)) != 0)) i++;
        if (i == f->count) return;
        snprintf(last, sizeof last, "%s", f->entries[i].key);
        call(arg, last);
    }
}

static void do_connect(void *ctx, const char *topic, const char *will, int keep_alive_s)
{
    (void)will;
    (void)keep_alive_s;
    line(ctx, "connect", topic);
}

static void subscribe(void *ctx, const char *topic, bool wanted)
{
    line(ctx, wanted ? "subscribe" : "unsubscribe", topic);
}

static void publish(void *ctx, const char *topic, int qos, bool retained, const void *bytes, size_t n)
{
    struct fake *f = ctx;
    (void)qos;
    (void)retained;
    line(f, "publish", topic);
    if (f->watch != NULL && strstr(topic, f->watch) != NULL && n < sizeof f->published) {
        memcpy(f->published, bytes, n);
        f->published[n] = '\0';
    }
}

static void sound(void *ctx, const struct gb1_sound *s)
{
    struct fake *f = ctx;
    f->sound = *s;
    snprintf(f->sound_id, sizeof f->sound_id, "%s", s->id);
    f->sound.id = f->sound_id;
    line(f, "sound", s->id);
}

static void adjust(void *ctx, uint32_t play, int64_t limit_ms, int32_t gain_q16, bool last_piece)
{
    char text[80];
    snprintf(text, sizeof text, "%u %lld %d %d", play, (long long)limit_ms, gain_q16, last_piece);
    line(ctx, "adjust", text);
}

static void fade(void *ctx, uint32_t play)
{
    char text[16];
    snprintf(text, sizeof text, "%u", play);
    line(ctx, "fade", text);
}

static void chunk(void *ctx, int voice, int64_t at, const void *bytes, size_t n, bool last)
{
    char text[80];
    (void)bytes;
    snprintf(text, sizeof text, "%d %lld %zu %d", voice, (long long)at, n, last);
    line(ctx, "chunk", text);
}

static void forget_chunks(void *ctx, int voice)
{
    char text[16];
    snprintf(text, sizeof text, "%d", voice);
    line(ctx, "forget", text);
}

static void fetch(void *ctx, const struct gb1_fetch *order)
{
    line(ctx, "fetch", order->url != NULL ? order->url : "from the stick");
}

static void stop_fetch(void *ctx)
{
    line(ctx, "stop", "fetch");
}

static bool put_block(void *ctx, const uint8_t h[32], int64_t at, const void *bytes, size_t n)
{
    struct fake *f = ctx;
    char text[64];
    (void)h;
    snprintf(text, sizeof text, "%lld %zu", (long long)at, n);
    line(f, "block", text);
    if (f->part == NULL) return true;
    if ((size_t)at + n > f->part_cap) return false;
    memcpy(f->part + at, bytes, n);
    if ((size_t)at + n > f->part_n) f->part_n = (size_t)at + n;
    return true;
}

static bool check_part(void *ctx, const uint8_t h[32], int64_t at, int64_t n, const uint8_t hash[32])
{
    struct fake *f = ctx;
    uint8_t got[32];
    (void)h;
    if (f->part == NULL) return true;
    crypto_hash_sha256(got, f->part + at, (unsigned long long)n);
    return (size_t)(at + n) <= f->part_n && memcmp(got, hash, 32) == 0;
}

static void verify(void *ctx, const uint8_t h[32], int64_t sz)
{
    struct fake *f = ctx;
    (void)h;
    (void)sz;
    f->verify = true;
    line(ctx, "verify", "");
}

static void discard(void *ctx, const uint8_t h[32])
{
    (void)h;
    line(ctx, "discard", "");
}

static void random_bytes(void *ctx, void *out, size_t n)
{
    struct fake *f = ctx;
    unsigned char *bytes = out;
    for (size_t i = 0; i < n; i++) {
        if (f->next_n > 0) {
            bytes[i] = f->next_random[0];
            memmove(f->next_random, f->next_random + 1, --f->next_n);
            continue;
        }
        f->random = f->random * 1103515245U + 12345U;
        bytes[i] = (unsigned char)(f->random >> 16);
    }
}

static void sha256(void *ctx, const void *bytes, size_t n, uint8_t out[32])
{
    (void)ctx;
    crypto_hash_sha256(out, bytes, n);
}

static bool signature_ok(void *ctx, const uint8_t x[32], const void *bytes, size_t n, const uint8_t signature[64])
{
    (void)ctx;
    return crypto_sign_verify_detached(signature, bytes, n, x) == 0;
}

static bool key_ok(void *ctx, const uint8_t x[32])
{
    (void)ctx;
    return crypto_core_ed25519_is_valid_point(x) == 1;
}

static void effect(void *ctx, enum gb1_effect what, int seconds)
{
    static const char *const names[] = {"reboot", "lamp", "measure"};
    (void)seconds;
    line(ctx, "effect", names[what]);
}

static void say(void *ctx, const char *text)
{
    line(ctx, "say", text);
}

void fake_init(struct fake *f)
{
    const struct gb1_port port = {
        f,    commit, recall, each,  do_connect, subscribe, publish, sound,        adjust, fade,   chunk,
        forget_chunks, fetch, stop_fetch, put_block, check_part, verify, discard, random_bytes, sha256, signature_ok, key_ok, effect, say,
    };
    memset(f, 0, sizeof *f);
    f->port = port;
    f->fail_at = -1;
    f->random = 1;
    if (sodium_init() < 0) abort();
}

void fake_free(struct fake *f)
{
    while (f->count > 0) forget(f, f->count - 1);
    free(f->entries);
    f->entries = NULL;
}

void fake_quiet(struct fake *f)
{
    f->log_n = 0;
    f->log[0] = '\0';
}

int fake_count(const struct fake *f, const char *text)
{
    int n = 0;
    const char *at = f->log;
    while ((at = strstr(at, text)) != NULL) {
        n++;
        at += strlen(text);
    }
    return n;
}

int fake_said(const struct fake *f, const char *text)
{
    return fake_count(f, text) > 0;
}
