/* Live chunks waiting for their moment: decoded as they come, laid on one line of samples by their play_at, silence where there is
 * none [LIV-1]. */
#include "jitter.h"

#include <mpg123.h>
#include <pthread.h>
#include <string.h>

#include "linux.h"

#define LINE (16 * RATE) /* samples kept: longer than any jitter buffer */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static mpg123_handle *decoder;
static int16_t line[LINE];
static int64_t base_ms;   /* Unix ms of sample 0 of the line */
static int64_t fed;       /* samples that were given to the decoder */
static int64_t decoded;   /* samples that came out of it */
static int64_t end;       /* first sample after the last chunk; -1 while it is not known */
static int64_t cleared;   /* samples before this one are over and silent again */

void jitter_open(int64_t now_ms)
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
    base_ms = now_ms;
    fed = decoded = cleared = 0;
    end = -1;
    pthread_mutex_unlock(&lock);
}

static void lay(int64_t at, const int16_t *samples, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (at + i >= cleared && at + i < cleared + LINE) line[(at + i) % LINE] = samples[i];
    }
}

void jitter_put(int64_t play_at, const void *bytes, size_t n, bool last)
{
    int16_t out[FRAME_SAMPLES * 4];
    pthread_mutex_lock(&lock);
    int64_t at = (play_at - base_ms) * RATE / 1000;
    int64_t length = (int64_t)(n / GB1_FRAME_BYTES) * FRAME_SAMPLES;
    /* The decoder holds back a little: what comes out first belongs to the end of the chunk before. */
    int64_t to = at - (fed - decoded);
    if (decoder != NULL && mpg123_feed(decoder, bytes, n) == MPG123_OK) {
        fed += length;
        for (;;) {
            size_t done = 0;
            int code = mpg123_read(decoder, (unsigned char *)out, sizeof out, &done);
            lay(to, out, (int64_t)(done / 2));
            to += (int64_t)(done / 2);
            decoded += (int64_t)(done / 2);
            if (code != MPG123_NEW_FORMAT && (done == 0 || code != MPG123_OK)) break;
        }
    }
    if (last) end = at + length;
    pthread_mutex_unlock(&lock);
}

bool jitter_read(int64_t at, int16_t *out, int count)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++) {
        int64_t place = (at + i) % LINE;
        out[i] = line[place];
        line[place] = 0;
    }
    cleared = at + count;
    bool goes_on = end < 0 || at < end;
    pthread_mutex_unlock(&lock);
    return goes_on;
}
