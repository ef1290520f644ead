/* Memory sticks: what they bring without any network, what they must not bring, and the journal that goes back. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../core/b64.h"
#include "../core/envelope.h"
#include "../core/parts.h"
#include "check.h"
#include "pole.h"
#include "tests.h"

#define SOUND "village"
#define SOUND_BYTES 72000 /* 12 s */

struct lying {
    char name[80];
    char bytes[GB1_MESSAGE];
    size_t n;
};

static struct pole pole;
static struct lying file[8];
static int files;
static char contents[4000]; /* what the bundle says of them */
static char fields[5000];
static char left_name[80];
static char left_header[GB1_HEADER_MOST + 1];
static char left[60000];
static size_t left_n;
static int journals;

/* ---- the stick ---- */

static long stick_read(void *ctx, const char *name, void *out, size_t cap)
{
    (void)ctx;
    for (int i = 0; i < files; i++) {
        if (strcmp(file[i].name, name) != 0) continue;
        if (file[i].n > cap) return -1;
        memcpy(out, file[i].bytes, file[i].n);
        return (long)file[i].n;
    }
    return -1;
}

static void stick_each(void *ctx, void (*each)(void *arg, const char *name), void *arg)
{
    (void)ctx;
    for (int i = 0; i < files; i++) {
        if (strncmp(file[i].name, "doc/", 4) == 0) each(arg, file[i].name);
    }
}

static void stick_begin(void *ctx, const char *name, const char *header)
{
    (void)ctx;
    snprintf(left_name, sizeof left_name, "%s", name);
    snprintf(left_header, sizeof left_header, "%s", header);
    left_n = 0;
}

static void stick_put(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    if (left_n + n >= sizeof left) return;
    memcpy(left + left_n, bytes, n);
    left_n += n;
    left[left_n] = '\0';
}

static bool stick_end(void *ctx)
{
    (void)ctx;
    journals++;
    return true;
}

static void insert(void)
{
    static const uint8_t x[32] = {1, 2, 3};
    const struct gb1_stick stick = {NULL, x, stick_read, stick_each, stick_begin, stick_put, stick_end};
    gb1_stick(&pole.core, pole.mono, pole_now(&pole) + pole.rtc_error, &stick);
}

static void empty(void)
{
    files = 0;
    contents[0] = '\0';
}

static struct lying *lay(const char *name, const char *bytes, size_t n)
{
    struct lying *f = &file[files++];
    snprintf(f->name, sizeof f->name, "%s", name);
    memcpy(f->bytes, bytes, n);
    f->n = n;
    return f;
}

static void list(const char *name, const uint8_t h[32], size_t sz)
{
    char text[48];
    size_t n = strlen(contents);
    gb1_b64_encode(text, h, 32);
    snprintf(contents + n, sizeof contents - n, "%s{\"n\":\"%s\",\"h\":\"%s\",\"sz\":%zu}", n == 0 ? "" : ",", name, text, sz);
}

static struct lying *document(const char *name, const char *by, const char *typ, const char *to, const char *of)
{
    const char *bytes;
    uint8_t h[32];
    size_t n = pole_sign(&pole, by, typ, to, of, 0, &bytes);
    crypto_hash_sha256(h, (const unsigned char *)bytes, n);
    list(name, h, n);
    return lay(name, bytes, n);
}

static void sound(void)
{
    char name[80];
    unsigned char h[32];
    crypto_hash_sha256(h, (const unsigned char *)SOUND, strlen(SOUND));
    snprintf(name, sizeof name, "asset/%s", pole_hash(SOUND));
    list(name, h, SOUND_BYTES);
}

/* The contents come last. */
static struct lying *bundle(const char *by)
{
    const char *bytes;
    snprintf(fields, sizeof fields, ",\"files\":[%s]", contents);
    size_t n = pole_sign(&pole, by, "bundle", "d", fields, 0, &bytes);
    return lay("bundle.gb1", bytes, n);
}

/* ---- the pole ---- */

