/* ../vectors/blocks.json, recovery.json, bootloop.json and frames.json: blocks become a file, a torn write, a loop of restarts, frames. */
#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/b64.h"
#include "../core/claim.h"
#include "../core/parts.h"
#include "../port-linux/store.h"
#include "check.h"
#include "pole.h"
#include "tests.h"

#define LATENCY_MS 50
#define PATIENCE_MS (3 * GB1_HOUR_MS)

static struct pole pole;
static struct gb1_claim claim;
static char id[GB1_ID_CAP];
static const char *vectors;

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

/* A box whose clock is right; it takes every document as a welcome that knows no row would let it. */
static void trusting(void)
{
    pole.core.clock.welcomed = true;
    pole.core.clock.synced = true;
    pole.core.clock.offset = pole.start;
    memset(&pole.core.state.session, 0, sizeof pole.core.state.session);
    pole.core.state.session.welcomed = true;
}

static void take(const char *file, bool must)
{
    size_t n;
    char *bytes = read_file(vectors, file, &n);
    trusting();
    enum gb1_verdict verdict = gb1_receive(&pole.core, pole.mono, pole_now(&pole), "rsp", bytes, n);
    CHECK(!must || verdict == GB1_ACCEPTED, "%s: %s", file, gb1_verdict_name(verdict));
    free(bytes);
}

static void begin(int64_t start)
{
    memset(&pole, 0, sizeof pole);
    memcpy(pole.roots, claim.roots, sizeof pole.roots);
    pole_init_as(&pole, claim.sys, id, claim.t, start);
}

/* ---- blocks.json ---- */

static unsigned char content[40000];
static unsigned char part[40000];
static unsigned char hash[32];
static int frames;
static bool cut;

/* Whether the trouble strikes now; each index in its list strikes once. */
static bool strikes(cJSON *trouble, const char *what, int index)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(trouble, what);
    for (int i = 0; i < cJSON_GetArraySize(list); i++) {
        if (cJSON_GetArrayItem(list, i)->valueint != index) continue;
        cJSON_DeleteItemFromArray(list, i);
        return true;
    }
    return false;
}

static void give(const unsigned char h[32], int64_t index, const unsigned char *bytes, size_t n)
{
    unsigned char frame[1100] = {0xB1, 0, (unsigned char)(n >> 8), (unsigned char)n};
    for (int i = 0; i < 4; i++) frame[4 + i] = (unsigned char)(index >> (24 - 8 * i));
    memcpy(frame + 8, h, 8);
    memcpy(frame + 16, bytes, n);
    gb1_receive(&pole.core, pole.mono, pole_now(&pole), "blk", frame, 16 + n);
}

static void send_block(const cJSON *one, cJSON *trouble, int index)
{
    int64_t sz = number_of(one, "sz");
    int64_t blk = number_of(one, "blk");
    int64_t from = index * blk;
    size_t n = (size_t)(sz - from < blk ? sz - from : blk);
    unsigned char bytes[1024];
    memcpy(bytes, content + from, n);
    if (cJSON_HasObjectItem(trouble, "strangers") && index % 4 == 0) {
        unsigned char other[32];
        crypto_hash_sha256(other, (const unsigned char *)"", 1);
        give(other, index, bytes, n);
        give(hash, index, bytes, n - 1);
        give(hash, (sz + blk - 1) / blk + index, bytes, n);
    }
    if (strikes(trouble, "spoiled", index)) bytes[0] ^= 1;
    frames++;
    if (!strikes(trouble, "lost", index)) give(hash, index, bytes, n);
    if (cJSON_HasObjectItem(trouble, "twice") && index % 2 == 0) {
        frames++;
        give(hash, index, bytes, n);
    }
    cut = strikes(trouble, "cut", frames);
}

/* Its pins are on the disk: nothing is wanted before the file. */
static void stored_pins(void)
{
    for (int i = 0; i < pole.core.state.site.pins; i++) {
        const struct gb1_asset *pin = &pole.core.state.site.pin[i].asset;
        gb1_file_found(&pole.core, pin->h, pin->sz, true);
    }
}

