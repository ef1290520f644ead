/* Verdicts over messages, faults, and the words that go into the journal. */
#ifndef GB1_CODES_H
#define GB1_CODES_H

#include <stdbool.h>

/* What became of a message [ENV-7]. */
enum gb1_verdict {
    GB1_ACCEPTED,
    GB1_DUPLICATE, /* in force already: nothing to do, nothing to report */
    GB1_DROPPED,   /* before the welcome, or no verification budget */
    GB1_LATER,     /* urgent and beyond the budget: hand it over again */
    GB1_E_FMT,
    GB1_E_KID,
    GB1_E_SIG,
    GB1_E_JSON,
    GB1_E_DST,
    GB1_E_POL,
    GB1_E_OLD,
    GB1_E_FORK,
    GB1_E_STALE,
    GB1_E_FUTURE,
    GB1_E_CRIT,
    GB1_E_SEM,
    GB1_VERDICTS
};

/* "E_SIG" and so on; "accept", "duplicate", "dropped", "later" for the others. */
const char *gb1_verdict_name(enum gb1_verdict verdict);

static inline bool gb1_is_refusal(enum gb1_verdict verdict)
{
    return verdict >= GB1_E_FMT;
}

enum gb1_fault {
    GB1_MAINS_LOST,
    GB1_BATT_LOW,
    GB1_AMP_FAULT,
    GB1_AMP_HOT,
    GB1_LINE_OPEN,
    GB1_LINE_SHORT,
    GB1_LINE_EARTH,
    GB1_STORE_FULL,
    GB1_STORE_IO,
    GB1_CLK_BAD,
    GB1_NET_WEAK,
    GB1_ACL,
    GB1_TAMPER,
    GB1_MUTED,
    GB1_SIG_REJECT,
    GB1_BOOT_LOOP,
    GB1_FW_ROLLBACK,
    GB1_FOREIGN_SOUND,
    GB1_FAULTS
};

const char *gb1_fault_name(enum gb1_fault fault);

/* Types of documents. */
enum gb1_typ {
    GB1_KEYS_DOC,
    GB1_SITE_DOC,
    GB1_CFG_DOC,
    GB1_PLAN_DOC,
    GB1_NOW_DOC,
    GB1_SES_DOC,
    GB1_CMD_DOC,
    GB1_MAN_DOC,
    GB1_FW_DOC,
    GB1_WELCOME_DOC,
    GB1_JACK_DOC,
    GB1_BUNDLE_DOC,
    GB1_TYPS
};

const char *gb1_typ_name(enum gb1_typ typ);

#endif
