/* Lasting troubles, journalled when they begin and end; and refused messages, counted so that a flood fills no journal. */
#include <string.h>

#include "parts.h"

#define KEY "faults"

static void remember(struct gb1 *g)
{
    char text[16];
    struct gb1_out o = gb1_out_in(text, sizeof text);
    if ((g->faults | g->faults_before) == 0) {
        gb1_forget(&g->memory, KEY);
        return;
    }
    gb1_put_int(&o, g->faults | g->faults_before);
    gb1_remember_text(&g->memory, KEY, text);
}

void gb1_faults_restore(struct gb1 *g)
{
    char text[16];
    if (!gb1_recall_text(&g->memory, KEY, text, sizeof text)) return;
    for (const char *c = text; *c >= '0' && *c <= '9'; c++) g->faults_before = g->faults_before * 10 + (uint32_t)(*c - '0');
}

/* The box has run for a while: what was told before this start and is not here any more is over [FLT-1]. */
void gb1_faults_settle(struct gb1 *g)
{
    for (int f = 0; g->faults_before != 0 && f < GB1_FAULTS; f++) {
        if ((g->faults_before >> f & 1U) != 0) gb1_fault_set(g, (enum gb1_fault)f, false);
    }
}

void gb1_fault_set(struct gb1 *g, enum gb1_fault fault, bool on)
{
    char d[48];
    struct gb1_out o = gb1_out_in(d, sizeof d);
    uint32_t bit = 1U << fault;
    bool told = (g->faults_before & bit) != 0; /* by an earlier start, and not ended since */
    if (gb1_has_fault(g, fault) == on && !told) return;
    g->faults = on ? g->faults | bit : g->faults & ~bit;
    g->faults_before &= ~bit;
    remember(g);
    if (on && told) return;
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
    if (verdict == GB1_E_SIG) {
        g->wrong_mono[g->wrong] = g->clock.mono;
        g->wrong = (g->wrong + 1) % (GB1_WRONG_SIGNATURES + 1);
    }
    if (n >= sizeof sec->typ) n = 0;
    memcpy(sec->typ, typ, n);
    sec->typ[n] = '\0';
    sec->untold++;
    if (!told) tell(g, verdict);
}

void gb1_sec_tick(struct gb1 *g)
{
    int64_t eldest = g->wrong_mono[g->wrong];
    gb1_fault_set(g, GB1_SIG_REJECT, eldest > INT64_MIN && g->clock.mono - eldest < GB1_HOUR_MS);
    for (int v = GB1_E_FMT; v < GB1_VERDICTS; v++) {
        if (g->sec[v].untold > 0 && g->clock.mono - g->sec[v].told_mono >= GB1_HOUR_MS) tell(g, (enum gb1_verdict)v);
    }
}
