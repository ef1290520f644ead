#include "admit.h"

#include <string.h>

#include "envelope.h"
#include "json.h"

struct judge {
    const struct gb1_state *s;
    const struct gb1_port *port;
    uint8_t *message;
    size_t n;
    struct gb1_envelope envelope;
    struct gb1_js json;
    union gb1_doc *doc;
    struct gb1_admitted *out;
    bool by_hand;
    bool known; /* T1 or T2 */
    int64_t t;
    bool decoded; /* the field table was right, seen ahead of its turn */
};

static bool in_effect(const struct gb1_state *s, const uint8_t hash[32])
{
    if (s->session.welcomed && memcmp(s->session.hash, hash, 32) == 0) return true;
    for (int i = 0; i < GB1_ROWS; i++) {
        if (s->rows[i].in_force && memcmp(s->rows[i].hash, hash, 32) == 0) return true;
    }
    for (int i = 0; i < GB1_CLEARS_ALL; i++) {
        if (s->clears[i].used && memcmp(s->clears[i].message, hash, 32) == 0) return true;
    }
    return false;
}

static bool is_urgent(const struct gb1_signer *signer)
{
    return signer->root || (signer->key.use & (GB1_USE(GB1_KEYS_DOC) | GB1_USE(GB1_NOW_DOC))) != 0;
}

/* header "." payload must lie in one piece: it is laid over the signature lines, which come back afterwards [ENV-2]. */
static bool verify_line(struct judge *j, int line, const uint8_t x[32])
{
    uint8_t saved[GB1_HEADER_MOST + 1];
    uint8_t header[GB1_HEADER_MOST + 1];
    const struct gb1_line *l = &j->envelope.line[line];
    size_t prefix = l->header_n + 1;
    uint8_t *at = j->message + j->envelope.payload_at - prefix;
    memcpy(header, l->header, l->header_n);
    header[l->header_n] = '.';
    memcpy(saved, at, prefix);
    memcpy(at, header, prefix);
    bool ok = j->port->signature_ok(j->port->ctx, x, at, prefix + j->n - j->envelope.payload_at, l->signature);
    memcpy(at, saved, prefix);
    return ok;
}

static bool typ_of(struct gb1_js json, enum gb1_typ *out)
{
    struct gb1_js typ = gb1_js_member(json, "typ");
    for (int i = 0; i < GB1_TYPS; i++) {
        if (gb1_js_equals(typ, gb1_typ_name((enum gb1_typ)i))) {
            *out = (enum gb1_typ)i;
            return true;
        }
    }
    return false;
}

/* Types that come in a session, and those that come on a stick [USB-1c]. */
static bool way_fits(const struct judge *j, enum gb1_typ typ)
{
    switch (typ) {
    case GB1_BUNDLE_DOC: return j->by_hand;
    case GB1_FW_DOC: return j->s->takes_fw;
    case GB1_KEYS_DOC:
    case GB1_SITE_DOC:
    case GB1_CFG_DOC:
    case GB1_PLAN_DOC:
    case GB1_NOW_DOC: return true;
    default: return !j->by_hand;
    }
}

/* Scopes a type may go to. */
static bool scope_fits(enum gb1_typ typ, const char *to)
{
    switch (typ) {
    case GB1_BUNDLE_DOC: return true;
    case GB1_KEYS_DOC: return to[0] == '*' || to[0] == 'a';
    case GB1_NOW_DOC:
    case GB1_SES_DOC:
    case GB1_MAN_DOC: return to[0] == 'a' || to[0] == 'd';
    case GB1_SITE_DOC:
    case GB1_CFG_DOC:
    case GB1_PLAN_DOC:
    case GB1_CMD_DOC:
    case GB1_FW_DOC:
    case GB1_WELCOME_DOC:
    case GB1_JACK_DOC: return to[0] == 'd';
    default: return false;
    }
}

