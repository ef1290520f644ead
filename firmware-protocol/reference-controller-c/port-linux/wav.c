/* One WAV file per playback and, beside it, the observed wall instant of its first sample, as the Java controller writes them. */
#include "linux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wav {
    FILE *file;
    uint32_t bytes;
};

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static void put_header(struct wav *w)
{
    uint8_t h[44] = "RIFF____WAVEfmt ";
    put32(h + 4, 36 + w->bytes);
    put32(h + 16, 16);
    put32(h + 20, 1 | 1U << 16); /* PCM, mono */
    put32(h + 24, RATE);
    put32(h + 28, RATE * 2);
    put32(h + 32, 2 | 16U << 16);
    memcpy(h + 36, "data", 4);
    put32(h + 40, w->bytes);
    fseek(w->file, 0, SEEK_SET);
    fwrite(h, 1, sizeof h, w->file);
    fseek(w->file, 0, SEEK_END);
}

struct wav *wav_open(const char *directory, const struct gb1_sound *sound, int64_t first_ms, int64_t offset_ms)
{
    char path[1024];
    char text[512];
    struct wav *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    snprintf(path, sizeof path, "%s/%s-%d.wav", directory, sound->id, sound->start);
    w->file = directory_make(directory) ? fopen(path, "w+b") : NULL;
    if (w->file == NULL) {
        free(w);
        return NULL;
    }
    put_header(w);
    int n = snprintf(text, sizeof text, "{\"oid\":\"%s\",\"start\":%d,\"first\":%lld,\"offset\":%lld,\"at\":%lld,\"gain\":%.4f}\n", sound->id,
                     sound->start, (long long)first_ms, (long long)offset_ms, (long long)sound->planned_at, sound->gain_q16 / 65536.0);
    snprintf(path, sizeof path, "%s/%s-%d.json", directory, sound->id, sound->start);
    if (n <= 0 || !file_write(path, text, (size_t)n)) {
        wav_close(w);
        return NULL;
    }
    return w;
}

bool wav_write(struct wav *w, const int16_t *samples, int n)
{
    w->bytes += (uint32_t)n * 2;
    return fwrite(samples, 2, (size_t)n, w->file) == (size_t)n && fflush(w->file) == 0;
}

void wav_refresh(struct wav *w)
{
    put_header(w);
    fflush(w->file);
}

void wav_close(struct wav *w)
{
    wav_refresh(w);
    fclose(w->file);
    free(w);
}
