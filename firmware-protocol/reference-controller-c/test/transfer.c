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

/* ---- live ---- */

#define CHUNK_MS 480

static char pk_of[48];
static int verified;

/* The key of a session; `name` need not be its sid. */
static void session_key(const char *name, unsigned char sk[64])
{
    unsigned char pk[32];
    unsigned char seed[32];
    crypto_hash_sha256(seed, (const unsigned char *)name, strlen(name));
    crypto_sign_seed_keypair(pk, sk, seed);
    gb1_b64_encode(pk_of, pk, 32);
}

static bool counted(void *ctx, const uint8_t x[32], const void *bytes, size_t n, const uint8_t signature[64])
{
    (void)ctx;
    verified++;
    return crypto_sign_verify_detached(signature, bytes, n, x) == 0;
}

/* Hands over a chunk of `frames` frames; returns how many signatures it cost. */
static int chunk_by(const char *key, const char *sid, uint32_t n, int64_t play_at, int frames, bool last)
{
    unsigned char sk[64];
    unsigned char hash[32];
    unsigned char all[9000] = "GB1LIVE";
    size_t len = (size_t)frames * GB1_FRAME_BYTES;
    session_key(key, sk);
    crypto_hash_sha256(hash, (const unsigned char *)sid, strlen(sid));
    memset(frame, 0, sizeof frame);
    frame[0] = 0xB2;
    frame[1] = last;
    frame[2] = (unsigned char)(len >> 8);
    frame[3] = (unsigned char)len;
    frame[7] = (unsigned char)n;
    for (int i = 0; i < 8; i++) frame[8 + i] = (unsigned char)(play_at >> (56 - 8 * i));
    memcpy(frame + 16, hash, 8);
    memcpy(all + 7, frame, 24 + len);
    crypto_sign_detached(frame + 24 + len, NULL, all, 7 + 24 + len, sk);
    pole.fake.port.signature_ok = counted;
    verified = 0;
    gb1_receive(&pole.core, pole.mono, pole_now(&pole), "live", frame, 24 + len + 64);
    return verified;
}

static int chunk(const char *sid, uint32_t n, int64_t play_at)
{
    return chunk_by(sid, sid, n, play_at, 20, false);
}

/* Adds a live entry to the fields of the next document. */
static void session(const char *sid, const char *key, int pri, int64_t beg, int64_t until)
{
    unsigned char sk[64];
    char entry[400];
    size_t n = strlen(fields);
    session_key(key, sk);
    snprintf(entry, sizeof entry,
             "%s{\"sid\":\"%s\",\"st\":\"actual\",\"pri\":%d,\"beg\":%lld,\"until\":%lld,\"max\":1200,\"vol\":80,\"live\":{\"pk\":\"%s\","
             "\"c\":\"mp3\",\"ms\":480}}]",
             n == 0 ? ",\"act\":[" : ",", sid, pri, (long long)beg, (long long)until, pk_of);
    if (n > 0) n--; /* the bracket */
    snprintf(fields + n, sizeof fields - n, "%s", entry);
}

static void sessions_begin(void)
{
    pole_init(&pole);
    pole_enrol(&pole, "");
    pole.plays = true;
    fields[0] = '\0';
}

static void sessions_sent(void)
{
    CHECK(pole_send(&pole, "p1", "ses", "a/37.14329", fields) == GB1_ACCEPTED, "ses");
    fields[0] = '\0';
}

static void one_session(int64_t in_ms)
{
    sessions_begin();
    session("talk-1", "talk-1", 62, pole_now(&pole) + in_ms, pole_now(&pole) + in_ms + 1200000);
    sessions_sent();
    CHECK(fake_said(&pole.fake, "/live/"), "subscribed:\n%s", pole.fake.log);
    fake_quiet(&pole.fake);
}

