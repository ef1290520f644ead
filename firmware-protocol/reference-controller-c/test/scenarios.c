/* ../vectors/scenarios.json: documents, a clock and what happens at the box over a stretch of time; what sounds comes out. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "../core/b64.h"
#include "../core/claim.h"
#include "../core/envelope.h"
#include "check.h"
#include "pole.h"
#include "tests.h"

#define TOLERANCE_MS 1000 /* a new sound begins within a second [DEC-2] */

static struct pole pole;
static struct gb1_claim claim;

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

static int64_t now; /* ms since the scenario began; those of the pole count from its last start */
static bool off;

static void files(const cJSON *scenario)
{
    const cJSON *asset;
    cJSON_ArrayForEach(asset, cJSON_GetObjectItemCaseSensitive(scenario, "ready"))
    {
        uint8_t h[32];
        CHECK(gb1_b64_decode(h, 32, text_of(asset, "h"), strlen(text_of(asset, "h"))), "h");
        gb1_file_found(&pole.core, h, number_of(asset, "sz"), true);
    }
}

static void clock_right(void)
{
    pole.rtc_error = 0;
    pole.core.clock.welcomed = true;
    pole.core.clock.synced = true;
    pole.core.clock.synced_mono = pole.mono;
    pole.core.clock.offset = pole.start;
}

/* A box whose clock is right, with the recordings of the scenario on its disk. */
static void begin(const cJSON *scenario, const char *id)
{
    memset(&pole, 0, sizeof pole);
    memcpy(pole.roots, claim.roots, sizeof pole.roots);
    pole_init_as(&pole, claim.sys, id, claim.t, number_of(scenario, "start"));
    now = 0;
    off = false;
    clock_right();
    files(scenario);
}

static void run_until(int64_t at)
{
    if (at <= now) return;
    if (!off) pole_run(&pole, at - now);
    now = at;
}

static void power_on(const cJSON *scenario)
{
    bool lost = pole.rtc_error != 0;
    off = false;
    pole.start = number_of(scenario, "start") + now;
    pole.mono = 0;
    pole.heard_from = now;
    if (lost) pole.rtc_error = -pole.start;
    pole_boot(&pole);
    files(scenario);
    if (!lost) clock_right();
}

/* It takes every document as a welcome that knows no row would let it. */
static void take(const char *directory, const char *name, const char *file)
{
    size_t n;
    char *bytes = read_file(directory, file, &n);
    memset(&pole.core.state.session, 0, sizeof pole.core.state.session);
    pole.core.state.session.welcomed = true;
    enum gb1_verdict verdict = gb1_receive(&pole.core, pole.mono, pole_now(&pole), "rsp", bytes, n);
    CHECK(verdict == GB1_ACCEPTED, "%s: %s is %s", name, file, gb1_verdict_name(verdict));
    free(bytes);
}

static void happens(const cJSON *scenario, const char *what)
{
    static const struct {
        const char *what;
        enum gb1_local local;
        bool on;
    } all[] = {
        {"stop", GB1_LOCAL_STOP_HELD, true},      {"siren on", GB1_LOCAL_SIREN, true}, {"siren off", GB1_LOCAL_SIREN, false},
        {"amp fault", GB1_LOCAL_AMP_FAULT, true}, {"mic on", GB1_LOCAL_MIC, true},     {"mic off", GB1_LOCAL_MIC, false},
        {"amp ok", GB1_LOCAL_AMP_FAULT, false},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].what, what) != 0) continue;
        gb1_local(&pole.core, pole.mono, pole_now(&pole) + pole.rtc_error, all[i].local, all[i].on);
        return;
    }
    if (strcmp(what, "power off") == 0) off = true;
    else if (strcmp(what, "power on") == 0) power_on(scenario);
    else if (strcmp(what, "clock lost") == 0) pole.rtc_error = -pole.start;
    else if (strcmp(what, "clock right") == 0) clock_right();
    else CHECK(false, "what is %s?", what);
}

static bool near(int64_t got, int64_t want, int64_t before)
{
    return got >= want - before && got <= want + TOLERANCE_MS;
}