/* (7) version, type, deployment, scope, owner [CON-6] [ENV-6]. */
static enum gb1_verdict destination(struct judge *j)
{
    struct gb1_head *head = &j->out->head;
    char sys[GB1_SYS_CAP];
    int64_t version;
    if (!gb1_js_int(gb1_js_member(j->json, "v"), &version) || version != 1 || !j->out->typ_known) return GB1_E_DST;
    if (!way_fits(j, head->typ)) return GB1_E_DST;
    if (!gb1_f_text(j->json, "sys", sys, sizeof sys) || strcmp(sys, j->s->sys) != 0) return GB1_E_DST;
    if (!gb1_f_text(j->json, "to", head->to, sizeof head->to) || !gb1_is_scope(head->to)) return GB1_E_DST;
    if (!gb1_own_scope(j->s, head->to) || !scope_fits(head->typ, head->to)) return GB1_E_DST;
    if (head->typ == GB1_NOW_DOC) {
        if (!gb1_f_text(j->json, "by", j->out->by, sizeof j->out->by) || !gb1_is_kid(j->out->by)) return GB1_E_DST;
        if (strcmp(j->out->by, j->out->signer[0].key.kid) != 0) return GB1_E_DST;
    }
    if (head->to[0] != 'd' && head->typ != GB1_BUNDLE_DOC && j->n > GB1_AREA_MESSAGE) return GB1_E_FMT;
    return GB1_ACCEPTED;
}

/* [SES-1], and the exception of SES-3 for emergencies; from a stick whatever comes while the time is known [USB-1b]. */
static bool awaited(const struct judge *j)
{
    if (j->by_hand) return j->known;
    if (j->s->session.welcomed) return true;
    switch (j->out->head.typ) {
    case GB1_KEYS_DOC:
    case GB1_WELCOME_DOC:
    case GB1_JACK_DOC: return true;
    case GB1_NOW_DOC: return j->s->session.open;
    default: return false;
    }
}

static int distinct(const struct gb1_admitted *a)
{
    return a->signers == 2 && memcmp(a->signer[0].key.x, a->signer[1].key.x, 32) != 0 ? 2 : 1;
}

static int ceiling(const struct gb1_admitted *a)
{
    int least = 99;
    for (int i = 0; i < a->signers; i++) {
        if (a->signer[i].key.pri < least) least = a->signer[i].key.pri;
    }
    return least;
}

static int clear_rank(const struct gb1_admitted *a)
{
    int least = 99;
    for (int i = 0; i < a->signers; i++) {
        if (a->signer[i].key.cpri < least) least = a->signer[i].key.cpri;
    }
    return least;
}

/* Whether a wide order, or one by a key with wide rights, lacks a second signature [KEY-4]. */
static bool lacks_quorum(const struct judge *j)
{
    const struct gb1_keyring *ring = &j->s->ring;
    bool wide = j->out->head.to[0] == 'a' && gb1_area_depth(j->out->head.to + 2) <= ring->quorum_depth;
    for (int i = 0; i < j->out->signers; i++) {
        if (gb1_area_depth(j->out->signer[i].key.area) <= ring->quorum_depth) wide = true;
    }
    return wide && distinct(j->out) < ring->quorum_n;
}

/* Reads the field table where a check before its turn depends on it; a wrong one is refused later, at step 11. */
static bool decode(struct judge *j)
{
    const struct gb1_head *head = &j->out->head;
    const struct gb1_now_ask ask = {head, ceiling(j->out), j->s->id, j->port->key_ok, j->port->ctx};
    switch (head->typ) {
    case GB1_KEYS_DOC: return gb1_keys_read(j->json, head->to[0] == 'a', j->port->key_ok, j->port->ctx, &j->doc->keys);
    case GB1_SITE_DOC: return gb1_site_read(j->json, &j->doc->site);
    case GB1_CFG_DOC: return gb1_cfg_read(j->json, &j->doc->cfg);
    case GB1_PLAN_DOC: return gb1_plan_read(j->json, head->exp, &j->doc->plan);
    case GB1_NOW_DOC:
    case GB1_SES_DOC: return gb1_now_read(j->json, &ask, &j->doc->now);
    case GB1_WELCOME_DOC: return gb1_welcome_read(j->json, &j->doc->welcome);
    case GB1_JACK_DOC: return gb1_jack_read(j->json, &j->doc->jack);
    case GB1_CMD_DOC: return gb1_cmd_read(j->json, head, &j->doc->cmd);
    case GB1_MAN_DOC: return gb1_man_read(j->json, &j->doc->man);
    case GB1_FW_DOC: return gb1_fw_read(j->json, &j->doc->fw);
    case GB1_BUNDLE_DOC: return gb1_bundle_read(j->json, &j->doc->bundle);
    default: return false;
    }
}