static void linked(const cJSON *one)
{
    gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
    trusting();
    gb1_tick(&pole.core, pole.mono, pole_now(&pole)); /* it subscribes the manifest, which comes then */
    take(text_of(one, "man"), true);
}

static void answer(const cJSON *one, cJSON *trouble)
{
    cJSON *need = cJSON_Parse(pole.fake.published);
    const cJSON *range;
    int asked[600];
    int n = 0;
    pole.fake.published[0] = '\0';
    CHECK(cJSON_IsObject(need), "need");
    cJSON_ArrayForEach(range, cJSON_GetObjectItemCaseSensitive(need, "miss"))
    {
        for (int i = cJSON_GetArrayItem(range, 0)->valueint; i <= cJSON_GetArrayItem(range, 1)->valueint && n < 600; i++) asked[n++] = i;
    }
    cJSON_Delete(need);
    bool backwards = cJSON_HasObjectItem(trouble, "backwards");
    for (int i = 0; i < n; i++) {
        send_block(one, trouble, backwards ? asked[n - 1 - i] : asked[i]);
        if (!cut) continue;
        int64_t have = (int64_t)pole.fake.part_n;
        pole_boot(&pole);
        stored_pins();
        gb1_file_found(&pole.core, hash, have, false);
        pole.fake.published[0] = '\0';
        linked(one);
        return;
    }
}

static void end_of(char out[80])
{
    char text[48];
    out[0] = '\0';
    gb1_b64_encode(text, hash, 32);
    for (size_t i = 0; i < pole.fake.count; i++) {
        char json[500];
        if (strncmp(pole.fake.entries[i].key, "j/", 2) != 0) continue;
        snprintf(json, sizeof json, "{\"n\":0%s", (const char *)pole.fake.entries[i].value + 1);
        cJSON *event = cJSON_Parse(json);
        const cJSON *d = cJSON_GetObjectItemCaseSensitive(event, "d");
        if (strcmp(text_of(event, "k"), "asset") == 0 && strcmp(text_of(d, "h"), text) == 0) {
            snprintf(out, 80, "%s%s%s", text_of(event, "s"), cJSON_HasObjectItem(d, "why") ? " " : "", text_of(d, "why"));
        }
        cJSON_Delete(event);
    }
}

static void reassembly(const cJSON *one)
{
    char end[80] = "";
    const char *name = text_of(one, "name");
    cJSON *trouble = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(one, "trouble"), true);
    int64_t sz = number_of(one, "sz");
    begin(INT64_C(1767570000000));
    pole.fake.part = part;
    pole.fake.part_cap = (size_t)sz;
    frames = 0;
    for (int64_t i = 0; i < sz; i++) content[i] = (unsigned char)(31 * i + 7 * (i / number_of(one, "blk")) + 5);
    memset(part, 0, sizeof part);
    take("keys.gb1", true);
    take("site.gb1", true);
    const struct gb1_asset pin = pole.core.state.site.pin[0].asset;
    CHECK(pole.core.state.site.pins == 1, "one pin");
    gb1_verified(&pole.core, pole.mono, pole_now(&pole), pin.h, true);
    take(text_of(one, "plan"), true);
    memcpy(hash, pole.core.state.plan.asset[0].h, 32);
    pole.fake.watch = "/need";
    linked(one);
    while (end[0] == '\0' && pole.mono < PATIENCE_MS) {
        fake_quiet(&pole.fake);
        pole.core.state.session.welcomed = true;
        pole_run(&pole, LATENCY_MS);
        if (pole.fake.published[0] != '\0') answer(one, trouble);
        if (pole.fake.verify) {
            unsigned char got[32];
            pole.fake.verify = false;
            crypto_hash_sha256(got, part, (unsigned long long)sz);
            gb1_verified(&pole.core, pole.mono, pole_now(&pole), hash, memcmp(got, hash, 32) == 0);
        }
        end_of(end);
    }
    CHECK(strcmp(end, text_of(one, "end")) == 0, "%s: %s instead of %s", name, end, text_of(one, "end"));
    CHECK(number_of(one, "frames") == 0 || frames <= number_of(one, "frames"), "%s: %d frames", name, frames);
    if (strcmp(end, "ready") == 0) CHECK(memcmp(part, content, (size_t)sz) == 0, "%s: other bytes", name);
    cJSON_Delete(trouble);
    pole_free(&pole);
}

