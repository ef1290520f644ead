/* The loudspeaker of machines without one: samples go into a WAV file when their time is over, never before, so that the file
 * never holds more than a listener would have heard. One thread, one playback at a time. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "jitter.h"
#include "linux.h"

#define FADE_SAMPLES (RATE / 5)
#define FADE_IN_SAMPLES (RATE / 100) /* a start in the middle would click */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ordered = PTHREAD_COND_INITIALIZER;
static char directory[1024];
static struct gb1_sound next; /* play 0: none */
static char next_id[64];
static int64_t next_ns;       /* when it was ordered */
static _Atomic uint32_t current;
static _Atomic int64_t limit_ms;
static _Atomic int32_t gain;
static _Atomic bool fading;
static _Atomic bool last_piece;
static _Atomic bool cut;

struct playback {
    struct gb1_sound sound;
    char id[64];
    struct samples *samples;
    struct wav *wav;
    int64_t epoch_ns;
    int64_t written;
    int64_t skipped; /* samples lost to opening, when joining */
    int faded;
    int first_piece; /* that sounds when the order to end with it came */
};

static void report(enum event_kind kind, uint32_t play, int64_t samples, const char *why)
{
    struct event e;
    memset(&e, 0, sizeof e);
    e.kind = kind;
    e.play = play;
    e.a = samples * 1000 / RATE;
    e.why = why;
    event_put(&e);
}

static bool wait_until(int64_t ns)
{
    struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0) {
    }
    return !cut;
}

