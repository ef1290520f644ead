/* Live chunks waiting for their moment: decoded as they come, sounded at their play_at, silence in between [LIV-1]. */
#include "jitter.h"

#include <mpg123.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "linux.h"

#define CHUNKS 64
#define CHUNK_SAMPLES (RATE + FRAME_SAMPLES * 2)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static mpg123_handle *decoder;
static struct {
    bool used;
    bool last;
    int64_t play_at;
    int n;
    int16_t samples[CHUNK_SAMPLES];
} chunks[CHUNKS];
static bool over; /* the chunk with the last flag has sounded */

void jitter_clear(void)
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
    for (int i = 0; i < CHUNKS; i++) chunks[i].used = false;
    over = false;
    pthread_mutex_unlock(&lock);
}

void jitter_put(int64_t play_at, const void *bytes, size_t n, bool last)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < CHUNKS && decoder != NULL; i++) {
        if (chunks[i].used) continue;
        chunks[i].used = true;
        chunks[i].last = last;
        chunks[i].play_at = play_at;
        chunks[i].n = 0;
        mpg123_feed(decoder, bytes, n);
        for (;;) {
            size_t done = 0;
            size_t room = (size_t)(CHUNK_SAMPLES - chunks[i].n) * 2;
            int code = mpg123_read(decoder, (unsigned char *)(chunks[i].samples + chunks[i].n), room, &done);
            chunks[i].n += (int)(done / 2);
            if (code != MPG123_NEW_FORMAT && (done == 0 || code != MPG123_OK)) break;
        }
        break;
    }
    pthread_mutex_unlock(&lock);
}

bool jitter_read(int64_t t, int16_t *out, int count)
{
    memset(out, 0, (size_t)count * sizeof *out);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < CHUNKS; i++) {
        if (!chunks[i].used) continue;
        int64_t from = (t - chunks[i].play_at) * RATE / 1000; /* sample of the chunk that sounds at out[0] */
        for (int k = 0; k < count; k++) {
            if (from + k >= 0 && from + k < chunks[i].n) out[k] = chunks[i].samples[from + k];
        }
        if (from + count >= chunks[i].n) {
            over = over || chunks[i].last;
            chunks[i].used = false;
        }
    }
    bool goes_on = !over;
    pthread_mutex_unlock(&lock);
    return goes_on;
}