/* ---- recovery.json ---- */

static const char *directory;

static long size_of_log(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/memory.log", directory);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return 0;
    fseek(file, 0, SEEK_END);
    long n = ftell(file);
    fclose(file);
    return n;
}

static void damage(const cJSON *what, const long *ends)
{
    char path[300];
    size_t n;
    snprintf(path, sizeof path, "%s/memory.log", directory);
    int batch = (int)number_of(what, "batch");
    long at = ends[batch - 1] + (ends[batch] - ends[batch - 1]) * (long)number_of(what, "at") / 1000;
    char *bytes = read_file(directory, "memory.log", &n);
    FILE *file = fopen(path, "wb");
    if (strcmp(text_of(what, "what"), "flipped") == 0) bytes[at] = (char)(bytes[at] ^ 0x10);
    bool torn = strcmp(text_of(what, "what"), "torn") == 0;
    CHECK(file != NULL && fwrite(bytes, 1, torn ? (size_t)at : n, file) == (torn ? (size_t)at : n), "damage");
    if (strcmp(text_of(what, "what"), "rubbish") == 0) {
        for (int i = 0; i < 64; i++) fputc(0xA5, file);
    }
    if (file != NULL) fclose(file);
    free(bytes);
}

static int keys_in_memory;

static void count_key(void *arg, const char *key)
{
    (void)arg;
    (void)key;
    keys_in_memory++;
}

static void expect_memory(const char *name, const cJSON *memory, const cJSON *again, bool later)
{
    const cJSON *entry;
    static char value[4000];
    cJSON_ArrayForEach(entry, memory)
    {
        long n = store_recall(NULL, entry->string, value, sizeof value);
        CHECK(n == (long)strlen(entry->valuestring) && memcmp(value, entry->valuestring, (size_t)n) == 0, "%s: %s", name, entry->string);
    }
    if (again != NULL) {
        long n = store_recall(NULL, text_of(again, "key"), value, sizeof value);
        CHECK(n == number_of(again, "bytes") && value[0] == 'a' + (number_of(again, "times") - 1) % 26, "%s: what was written again", name);
    }
    keys_in_memory = 0;
    store_each(NULL, "", count_key, NULL);
    CHECK(keys_in_memory == cJSON_GetArraySize(memory) + (again != NULL) + later, "%s: %d keys", name, keys_in_memory);
}

static void memory_case(const cJSON *one)
{
    long ends[16] = {0};
    int n = 0;
    const char *name = text_of(one, "name");
    const cJSON *batch;
    const cJSON *change;
    const cJSON *again = cJSON_GetObjectItemCaseSensitive(one, "again");
    const cJSON *memory = cJSON_GetObjectItemCaseSensitive(one, "memory");
    char path[300];
    snprintf(path, sizeof path, "%s/memory.log", directory);
    remove(path);
    CHECK(store_open(directory), "%s: open", name);
    cJSON_ArrayForEach(batch, cJSON_GetObjectItemCaseSensitive(one, "batches"))
    {
        struct gb1_change changes[8];
        size_t count = 0;
        cJSON_ArrayForEach(change, batch)
        {
            changes[count].key = change->string;
            changes[count].value = cJSON_IsString(change) ? change->valuestring : NULL;
            changes[count].n = cJSON_IsString(change) ? strlen(change->valuestring) : 0;
            count++;
        }
        CHECK(store_commit(NULL, changes, count), "%s: commit", name);
        ends[++n] = size_of_log();
    }
    for (int64_t i = 0; again != NULL && i < number_of(again, "times"); i++) {
        static char value[4000];
        memset(value, 'a' + (int)(i % 26), sizeof value);
        struct gb1_change once = {text_of(again, "key"), value, (size_t)number_of(again, "bytes")};
        CHECK(store_commit(NULL, &once, 1), "%s: commit", name);
        CHECK(size_of_log() < number_of(again, "bytes_most"), "%s: %ld bytes", name, size_of_log());
    }
    store_close();
    if (cJSON_HasObjectItem(one, "damage")) damage(cJSON_GetObjectItemCaseSensitive(one, "damage"), ends);
    struct gb1_change later = {"later", "on", 2};
    CHECK(store_open(directory), "%s: open", name);
    expect_memory(name, memory, again, false);
    CHECK(store_commit(NULL, &later, 1), "%s: commit", name);
    store_close();
    CHECK(store_open(directory), "%s: open", name);
    expect_memory(name, memory, again, true);
    store_close();
    remove(path);
}

