/* Audio by MQTT blocks and live chunks, in virtual time. */
#include <sodium.h>
#include <string.h>

#include "../core/b64.h"
#include "../core/parts.h"
#include "check.h"
#include "pole.h"
#include "tests.h"

#define BLK 1024
#define SZ 10000

static struct pole pole;
static char fields[4000];
static unsigned char frame[9000];

static size_t block(const char *name, uint32_t index, size_t len)
{
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)name, strlen(name));
    const unsigned char head[8] = {0xB1, 0, (unsigned char)(len >> 8), (unsigned char)len, 0, 0, (unsigned char)(index >> 8), (unsigned char)index};
    memcpy(frame, head, 8);
    memcpy(frame + 8, hash, 8);
    memset(frame + 16, (int)index, len);
    return 16 + len;
}

static void give(const char *name, uint32_t index, size_t len)
{
    size_t n = block(name, index, len);
    gb1_receive(&pole.core, pole.mono, pole_now(&pole), "blk", frame, n);
}

static size_t length_of(uint32_t index)
{
    return index == 9 ? SZ - 9 * BLK : BLK;
}

static void plan_wants(const char *name)
{
    int64_t at = pole_now(&pole) + 3600000;
    snprintf(fields, sizeof fields,
             ",\"from\":%lld,\"till\":%lld,\"assets\":[{\"h\":\"%s\",\"sz\":%d,\"c\":\"mp3\"}],\"items\":[{\"oid\":\"n-1\",\"at\":%lld,\"dur\":60,"
             "\"pri\":40,\"play\":[0]}]",
             (long long)(at - 7200000), (long long)(at + 90000000), pole_hash(name), SZ, (long long)at);
    CHECK(pole_send(&pole, "p1", "plan", "d", fields) == GB1_ACCEPTED, "plan");
}

static void manifest(void)
{
    snprintf(fields, sizeof fields, ",\"a\":\"%s\",\"sz\":%d,\"c\":\"mp3\",\"blk\":%d,\"segn\":4,\"seg\":[\"%s\",\"%s\",\"%s\"]", pole_hash("blocky"),
             SZ, BLK, pole_hash("s0"), pole_hash("s1"), pole_hash("s2"));
    CHECK(pole_send(&pole, "p1", "man", "a/37.14329", fields) == GB1_ACCEPTED, "man");
}

/* A plan that wants one asset, and its manifest: ten blocks in segments of four. */
static void begin(void)
{
    pole_init(&pole);
    pole_store(&pole, "flood", 96048);
    pole_enrol(&pole, "");
    plan_wants("blocky");
    CHECK(fake_said(&pole.fake, "/man/"), "the manifest topic is subscribed:\n%s", pole.fake.log);
    pole.fake.watch = "/need";
    manifest();
}

static void blocksArePulledByAWindow(void)
{
    begin();
    CHECK(strstr(pole.fake.published, "\"miss\":[[0,1]]") != NULL, "a window of two: %s", pole.fake.published);
    fake_quiet(&pole.fake);
    give("blocky", 0, BLK);
    give("blocky", 0, BLK);
    CHECK(!fake_said(&pole.fake, "/need"), "a duplicate asks for nothing [BLK-2]");
    give("other", 1, BLK);
    give("blocky", 1, BLK - 1);
    CHECK(fake_count(&pole.fake, "block ") == 1, "a foreign prefix and a wrong length are dropped");
    give("blocky", 1, BLK);
    CHECK(strstr(pole.fake.published, "\"miss\":[[2,3]]") != NULL, "then the next: %s", pole.fake.published);
    pole_run(&pole, 5100);
    CHECK(fake_count(&pole.fake, "/need") == 2, "again after 5 s");
    for (uint32_t i = 2; i < 10; i++) give("blocky", i, length_of(i));
    CHECK(fake_said(&pole.fake, "verify"), "the whole is hashed at the end");
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)"blocky", 6);
    gb1_verified(&pole.core, pole.mono, pole_now(&pole), hash, true);
    CHECK(fake_said(&pole.fake, "\"k\":\"asset\",\"s\":\"ready\"") && fake_said(&pole.fake, "unsubscribe"), "ready");
    pole_free(&pole);
}

/* [BLK-1d] */
static void aTransferThatBeginsAnewKeepsThePauseOfItsFile(void)
{
    begin();
    pole_run(&pole, 5100);
    CHECK(fake_count(&pole.fake, "/need") == 2, "twice in vain: %d", fake_count(&pole.fake, "/need"));
    plan_wants("flood");
    CHECK(fake_said(&pole.fake, "unsubscribe"), "nobody wants it");
    plan_wants("blocky");
    manifest();
    gb1_session_hello(&pole.core);
    pole_welcome(&pole);
    pole_run(&pole, 9500);
    CHECK(fake_count(&pole.fake, "/need") == 2, "not before ten seconds are over: %d", fake_count(&pole.fake, "/need"));
    pole_run(&pole, 600);
    CHECK(fake_count(&pole.fake, "/need") == 3, "then again: %d", fake_count(&pole.fake, "/need"));
    gb1_link(&pole.core, pole.mono, pole_now(&pole), false);
    gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
    pole_welcome(&pole);
    pole_run(&pole, 200);
    CHECK(fake_count(&pole.fake, "/need") == 4, "another connection: %d", fake_count(&pole.fake, "/need"));
    pole_run(&pole, 5000);
    CHECK(fake_count(&pole.fake, "/need") == 5, "five seconds after the first: %d", fake_count(&pole.fake, "/need"));
    pole_free(&pole);
}

