/* Every vector of ../vectors: a device built from `after`, the clock set, the bytes handed over, the verdict compared. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "../core/admit.h"
#include "../core/b64.h"
#include "../core/claim.h"
#include "../core/envelope.h"
#include "check.h"
#include "fake.h"
#include "tests.h"
#include "upward.h"

#define WRONG "bad-" /* the reader of the kind that follows refuses it */

static struct fake fake;
static struct gb1_memory memory;
static struct gb1_state state;
static union gb1_doc doc;
static uint8_t message[GB1_MESSAGE + 64];
static char id[GB1_ID_CAP];
static enum gb1_typ doc_typ;

static const char *text_of(const cJSON *json, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsString(member) ? member->valuestring : "";
}

static int64_t number_of(const cJSON *json, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsNumber(member) ? (int64_t)member->valuedouble : 0;
}

static struct gb1_clock clock_at(int64_t t, char q)
{
    struct gb1_clock clock;
    gb1_clock_init(&clock);
    clock.floor = state.floor;
    gb1_clock_at(&clock, q == 'U' ? t : 1000, q == 'U' ? 0 : t);
    if (q != 'T') return clock;
    clock.welcomed = true;
    clock.synced = true;
    clock.synced_mono = 1000;
    clock.offset = t - 1000;
    return clock;
}

static void claim(const char *directory, const char *jid)
{
    static struct gb1_claim file;
    size_t n;
    char *text = read_file(directory, "claim.gbf", &n);
    CHECK(gb1_claim_read(text, n, fake.port.key_ok, &fake, &file), "claim.gbf");
    gb1_memory_init(&memory, &fake.port);
    gb1_state_init(&state, id, file.sys, file.roots, file.t, GB1_MESSAGE);
    snprintf(state.jid, sizeof state.jid, "%s", jid);
    state.takes_fw = true;
    free(text);
}

static void nonce_sent(const uint8_t bn[16])
{
    if (state.nonces == 2) state.nonce[0] = state.nonce[--state.nonces];
    memcpy(state.nonce[state.nonces++].bn, bn, 16);
}

static void hello_sent(const char *text, size_t n)
{
    struct gb1_js json;
    CHECK(gb1_js_prove(text, n, false, &json), "hello.json");
    uint8_t bn[16];
    CHECK(gb1_f_bytes(json, "bn", bn, 16), "hello.json bn");
    nonce_sent(bn);
}

/* The names in `after` that are no files. */
static bool happens(const char *name)
{
    static const uint8_t second[16] = {2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    if (strcmp(name, ":hello") == 0) nonce_sent(second);
    else if (strcmp(name, ":reconnect") == 0) gb1_state_forget_session(&state);
    else if (strcmp(name, ":60s") == 0) state.session.open = !state.session.welcomed;
    else return false;
    return true;
}

static enum gb1_verdict judge(const char *bytes, size_t n, int64_t t, char q, enum gb1_way way)
{
    struct gb1_admitted admitted;
    struct gb1_clock clock = clock_at(t, q);
    if (n > sizeof message) n = sizeof message;
    memcpy(message, bytes, n);
    enum gb1_verdict verdict = gb1_admit(&state, &clock, &fake.port, way, 20, message, n, &doc, &admitted);
    CHECK(memcmp(message, bytes, n) == 0, "the message came back changed");
    if (verdict == GB1_ACCEPTED && !gb1_apply(&state, &memory, &admitted, &doc, message, n, t)) verdict = GB1_E_SEM;
    (void)gb1_flush(&memory);
    doc_typ = admitted.head.typ;
    return verdict;
}

static enum gb1_way way_of(const cJSON *vector)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(vector, "hand")) ? GB1_BY_HAND : GB1_BY_NETWORK;
}

static bool journal_right(struct gb1_js json)
{
    struct gb1_js_walk entries;
    int64_t last = 0;
    if (!gb1_js_has(json, "sys") || !gb1_js_has(json, "jid") || !gb1_js_equals(gb1_js_member(json, "typ"), "ev")) return false;
    if (!gb1_js_open(&entries, gb1_js_member(json, "e"))) return false;
    while (gb1_js_next(&entries)) {
        int64_t number;
        if (!gb1_f_moment(entries.value, "n", &number) || number <= last) return false; /* [ACK-1] */
        last = number;
    }
    return true;
}

