/* Signed chunks of live sound (section 10). */
#include <string.h>

#include "parts.h"

#define HEADER 24
#define SIGNATURE 64
#define CONTEXT "GB1LIVE"
#define CONTEXT_N 7

static void prefix_of(struct gb1 *g, const char *sid, uint8_t out[8])
{
    uint8_t hash[32];
    g->port->sha256(g->port->ctx, sid, strlen(sid), hash);
    memcpy(out, hash, 8);
}

void gb1_live_open(struct gb1 *g, const struct gb1_entry *entry, const struct gb1_live *live)
{
    struct gb1_stream *s = &g->stream;
    uint32_t n = strcmp(s->sid, entry->sid) == 0 && s->heard_any ? s->n : 0;
    bool heard = strcmp(s->sid, entry->sid) == 0 && s->heard_any;
    memset(s, 0, sizeof *s);
    s->on = true;
    s->heard_any = heard;
    s->n = n; /* n rises over interruptions, too */
    s->good_mono = g->clock.mono;
    s->live = *live;
    s->beg = entry->beg;
    s->until = entry->until;
    memcpy(s->sid, entry->sid, sizeof s->sid);
    prefix_of(g, entry->sid, s->prefix);
}

void gb1_live_close(struct gb1 *g)
{
    g->stream.on = false;
}

bool gb1_live_audible(const struct gb1 *g, const char *sid)
{
    return !g->stream.lost || strcmp(g->stream.sid, sid) != 0;
}

void gb1_live_tick(struct gb1 *g)
{
    struct gb1_stream *s = &g->stream;
    if (s->on && g->clock.mono - s->good_mono > GB1_LIVE_SILENCE_MS) s->lost = true; /* [LIV-1e] */
}

static uint64_t big_endian(const uint8_t *at, int n)
{
    uint64_t value = 0;
    for (int i = 0; i < n; i++) value = value << 8 | at[i];
    return value;
}

static bool is_signed(struct gb1 *g, const uint8_t *frame, size_t n)
{
    memcpy(gb1_message(g), CONTEXT, CONTEXT_N);
    memcpy(gb1_message(g) + CONTEXT_N, frame, n - SIGNATURE);
    return g->port->signature_ok(
        g->port->ctx, g->stream.live.pk, gb1_message(g), CONTEXT_N + n - SIGNATURE, frame + n - SIGNATURE);
}

void gb1_live_frame(struct gb1 *g, const uint8_t *frame, size_t n)
{
    struct gb1_stream *s = &g->stream;
    int64_t now;
    if (n < HEADER + SIGNATURE || n > GB1_AREA_MESSAGE + HEADER + SIGNATURE + 104 || frame[1] > 1) return;
    if (memcmp(frame + 16, s->prefix, 8) != 0 || s->sid[0] == '\0') return; /* no session of ours: no signature work [LIV-2] */
    size_t len = (size_t)big_endian(frame + 2, 2);
    uint32_t number = (uint32_t)big_endian(frame + 4, 4);
    uint64_t at = big_endian(frame + 8, 8);
    if (len != n - HEADER - SIGNATURE || len % GB1_FRAME_BYTES != 0 || at > (uint64_t)GB1_MAX_INTEGER) return;
    int64_t play_at = (int64_t)at;
    if (s->heard_any && number <= s->n) return;
    if (!gb1_clock_now(&g->clock, &now) || play_at < s->beg || play_at > s->until || play_at < now) return;
    if (!is_signed(g, frame, n)) return;
    s->n = number;
    s->heard_any = true;
    s->good_mono = g->clock.mono;
    s->lost = false;
    if (s->on && gb1_flush(&g->memory)) {
        g->port->chunk(g->port->ctx, g->player.run.play, play_at, frame + HEADER, len, frame[1] == 1);
    }
}