static void aRestartKeepsWholeSegments(void)
{
    begin();
    for (uint32_t i = 0; i < 5; i++) give("blocky", i, BLK);
    pole_boot(&pole);
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)"blocky", 6);
    pole_store(&pole, "flood", 96048);
    gb1_file_found(&pole.core, hash, 4 * BLK, false);
    pole_run(&pole, 100);
    gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
    pole_welcome(&pole);
    CHECK(pole_send(&pole, "p1", "man", "a/37.14329", fields) == GB1_ACCEPTED, "man");
    CHECK(strstr(pole.fake.published, "\"miss\":[[4,5]]") != NULL, "from the second segment on: %s", pole.fake.published);
    pole_free(&pole);
}

/* §15 STORE_FULL, [AST-2b] */
static void aSoundWithoutRoomIsAFault(void)
{
    begin();
    unsigned char old[32];
    crypto_hash_sha256(old, (const unsigned char *)"old", 3);
    gb1_file_found(&pole.core, old, 5000, true);
    CHECK(!gb1_has_fault(&pole.core, GB1_STORE_FULL), "there is room");
    fake_quiet(&pole.fake);
    gb1_room(&pole.core, pole.mono, pole_now(&pole), 4999);
    CHECK(fake_said(&pole.fake, "\"set\",\"d\":{\"f\":\"STORE_FULL\"}"), "4,999 bytes and the old file are less than 10,000:\n%s", pole.fake.log);
    fake_quiet(&pole.fake);
    pole_run(&pole, 20000);
    CHECK(!fake_said(&pole.fake, "/need"), "nothing is asked for");
    gb1_room(&pole.core, pole.mono, pole_now(&pole), 5000);
    CHECK(fake_said(&pole.fake, "\"clr\",\"d\":{\"f\":\"STORE_FULL\"}"), "now the old file may go for it");
    CHECK(fake_count(&pole.fake, "STORE_FULL") == 1, "told once");
    CHECK(gb1_ready(&pole.core, old) || fake_said(&pole.fake, "discard"), "thrown away when it is in the way only");
    pole_free(&pole);
}

/* [AST-3] */
static void anEmergencyBreaksOffTheRangeUnderWay(void)
{
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)"blocky", 6);
    pole_init(&pole);
    pole_store(&pole, "flood", 96048);
    pole_enrol(&pole, "");
    CHECK(pole_send(&pole, "p1", "cfg", "d", ",\"http\":[\"http://server.example/a/\"]") == GB1_ACCEPTED, "cfg");
    plan_wants("blocky");
    CHECK(fake_count(&pole.fake, "fetch http") == 1, "under way:\n%s", pole.fake.log);
    pole_run(&pole, 2000);
    CHECK(!fake_said(&pole.fake, "stop fetch"), "nothing is in its way");
    snprintf(fields, sizeof fields,
             ",\"by\":\"x1\",\"act\":[{\"sid\":\"flood-1\",\"st\":\"actual\",\"pri\":85,\"beg\":%lld,\"until\":%lld,\"max\":900,\"rep\":1,\"gap\":0,"
             "\"vol\":100,\"play\":[{\"tone\":\"wail\",\"n\":1,\"on\":20,\"off\":0}]}]",
             (long long)pole_now(&pole), (long long)(pole_now(&pole) + 1800000));
    CHECK(pole_send(&pole, "x1", "now", "a/37.14329", fields) == GB1_ACCEPTED, "now");
    pole_run(&pole, 500);
    CHECK(fake_count(&pole.fake, "stop fetch") == 1, "broken off at once, and once:\n%s", pole.fake.log);
    gb1_fetched(&pole.core, pole.mono, pole_now(&pole), hash, 3000, 3000, false);
    pole_run(&pole, 15000);
    CHECK(fake_count(&pole.fake, "fetch http") == 1, "nothing while it sounds");
    pole_run(&pole, 10000);
    CHECK(fake_count(&pole.fake, "fetch http") == 2, "then at once, it was nobody's fault:\n%s", pole.fake.log);
    gb1_fetched(&pole.core, pole.mono, pole_now(&pole), hash, SZ, SZ - 3000, true);
    CHECK(fake_said(&pole.fake, "verify") && fake_count(&pole.fake, "stop fetch") == 1, "and to its end");
    pole_free(&pole);
}

