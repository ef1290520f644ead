/* Field tables of the documents (section 7 of PROTOCOL.md): from proven JSON into fixed structures. Every false is E_SEM. */
#ifndef GB1_DOCS_H
#define GB1_DOCS_H

#include <stdbool.h>
#include <stdint.h>

#include "codes.h"
#include "fields.h"
#include "json.h"
#include "limits.h"
#include "names.h"

/* Rights of a key: bit 1 << typ of each type it may sign; GB1_KEYS_DOC stands for akeys. */
typedef uint16_t gb1_use;
#define GB1_USE(typ) ((gb1_use)(1U << (typ)))
#define GB1_USE_ONLINE                                                                                         \
    ((gb1_use)(GB1_USE(GB1_CFG_DOC) | GB1_USE(GB1_PLAN_DOC) | GB1_USE(GB1_SES_DOC) | GB1_USE(GB1_MAN_DOC) |     \
               GB1_USE(GB1_CMD_DOC) | GB1_USE(GB1_WELCOME_DOC) | GB1_USE(GB1_JACK_DOC) | GB1_USE(GB1_BUNDLE_DOC)))

struct gb1_key {
    int64_t nbf;
    int64_t exp;
    uint8_t x[32];
    gb1_use use;
    uint8_t pri;
    uint8_t cpri;
    bool hidden; /* a kid or x known from nearer the root, or named bad [KEY-7] */
    char kid[GB1_KID_CAP];
    char area[GB1_AREA_CAP];
};

struct gb1_root {
    char kid[GB1_KID_CAP];
    uint8_t x[32];
};

struct gb1_keys {
    int n;
    int bads;
    int quorum_depth;
    int quorum_n;
    bool has_quorum;
    bool has_roots;
    bool has_rst;
    int64_t rst_n;
    int64_t rst_t;
    struct gb1_root roots[GB1_ROOTS];
    struct gb1_key keys[GB1_KEYS];
    char bad[GB1_BAD][GB1_KID_CAP];
};

struct gb1_pin {
    char name[GB1_PIN_CAP];
    struct gb1_asset asset;
};

struct gb1_site {
    int areas;
    int pins;
    int quiets;
    int tz;
    int vmax;
    int gain;
    int smax;
    bool fail_open;
    bool input_fm;
    bool input_line;
    struct {
        int from; /* first minute of the day inside */
        int to;   /* first minute outside */
    } quiet[GB1_QUIET];
    char area[GB1_AREAS][GB1_AREA_CAP];
    struct gb1_pin pin[GB1_PINS];
};

struct gb1_cfg {
    int ka;
    int tel_s;
    int trim;
    int bases;
    int64_t quota; /* KiB a day, 0 for none */
    char http[3][513];
};

struct gb1_item {
    int64_t at;
    uint16_t dur;
    uint16_t late;
    uint8_t pri;
    uint8_t vol;
    uint8_t steps; /* 0: a local input */
    uint8_t step[GB1_ITEM_STEPS];
    char oid[GB1_OID_CAP];
};

struct gb1_plan {
    int64_t from;
    int64_t till;
    int items;
    int assets;
    struct gb1_asset asset[GB1_PLAN_ASSETS];
    struct gb1_item item[GB1_PLAN_ITEMS];
};

enum gb1_status { GB1_ACTUAL, GB1_EXERCISE, GB1_TEST };

/* An entry of now or ses, without what it plays: that is read from the stored document when it starts. */
struct gb1_entry {
    int64_t beg;
    int64_t until;
    uint16_t max; /* seconds of sound, preambles included */
    uint8_t rep;
    uint8_t gap;
    uint8_t vol;
    uint8_t pri;
    uint8_t index; /* in act[] */
    uint8_t st;    /* enum gb1_status */
    bool excluded; /* not[] names this device */
    bool live;
    uint8_t row;   /* index of the row whose document it stands in, once it is held */
    char sid[GB1_SID_CAP];
};

struct gb1_now {
    int entries;
    int clears;
    uint16_t skipped; /* bit i: act[i] was invalid [NOW-3] */
    bool all_clear;   /* act is empty */
    struct gb1_entry entry[GB1_ENTRIES];
    char clear[GB1_ENTRIES][GB1_SID_CAP]; /* a sid or "*" */
};

enum gb1_tone { GB1_WAIL, GB1_YELP, GB1_STEADY };
enum gb1_step_kind { GB1_STEP_PIN, GB1_STEP_TONE, GB1_STEP_SOUND, GB1_STEP_UNKNOWN };

struct gb1_step {
    enum gb1_step_kind kind;
    enum gb1_tone tone;
    int n;
    int on;  /* s */
    int off; /* s */
    struct gb1_asset asset;
    char pin[GB1_PIN_CAP]; /* of a pin; the alt of a sound, or empty */
};

struct gb1_live {
    uint8_t pk[32];
    int ms;
    int jit;
    bool mp3;
    bool has_alt;
    struct gb1_step alt;
};

