#include "codes.h"

const char *gb1_verdict_name(enum gb1_verdict verdict)
{
    static const char *const names[GB1_VERDICTS] = {
        "accept", "duplicate", "dropped", "later",  "E_FMT",   "E_KID",    "E_SIG",  "E_JSON",
        "E_DST",  "E_POL",     "E_OLD",   "E_FORK", "E_STALE", "E_FUTURE", "E_CRIT", "E_SEM",
    };
    return names[verdict];
}

const char *gb1_fault_name(enum gb1_fault fault)
{
    static const char *const names[GB1_FAULTS] = {
        "MAINS_LOST", "BATT_LOW",   "AMP_FAULT", "AMP_HOT", "LINE_OPEN",  "LINE_SHORT",
        "LINE_EARTH", "STORE_FULL", "STORE_IO",  "CLK_BAD", "NET_WEAK",   "ACL",
        "TAMPER",     "MUTED",      "SIG_REJECT", "BOOT_LOOP", "FW_ROLLBACK", "FOREIGN_SOUND",
    };
    return names[fault];
}

const char *gb1_typ_name(enum gb1_typ typ)
{
    static const char *const names[GB1_TYPS] = {
        "keys", "site", "cfg", "plan", "now", "ses", "cmd", "man", "fw", "welcome", "jack", "bundle",
    };
    return names[typ];
}
