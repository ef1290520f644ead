/* The content of a sound as one stream of samples: canonical MP3 files by libmpg123, tones, the chime. */
#include "linux.h"

#include <mpg123.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Frames decoded and thrown away so that a start in the middle sounds as in a decode from the start. */
#define WARM_UP_FRAMES 2

struct samples {
    struct gb1_sound sound;
    int piece;
    int64_t at;     /* samples of this piece already read */
    int64_t length; /* of this piece */
    mpg123_handle *decoder;
    FILE *file;
    int64_t discard;   /* decoded samples to throw away */
    bool silent_tail;  /* the file is over; what the decoder's delay has eaten is silence */
};

static int64_t length_of(const struct gb1_piece *p)
{
    switch (p->kind) {
    case GB1_PIECE_ASSET: return p->sz / GB1_FRAME_BYTES * FRAME_SAMPLES;
    case GB1_PIECE_TONE: return (int64_t)RATE * (p->n * p->on + (p->n - 1) * p->off);
    case GB1_PIECE_CHIME: break;
    }
    return CHIME_SAMPLES;
}

static void close_file(struct samples *s)
{
    if (s->file != NULL) fclose(s->file);
    s->file = NULL;
}

static bool open_piece(struct samples *s, int64_t from)
{
    char path[1024];
    const struct gb1_piece *p = &s->sound.piece[s->piece];
    s->at = from;
    s->length = length_of(p);
    s->silent_tail = false;
    if (p->kind != GB1_PIECE_ASSET) return true;
    asset_path(path, p->h, false);
    close_file(s);
    s->file = fopen(path, "rb");
    if (s->file == NULL) return false;
    /* The delay shifts all sound by 1105 samples, almost two frames, which are cut. */
    int64_t target = from + DELAY_SAMPLES;
    int64_t frame = target / FRAME_SAMPLES - WARM_UP_FRAMES;
    if (frame < 0) frame = 0;
    s->discard = target - frame * FRAME_SAMPLES;
    mpg123_close(s->decoder);
    return fseek(s->file, (long)(frame * GB1_FRAME_BYTES), SEEK_SET) == 0 && mpg123_open_feed(s->decoder) == MPG123_OK;
}

struct samples *samples_open(const struct gb1_sound *sound)
{
    struct samples *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->sound = *sound;
    s->decoder = mpg123_new(NULL, NULL);
    int64_t skip = sound->offset_ms * RATE / 1000;
    while (s->piece < sound->pieces && skip >= length_of(&sound->piece[s->piece])) skip -= length_of(&sound->piece[s->piece++]);
    if (s->decoder != NULL) {
        mpg123_param(s->decoder, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_MONO, 0);
        mpg123_param(s->decoder, MPG123_REMOVE_FLAGS, MPG123_GAPLESS, 0);
        mpg123_format_none(s->decoder);
        mpg123_format(s->decoder, RATE, MPG123_MONO, MPG123_ENC_SIGNED_16);
    }
    if (s->decoder == NULL || (s->piece < sound->pieces && !open_piece(s, skip))) {
        samples_close(s);
        return NULL;
    }
    return s;
}

static int decode(struct samples *s, int16_t *out, int count)
{
    for (;;) {
        size_t done = 0;
        int16_t waste[FRAME_SAMPLES];
        int16_t *into = s->discard > 0 ? waste : out;
        int want = s->discard > 0 ? (s->discard < FRAME_SAMPLES ? (int)s->discard : FRAME_SAMPLES) : count;
        int code = mpg123_read(s->decoder, (unsigned char *)into, (size_t)want * 2, &done);
        int got = (int)(done / 2);
        if (got > 0 && s->discard > 0) {
            s->discard -= got;
            continue;
        }
        if (got > 0) return got;
        if (code == MPG123_NEW_FORMAT) continue;
        if (code != MPG123_NEED_MORE) return code == MPG123_DONE ? 0 : -1;
        uint8_t frame[GB1_FRAME_BYTES];
        size_t n = fread(frame, 1, sizeof frame, s->file);
        if (n == 0) return 0;
        if (mpg123_feed(s->decoder, frame, n) != MPG123_OK) return -1;
    }
}

static int tone(const struct samples *s, const struct gb1_piece *p, int16_t *out, int count)
{
    int64_t blast = (int64_t)p->on * RATE;
    int64_t cycle = blast + (int64_t)p->off * RATE;
    for (int i = 0; i < count; i++) {
        int64_t n = (s->at + i) % cycle;
        out[i] = n < blast ? tone_sample(p->tone, n, blast) : 0;
    }
    return count;
}

int samples_read(struct samples *s, int16_t *out, int count)
{
    while (s->piece < s->sound.pieces && s->at >= s->length) {
        s->piece++;
        if (s->piece < s->sound.pieces && !open_piece(s, 0)) return -1;
    }
    if (s->piece >= s->sound.pieces) return 0;
    const struct gb1_piece *p = &s->sound.piece[s->piece];
    if (count > s->length - s->at) count = (int)(s->length - s->at);
    int got = count;
    if (p->kind == GB1_PIECE_TONE) {
        got = tone(s, p, out, count);
    } else if (p->kind == GB1_PIECE_CHIME) {
        for (int i = 0; i < count; i++) out[i] = chime_sample(s->at + i);
    } else if (s->silent_tail) {
        memset(out, 0, (size_t)count * sizeof *out);
    } else {
        got = decode(s, out, count);
        if (got < 0) return -1;
        if (got == 0) {
            s->silent_tail = true;
            return samples_read(s, out, count);
        }
    }
    s->at += got;
    return got;
}

int samples_piece(const struct samples *s)
{
    return s->piece;
}

void samples_close(struct samples *s)
{
    if (s == NULL) return;
    close_file(s);
    if (s->decoder != NULL) mpg123_delete(s->decoder);
    free(s);
}