static void shape(struct playback *p, int16_t *samples, int n)
{
    int32_t factor = gain;
    for (int i = 0; i < n; i++) {
        int64_t value = (int64_t)samples[i] * factor / 65536;
        if (p->sound.offset_ms > 0 && p->written + i < FADE_IN_SAMPLES) value = value * (p->written + i) / FADE_IN_SAMPLES;
        if (fading) {
            int left = p->faded < FADE_SAMPLES ? FADE_SAMPLES - p->faded++ : 0;
            value = value * left / FADE_SAMPLES;
        }
        samples[i] = (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
    }
}

/* Samples for the next frame; 0 at the end, -1 on failure. */
static int content(struct playback *p, int16_t *out, int count)
{
    if (p->sound.source == GB1_FROM_LIVE) return jitter_read(p->written, out, count) ? count : 0;
    if (p->sound.source != GB1_FROM_PIECES) {
        memset(out, 0, (size_t)count * sizeof *out); /* the microphone of this box hears nothing */
        return count;
    }
    if (last_piece && p->first_piece < 0) p->first_piece = samples_piece(p->samples);
    int got = samples_read(p->samples, out, count);
    if (got > 0 && p->first_piece >= 0 && samples_piece(p->samples) > p->first_piece) return 0;
    return got;
}

static const char *run(struct playback *p)
{
    int16_t frame[FRAME_SAMPLES];
    int64_t told = 0;
    while (!cut && p->faded < FADE_SAMPLES) {
        int64_t room = limit_ms * RATE / 1000 - p->skipped - p->written;
        if (room <= 0) break;
        int got = content(p, frame, room < FRAME_SAMPLES ? (int)room : FRAME_SAMPLES);
        if (got < 0) return "codec";
        if (got == 0) break;
        if (p->wav == NULL) {
            p->epoch_ns = mono_ns();
            p->wav = wav_open(directory, &p->sound, wall_ms(), p->sound.offset_ms + p->skipped * 1000 / RATE);
            if (p->wav == NULL) return "amp";
        }
        shape(p, frame, got);
        if (!wait_until(p->epoch_ns + (p->written + got) * 1000000000 / RATE)) break;
        if (!wav_write(p->wav, frame, got)) return "storage";
        p->written += got;
        if (p->written - told < RATE) continue;
        told = p->written;
        wav_refresh(p->wav);
        report(EV_PROGRESS, p->sound.play, p->written, NULL);
    }
    return NULL;
}

static void play(struct playback *p, int64_t ordered_ns)
{
    const char *why = NULL;
    p->first_piece = -1;
    if (p->sound.source == GB1_FROM_PIECES) {
        p->samples = samples_open(&p->sound);
        if (p->samples == NULL) why = "storage";
    }
    /* Opening took a moment in which the neighbours went on. */
    if (p->sound.joining && why == NULL) {
        int64_t lost = (mono_ns() - ordered_ns) * RATE / 1000000000;
        int16_t waste[FRAME_SAMPLES];
        while (p->skipped < lost) {
            int64_t left = lost - p->skipped;
            int got = samples_read(p->samples, waste, left < FRAME_SAMPLES ? (int)left : FRAME_SAMPLES);
            if (got <= 0) break;
            p->skipped += got;
        }
    }
    if (why == NULL) why = run(p);
    samples_close(p->samples);
    if (p->wav != NULL) wav_close(p->wav);
    current = 0;
    report(EV_ENDED, p->sound.play, p->written, why);
}

static void *work(void *arg)
{
    (void)arg;
    for (;;) {
        struct playback p;
        memset(&p, 0, sizeof p);
        pthread_mutex_lock(&lock);
        while (next.play == 0) pthread_cond_wait(&ordered, &lock);
        p.sound = next;
        memcpy(p.id, next_id, sizeof p.id);
        p.sound.id = p.id;
        int64_t ordered_ns = next_ns;
        next.play = 0;
        cut = false;
        fading = false;
        last_piece = false;
        limit_ms = p.sound.limit_ms;
        gain = p.sound.gain_q16;
        current = p.sound.play;
        pthread_mutex_unlock(&lock);
        play(&p, ordered_ns);
    }
    return NULL;
}

void sink_start(const char *wav_directory)
{
    pthread_t thread;
    size_t n = strlen(wav_directory);
    if (n >= sizeof directory) n = sizeof directory - 1;
    memcpy(directory, wav_directory, n);
    directory[n] = '\0';
    if (pthread_create(&thread, NULL, work, NULL) == 0) pthread_detach(thread);
}

void sink_sound(void *ctx, const struct gb1_sound *sound)
{
    (void)ctx;
    if (sound->source == GB1_FROM_LIVE) jitter_open(sound->voice, life_ms());
    pthread_mutex_lock(&lock);
    next = *sound;
    size_t n = strlen(sound->id);
    if (n >= sizeof next_id) n = sizeof next_id - 1;
    memcpy(next_id, sound->id, n);
    next_id[n] = '\0';
    next_ns = mono_ns();
    cut = true;
    pthread_cond_signal(&ordered);
    pthread_mutex_unlock(&lock);
}

void sink_adjust(void *ctx, uint32_t play_number, int64_t limit, int32_t gain_q16, bool last)
{
    (void)ctx;
    pthread_mutex_lock(&lock);
    if (next.play == play_number) {
        next.limit_ms = limit;
        next.gain_q16 = gain_q16;
    } else if (current == play_number) {
        limit_ms = limit;
        gain = gain_q16;
        last_piece = last_piece || last;
    }
    pthread_mutex_unlock(&lock);
}

void sink_fade(void *ctx, uint32_t play_number)
{
    (void)ctx;
    pthread_mutex_lock(&lock);
    if (current == play_number) fading = true;
    pthread_mutex_unlock(&lock);
}

void sink_chunk(void *ctx, int voice, int64_t at, const void *bytes, size_t n, bool last)
{
    (void)ctx;
    jitter_put(voice, at, bytes, n, last);
}

void sink_forget_chunks(void *ctx, int voice)
{
    (void)ctx;
    jitter_forget(voice);
}

enum gb1_amp sink_check(void)
{
    static const char silence[RATE / 2];
    char path[1100];
    if (current != 0) return GB1_AMP_UNKNOWN;
    snprintf(path, sizeof path, "%s/check.tmp", directory);
    FILE *file = directory_make(directory) ? fopen(path, "wb") : NULL;
    if (file == NULL) return GB1_AMP_BROKEN;
    bool ok = fwrite(silence, 1, sizeof silence, file) == sizeof silence;
    ok = fclose(file) == 0 && ok;
    remove(path);
    return ok ? GB1_AMP_WORKS : GB1_AMP_BROKEN;
}

/* Lets what sounds fade, for a planned end. */
void sink_stop(void)
{
    struct timespec moment = {0, 250000000};
    if (current == 0) return;
    fading = true;
    nanosleep(&moment, NULL);
}