/* What an entry plays. */
struct gb1_content {
    int steps;
    bool is_live;
    struct gb1_step step[GB1_ENTRY_STEPS];
    struct gb1_live live;
};

struct gb1_jack {
    char jid[GB1_OID_CAP];
    int64_t upto;
    bool fresh; /* `new` on the wire */
};

struct gb1_vec_row {
    int64_t seq;
    char row[GB1_ROW_CAP];
};

struct gb1_welcome {
    uint8_t bn[16];
    int64_t sn;
    int rows;
    struct gb1_vec_row vec[GB1_ROWS];
    struct gb1_jack jack;
};

enum gb1_op { GB1_OP_REBOOT, GB1_OP_TONE, GB1_OP_IDENTIFY, GB1_OP_MEASURE, GB1_OP_REPORT, GB1_OP_UNKNOWN };

struct gb1_cmd {
    enum gb1_op op;
    int s;
    char cid[GB1_OID_CAP];
    char name[GB1_OID_CAP];
    char what[8];
    char row[GB1_ROW_CAP];
};

struct gb1_man {
    struct gb1_asset a;
    int blk;
    int segn;
};

/* The manifest as it comes; the hashes of its segments go straight into the memory. */
struct gb1_man_doc {
    struct gb1_man man;
    int segs;
    uint8_t seg[GB1_SEGMENTS][32];
};

struct gb1_fw {
    char model[33];
    char ver[33];
    int64_t sec;
    int64_t sz;
    uint8_t h[32];
};

#define GB1_FILE_CAP 73 /* "doc/", 64 characters, ".gb1" */

/* The table of contents of a memory stick; its files stay in the text, since 128 of them would take 14 KB. */
struct gb1_bundle {
    int files;
};

struct gb1_bundle_file {
    char name[GB1_FILE_CAP]; /* below /GB1/ */
    bool is_document;        /* doc/{name}.gb1; otherwise asset/{h} */
    uint8_t h[32];
    int64_t sz;
};

/* Whether a public key may be listed: canonical, on the curve, of prime order [ENV-3]. Comes from the port. */
typedef bool gb1_key_check(void *ctx, const uint8_t x[32]);

struct gb1_head {
    enum gb1_typ typ;
    int64_t seq;
    int64_t iat;
    int64_t exp;
    char to[GB1_SCOPE_CAP];
};

bool gb1_keys_read(struct gb1_js obj, bool of_area, gb1_key_check *usable, void *ctx, struct gb1_keys *out);
bool gb1_root_read(struct gb1_js obj, gb1_key_check *usable, void *ctx, struct gb1_root *out);
bool gb1_site_read(struct gb1_js obj, struct gb1_site *out);
bool gb1_cfg_read(struct gb1_js obj, struct gb1_cfg *out);
void gb1_cfg_defaults(struct gb1_cfg *out);
/* Of up to 35 days: whether it may be that long depends on the way it came [USB-1d]. */
bool gb1_plan_read(struct gb1_js obj, int64_t exp, struct gb1_plan *out);
/* What judging the entries of a now or ses depends on. */
struct gb1_now_ask {
    const struct gb1_head *head;
    int ceiling;     /* lowest pri of the signers */
    const char *id;  /* this device's, for not[] */
    gb1_key_check *usable;
    void *ctx;
};
bool gb1_now_read(struct gb1_js obj, const struct gb1_now_ask *ask, struct gb1_now *out);
/* What entry `index` of a document that was accepted plays. */
bool gb1_content_read(struct gb1_js obj, int index, struct gb1_content *out);
bool gb1_jack_read(struct gb1_js obj, struct gb1_jack *out);
bool gb1_welcome_read(struct gb1_js obj, struct gb1_welcome *out);
bool gb1_cmd_read(struct gb1_js obj, const struct gb1_head *head, struct gb1_cmd *out);
bool gb1_man_read(struct gb1_js obj, struct gb1_man_doc *doc);
bool gb1_fw_read(struct gb1_js obj, struct gb1_fw *out);
bool gb1_bundle_read(struct gb1_js obj, struct gb1_bundle *out);
/* File `index` of a bundle that was accepted; false when it has no such file. */
bool gb1_bundle_file(struct gb1_js obj, int index, struct gb1_bundle_file *out);
/* One window of local time, ["HH:MM","HH:MM"], never empty. */
bool gb1_window_read(struct gb1_js v, int *from, int *to);

/* Whether a moment lies in a quiet window of local time. */
bool gb1_is_quiet(const struct gb1_site *site, int64_t unix_ms);
const struct gb1_asset *gb1_pin_find(const struct gb1_site *site, const char *name);
/* Length of a canonical file in ms. */
static inline int64_t gb1_asset_ms(int64_t sz)
{
    return sz / GB1_FRAME_BYTES * GB1_FRAME_MS;
}

#endif