static const char *plan(int64_t in, int64_t days)
{
    int64_t at = pole_now(&pole) + in;
    snprintf(fields, sizeof fields,
             ",\"from\":%lld,\"till\":%lld,\"assets\":[{\"h\":\"%s\",\"sz\":%d,\"c\":\"mp3\"}],\"items\":[{\"oid\":\"n-1\",\"at\":%lld,\"dur\":12,"
             "\"pri\":40,\"play\":[0]}]",
             (long long)(at - 7200000), (long long)(at - 7200000 + days * 86400000), pole_hash(SOUND), SOUND_BYTES, (long long)at);
    return fields;
}

/* A box that was claimed and never had a network. */
static void begin(void)
{
    empty();
    pole_init(&pole);
    pole.usb = true;
    pole_boot(&pole);
    pole_store(&pole, "flood", 96048);
    pole_run(&pole, 100);
}

static void programme(void)
{
    document("doc/keys.gb1", "r1+r2", "keys", "*", pole_keys());
    document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    document("doc/plan.gb1", "p1", "plan", "d", plan(60000, 35));
    sound();
    bundle("p1");
}

static void copied(bool found, bool right)
{
    uint8_t h[32];
    crypto_hash_sha256(h, (const unsigned char *)SOUND, strlen(SOUND));
    gb1_fetched(&pole.core, pole.mono, pole_now(&pole), h, found ? SOUND_BYTES : 0, 0, found);
    if (found) gb1_verified(&pole.core, pole.mono, pole_now(&pole), h, right);
}

static bool applied(const char *row)
{
    char text[100];
    snprintf(text, sizeof text, "\"s\":\"applied\",\"d\":{\"row\":\"%s\"", row);
    return fake_said(&pole.fake, text);
}

static void aProgrammeComesWithoutAnyNetworkAndTheJournalGoesBack(void)
{
    struct gb1_js json;
    char header[GB1_HEADER_MOST + 1];
    char name[80];
    begin();
    programme();
    insert();
    CHECK(pole.core.state.has_site && pole.core.state.has_plan, "taken:\n%s", pole.fake.log); /* [USB-1] [USB-1f] */
    CHECK(fake_said(&pole.fake, "fetch from the stick"), "and its sound:\n%s", pole.fake.log);
    copied(true, true);
    pole_run(&pole, 80000);
    CHECK(fake_said(&pole.fake, "sound n-1"), "it sounds");
    empty();
    insert();
    CHECK(journals == 2, "each use leaves a journal, even of an empty stick");
    gb1_header_of(header, "d1");
    CHECK(strcmp(left_header, header) == 0, "signed as d1"); /* [USB-2] */
    snprintf(name, sizeof name, "out/%s-%s-%lld.gb1", pole.id, pole.core.state.jid, (long long)(pole.core.journal.next - 1));
    CHECK(strcmp(left_name, name) == 0, "%s instead of %s", left_name, name);
    CHECK(gb1_js_prove(left, left_n, false, &json), "strict JSON: %s", left);
    CHECK(gb1_js_equals(gb1_js_member(json, "sys"), "vn37") && gb1_js_equals(gb1_js_member(json, "id"), pole.id), "whose it is: %s", left);
    CHECK(gb1_js_equals(gb1_js_member(json, "jid"), pole.core.state.jid), "of which epoch: %s", left);
    CHECK(gb1_js_count(gb1_js_member(json, "e")) == (size_t)pole.core.journal.count, "all of it: %s", left);
    CHECK(strstr(left, "\"k\":\"local\",\"s\":\"usb\"") != NULL && strstr(left, "\"s\":\"completed\"") != NULL, "%s", left); /* [USB-3] */
    pole_boot(&pole);
    CHECK(pole.core.state.has_plan, "a plan of 35 days outlives a power cut");
    pole_free(&pole);
}

static void withoutTheTimeNothingIsTaken(void)
{
    begin();
    pole.rtc_error = INT64_C(10000000000) - pole.start;
    pole_boot(&pole);
    programme();
    journals = 0;
    insert();
    CHECK(!pole.core.state.has_site && !applied("keys"), "nothing is taken:\n%s", pole.fake.log); /* [USB-1b] */
    CHECK(journals == 1 && strstr(left, "\"s\":\"usb\"") != NULL, "the journal goes all the same: %s", left);
    pole_free(&pole);
}

