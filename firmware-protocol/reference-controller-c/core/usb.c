/*
 * A memory stick was put in (profile usb, section 12): its bundle names what lies on it, every document is judged by itself in the
 * order of the bundle, sound that is wanted is copied, and the journal goes back. Nothing else of the core needs this file, and it
 * needs no memory of its own: the bundle is read again for each of its files.
 */
#include <string.h>

#include "admit.h"
#include "envelope.h"
#include "parts.h"

#define BUNDLE "bundle.gb1"
#define KEYS_MOST 16 /* key documents of one stick */
#define DEVICE_KID "d1"
#define ENTRY_CAP 420

static long read_file(struct gb1 *g, const struct gb1_stick *stick, const char *name)
{
    return stick->read(stick->ctx, name, gb1_message(g), sizeof g->text);
}

/* Parses what was read without asking who has signed it. */
static bool payload(struct gb1 *g, long n, struct gb1_js *json)
{
    struct gb1_envelope envelope;
    if (n <= 0 || !gb1_envelope_parse(gb1_message(g), (size_t)n, &envelope)) return false;
    return gb1_js_prove(g->text + envelope.payload_at, (size_t)n - envelope.payload_at, false, json);
}

static bool judged(struct gb1 *g, long n, const char *name)
{
    enum gb1_verdict verdict = gb1_document_by_hand(g, (size_t)n);
    if (verdict == GB1_DROPPED) gb1_say(g, "Without the time nothing is taken from the stick: ", name, "."); /* [USB-1b] */
    return verdict == GB1_ACCEPTED;
}

static void hash_of(struct gb1 *g, long n, uint8_t out[32])
{
    g->port->sha256(g->port->ctx, gb1_message(g), (size_t)n, out);
}

/* ---- what the roots have signed goes ahead of the bundle, the oldest first [USB-1f] ---- */

/* A file that calls itself a key document of the deployment. */
struct key_file {
    int64_t seq;
    char name[GB1_FILE_CAP];
};

struct search {
    struct gb1 *g;
    const struct gb1_stick *stick;
    struct key_file last; /* judged already */
    struct key_file next; /* no name: none found yet */
};

static bool is_after(const struct key_file *a, const struct key_file *b)
{
    return a->seq != b->seq ? a->seq > b->seq : strcmp(a->name, b->name) > 0;
}

static void look_at(void *arg, const char *name)
{
    struct search *s = arg;
    struct key_file found;
    struct gb1_js json;
    if (strlen(name) >= sizeof found.name) return;
    memcpy(found.name, name, strlen(name) + 1);
    if (!payload(s->g, read_file(s->g, s->stick, name), &json)) return;
    if (!gb1_js_equals(gb1_js_member(json, "typ"), gb1_typ_name(GB1_KEYS_DOC)) || !gb1_js_equals(gb1_js_member(json, "to"), "*")) return;
    if (!gb1_f_moment(json, "seq", &found.seq) || !is_after(&found, &s->last)) return;
    if (s->next.name[0] == '\0' || is_after(&s->next, &found)) s->next = found;
}

static void take_keys(struct gb1 *g, const struct gb1_stick *stick)
{
    struct search s;
    const struct gb1_row *known = gb1_row_find(&g->state, gb1_typ_name(GB1_KEYS_DOC));
    memset(&s, 0, sizeof s);
    s.g = g;
    s.stick = stick;
    s.last.seq = known == NULL ? 0 : known->mark + 1; /* a file of that seq has a name, and so comes after it */
    for (int i = 0; i < KEYS_MOST; i++) {
        s.next.name[0] = '\0';
        stick->each(stick->ctx, look_at, &s);
        if (s.next.name[0] == '\0') return;
        long n = read_file(g, stick, s.next.name);
        if (n > 0) (void)judged(g, n, s.next.name);
        s.last = s.next;
    }
}

/* ---- the bundle and what it names ---- */

/* Reads the bundle that was accepted once more; false when it is gone or another. */
static bool bundle_again(struct gb1 *g, const struct gb1_stick *stick, const uint8_t hash[32], struct gb1_js *json)
{
    uint8_t got[32];
    long n = read_file(g, stick, BUNDLE);
    if (n <= 0) return false;
    hash_of(g, n, got);
    return memcmp(got, hash, 32) == 0 && payload(g, n, json);
}