static void ring_case(const cJSON *one)
{
    const cJSON *some;
    const char *name = text_of(one, "name");
    struct gb1_journal *j = &pole.core.journal;
    begin(INT64_C(1767570000000));
    int64_t turns = cJSON_HasObjectItem(one, "turns") ? number_of(one, "turns") : 1;
    int64_t written[2] = {0, 0};
    for (int64_t turn = 0; turn < turns; turn++) {
        cJSON_ArrayForEach(some, cJSON_GetObjectItemCaseSensitive(one, "journal"))
        {
            bool evidence = strcmp(text_of(some, "ring"), "evidence") == 0;
            for (int64_t i = 0; i < number_of(some, "count"); i++) {
                if (evidence) gb1_journal_add(&pole.core, "local", "stop", "");
                else gb1_journal_add(&pole.core, "fault", "set", "\"f\":\"MAINS_LOST\"");
                written[evidence]++;
                CHECK(gb1_flush(&pole.core.memory), "flush");
            }
        }
    }
    int64_t next = j->next;
    int64_t lo = gb1_journal_lo(&pole.core);
    pole_boot(&pole);
    CHECK(j->next == next && gb1_journal_lo(&pole.core) == lo, "%s: %lld to %lld after a start", name, (long long)gb1_journal_lo(&pole.core), (long long)j->next);
    int64_t kept[2] = {0, 0};
    int64_t due = 1;
    int64_t lost = 0;
    for (int i = 0; i < j->count; i++) {
        char text[500];
        char json[510];
        int64_t n = gb1_journal_number(&pole.core, i);
        CHECK(gb1_journal_text(&pole.core, n, text, sizeof text), "%s: no text", name);
        if (strstr(text, "\"k\":\"gap\"") == NULL) {
            CHECK(n == due, "%s: %lld and not %lld", name, (long long)n, (long long)due);
            kept[strstr(text, "\"k\":\"local\"") != NULL]++;
        } else {
            snprintf(json, sizeof json, "{\"n\":0%s", text + 1);
            cJSON *gap = cJSON_Parse(json);
            const cJSON *d = cJSON_GetObjectItemCaseSensitive(gap, "d");
            CHECK(number_of(d, "lo") == due && number_of(d, "hi") == n, "%s: %lld to %lld", name, (long long)number_of(d, "lo"), (long long)number_of(d, "hi"));
            CHECK(number_of(d, "c") == n - due + 1, "%s: %lld lost", name, (long long)number_of(d, "c"));
            lost += number_of(d, "c");
            cJSON_Delete(gap);
        }
        due = n + 1;
    }
    CHECK(due == next && lost > 0, "%s: up to %lld, %lld lost", name, (long long)due, (long long)lost);
    for (int ring = 0; ring < 2; ring++) {
        CHECK(kept[ring] >= (written[ring] < GB1_JOURNAL_RING ? written[ring] : GB1_JOURNAL_RING), "%s: %lld kept", name, (long long)kept[ring]);
    }
    pole_free(&pole);
}

static void recovery(const cJSON *one)
{
    if (cJSON_HasObjectItem(one, "journal")) ring_case(one);
    else memory_case(one);
}

/* ---- bootloop.json ---- */