/* The journal on a stick: signed by the device's own key, from which its id follows [USB-2]. */
static const char *journal_file(const char *bytes, size_t n)
{
    struct gb1_envelope envelope;
    struct gb1_js json;
    char header[GB1_HEADER_MOST + 1];
    char own[GB1_ID_CAP];
    uint8_t x[32];
    uint8_t hash[32];
    static uint8_t all[64000]; /* it may be longer than any message */
    if (n > sizeof all || !gb1_envelope_parse((const uint8_t *)bytes, n, &envelope)) return "E_FMT";
    size_t header_n = gb1_header_of(header, "d1");
    size_t payload_n = n - envelope.payload_at;
    if (!gb1_js_prove(bytes + envelope.payload_at, payload_n, false, &json)) return "E_JSON";
    if (!gb1_f_bytes(json, "x", x, 32) || !gb1_js_has(json, "id")) return "E_SEM";
    if (envelope.lines != 1 || envelope.line[0].header_n != header_n || memcmp(envelope.line[0].header, header, header_n) != 0) return "E_KID";
    fake.port.sha256(&fake, x, sizeof x, hash);
    gb1_id_of_hash(own, hash);
    if (strcmp(own, id) != 0 || !gb1_js_equals(gb1_js_member(json, "id"), id)) return "E_KID";
    memcpy(all, header, header_n);
    all[header_n] = '.';
    memcpy(all + header_n + 1, bytes + envelope.payload_at, payload_n);
    if (!fake.port.signature_ok(&fake, x, all, header_n + 1 + payload_n, envelope.line[0].signature)) return "E_SIG";
    if (gb1_js_has(json, "sys") && !gb1_js_equals(gb1_js_member(json, "sys"), state.sys)) return "E_DST";
    return journal_right(json) ? "read" : "E_SEM";
}

static const char *claim_file(const char *bytes, size_t n)
{
    struct gb1_js json;
    static struct gb1_claim parsed;
    if (!gb1_js_prove(bytes, n, false, &json)) return "E_JSON";
    if (!gb1_claim_read(bytes, n, fake.port.key_ok, &fake, &parsed)) return "E_SEM";
    return gb1_claim_fits(&parsed, id, "048213") ? "read" : "E_DST";
}

/* What travels upwards, lies on a stick or is a claim file. */
static const char *read_only(const char *file, const char *bytes, size_t n)
{
    if (strstr(file, ".gbf") != NULL) return claim_file(bytes, n);
    return strncmp(file, "usb", 3) == 0 ? journal_file(bytes, n) : upward_read(file, bytes, n);
}

static const cJSON *vector_named(const cJSON *index, const char *file)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, index)
    {
        if (strcmp(text_of(v, "file"), file) == 0) return v;
    }
    return NULL;
}

static void prepare(const char *directory, const cJSON *index, const cJSON *vector, const char *jid)
{
    const cJSON *before;
    claim(directory, jid);
    cJSON_ArrayForEach(before, cJSON_GetObjectItemCaseSensitive(vector, "after"))
    {
        const char *file = before->valuestring;
        size_t n;
        if (happens(file)) continue;
        char *bytes = read_file(directory, file, &n);
        const cJSON *known = vector_named(index, file);
        if (strstr(file, ".json") != NULL) hello_sent(bytes, n);
        else {
            enum gb1_verdict verdict = judge(bytes, n, number_of(known, "t"), text_of(known, "q")[0], way_of(known));
            CHECK(verdict == GB1_ACCEPTED, "%s before %s: %s", file, text_of(vector, "file"), gb1_verdict_name(verdict));
        }
        free(bytes);
    }
}

/* Changing any one byte of an accepted message must not be accepted. */
static void mutate(const char *directory, const cJSON *index, const cJSON *vector, const char *jid, char *bytes, size_t n)
{
    for (size_t at = 0; at < n; at += 1 + n / 97) {
        prepare(directory, index, vector, jid);
        bytes[at] = (char)(bytes[at] ^ 1);
        CHECK(judge(bytes, n, number_of(vector, "t"), text_of(vector, "q")[0], way_of(vector)) != GB1_ACCEPTED, "%s with byte %zu changed", text_of(vector, "file"), at);
        bytes[at] = (char)(bytes[at] ^ 1);
    }
}

/* After a power cut the same documents stand [ENV-8]: what was just accepted is then a duplicate. */
static void restored(const char *directory, const cJSON *vector, const char *jid, const char *bytes, size_t n, int64_t t, char q)
{
    static struct gb1_state before;
    int standing = 0;
    int again = 0;
    gb1_floor_remember(&state, &memory, state.floor_due_mono); /* as if an hour had passed [TIM-1c] */
    (void)gb1_flush(&memory);
    before = state;
    claim(directory, jid);
    gb1_state_restore(&state, &memory, message, &doc);
    for (int i = 0; i < GB1_ROWS; i++) standing += before.rows[i].in_force;
    for (int i = 0; i < GB1_ROWS; i++) again += state.rows[i].in_force;
    CHECK(standing == again, "%s: %d documents before the power cut, %d after", text_of(vector, "file"), standing, again);
    CHECK(state.floor <= before.floor && state.floor > before.floor - GB1_FLOOR_WRITE_MS, "%s: floor", text_of(vector, "file"));
    CHECK(before.held == state.held, "%s: entries", text_of(vector, "file"));
    enum gb1_verdict verdict = judge(bytes, n, t, q, way_of(vector));
    CHECK(verdict == GB1_DUPLICATE || verdict == GB1_DROPPED || verdict == GB1_E_STALE || verdict == GB1_ACCEPTED,
          "%s after a power cut: %s", text_of(vector, "file"), gb1_verdict_name(verdict));
}