/* Whether every entry says that it is a test: no other order comes by hand [USB-1c]. */
static bool only_tests(struct gb1_js json)
{
    struct gb1_js_walk walk;
    struct gb1_js act = gb1_js_member(json, "act");
    if (!gb1_js_is_array(act) || !gb1_js_open(&walk, act)) return false;
    while (gb1_js_next(&walk)) {
        if (!gb1_js_equals(gb1_js_member(walk.value, "st"), "test")) return false;
    }
    return true;
}

/* What delegated keys may not do [KEY-4]. */
static enum gb1_verdict delegation(struct judge *j)
{
    static const char *const reserved[] = {"roots", "rst", "bad", "quorum"};
    const char *area = j->out->head.to + 2;
    if (lacks_quorum(j)) return GB1_E_POL;
    for (int i = 0; i < 4; i++) {
        if (gb1_js_has(j->json, reserved[i])) return GB1_E_POL;
    }
    j->decoded = decode(j);
    for (int i = 0; j->decoded && i < j->doc->keys.n; i++) {
        const struct gb1_key *key = &j->doc->keys.keys[i];
        bool within = (key->use & ~(unsigned)(GB1_USE(GB1_NOW_DOC) | GB1_USE(GB1_SITE_DOC))) == 0 &&
                      gb1_area_covers(area, key->area) && key->pri <= ceiling(j->out) && key->cpri <= clear_rank(j->out);
        if (!within) return GB1_E_POL;
    }
    return GB1_ACCEPTED;
}

/* (8) what the keys may [KEY-1] [KEY-3] [KEY-4] [KEY-5]. */
static enum gb1_verdict policy(struct judge *j)
{
    const struct gb1_head *head = &j->out->head;
    bool deployment = head->typ == GB1_KEYS_DOC && head->to[0] == '*';
    for (int i = 0; i < j->out->signers; i++) {
        const struct gb1_signer *signer = &j->out->signer[i];
        if (signer->root != deployment) return GB1_E_POL;
        if (signer->root) continue;
        if ((signer->key.use & GB1_USE(head->typ)) == 0) return GB1_E_POL;
        if (head->iat < signer->key.nbf || head->iat > signer->key.exp) return GB1_E_POL;
        if (!gb1_rights_cover(j->s, signer->key.area, head->to)) return GB1_E_POL;
    }
    if (deployment) return distinct(j->out) == 2 ? GB1_ACCEPTED : GB1_E_POL;
    if (head->typ == GB1_KEYS_DOC) return delegation(j);
    if (head->typ == GB1_PLAN_DOC) {
        j->decoded = gb1_js_int(gb1_js_member(j->json, "exp"), &j->out->head.exp) && decode(j);
        for (int i = 0; j->decoded && i < j->doc->plan.items; i++) {
            if (j->doc->plan.item[i].pri > ceiling(j->out)) return GB1_E_POL;
        }
    }
    if (head->typ == GB1_NOW_DOC && !j->out->all_clear && lacks_quorum(j)) return GB1_E_POL;
    if (head->typ == GB1_NOW_DOC && j->by_hand && !only_tests(j->json)) return GB1_E_POL;
    return GB1_ACCEPTED;
}