/* [AST-4c]: any 24 hours, emergencies and pins included. */
static void theAllowanceCountsOverAnyDay(void)
{
    begin();
    CHECK(pole_send(&pole, "p1", "cfg", "d", ",\"quota\":2") == GB1_ACCEPTED, "cfg");
    struct gb1_want *w = &pole.core.shelf.want[pole.core.shelf.wants - 1];
    CHECK(gb1_shelf_allowed(&pole.core, w), "nothing has come yet");
    gb1_shelf_received(&pole.core, w, 2048);
    CHECK(!gb1_shelf_allowed(&pole.core, w), "2 KiB are used up");
    pole.core.clock.mono += 23 * GB1_HOUR_MS;
    CHECK(!gb1_shelf_allowed(&pole.core, w), "23 hours later still");
    pole.core.clock.mono += 2 * GB1_HOUR_MS;
    CHECK(gb1_shelf_allowed(&pole.core, w), "25 hours later no more");
    gb1_shelf_received(&pole.core, w, 1);
    CHECK(gb1_shelf_allowed(&pole.core, w), "one byte of 2 KiB");
    pole_free(&pole);
}

static void chunk(uint32_t n, int64_t play_at, bool forged)
{
    unsigned char pk[32];
    unsigned char sk[64];
    unsigned char seed[32];
    unsigned char hash[32];
    unsigned char all[400] = "GB1LIVE";
    crypto_hash_sha256(seed, (const unsigned char *)"live", 4);
    crypto_sign_seed_keypair(pk, sk, seed);
    crypto_hash_sha256(hash, (const unsigned char *)"talk-1", 6);
    memset(frame, 0, sizeof frame);
    frame[0] = 0xB2;
    frame[3] = 144;
    frame[7] = (unsigned char)n;
    for (int i = 0; i < 8; i++) frame[8 + i] = (unsigned char)(play_at >> (56 - 8 * i));
    memcpy(frame + 16, hash, 8);
    memcpy(all + 7, frame, 24 + 144);
    crypto_sign_detached(frame + 24 + 144, NULL, all, 7 + 24 + 144, sk);
    if (forged) frame[30] ^= 1;
    gb1_receive(&pole.core, pole.mono, pole_now(&pole), "live", frame, 24 + 144 + 64);
}

static void liveChunksAreSignedAndInOrder(void)
{
    unsigned char pk[32];
    unsigned char sk[64];
    unsigned char seed[32];
    char x[48];
    pole_init(&pole);
    pole_enrol(&pole, "");
    crypto_hash_sha256(seed, (const unsigned char *)"live", 4);
    crypto_sign_seed_keypair(pk, sk, seed);
    gb1_b64_encode(x, pk, 32);
    snprintf(fields, sizeof fields,
             ",\"act\":[{\"sid\":\"talk-1\",\"st\":\"actual\",\"pri\":62,\"beg\":%lld,\"until\":%lld,\"max\":1200,\"vol\":80,\"live\":{\"pk\":\"%s\","
             "\"c\":\"mp3\",\"ms\":480}}]",
             (long long)pole_now(&pole), (long long)(pole_now(&pole) + 1200000), x);
    CHECK(pole_send(&pole, "p1", "ses", "a/37.14329", fields) == GB1_ACCEPTED, "ses");
    CHECK(fake_said(&pole.fake, "/live/") && fake_said(&pole.fake, "sound talk-1#1"), "subscribed and open:\n%s", pole.fake.log);
    fake_quiet(&pole.fake);
    chunk(1, pole_now(&pole) + 500, false);
    chunk(1, pole_now(&pole) + 900, false);
    chunk(2, pole_now(&pole) + 900, true);
    chunk(3, pole_now(&pole) - 1, false);
    chunk(4, pole_now(&pole) + 900, false);
    CHECK(fake_count(&pole.fake, "chunk ") == 2, "repeated, forged and late ones fall: %d", fake_count(&pole.fake, "chunk "));
    pole_run(&pole, 11500);
    CHECK(fake_said(&pole.fake, "\"why\":\"link_lost\""), "ten seconds of nothing:\n%s", pole.fake.log);
    CHECK(!pole.core.player.run.on, "silence");
    chunk(5, pole_now(&pole) + 500, false);
    pole_run(&pole, 300);
    CHECK(fake_said(&pole.fake, "sound talk-1#1"), "a good chunk brings it back");
    pole_free(&pole);
}

void test_transfer(void)
{
    blocksArePulledByAWindow();
    aTransferThatBeginsAnewKeepsThePauseOfItsFile();
    aRestartKeepsWholeSegments();
    aSoundWithoutRoomIsAFault();
    anEmergencyBreaksOffTheRangeUnderWay();
    theAllowanceCountsOverAnyDay();
    liveChunksAreSignedAndInOrder();
}