/* sids in force: not cleared, the winner of each sid, sorted; then floor and marks. */
static void expect_state(const cJSON *vector)
{
    const cJSON *want = cJSON_GetObjectItemCaseSensitive(vector, "state");
    const cJSON *sids = cJSON_GetObjectItemCaseSensitive(want, "sids");
    const cJSON *item;
    const char *file = text_of(vector, "file");
    int in_force = 0;
    for (int i = 0; i < state.held; i++) {
        bool wins = !gb1_is_cleared(&state, &state.entry[i]);
        for (int k = 0; k < state.held && wins; k++) {
            const struct gb1_entry *a = &state.entry[i];
            const struct gb1_entry *b = &state.entry[k];
            if (k == i || strcmp(a->sid, b->sid) != 0 || gb1_is_cleared(&state, &state.entry[k])) continue;
            int64_t later = state.rows[state.entry[k].row].doc_iat - state.rows[state.entry[i].row].doc_iat;
            wins = b->pri < a->pri || (b->pri == a->pri && later < 0);
        }
        in_force += wins;
        bool named = false;
        cJSON_ArrayForEach(item, sids) named = named || strcmp(item->valuestring, state.entry[i].sid) == 0;
        CHECK(!wins || named, "%s: %s is in force", file, state.entry[i].sid);
    }
    if (sids != NULL) CHECK(in_force == cJSON_GetArraySize(sids), "%s: %d entries in force", file, in_force);
    if (cJSON_HasObjectItem(want, "floor")) CHECK(state.floor == number_of(want, "floor"), "%s: floor %lld", file, (long long)state.floor);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(want, "marks"))
    {
        const struct gb1_row *row = gb1_row_find(&state, item->string);
        CHECK(row != NULL && row->mark == (int64_t)item->valuedouble, "%s: mark of %s %lld", file, item->string, row == NULL ? -1 : (long long)row->mark);
    }
}

static void expect_skipped(const cJSON *vector)
{
    const cJSON *item;
    unsigned want = 0;
    const char *file = text_of(vector, "file");
    if (strstr(file, "now") == NULL && strstr(file, "ses") == NULL) return;
    if (doc_typ != GB1_NOW_DOC && doc_typ != GB1_SES_DOC) return;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(vector, "skipped")) want |= 1U << item->valueint;
    CHECK(doc.now.skipped == want, "%s: skipped %x instead of %x", file, doc.now.skipped, want);
}

static void run(const char *directory, const cJSON *index, const cJSON *vector, const char *jid)
{
    const char *file = text_of(vector, "file");
    const char *expect = text_of(vector, "expect");
    int64_t t = number_of(vector, "t");
    char q = text_of(vector, "q")[0];
    const char *got;
    size_t n;
    bool wrong = strncmp(file, WRONG, strlen(WRONG)) == 0;
    char *bytes = read_file(directory, file, &n);
    fake_free(&fake);
    prepare(directory, index, vector, jid);
    if (wrong || strcmp(expect, "read") == 0) got = read_only(wrong ? file + strlen(WRONG) : file, bytes, n);
    else got = gb1_verdict_name(judge(bytes, n, t, q, way_of(vector)));
    CHECK(strcmp(got, expect) == 0, "%s: %s instead of %s (%s)", file, got, expect, text_of(vector, "note"));
    if (cJSON_HasObjectItem(vector, "state")) expect_state(vector);
    if (strcmp(got, "accept") == 0) expect_skipped(vector);
    if (strcmp(expect, "accept") == 0 && strcmp(got, "accept") == 0) {
        restored(directory, vector, jid, bytes, n, t, q);
        mutate(directory, index, vector, jid, bytes, n);
    }
    free(bytes);
}

void test_vectors(const char *directory)
{
    size_t n;
    char *text = read_file(directory, "index.json", &n);
    char *keys = read_file(directory, "testkeys.json", &n);
    cJSON *index = cJSON_Parse(text);
    cJSON *test_keys = cJSON_Parse(keys);
    const cJSON *vector;
    int count = 0;
    int frames = 0;
    CHECK(cJSON_IsArray(index) && cJSON_IsObject(test_keys), "the index does not parse");
    fake_init(&fake);
    snprintf(id, sizeof id, "%s", text_of(test_keys, "id"));
    cJSON_ArrayForEach(vector, index)
    {
        if (strstr(text_of(vector, "file"), ".bin") != NULL) {
            frames++;
            continue;
        }
        run(directory, index, vector, text_of(test_keys, "jid"));
        count++;
    }
    printf("%d vectors, and %d frames that frames.json runs\n", count, frames);
    fake_free(&fake);
    cJSON_Delete(index);
    cJSON_Delete(test_keys);
    free(text);
    free(keys);
}
