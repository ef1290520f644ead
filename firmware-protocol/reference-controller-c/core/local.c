/* What a person at the box makes sound, and the test beep. Siren and microphone ask for no clock, plan or quiet hours [LOC-1]. */
#include <string.h>

#include "parts.h"

#define SIREN_PRI 85
#define MICROPHONE_PRI 70
#define BEEP_PRI 10

static bool is_wanted(const struct gb1_player *p, enum gb1_kind kind)
{
    return kind == GB1_SIREN ? p->siren : kind == GB1_MIC ? p->mic : kind == GB1_BEEP && p->beep_s > 0;
}

bool gb1_local_candidate(const struct gb1 *g, enum gb1_kind kind, struct gb1_candidate *out)
{
    static const char *const names[] = {"siren", "mic", "beep"};
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->pri = kind == GB1_SIREN ? SIREN_PRI : kind == GB1_MIC ? MICROPHONE_PRI : BEEP_PRI;
    out->actual = true;
    out->start = g->player.local_since;
    out->id = names[kind - GB1_SIREN];
    return is_wanted(&g->player, kind);
}

void gb1_local_begin(struct gb1 *g, enum gb1_kind kind)
{
    struct gb1_run *run = &g->player.run;
    struct gb1_sound *sound = &g->sound;
    const char *name = kind == GB1_SIREN ? "siren" : kind == GB1_MIC ? "mic" : "beep";
    memcpy(run->id, name, strlen(name) + 1);
    memcpy(run->name, name, strlen(name) + 1);
    run->vol = 100; /* the beep, as remote sound, stays within vmax [PRI-1] */
    run->limit_ms = kind == GB1_SIREN ? GB1_HOUR_MS : kind == GB1_MIC ? GB1_ENDLESS_MS : g->player.beep_s * INT64_C(1000);
    run->content_ms = run->limit_ms;
    sound->start = (int)++g->player.turns;
    if (kind == GB1_MIC) {
        sound->source = GB1_FROM_MICROPHONE;
        return;
    }
    sound->pieces = 1;
    sound->piece[0].kind = GB1_PIECE_TONE;
    sound->piece[0].tone = kind == GB1_SIREN ? GB1_WAIL : GB1_STEADY;
    sound->piece[0].n = 1;
    sound->piece[0].on = (int)(run->limit_ms / 1000);
}