static const struct gb1_row *row_find(const struct gb1_state *s, const char *row)
{
    for (int i = 0; i < GB1_ROWS; i++) {
        if (s->rows[i].row[0] != '\0' && strcmp(s->rows[i].row, row) == 0) return &s->rows[i];
    }
    return NULL;
}

static bool vec_find(const struct judge *j, int64_t *seq)
{
    const struct gb1_session *session = &j->s->session;
    uint8_t name[32];
    j->port->sha256(j->port->ctx, j->out->row, strlen(j->out->row), name);
    for (int i = 0; i < session->rows; i++) {
        if (memcmp(session->vec[i].name, name, sizeof session->vec[i].name) == 0) {
            *seq = session->vec[i].seq;
            return true;
        }
    }
    return false;
}

/* (9) the mark of the row, then the welcome's vec [SES-2], which binds neither keys nor an all-clear. */
static enum gb1_verdict mark(struct judge *j)
{
    int64_t seq = j->out->head.seq;
    int64_t least;
    const struct gb1_row *row = row_find(j->s, j->out->row);
    if (row != NULL) {
        bool same = row->has_mark_hash && memcmp(row->hash, j->out->hash, 32) == 0;
        if (seq < row->mark || (seq == row->mark && !row->has_mark_hash)) return GB1_E_OLD;
        if (seq == row->mark && !same) return GB1_E_FORK;
    }
    if (j->out->head.typ == GB1_KEYS_DOC || j->out->all_clear || !j->s->session.welcomed) return GB1_ACCEPTED;
    return vec_find(j, &least) && seq < least ? GB1_E_OLD : GB1_ACCEPTED;
}

static enum gb1_verdict welcome_freshness(struct judge *j)
{
    uint8_t bn[16];
    int64_t iat = j->out->head.iat;
    bool asked = false;
    if (!gb1_f_bytes(j->json, "bn", bn, 16)) return GB1_E_STALE;
    for (int i = 0; i < j->s->nonces; i++) {
        if (memcmp(j->s->nonce[i].bn, bn, 16) == 0) asked = true;
    }
    if (!asked) return GB1_E_STALE;
    j->out->clock_bad = iat < j->s->floor - GB1_WELCOME_SUSPECT_MS || iat > j->s->floor + GB1_HORIZON_MS;
    if (iat < j->s->floor - GB1_WELCOME_BELOW_FLOOR_MS) return GB1_E_STALE;
    return iat > j->s->floor + GB1_HORIZON_MS ? GB1_E_FUTURE : GB1_ACCEPTED;
}

/* Nobody has welcomed the device for a minute: an emergency is better believed than lost [SES-3]. */
static enum gb1_verdict open_freshness(struct judge *j)
{
    struct gb1_head *head = &j->out->head;
    if (!j->known || (j->s->has_site && !j->s->site.fail_open)) return GB1_DROPPED;
    if (!gb1_f_moment(j->json, "exp", &head->exp)) return GB1_E_SEM;
    if (head->iat - GB1_FAIL_OPEN_EARLY_MS > j->t) return GB1_E_FUTURE;
    return j->t > head->exp || head->iat < j->s->floor - GB1_AHEAD_MS ? GB1_E_STALE : GB1_ACCEPTED;
}

/* The bound an early all-clear is cut down to [TIM-4]. */
static void cap_all_clear(struct judge *j)
{
    int64_t bound = j->s->floor + GB1_HORIZON_MS;
    if (j->s->session.welcomed && j->known && j->t + GB1_AHEAD_MS < bound) bound = j->t + GB1_AHEAD_MS;
    if (j->out->mark > bound) j->out->mark = bound;
    if (j->out->effective > bound) j->out->effective = bound;
}

