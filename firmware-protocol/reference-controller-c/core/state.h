/* The signed documents in force and all that judging the next one needs; what of it survives a power cut. */
#ifndef GB1_STATE_H
#define GB1_STATE_H

#include "clock.h"
#include "docs.h"
#include "keyring.h"
#include "memory.h"

/* A row: its mark, which is never lowered but by a recovery, and the document in force. */
struct gb1_row {
    char row[GB1_ROW_CAP]; /* empty: a free place */
    bool has_mark_hash;    /* the mark is that message's; without it only a newer document is taken */
    bool in_force;
    uint8_t signers;
    int64_t mark;
    uint8_t hash[32]; /* of the last message taken, which is the document while one is in force */
    int64_t doc_seq;
    int64_t doc_iat;
    int64_t doc_exp;
    char signer[2][GB1_KID_CAP]; /* empty for a root */
};

/* A clear is a fact, apart from the documents: no later document of its key undoes it [NOW-4]. */
struct gb1_clear {
    int64_t iat;
    bool used;
    int8_t cpri; /* -1 ends nothing and only remembers the message */
    uint8_t message[32];
    char by[2][GB1_KID_CAP];
    char to[GB1_SCOPE_CAP];
    char sid[GB1_SID_CAP]; /* "*" for all */
};

/* What the welcome says of a row, which is known by the first bytes of its name's hash. */
struct gb1_bound {
    uint8_t name[8];
    int64_t seq;
};

struct gb1_session {
    bool welcomed;
    bool open; /* 60 s without a welcome: SES-3 holds */
    int64_t iat;
    uint8_t hash[32];
    int rows;
    struct gb1_bound vec[GB1_ROWS];
};

struct gb1_nonce {
    uint8_t bn[16];
    int64_t mono;
};

struct gb1_state {
    char id[GB1_ID_CAP];
    char sys[GB1_SYS_CAP];
    char jid[GB1_OID_CAP];
    int64_t base;  /* later of build and claim time: the floor never drops below it */
    int64_t floor; /* [TIM-1] */
    int64_t floor_written; /* its stored value */
    int64_t floor_due_mono; /* when it may be written again [TIM-1c] */
    size_t pkt;
    bool takes_fw; /* profile fw: this controller judges such documents but does not install */
    struct gb1_keyring ring;
    struct gb1_row rows[GB1_ROWS];
    struct gb1_clear clears[GB1_CLEARS_ALL];
    int nonces;
    struct gb1_nonce nonce[2]; /* oldest first */
    struct gb1_session session;
    bool has_site;
    bool has_plan;
    struct gb1_site site;
    struct gb1_cfg cfg;
    struct gb1_plan plan;
    int held;
    struct gb1_entry entry[GB1_ENTRIES_ALL];
};

/* Where documents are read into before they count. */
union gb1_doc {
    struct gb1_keys keys;
    struct gb1_site site;
    struct gb1_cfg cfg;
    struct gb1_plan plan;
    struct gb1_now now;
    struct gb1_welcome welcome;
    struct gb1_jack jack;
    struct gb1_cmd cmd;
    struct gb1_man_doc man;
    struct gb1_fw fw;
    struct gb1_bundle bundle;
};

/* A device that has just been claimed, or the start of reading one back. */
void gb1_state_init(struct gb1_state *s, const char *id, const char *sys, const struct gb1_root *roots, int64_t base, size_t pkt);
/* Reads back what survived; `message` is room for one message, `doc` for one document. Drops what no longer stands [ENV-8]. */
void gb1_state_restore(struct gb1_state *s, struct gb1_memory *m, uint8_t *message, union gb1_doc *doc);

struct gb1_row *gb1_row_find(struct gb1_state *s, const char *row);
bool gb1_own_scope(const struct gb1_state *s, const char *scope);
/* Whether rights over this area reach this scope of ours [KEY-3]. */
bool gb1_rights_cover(const struct gb1_state *s, const char *area, const char *scope);
/* Whether a clear ended this entry [NOW-4]. */
bool gb1_is_cleared(const struct gb1_state *s, const struct gb1_entry *held);
/* Takes a document out of force; its mark stays. With strict, only a newer one is taken from now on [BOOT-1]. */
void gb1_state_drop(struct gb1_state *s, struct gb1_memory *m, struct gb1_row *row, bool strict);
void gb1_row_remember(struct gb1_memory *m, const struct gb1_row *row);
void gb1_state_remember(struct gb1_state *s, struct gb1_memory *m);
/* Writes the floor when it has moved and may be written; at once when a recovery has lowered it [TIM-1c] [TIM-5]. */
void gb1_floor_remember(struct gb1_state *s, struct gb1_memory *m, int64_t mono);
/* Reads a document in force into message; its length, or -1. */
long gb1_state_message(struct gb1_memory *m, const struct gb1_row *row, uint8_t *message, size_t cap);
void gb1_state_forget_session(struct gb1_state *s);
void gb1_clear_remember(struct gb1_memory *m, const struct gb1_clear *clear, int index);
/* Forgets clears that are a week old. */
void gb1_clears_purge(struct gb1_state *s, struct gb1_memory *m, int64_t t);

/* The keys that signed a document, kept beside it [KEY-6]. */
void gb1_signers_remember(struct gb1_memory *m, const char *row, const struct gb1_signer *signer, int n);
int gb1_signers_recall(struct gb1_memory *m, const char *row, struct gb1_signer signer[2]);

#endif