static void expect_sounds(const cJSON *scenario, const char *name)
{
    const cJSON *want;
    int i = 0;
    cJSON_ArrayForEach(want, cJSON_GetObjectItemCaseSensitive(scenario, "sounds"))
    {
        const struct pole_sound *s = &pole.heard[i];
        if (i++ >= pole.heards) break;
        CHECK(strcmp(s->id, text_of(want, "id")) == 0, "%s: %s instead of %s", name, s->id, text_of(want, "id"));
        CHECK(near(s->from, number_of(want, "from"), 0), "%s: %s from %lld", name, s->id, (long long)s->from);
        CHECK(near(s->to, number_of(want, "to"), 100), "%s: %s to %lld", name, s->id, (long long)s->to);
        CHECK(near(s->pos, number_of(want, "pos"), 0), "%s: %s at %lld", name, s->id, (long long)s->pos);
    }
    CHECK(pole.heards == cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(scenario, "sounds")), "%s: %d sounds", name, pole.heards);
}

static void expect_events(const cJSON *scenario, const char *name)
{
    const cJSON *expected = cJSON_GetObjectItemCaseSensitive(scenario, "events");
    int found = 0;
    for (size_t i = 0; i < pole.fake.count; i++) {
        const struct fake_entry *entry = &pole.fake.entries[i];
        char json[500];
        char brief[120];
        if (strncmp(entry->key, "j/", 2) != 0) continue;
        snprintf(json, sizeof json, "{\"n\":0%s", (const char *)entry->value + 1);
        cJSON *event = cJSON_Parse(json);
        const cJSON *d = cJSON_GetObjectItemCaseSensitive(event, "d");
        if (strcmp(text_of(event, "k"), "play") == 0) {
            snprintf(brief, sizeof brief, "%s %s%s%s", text_of(d, "oid"), text_of(event, "s"), cJSON_HasObjectItem(d, "why") ? " " : "", text_of(d, "why"));
            const cJSON *want = cJSON_GetArrayItem(expected, found++);
            CHECK(cJSON_IsString(want) && strcmp(want->valuestring, brief) == 0, "%s: %s instead of %s", name, brief,
                  want == NULL ? "nothing" : want->valuestring);
        }
        cJSON_Delete(event);
    }
    CHECK(found == cJSON_GetArraySize(expected), "%s: %d play events", name, found);
}

static void run(const char *directory, const cJSON *scenario, const char *id)
{
    const cJSON *step;
    const char *name = text_of(scenario, "name");
    begin(scenario, id);
    cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(scenario, "steps"))
    {
        run_until(number_of(step, "at"));
        if (cJSON_HasObjectItem(step, "take")) take(directory, name, text_of(step, "take"));
        else happens(scenario, text_of(step, "do"));
    }
    run_until(number_of(scenario, "end"));
    expect_sounds(scenario, name);
    expect_events(scenario, name);
    pole_free(&pole);
}

static bool any_key(void *ctx, const uint8_t x[32])
{
    (void)ctx;
    (void)x;
    return true;
}

void test_scenarios(const char *directory)
{
    size_t n;
    size_t claim_n;
    char *text = read_file(directory, "scenarios.json", &n);
    char *keys = read_file(directory, "testkeys.json", &n);
    char *claim_text = read_file(directory, "claim.gbf", &claim_n);
    cJSON *all = cJSON_Parse(text);
    cJSON *test_keys = cJSON_Parse(keys);
    const cJSON *scenario;
    CHECK(cJSON_IsArray(all) && cJSON_GetArraySize(all) > 0, "no scenarios");
    CHECK(gb1_claim_read(claim_text, claim_n, any_key, NULL, &claim), "claim.gbf");
    cJSON_ArrayForEach(scenario, all) run(directory, scenario, text_of(test_keys, "id"));
    printf("%d scenarios\n", cJSON_GetArraySize(all));
    cJSON_Delete(all);
    cJSON_Delete(test_keys);
    free(text);
    free(keys);
    free(claim_text);
}
