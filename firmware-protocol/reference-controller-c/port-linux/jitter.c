/* Live chunks waiting for their moment: kept for every voice as they come, and of the one that sounds decoded a little ahead and laid
 * on a line of samples, silence where there is none [LIV-1]. */
#include "jitter.h"

#include <mpg123.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "linux.h"

#define LINE (4 * RATE)   /* samples kept, more than what is decoded ahead and a chunk */
#define AHEAD (RATE / 2)  /* samples decoded before their moment */
#define SEAM (RATE / 25)  /* a chunk this close to the end of the one before follows without one: the clock moves by some ms */
#define PER_MS (RATE / 1000)

struct chunk {
    int voice;
    int64_t at; /* sample since the core's start */
    size_t n;
    uint8_t *bytes; /* NULL: a free place */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct chunk kept[GB1_CHUNKS];
static bool ends[GB1_VOICES];
static int64_t end[GB1_VOICES]; /* sample behind the last chunk of all */

/* What sounds. */
static mpg123_handle *decoder;
static int playing = -1;
static int64_t opened; /* sample at which it began */
static int64_t cleared; /* samples before this one are over */
static int16_t line[LINE];
static int64_t fed;     /* samples that were given to the decoder */
static int64_t decoded; /* samples that came out of it */
static int64_t behind;  /* first sample after the chunk decoded last */

static int64_t length_of(size_t n)
{
    return (int64_t)(n / GB1_FRAME_BYTES) * FRAME_SAMPLES;
}

static void drop(struct chunk *c)
{
    free(c->bytes);
    c->bytes = NULL;
}

/* A free place; the core counts, so that only one that has passed unheard ever gives way. */
static struct chunk *place(void)
{
    struct chunk *eldest = &kept[0];
    for (int i = 0; i < GB1_CHUNKS; i++) {
        if (kept[i].bytes == NULL) return &kept[i];
        if (kept[i].at < eldest->at) eldest = &kept[i];
    }
    drop(eldest);
    return eldest;
}

void jitter_put(int voice, int64_t at_ms, const void *bytes, size_t n, bool last)
{
    int64_t at = at_ms * PER_MS;
    uint8_t *copy = n > 0 ? malloc(n) : NULL;
    if (copy != NULL) memcpy(copy, bytes, n);
    pthread_mutex_lock(&lock);
    if (last) {
        ends[voice] = true;
        end[voice] = at + length_of(n);
    }
    if (copy != NULL) {
        struct chunk *c = place();
        c->voice = voice;
        c->at = at;
        c->n = n;
        c->bytes = copy;
    }
    pthread_mutex_unlock(&lock);
}

void jitter_forget(int voice)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < GB1_CHUNKS; i++) {
        if (kept[i].bytes != NULL && kept[i].voice == voice) drop(&kept[i]);
    }
    ends[voice] = false;
    if (playing == voice) memset(line, 0, sizeof line);
    pthread_mutex_unlock(&lock);
}

void jitter_open(int voice, int64_t now_ms)
{
    pthread_mutex_lock(&lock);
    if (decoder == NULL) decoder = mpg123_new(NULL, NULL);
    if (decoder != NULL) {
        mpg123_param(decoder, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_MONO, 0);
        mpg123_param(decoder, MPG123_REMOVE_FLAGS, MPG123_GAPLESS, 0);
        mpg123_format_none(decoder);
        mpg123_format(decoder, RATE, MPG123_MONO, MPG123_ENC_SIGNED_16);
        mpg123_close(decoder);
        mpg123_open_feed(decoder);
    }
    memset(line, 0, sizeof line);
    playing = voice;
    opened = cleared = now_ms * PER_MS;
    fed = decoded = 0;
    behind = INT64_MIN / 2;
    pthread_mutex_unlock(&lock);
}

static void lay(int64_t at, int16_t sample)
{
    if (at >= cleared && at < cleared + LINE) line[at % LINE] = sample;
}

static void decode(const struct chunk *c)
{
    int16_t out[FRAME_SAMPLES * 4];
    int64_t at = llabs(c->at - behind) < SEAM ? behind : c->at;
    int64_t owed = fed - decoded; /* the decoder holds back a little: what comes first belongs to the end of the chunk before */
    if (decoder == NULL || mpg123_feed(decoder, c->bytes, c->n) != MPG123_OK) return;
    fed += length_of(c->n);
    for (int64_t to = at;;) {
        size_t done = 0;
        int code = mpg123_read(decoder, (unsigned char *)out, sizeof out, &done);
        int got = (int)(done / 2);
        decoded += got;
        for (int i = 0; i < got; i++) {
            if (owed > 0) lay(behind - owed--, out[i]);
            else lay(to++, out[i]);
        }
        if (code != MPG123_NEW_FORMAT && (got == 0 || code != MPG123_OK)) break;
    }
    behind = at + length_of(c->n);
}

/* Decodes what comes before this moment, in its order. */
static void decode_until(int64_t moment)
{
    for (;;) {
        struct chunk *next = NULL;
        for (int i = 0; i < GB1_CHUNKS; i++) {
            struct chunk *c = &kept[i];
            if (c->bytes == NULL || c->voice != playing || c->at >= moment) continue;
            if (next == NULL || c->at < next->at) next = c;
        }
        if (next == NULL) return;
        if (next->at + length_of(next->n) > cleared) decode(next);
        drop(next);
    }
}

bool jitter_read(int64_t at, int16_t *out, int count)
{
    pthread_mutex_lock(&lock);
    int64_t from = opened + at;
    decode_until(from + count + AHEAD);
    for (int i = 0; i < count; i++) {
        int64_t at_line = (from + i) % LINE;
        out[i] = line[at_line];
        line[at_line] = 0;
    }
    cleared = from + count;
    bool goes_on = !ends[playing] || from < end[playing];
    pthread_mutex_unlock(&lock);
    return goes_on;
}