static void whatIsDamagedIsLeftAlone(void)
{
    begin();
    document("doc/keys.gb1", "r1+r2", "keys", "*", pole_keys());
    struct lying *site = document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    site->bytes[site->n - 2] = (char)(site->bytes[site->n - 2] ^ 1);
    document("doc/plan.gb1", "p1", "plan", "d", plan(60000, 35))->n -= 1;
    document("doc/gone.gb1", "p1", "cfg", "d", "")->name[4] = 'x';
    document("doc/cfg.gb1", "p1", "cfg", "d", "");
    bundle("p1");
    insert();
    CHECK(fake_count(&pole.fake, "is missing or damaged") == 3, "three of them:\n%s", pole.fake.log); /* [USB-1e] */
    CHECK(!applied("site") && !applied("plan") && !fake_said(&pole.fake, "\"k\":\"sec\""), "not even looked at");
    CHECK(applied("cfg"), "the others are taken");
    pole_free(&pole);
}

static void aBundleOfNobodyBringsNothing(void)
{
    begin();
    CHECK(pole_send(&pole, "r1+r2", "keys", "*", pole_keys()) == GB1_ACCEPTED, "keys");
    document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    bundle("s1");
    insert();
    CHECK(fake_said(&pole.fake, "\"s\":\"E_POL\"") && !applied("site"), "a key without the right:\n%s", pole.fake.log);
    empty();
    document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    struct lying *of = bundle("p1");
    of->bytes[of->n - 2] = (char)(of->bytes[of->n - 2] ^ 1);
    insert();
    CHECK(fake_said(&pole.fake, "\"s\":\"E_SIG\"") && !applied("site"), "altered");
    empty();
    document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    contents[0] = '\0';
    bundle("p1");
    insert();
    CHECK(!applied("site"), "not named");
    pole_free(&pole);
}

/* [USB-1f]: whatever they are called and wherever they stand. */
static void keysComeInTheOrderOfTheirNumbers(void)
{
    begin();
    document("doc/z.gb1", "r1+r2", "keys", "*", pole_keys());
    struct lying older = file[0];
    document("doc/a.gb1", "r1+r2", "keys", "*", pole_keys());
    file[0] = file[1];
    file[1] = older;
    document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    bundle("p1");
    insert();
    CHECK(fake_count(&pole.fake, "\"row\":\"keys\"") == 2 && applied("site"), "both, the older first:\n%s", pole.fake.log);
    pole_free(&pole);
}

static void whatNeedsASessionIsRefused(void)
{
    begin();
    document("doc/keys.gb1", "r1+r2", "keys", "*", pole_keys());
    document("doc/site.gb1", "s1", "site", "d", pole_site(""));
    snprintf(fields, sizeof fields,
             ",\"by\":\"x1\",\"act\":[{\"sid\":\"flood-1\",\"st\":\"actual\",\"pri\":85,\"beg\":%lld,\"until\":%lld,\"max\":900,\"rep\":1,\"gap\":0,"
             "\"vol\":100,\"play\":[{\"tone\":\"wail\",\"n\":1,\"on\":20,\"off\":0}]}]",
             (long long)pole_now(&pole), (long long)(pole_now(&pole) + 1800000));
    document("doc/now.gb1", "x1", "now", "a/37.14329", fields);
    document("doc/cmd.gb1", "p1", "cmd", "d", ",\"cid\":\"c-1\",\"op\":\"reboot\"");
    bundle("p1");
    insert();
    CHECK(fake_said(&pole.fake, "\"s\":\"E_POL\"") && fake_said(&pole.fake, "\"s\":\"E_DST\""), "told:\n%s", pole.fake.log); /* [USB-1c] */
    pole_run(&pole, 2000);
    CHECK(!fake_said(&pole.fake, "sound") && !fake_said(&pole.fake, "reboot"), "and nothing comes of it");
    pole_free(&pole);
}