static void expect_rows(const cJSON *one, const cJSON *step)
{
    const cJSON *row;
    const cJSON *expected = cJSON_GetObjectItemCaseSensitive(step, "in_force");
    int n = 0;
    for (int i = 0; i < GB1_ROWS; i++) n += pole.core.state.rows[i].in_force;
    CHECK(n == cJSON_GetArraySize(expected), "%s: %d documents in force", text_of(one, "name"), n);
    cJSON_ArrayForEach(row, expected)
    {
        const struct gb1_row *held = gb1_row_find(&pole.core.state, row->valuestring);
        CHECK(held != NULL && held->in_force, "%s: %s", text_of(one, "name"), row->valuestring);
    }
}

static void boot_loop(const cJSON *one)
{
    const cJSON *step;
    bool first = true;
    cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(one, "steps"))
    {
        if (cJSON_HasObjectItem(step, "start")) {
            if (first) begin(number_of(one, "t"));
            else {
                pole.counts_boot = strcmp(text_of(step, "start"), "watchdog") == 0;
                pole_boot(&pole);
            }
            first = false;
            pole_run(&pole, number_of(step, "up"));
        } else {
            take(text_of(step, "take"), false);
        }
        expect_rows(one, step);
        const cJSON *loops = cJSON_GetObjectItemCaseSensitive(step, "loop");
        if (loops != NULL) CHECK(gb1_has_fault(&pole.core, GB1_BOOT_LOOP) == cJSON_IsTrue(loops), "%s: BOOT_LOOP", text_of(one, "name"));
    }
    pole_free(&pole);
}

/* ---- frames.json ---- */

static int frames_seen;

/* A block goes to the disk, a chunk to the loudspeaker: one of them, or nothing at all. */
static void one_frame(const char *name, const char *file, const char *expect, const unsigned char *bytes, size_t n)
{
    char line[80];
    fake_quiet(&pole.fake);
    gb1_receive(&pole.core, pole.mono, pole_now(&pole), "any", bytes, n);
    int taken = fake_count(&pole.fake, "\nblock ") + (strncmp(pole.fake.log, "block ", 6) == 0) + fake_count(&pole.fake, "chunk ");
    CHECK(taken == (strcmp(expect, "taken") == 0), "%s: %s was taken %d times", name, file, taken);
    if (strcmp(expect, "taken") == 0 && bytes[0] == 0xB2) {
        int64_t at = 0;
        for (int i = 8; i < 16; i++) at = at << 8 | bytes[i];
        snprintf(line, sizeof line, " %lld %d %d\n", (long long)(at - pole.start), bytes[2] << 8 | bytes[3], bytes[1]);
        CHECK(fake_said(&pole.fake, line), "%s: %s is not%s", name, file, line);
    }
    frames_seen++;
}

static void blocks_between(const cJSON *one, const cJSON *range, const char *expect)
{
    const cJSON *blocks = cJSON_GetObjectItemCaseSensitive(range, "blocks");
    int64_t blk = number_of(one, "blk");
    for (int i = cJSON_GetArrayItem(blocks, 0)->valueint; i <= cJSON_GetArrayItem(blocks, 1)->valueint; i++) {
        unsigned char frame[1100] = {0xB1, 0, (unsigned char)(blk >> 8), (unsigned char)blk};
        frame[7] = (unsigned char)i;
        memcpy(frame + 8, hash, 8);
        memcpy(frame + 16, content + i * blk, (size_t)blk);
        one_frame(text_of(one, "name"), "one of many blocks", expect, frame, 16 + (size_t)blk);
    }
}

/* The pins are there and the link is up before the third document, so that it wants what it names. */
static void take_all(const cJSON *one)
{
    const cJSON *file;
    int n = 0;
    cJSON_ArrayForEach(file, cJSON_GetObjectItemCaseSensitive(one, "take"))
    {
        if (n++ == 2) {
            const struct gb1_asset pin = pole.core.state.site.pin[0].asset;
            gb1_verified(&pole.core, pole.mono, pole_now(&pole), pin.h, true);
            gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
        }
        take(file->valuestring, true);
        gb1_tick(&pole.core, pole.mono, pole_now(&pole));
    }
}