/* Whether the port was given a chunk of this voice for this moment. */
static bool given(int voice, int64_t play_at)
{
    char line[64];
    snprintf(line, sizeof line, "chunk %d %lld 2880 0\n", voice, (long long)(play_at - pole.start));
    return fake_said(&pole.fake, line);
}

/* [LIV-1b] [LIV-1c] [LIV-1d] [LIV-1e] [LIV-2] */
static void liveChunksAreSignedAndInOrder(void)
{
    one_session(0);
    CHECK(chunk("talk-1", 1, pole_now(&pole) + 500) == 1, "good");
    CHECK(chunk("talk-1", 1, pole_now(&pole) + 900) == 0, "repeated");
    CHECK(chunk_by("forger", "talk-1", 2, pole_now(&pole) + 900, 20, false) == 1, "forged");
    CHECK(fake_said(&pole.fake, "\"E_SIG\""), "and counted:\n%s", pole.fake.log);
    CHECK(chunk("talk-2", 2, pole_now(&pole) + 900) == 0, "of nobody");
    CHECK(chunk("talk-1", 3, pole_now(&pole) - CHUNK_MS) == 0, "passed");
    CHECK(chunk("talk-1", 3, pole_now(&pole) + 1200000) == 0, "at until");
    CHECK(chunk("talk-1", 4, pole_now(&pole) + 900) == 1, "good again");
    CHECK(fake_count(&pole.fake, "chunk ") == 2, "what is wrong falls: %d", fake_count(&pole.fake, "chunk "));
    CHECK(!pole.core.player.run.on, "nothing is due");
    pole_run(&pole, 600);
    CHECK(fake_said(&pole.fake, "sound talk-1#1"), "now:\n%s", pole.fake.log);
    pole_run(&pole, 11500);
    CHECK(fake_said(&pole.fake, "\"why\":\"link_lost\""), "ten seconds of nothing:\n%s", pole.fake.log);
    CHECK(!pole.core.player.run.on, "silence");
    fake_quiet(&pole.fake);
    chunk("talk-1", 5, pole_now(&pole) + 500);
    pole_run(&pole, 600);
    CHECK(fake_said(&pole.fake, "sound talk-1#1"), "a good chunk brings it back");
    pole_free(&pole);
}

/* [LIV-1] [LIV-1d] */
static void chunksAreTakenBeforeTheirSessionSoundsAndAfterTheirMoment(void)
{
    one_session(20000);
    int64_t beg = pole_now(&pole) + 20000;
    CHECK(chunk("talk-1", 0, beg - 1) == 0, "before beg");
    CHECK(chunk("talk-1", 1, beg) == 1 && given(0, beg), "twenty seconds ahead:\n%s", pole.fake.log);
    pole_run(&pole, 15000);
    for (uint32_t n = 2; n < 5; n++) chunk("talk-1", n, beg + (int64_t)(n - 1) * CHUNK_MS);
    CHECK(given(0, beg + CHUNK_MS) && given(0, beg + 3 * CHUNK_MS), "five seconds ahead:\n%s", pole.fake.log);
    pole_run(&pole, 4999);
    CHECK(!pole.core.player.run.on, "not before beg");
    pole_run(&pole, 1);
    CHECK(fake_said(&pole.fake, "sound talk-1#1") && pole.fake.sound.voice == 0, "at beg, with what has come:\n%s", pole.fake.log);
    pole_run(&pole, 2000);
    int64_t late = pole_now(&pole) - CHUNK_MS + 1;
    CHECK(chunk("talk-1", 6, late) == 1 && given(0, late), "a moment of it is left:\n%s", pole.fake.log);
    CHECK(chunk_by("talk-1", "talk-1", 7, pole_now(&pole) - 900, 0, true) == 1, "the last one counts whenever it comes");
    gb1_ended(&pole.core, pole.mono, pole_now(&pole), pole.core.player.run.play, 2000, NULL);
    CHECK(fake_said(&pole.fake, "\"s\":\"completed\""), "and ends it:\n%s", pole.fake.log);
    pole_run(&pole, 1000);
    CHECK(!pole.core.player.run.on, "for good");
    pole_free(&pole);
}