/* A box that is connected and asks the network for the sound. */
static void connected(const char *cfg)
{
    empty();
    pole_init(&pole);
    pole.usb = true;
    pole_boot(&pole);
    pole_store(&pole, "flood", 96048);
    pole_enrol(&pole, "");
    CHECK(pole_send(&pole, "p1", "cfg", "d", cfg) == GB1_ACCEPTED, "cfg");
    CHECK(pole_send(&pole, "p1", "plan", "d", plan(3600000, 2)) == GB1_ACCEPTED, "plan");
    sound();
    bundle("p1");
}

static void whatTheStickHasNeedNotComeByNetwork(void)
{
    connected(",\"http\":[\"http://server.example/a/\"]");
    CHECK(fake_count(&pole.fake, "fetch http") == 1, "under way");
    insert();
    CHECK(fake_said(&pole.fake, "stop fetch"), "broken off:\n%s", pole.fake.log);
    copied(false, false);
    CHECK(fake_count(&pole.fake, "fetch from the stick") == 1, "copied instead:\n%s", pole.fake.log);
    copied(true, false);
    CHECK(fake_said(&pole.fake, "discard") && fake_count(&pole.fake, "fetch http") == 2, "damaged: by network after all:\n%s", pole.fake.log);
    CHECK(!fake_said(&pole.fake, "\"s\":\"failed\""), "that is no failure of the network");
    insert();
    copied(false, false);
    copied(false, false);
    CHECK(fake_count(&pole.fake, "fetch from the stick") == 2 && fake_count(&pole.fake, "fetch http") == 3, "missing: likewise:\n%s", pole.fake.log);
    insert();
    copied(false, false);
    copied(true, true);
    CHECK(fake_said(&pole.fake, "\"k\":\"asset\",\"s\":\"ready\""), "right:\n%s", pole.fake.log);
    pole_free(&pole);
}

static void aStickDoesNotWaitForBlocksOfALostLink(void)
{
    connected("");
    CHECK(fake_said(&pole.fake, "/man/"), "blocks are asked for");
    gb1_link(&pole.core, pole.mono, pole_now(&pole), false);
    insert();
    CHECK(fake_said(&pole.fake, "fetch from the stick"), "copied at once:\n%s", pole.fake.log);
    copied(true, true);
    CHECK(fake_said(&pole.fake, "\"k\":\"asset\",\"s\":\"ready\""), "and ready");
    pole_free(&pole);
}

/* [PRO-2] */
static void aBoxWithAPlaceForSticksSaysSo(void)
{
    begin();
    pole.fake.watch = "/hello";
    gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
    CHECK(strstr(pole.fake.published, "\"prof\":[\"blk\",\"live\",\"usb\"]") != NULL, "hello: %s", pole.fake.published);
    pole_free(&pole);
}

static void aStickThatIsReadAgainAfterAPowerCutBringsTheSame(void)
{
    long writes = 0;
    for (long at = -1; at < writes || at < 0; at++) {
        begin();
        programme();
        long before = pole.fake.commits;
        if (at >= 0) pole.fake.fail_at = before + at;
        insert();
        if (at < 0) writes = pole.fake.commits - before;
        else CHECK(gb1_is_broken(&pole.core), "the failure was noticed at write %ld", at);
        pole.fake.fail_at = -1;
        pole_boot(&pole);
        pole_store(&pole, "flood", 96048);
        fake_quiet(&pole.fake);
        insert();
        CHECK(pole.core.state.has_site && pole.core.state.has_plan, "after a cut at write %ld", at);
        CHECK(fake_said(&pole.fake, "fetch from the stick"), "and the sound, after a cut at write %ld", at);
        pole_free(&pole);
    }
}

void test_stick(void)
{
    aProgrammeComesWithoutAnyNetworkAndTheJournalGoesBack();
    withoutTheTimeNothingIsTaken();
    whatIsDamagedIsLeftAlone();
    aBundleOfNobodyBringsNothing();
    keysComeInTheOrderOfTheirNumbers();
    whatNeedsASessionIsRefused();
    whatTheStickHasNeedNotComeByNetwork();
    aStickDoesNotWaitForBlocksOfALostLink();
    aBoxWithAPlaceForSticksSaysSo();
    aStickThatIsReadAgainAfterAPowerCutBringsTheSame();
}