static void take_document(struct gb1 *g, const struct gb1_stick *stick, const struct gb1_bundle_file *file)
{
    uint8_t got[32] = {0};
    long n = read_file(g, stick, file->name);
    if (n > 0) hash_of(g, n, got);
    if (n <= 0 || n != file->sz || memcmp(got, file->h, 32) != 0) { /* [USB-1e] */
        gb1_say(g, "The stick's ", file->name, " is missing or damaged.");
        return;
    }
    (void)judged(g, n, file->name);
}

static void take_bundle(struct gb1 *g, const struct gb1_stick *stick)
{
    struct gb1_js json;
    struct gb1_bundle_file file;
    uint8_t hash[32];
    long n = read_file(g, stick, BUNDLE);
    if (n <= 0) return;
    hash_of(g, n, hash);
    if (!judged(g, n, BUNDLE)) return;
    int files = g->doc.bundle.files;
    for (int i = 0; i < files; i++) {
        if (!bundle_again(g, stick, hash, &json)) return;
        if (gb1_bundle_file(json, i, &file) && file.is_document) take_document(g, stick, &file);
    }
    /* Only now is it known which sound is wanted. */
    if (!bundle_again(g, stick, hash, &json)) return;
    for (int i = 0; i < files; i++) {
        if (gb1_bundle_file(json, i, &file) && !file.is_document) gb1_shelf_bring(g, file.h, file.sz);
    }
}

/* ---- the journal goes back [USB-2] ---- */

static void put(const struct gb1_stick *stick, const struct gb1_out *o)
{
    stick->put(stick->ctx, o->text, o->n);
}

static bool put_entry(struct gb1 *g, const struct gb1_stick *stick, int64_t n, bool first)
{
    char kept[ENTRY_CAP];
    char number[40];
    if (!gb1_journal_text(g, n, kept, sizeof kept)) return false;
    struct gb1_out o = gb1_out_in(number, sizeof number);
    gb1_put(&o, first ? "{\"n\":" : ",{\"n\":");
    gb1_put_int(&o, n);
    put(stick, &o);
    stick->put(stick->ctx, kept + 1, strlen(kept) - 1); /* after the digit of its ring */
    return true;
}

static void leave_journal(struct gb1 *g, const struct gb1_stick *stick)
{
    char name[64];
    char head[200];
    char header[GB1_HEADER_MOST + 1];
    int count = g->journal.count;
    bool first = true;
    if (count == 0 || !gb1_flush(&g->memory)) return;
    struct gb1_out o = gb1_out_in(name, sizeof name);
    gb1_put(&o, "out/");
    gb1_put(&o, g->state.id);
    gb1_put(&o, "-");
    gb1_put(&o, g->state.jid);
    gb1_put(&o, "-");
    gb1_put_int(&o, gb1_journal_number(g, count - 1));
    gb1_put(&o, ".gb1");
    gb1_header_of(header, DEVICE_KID);
    stick->begin(stick->ctx, name, header);
    o = gb1_out_in(head, sizeof head);
    gb1_put(&o, "{\"v\":1,\"typ\":\"ev\"");
    gb1_put_text_member(&o, "sys", g->state.sys);
    gb1_put_text_member(&o, "id", g->state.id);
    gb1_put(&o, ",\"x\":\"");
    gb1_put_b64(&o, stick->x, 32);
    gb1_put(&o, "\"");
    gb1_put_text_member(&o, "jid", g->state.jid);
    gb1_put(&o, ",\"e\":[");
    put(stick, &o);
    for (int i = 0; i < count; i++) {
        if (put_entry(g, stick, gb1_journal_number(g, i), first)) first = false;
    }
    stick->put(stick->ctx, "]}", 2);
    gb1_say(g, stick->end(stick->ctx) ? "The journal is on the stick." : "The journal cannot be written to the stick.", "", "");
}

void gb1_stick(struct gb1 *g, int64_t mono, int64_t rtc, const struct gb1_stick *stick)
{
    gb1_step_begin(g, mono, rtc);
    gb1_journal_add(g, "local", "usb", ""); /* [USB-3] */
    take_keys(g, stick);
    take_bundle(g, stick);
    leave_journal(g, stick);
    gb1_step_end(g);
}