/* The table of section 8 asks for a candidate; one without a voice takes the channel from nobody. */
static void aSessionInWhichNobodySpeaksIsNoCandidate(void)
{
    one_session(0);
    pole_run(&pole, 15000);
    CHECK(!fake_said(&pole.fake, "sound "), "silent:\n%s", pole.fake.log);
    chunk("talk-1", 0, pole_now(&pole) + 3000);
    pole_run(&pole, 2900);
    CHECK(!pole.core.player.run.on, "until a chunk is due");
    pole_run(&pole, 100);
    CHECK(pole.core.player.run.on, "then it is one");
    pole_free(&pole);
}

/* What came without its last chunk was cut short. */
static void aSessionThatItsEndCutsOffIsNotCompleted(void)
{
    sessions_begin();
    session("talk-1", "talk-1", 62, pole_now(&pole), pole_now(&pole) + 3000);
    sessions_sent();
    for (uint32_t n = 0; n < 8; n++) chunk("talk-1", n, pole_now(&pole) + n * CHUNK_MS);
    pole_run(&pole, 4000);
    CHECK(fake_said(&pole.fake, "\"interrupted\"") && fake_said(&pole.fake, "\"why\":\"ceiling\""), "at until:\n%s", pole.fake.log);
    CHECK(!fake_said(&pole.fake, "\"completed\""), "not completed");
    pole_free(&pole);
}

/* [LIV-1d]: a voice cannot fill the port's memory, and what is too much costs no signature. */
static void atMostSixtyFourChunksOfAVoiceWait(void)
{
    sessions_begin();
    int64_t beg = pole_now(&pole) + 60000;
    for (int i = 0; i < 3; i++) session(i == 0 ? "talk-0" : i == 1 ? "talk-1" : "talk-2", "talk", 60, beg, beg + 1200000);
    sessions_sent();
    for (uint32_t n = 0; n < 64; n++) {
        if (chunk_by("talk", "talk-0", n, beg + n * CHUNK_MS, 20, false) != 1) CHECK(false, "chunk %u", n);
        if (chunk_by("talk", "talk-1", n, beg + n * CHUNK_MS, 20, false) != 1) CHECK(false, "chunk %u of the second", n);
    }
    fake_quiet(&pole.fake);
    CHECK(chunk_by("talk", "talk-0", 64, beg + 64 * CHUNK_MS, 20, false) == 0, "the 65th");
    CHECK(chunk_by("talk", "talk-2", 0, beg, 20, false) == 0, "and the 129th of all");
    pole_run(&pole, 60000 + CHUNK_MS - 1);
    CHECK(chunk_by("talk", "talk-0", 64, beg + 64 * CHUNK_MS, 20, false) == 0, "the first sounds still");
    pole_run(&pole, 1);
    CHECK(chunk_by("talk", "talk-0", 64, beg + 64 * CHUNK_MS, 20, false) == 1 && given(0, beg + 64 * CHUNK_MS), "it has passed:\n%s",
          pole.fake.log);
    CHECK(chunk_by("talk", "talk-2", 0, beg + 2 * CHUNK_MS, 20, false) == 1, "and the second's, too");
    pole_free(&pole);
}

