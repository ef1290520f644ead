/* Limits and timers of GB1 (section 15 of PROTOCOL.md). Sizes in bytes; *_MS are milliseconds. */
#ifndef GB1_LIMITS_H
#define GB1_LIMITS_H

#include <stdint.h>

#define GB1_MAX_INTEGER INT64_C(9007199254740991) /* 2^53-1 [ENV-4] */
#define GB1_JSON_DEPTH 8
#ifndef GB1_MESSAGE
#define GB1_MESSAGE 16384     /* largest message on d/; a small board may take 8192 and says so in cap.pkt */
#endif
#define GB1_AREA_MESSAGE 8000 /* largest message on keys and a/ */
#define GB1_SEQ_AHEAD_MS INT64_C(90000000) /* [ENV-5] */
#define GB1_VERIFICATIONS 20               /* signatures a second [ENV-7] */

#define GB1_FLOOR_WRITE_MS INT64_C(3600000)  /* [TIM-1c] */

#define GB1_ROWS 48
#define GB1_KEYS 32
#define GB1_BAD 64
#define GB1_ROOTS 3
#define GB1_ONLINE_PRI 69
#define GB1_AREAS 6
#define GB1_PINS 32
#define GB1_QUIET 4
#define GB1_INPUTS 4
#define GB1_PLAN_ITEMS 64
#define GB1_PLAN_ASSETS 48
#define GB1_ITEM_STEPS 16
#define GB1_ENTRIES 16     /* of one now or ses */
#define GB1_ENTRY_STEPS 8
#define GB1_ENTRY_NOT 32
#define GB1_CLEARS_PER_KEY 8
#define GB1_CIDS 32
#define GB1_SEGMENTS 180   /* hashes in a manifest */
#define GB1_BUNDLE_FILES 128

/* Pools of this implementation: fixed memory, sized for the limits above in ordinary life. */
#define GB1_ENTRIES_ALL 128 /* live entries of all now and ses rows together */
#define GB1_CLEARS_ALL 64
#define GB1_AREA_KEYS_ALL 64 /* delegated keys of all areas together; a document that does not fit is refused */
#define GB1_DONE_ALL 192    /* done-memory: items and sids */
#define GB1_WANTED 96       /* assets named by documents */
#define GB1_QUOTA_HOURS 25  /* any 24 h lie in so many [AST-4c] */
#define GB1_HELD 128        /* assets on the disk */
#define GB1_VOICES 8        /* live sessions whose chunks are taken at once; of more the soonest and highest */
#define GB1_CHUNKS 128      /* chunks that wait, of all sessions together */

#define GB1_JOURNAL_RING 1000
#define GB1_EVENTS_BATCH 8000

#define GB1_MINUTE_MS INT64_C(60000)
#define GB1_HOUR_MS INT64_C(3600000)
#define GB1_DAY_MS INT64_C(86400000)
#define GB1_PLAN_SPAN_MS (48 * GB1_HOUR_MS)
#define GB1_PLAN_BY_HAND_MS (35 * GB1_DAY_MS)    /* [USB-1d] */
#define GB1_HORIZON_MS (400 * GB1_DAY_MS)        /* [TIM-2] [SES-5] */
#define GB1_AHEAD_MS INT64_C(600000)             /* [TIM-3] */
#define GB1_WELCOME_BELOW_FLOOR_MS GB1_DAY_MS    /* [SES-5] */
#define GB1_WELCOME_SUSPECT_MS INT64_C(600000)   /* [SES-5] */
#define GB1_VEC_ABSENT_MS INT64_C(600000)        /* [SES-2] */
#define GB1_FAIL_OPEN_MS INT64_C(60000)          /* [SES-3] */
#define GB1_FAIL_OPEN_EARLY_MS INT64_C(120000)   /* [SES-3] */
#define GB1_UNKNOWN_KID_MS INT64_C(60000)        /* [KEY-8] */
#define GB1_CLEAR_KEPT_MS (7 * GB1_DAY_MS)       /* [NOW-4] */
#define GB1_ON_TIME_MS INT64_C(2000)             /* [POS-1] */
#define GB1_JOIN_REMAINING_MS INT64_C(30000)     /* [POS-1] */
#define GB1_POWER_REJOINS 2                      /* [POS-1] */
#define GB1_SYNC_ROUND_TRIP_MS INT64_C(2000)
#define GB1_SYNCHRONISED_MS GB1_DAY_MS
#define GB1_CLOCK_JUMP_MS INT64_C(600000)        /* [TIM-8] */
#define GB1_RTC_BELIEVED_MS INT64_C(600000)      /* uptime after which a mere RTC may judge the past */
#define GB1_RECONNECT_MAX_MS INT64_C(300000)     /* [CON-4] */
#define GB1_SESSION_PROVEN_MS INT64_C(120000)    /* [CON-4] */
#define GB1_ATTEMPT_MS INT64_C(60000)
#define GB1_ACL_RETRY_MS INT64_C(5000)           /* [CON-9b] */
#define GB1_ACL_RETRY_MAX_MS GB1_HOUR_MS
#define GB1_WRONG_SIGNATURES 10 /* more in an hour are the fault SIG_REJECT */
#define GB1_ACL_STANDS_MS INT64_C(30000)         /* repeated and refused by nobody: granted */
#define GB1_EVENTS_RETRY_MS INT64_C(30000)
#define GB1_EVENTS_RETRY_MAX_MS INT64_C(600000)
#define GB1_HTTP_RETRY_MS 10000
#define GB1_HTTP_RETRY_MAX_MS 600000
#define GB1_NEED_RETRY_MS 5000                   /* [BLK-1c] */
#define GB1_NEED_RETRY_MAX_MS 300000
#define GB1_NEED_FILES 4                         /* [BLK-1d] */
#define GB1_ASSET_FAILED_MS (6 * GB1_HOUR_MS)    /* [AST-4] */
#define GB1_HTTP_SEGMENT INT64_C(262144)
#define GB1_RESYNC_MS (6 * GB1_HOUR_MS)          /* [SES-6] */
#define GB1_RESYNC_GAP_MS INT64_C(10000)
#define GB1_CLOSE_ROUND_TRIP_MS INT64_C(50)      /* [SES-6b] */
#define GB1_CLOSER_HELLO_FROM_MS INT64_C(20000)
#define GB1_CLOSER_HELLO_TO_MS INT64_C(80000)
#define GB1_STOP_REPEAT_MS INT64_C(600000)       /* [PRI-2] */
#define GB1_MUTE_MS INT64_C(900000)              /* [PRI-2] */
#define GB1_CEILING_MS (6 * GB1_HOUR_MS)         /* [PRI-3] */
#define GB1_BOOT_PROVEN_MS INT64_C(120000)       /* [BOOT-1] */
#define GB1_DONE_KEPT_MS GB1_DAY_MS              /* [ACK-3] */
#define GB1_LIVE_SILENCE_MS INT64_C(10000)       /* [LIV-1e] */
#define GB1_LIVE_WAITING 64                      /* chunks of one session [LIV-1d] */

#define GB1_FRAME_BYTES 144 /* one canonical MP3 frame ... */
#define GB1_FRAME_MS 24     /* ... is this long (D9) */

#endif