/* (10) section 6. */
static enum gb1_verdict freshness(struct judge *j)
{
    const struct gb1_head *head = &j->out->head;
    int64_t least;
    if (head->typ == GB1_WELCOME_DOC) return welcome_freshness(j);
    if (head->typ == GB1_KEYS_DOC && head->to[0] == '*') return GB1_ACCEPTED; /* two roots: no clock is against them */
    if (j->out->all_clear) {
        cap_all_clear(j);
        return GB1_ACCEPTED;
    }
    if (head->iat > j->s->floor + GB1_HORIZON_MS) {
        j->out->clock_bad = true;
        return GB1_E_FUTURE; /* [TIM-2] */
    }
    if (head->typ == GB1_KEYS_DOC) return GB1_ACCEPTED;
    if (head->typ == GB1_NOW_DOC && !j->s->session.welcomed && !j->by_hand) return open_freshness(j);
    if (j->s->session.welcomed && j->known && head->iat > j->t + GB1_AHEAD_MS) return GB1_E_FUTURE; /* [TIM-3] */
    if (head->typ == GB1_JACK_DOC) {
        return gb1_js_equals(gb1_js_member(j->json, "jid"), j->s->jid) ? GB1_ACCEPTED : GB1_E_STALE;
    }
    if (head->typ == GB1_MAN_DOC) return GB1_ACCEPTED;
    if (j->out->has_row && !vec_find(j, &least) &&
        head->iat < j->s->session.iat - GB1_VEC_ABSENT_MS) {
        return GB1_E_STALE;
    }
    if (!gb1_f_moment(j->json, "exp", &j->out->head.exp)) return GB1_E_SEM;
    return j->known && j->t > head->exp ? GB1_E_STALE : GB1_ACCEPTED;
}

/* No member is critical in this revision, so every name in crit is one too many. */
static bool crit_ok(struct gb1_js json)
{
    struct gb1_js crit = gb1_js_member(json, "crit");
    return crit.at == NULL || (gb1_js_is_array(crit) && gb1_js_count(crit) == 0);
}

static bool is_recovery(const struct judge *j)
{
    int64_t n;
    return j->out->head.typ == GB1_KEYS_DOC && j->out->head.to[0] == '*' &&
           gb1_js_int(gb1_js_member(gb1_js_member(j->json, "rst"), "n"), &n) && n > j->s->ring.rst;
}

static enum gb1_verdict content(struct judge *j)
{
    struct gb1_head *head = &j->out->head;
    enum gb1_verdict verdict = destination(j);
    if (verdict != GB1_ACCEPTED) return verdict;
    if (!awaited(j)) return GB1_DROPPED;
    struct gb1_js act = gb1_js_member(j->json, "act");
    j->out->all_clear = head->typ == GB1_NOW_DOC && gb1_js_is_array(act) && gb1_js_count(act) == 0;
    if (!gb1_f_moment(j->json, "iat", &head->iat)) return GB1_E_SEM;
    verdict = policy(j);
    if (verdict != GB1_ACCEPTED) return verdict;
    int64_t most = head->iat + GB1_SEQ_AHEAD_MS < GB1_MAX_INTEGER ? head->iat + GB1_SEQ_AHEAD_MS : GB1_MAX_INTEGER;
    if (!gb1_f_int(j->json, "seq", head->iat, most, &head->seq)) return GB1_E_SEM; /* [ENV-5] */
    j->out->mark = head->seq;
    j->out->effective = head->iat;
    j->out->has_row = gb1_row_of(j->out->row, head->typ, head->to, j->out->by);
    j->out->recovery = is_recovery(j);
    if (j->out->has_row && !j->out->recovery) verdict = mark(j);
    if (verdict == GB1_ACCEPTED) verdict = freshness(j);
    if (verdict != GB1_ACCEPTED) return verdict;
    if (!crit_ok(j->json)) return GB1_E_CRIT;
    if (!gb1_f_moment(j->json, "exp", &head->exp)) return GB1_E_SEM;
    if (!j->decoded && !decode(j)) return GB1_E_SEM;
    const struct gb1_plan *plan = &j->doc->plan;
    bool too_long = head->typ == GB1_PLAN_DOC && !j->by_hand && plan->till - plan->from > GB1_PLAN_SPAN_MS; /* [USB-1d] */
    return too_long ? GB1_E_SEM : GB1_ACCEPTED;
}