static void ofTwoVoicesEachIsKept(void)
{
    sessions_begin();
    int64_t beg = pole_now(&pole) + 1000;
    session("talk-1", "one", 40, beg, beg + 600000);
    session("talk-2", "two", 60, beg, beg + 600000);
    sessions_sent();
    fake_quiet(&pole.fake);
    for (uint32_t n = 0; n < 20; n++) chunk_by("one", "talk-1", n, beg + n * CHUNK_MS, 20, false);
    CHECK(chunk_by("one", "talk-2", 0, beg + CHUNK_MS, 20, false) == 1, "by the other's key");
    for (uint32_t n = 0; n < 4; n++) chunk_by("two", "talk-2", n, beg + 2000 + n * CHUNK_MS, 20, n == 3);
    CHECK(fake_count(&pole.fake, "chunk 0") == 20 && fake_count(&pole.fake, "chunk 1") == 4, "all of both:\n%s", pole.fake.log);
    pole_run(&pole, 1100);
    CHECK(fake_said(&pole.fake, "sound talk-1#1") && pole.fake.sound.voice == 0, "who is due");
    pole_run(&pole, 2500);
    CHECK(fake_said(&pole.fake, "preempted") && fake_said(&pole.fake, "sound talk-2#1") && pole.fake.sound.voice == 1, "then who is higher:\n%s",
          pole.fake.log);
    fake_quiet(&pole.fake);
    pole_run(&pole, 1500);
    gb1_ended(&pole.core, pole.mono, pole_now(&pole), pole.core.player.run.play, 1600, NULL);
    CHECK(fake_said(&pole.fake, "\"completed\"") && fake_said(&pole.fake, "sound talk-1#1") && pole.fake.sound.voice == 0,
          "then the first again, with what came meanwhile:\n%s", pole.fake.log);
    pole_free(&pole);
}

static void anEmergencyFor(int s)
{
    char text[400];
    snprintf(text, sizeof text,
             ",\"by\":\"x1\",\"act\":[{\"sid\":\"flood-1\",\"st\":\"actual\",\"pri\":85,\"beg\":%lld,\"until\":%lld,\"max\":900,\"rep\":1,\"gap\":0,"
             "\"vol\":100,\"play\":[{\"tone\":\"wail\",\"n\":1,\"on\":%d,\"off\":0}]}]",
             (long long)pole_now(&pole), (long long)(pole_now(&pole) + 1800000), s);
    CHECK(pole_send(&pole, "x1", "now", "a/37.14329", text) == GB1_ACCEPTED, "now");
}

static void whatComesDuringAnEmergencySoundsAfterIt(void)
{
    one_session(0);
    int64_t now = pole_now(&pole);
    for (uint32_t n = 0; n < 30; n++) chunk("talk-1", n, now + n * CHUNK_MS);
    pole_run(&pole, 500);
    CHECK(fake_said(&pole.fake, "sound talk-1#1"), "it sounds");
    anEmergencyFor(4);
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "preempted") && fake_said(&pole.fake, "sound flood-1#1"), "pre-empted:\n%s", pole.fake.log);
    fake_quiet(&pole.fake);
    CHECK(chunk("talk-1", 30, now + 30 * CHUNK_MS) == 1 && given(0, now + 30 * CHUNK_MS), "taken meanwhile:\n%s", pole.fake.log);
    pole_run(&pole, 4000);
    CHECK(fake_said(&pole.fake, "sound talk-1#1") && !fake_said(&pole.fake, "forget"), "it goes on:\n%s", pole.fake.log);
    pole_free(&pole);
}

