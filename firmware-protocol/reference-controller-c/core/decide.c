/* The table of section 8, as two pure questions: who is barred, and who comes first. */
#include <string.h>

#include "parts.h"

#define LOUD_FROM 80

static bool is_remote(const struct gb1_candidate *c)
{
    return c->kind == GB1_ITEM || c->kind == GB1_ORDER;
}

enum gb1_bar gb1_barred(const struct gb1_candidate *c, const struct gb1_conditions *now)
{
    if (now->amp_fault) return GB1_BAR_AMP;
    if (!is_remote(c)) return GB1_NOT_BARRED;
    if (now->muted) return GB1_BAR_MUTED;
    if (!now->clock) return GB1_BAR_CLOCK;
    return now->quiet && (c->pri < LOUD_FROM || !c->actual) ? GB1_BAR_QUIET : GB1_NOT_BARRED;
}

bool gb1_before(const struct gb1_candidate *a, const struct gb1_candidate *b)
{
    if (a->pri != b->pri) return a->pri > b->pri;
    if (a->waiting != b->waiting) return b->waiting;
    if (a->pri >= LOUD_FROM && a->turn != b->turn) return a->turn < b->turn; /* [DEC-4] */
    if (a->start != b->start) return a->start < b->start;
    return strcmp(a->id, b->id) < 0;
}
