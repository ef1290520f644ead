/* Lasting troubles, journalled when they begin and end; and refused messages, counted so that a flood fills no journal. */
#include <string.h>

#include "parts.h"

void gb1_fault_set(struct gb1 *g, enum gb1_fault fault, bool on)
{
    char d[48];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    if (gb1_has_fault(g, fault) == on) return;
    g->faults ^= 1U << fault;
    gb1_put(&o, "\"f\":");
    gb1_put_string(&o, gb1_fault_name(fault));
    gb1_journal_add(g, "fault", on ? "set" : "clr", d);
}

static void tell(struct gb1 *g, enum gb1_verdict verdict)
{
    char d[64];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    struct gb1_sec *sec = &g->sec[verdict];
    gb1_put(&o, "\"c\":");
    gb1_put_int(&o, sec->untold);
    if (sec->typ[0] != '\0') gb1_put_text_member(&o, "typ", sec->typ);
    sec->told_mono = g->clock.mono;
    sec->untold = 0;
    gb1_journal_add(g, "sec", gb1_verdict_name(verdict), d);
}

void gb1_refused(struct gb1 *g, enum gb1_verdict verdict, const char *typ)
{
    struct gb1_sec *sec = &g->sec[verdict];
    bool told = sec->told_mono > INT64_MIN && g->clock.mono - sec->told_mono < GB1_HOUR_MS;
    size_t n = strlen(typ);
    if (n >= sizeof sec->typ) n = 0;
    memcpy(sec->typ, typ, n);
    sec->typ[n] = '\0';
    sec->untold++;
    if (!told) tell(g, verdict);
}

void gb1_sec_tick(struct gb1 *g)
{
    for (int v = GB1_E_FMT; v < GB1_VERDICTS; v++) {
        if (g->sec[v].untold > 0 && g->clock.mono - g->sec[v].told_mono >= GB1_HOUR_MS) tell(g, (enum gb1_verdict)v);
    }
}