/* What is over is left, and the port throws away what it keeps of it. */
static void ofASessionThatIsOverNothingIsKept(void)
{
    one_session(60000);
    int64_t beg = pole_now(&pole) + 60000;
    chunk("talk-1", 9, beg);
    fake_quiet(&pole.fake);
    session("talk-1", "talk-1", 62, beg, beg + 900000);
    sessions_sent();
    CHECK(!fake_said(&pole.fake, "forget") && !fake_said(&pole.fake, "subscribe"), "only longer:\n%s", pole.fake.log);
    CHECK(chunk("talk-1", 9, beg + CHUNK_MS) == 0, "n counts on");
    session("talk-1", "renewed", 62, beg, beg + 900000);
    sessions_sent();
    CHECK(fake_count(&pole.fake, "forget 0") == 1 && !fake_said(&pole.fake, "subscribe"), "another key:\n%s", pole.fake.log);
    CHECK(chunk("talk-1", 10, beg) == 1 && chunk_by("renewed", "talk-1", 0, beg, 20, false) == 1, "which alone counts now");
    fake_quiet(&pole.fake);
    session("talk-2", "talk-2", 62, beg, beg + 900000);
    sessions_sent();
    CHECK(fake_said(&pole.fake, "forget 0") && fake_said(&pole.fake, "unsubscribe"), "replaced:\n%s", pole.fake.log);
    CHECK(chunk_by("renewed", "talk-1", 1, beg, 20, false) == 0 && chunk("talk-2", 0, beg) == 1 && given(0, beg), "by another:\n%s", pole.fake.log);
    fake_quiet(&pole.fake);
    pole_boot(&pole);
    CHECK(fake_count(&pole.fake, "forget ") == GB1_VOICES, "after a power cut nothing is there:\n%s", pole.fake.log);
    pole_free(&pole);
}

/* A clear ends it at once, also one that waits; what sounds keeps its chunks until it has faded. */
static void aClearedSessionIsForgottenOnceItHasFaded(void)
{
    sessions_begin();
    int64_t now = pole_now(&pole);
    session("talk-1", "talk-1", 62, now, now + 900000);
    sessions_sent();
    for (uint32_t n = 0; n < 10; n++) chunk("talk-1", n, now + n * CHUNK_MS);
    pole_run(&pole, 1000);
    CHECK(pole.core.player.run.on, "it sounds");
    fake_quiet(&pole.fake);
    CHECK(pole_send(&pole, "x1", "now", "a/37.14329", ",\"by\":\"x1\",\"act\":[],\"clr\":[\"talk-1\"]") == GB1_ACCEPTED, "clear");
    CHECK(fake_said(&pole.fake, "fade") && !fake_said(&pole.fake, "forget"), "it fades:\n%s", pole.fake.log);
    CHECK(chunk("talk-1", 10, now + 5000) == 0, "and takes nothing more");
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "cleared") && fake_said(&pole.fake, "forget 0") && fake_said(&pole.fake, "unsubscribe"), "gone:\n%s", pole.fake.log);
    pole_free(&pole);
}

/* Eight places: of more, those that come soon, then the highest. */
static void ofNineSessionsTheLowestWaits(void)
{
    char sid[20];
    sessions_begin();
    int64_t beg = pole_now(&pole);
    for (int i = 0; i < 9; i++) {
        snprintf(sid, sizeof sid, "talk-%d", i);
        session(sid, "talk", 30 + i, beg + 5000, i == 8 ? beg + 10000 : beg + 900000);
    }
    sessions_sent();
    CHECK(chunk_by("talk", "talk-0", 0, beg + 6000, 20, false) == 0, "the lowest has no place");
    CHECK(chunk_by("talk", "talk-1", 0, beg + 6000, 20, false) == 1 && chunk_by("talk", "talk-8", 0, beg + 6000, 20, false) == 1, "the others have");
    fake_quiet(&pole.fake);
    pole_run(&pole, 12000);
    CHECK(fake_count(&pole.fake, "unsubscribe") == 1 && fake_count(&pole.fake, "subscribe") == 2, "one is over:\n%s", pole.fake.log);
    CHECK(chunk_by("talk", "talk-0", 0, beg + 13000, 20, false) == 1, "its place is free");
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
    chunksAreTakenBeforeTheirSessionSoundsAndAfterTheirMoment();
    aSessionInWhichNobodySpeaksIsNoCandidate();
    aSessionThatItsEndCutsOffIsNotCompleted();
    atMostSixtyFourChunksOfAVoiceWait();
    ofTwoVoicesEachIsKept();
    whatComesDuringAnEmergencySoundsAfterIt();
    ofASessionThatIsOverNothingIsKept();
    aClearedSessionIsForgottenOnceItHasFaded();
    ofNineSessionsTheLowestWaits();
}