enum gb1_verdict gb1_admit(
    const struct gb1_state *s,
    const struct gb1_clock *clock,
    const struct gb1_port *port,
    enum gb1_way way,
    int budget,
    uint8_t *message,
    size_t n,
    union gb1_doc *doc,
    struct gb1_admitted *out)
{
    struct judge j;
    bool urgent = false;
    memset(&j, 0, sizeof j);
    memset(out, 0, sizeof *out);
    j.s = s;
    j.port = port;
    j.message = message;
    j.n = n;
    j.doc = doc;
    j.out = out;
    j.by_hand = way == GB1_BY_HAND;
    j.known = gb1_clock_now(clock, &j.t);
    if (n > GB1_MESSAGE || n > s->pkt || !gb1_envelope_parse(message, n, &j.envelope)) return GB1_E_FMT;
    port->sha256(port->ctx, message, n, out->hash);
    if (in_effect(s, out->hash)) return GB1_DUPLICATE;
    out->signers = j.envelope.lines;
    for (int i = 0; i < out->signers; i++) {
        const struct gb1_line *line = &j.envelope.line[i];
        if (!gb1_keyring_find(&s->ring, line->header, line->header_n, &out->signer[i])) return GB1_E_KID;
        if (is_urgent(&out->signer[i])) urgent = true;
    }
    if (budget < out->signers) return urgent ? GB1_LATER : GB1_DROPPED;
    for (int i = 0; i < out->signers; i++) {
        if (!verify_line(&j, i, out->signer[i].key.x)) return GB1_E_SIG;
    }
    if (!gb1_js_prove((const char *)message + j.envelope.payload_at, n - j.envelope.payload_at, false, &j.json)) return GB1_E_JSON;
    out->typ_known = typ_of(j.json, &out->head.typ);
    return content(&j);
}

bool gb1_still_stands(
    const struct gb1_state *s,
    const struct gb1_port *port,
    uint8_t *message,
    size_t n,
    const struct gb1_signer *signer,
    int signers,
    union gb1_doc *doc,
    struct gb1_admitted *out)
{
    struct judge j;
    memset(&j, 0, sizeof j);
    memset(out, 0, sizeof *out);
    j.s = s;
    j.port = port;
    j.message = message;
    j.n = n;
    j.doc = doc;
    j.out = out;
    if (!gb1_envelope_parse(message, n, &j.envelope) || j.envelope.lines != signers) return false;
    port->sha256(port->ctx, message, n, out->hash);
    out->signers = signers;
    for (int i = 0; i < signers; i++) {
        out->signer[i] = signer[i];
        if (!verify_line(&j, i, signer[i].key.x)) return false;
    }
    if (!gb1_js_prove((const char *)message + j.envelope.payload_at, n - j.envelope.payload_at, false, &j.json)) return false;
    out->typ_known = typ_of(j.json, &out->head.typ);
    if (destination(&j) != GB1_ACCEPTED) return false;
    struct gb1_head *head = &out->head;
    bool deployment = head->typ == GB1_KEYS_DOC && head->to[0] == '*';
    if (!gb1_f_moment(j.json, "iat", &head->iat) || !gb1_f_moment(j.json, "seq", &head->seq) ||
        !gb1_f_moment(j.json, "exp", &head->exp)) {
        return false;
    }
    for (int i = 0; i < signers; i++) {
        const struct gb1_key *key = &signer[i].key;
        if (signer[i].root != deployment) return false;
        if (deployment) continue;
        if ((key->use & GB1_USE(head->typ)) == 0 || head->iat < key->nbf || head->iat > key->exp) return false;
        if (gb1_keyring_is_bad(&s->ring, key->kid)) return false;
    }
    if (deployment && distinct(out) != 2) return false;
    out->effective = head->iat;
    out->mark = head->seq;
    out->has_row = gb1_row_of(out->row, head->typ, head->to, out->by);
    return out->has_row && decode(&j);
}