static void frame_case(const cJSON *one)
{
    const cJSON *frame;
    const char *name = text_of(one, "name");
    int64_t sz = number_of(one, "sz");
    begin(number_of(one, "t"));
    pole.fake.part = part;
    pole.fake.part_cap = (size_t)sz;
    for (int64_t i = 0; i < sz; i++) content[i] = (unsigned char)(31 * i + 7);
    memset(part, 0, sizeof part);
    crypto_hash_sha256(hash, content, (unsigned long long)sz);
    take_all(one);
    cJSON_ArrayForEach(frame, cJSON_GetObjectItemCaseSensitive(one, "frames"))
    {
        size_t n;
        pole_run(&pole, number_of(frame, "at") - pole.mono);
        trusting();
        if (cJSON_HasObjectItem(frame, "blocks")) {
            blocks_between(one, frame, text_of(frame, "expect"));
            continue;
        }
        char *bytes = read_file(vectors, text_of(frame, "file"), &n);
        one_frame(name, text_of(frame, "file"), text_of(frame, "expect"), (const unsigned char *)bytes, n);
        free(bytes);
    }
    if (sz > 0) {
        char end[80];
        CHECK(pole.fake.verify && memcmp(part, content, (size_t)sz) == 0, "%s: other bytes", name);
        gb1_verified(&pole.core, pole.mono, pole_now(&pole), hash, true);
        end_of(end);
        CHECK(strcmp(end, "ready") == 0, "%s: %s", name, end);
    }
    pole_free(&pole);
}

/* Each binary vector has its place there. */
static void every_frame(void)
{
    size_t n;
    const cJSON *vector;
    char *cases = read_file(vectors, "frames.json", &n);
    char *text = read_file(vectors, "index.json", &n);
    cJSON *index = cJSON_Parse(text);
    cJSON_ArrayForEach(vector, index)
    {
        char quoted[120];
        snprintf(quoted, sizeof quoted, "\"%s\"", text_of(vector, "file"));
        if (strstr(quoted, ".bin") != NULL) CHECK(strstr(cases, quoted) != NULL, "%s is in no case", quoted);
    }
    CHECK(frames_seen > 60, "%d frames", frames_seen);
    cJSON_Delete(index);
    free(text);
    free(cases);
}

/* What a battery clock may say [TIM-1]. */
static void battery_clock(const cJSON *one)
{
    struct gb1_clock clock;
    gb1_clock_init(&clock);
    clock.floor = number_of(one, "floor");
    gb1_clock_at(&clock, 1000, number_of(one, "clock"));
    CHECK(gb1_clock_quality(&clock) == text_of(one, "q")[0], "%s: %c", text_of(one, "name"), gb1_clock_quality(&clock));
}

static bool any_key(void *ctx, const uint8_t x[32])
{
    (void)ctx;
    (void)x;
    return true;
}

static void each(const char *file, void (*run)(const cJSON *one))
{
    size_t n;
    const cJSON *one;
    char *text = read_file(vectors, file, &n);
    cJSON *all = cJSON_Parse(text);
    CHECK(cJSON_IsArray(all) && cJSON_GetArraySize(all) > 0, "%s", file);
    cJSON_ArrayForEach(one, all) run(one);
    printf("%d cases of %s\n", cJSON_GetArraySize(all), file);
    cJSON_Delete(all);
    free(text);
}

void test_cases(const char *from, const char *scratch)
{
    size_t n;
    size_t claim_n;
    char *keys = read_file(from, "testkeys.json", &n);
    char *claim_text = read_file(from, "claim.gbf", &claim_n);
    cJSON *test_keys = cJSON_Parse(keys);
    vectors = from;
    directory = scratch;
    snprintf(id, sizeof id, "%s", text_of(test_keys, "id"));
    CHECK(gb1_claim_read(claim_text, claim_n, any_key, NULL, &claim), "claim.gbf");
    each("blocks.json", reassembly);
    each("recovery.json", recovery);
    each("bootloop.json", boot_loop);
    each("frames.json", frame_case);
    each("clock.json", battery_clock);
    every_frame();
    cJSON_Delete(test_keys);
    free(keys);
    free(claim_text);
}
