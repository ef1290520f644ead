/* The pole in virtual time: programme, emergencies, drills, STOP, power cuts. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "../core/parts.h"
#include "pole.h"
#include "tests.h"

static struct pole pole;
static char text[4000];

/* A plan of one 600 s item that begins in `in` ms. */
static const char *plan(const struct pole *p, const char *oid, int64_t in, int dur, int late)
{
    int64_t at = pole_now(p) + in;
    snprintf(text, sizeof text,
             ",\"from\":%lld,\"till\":%lld,\"assets\":[{\"h\":\"%s\",\"sz\":3600000,\"c\":\"mp3\"}],\"items\":[{\"oid\":\"%s\",\"at\":%lld,"
             "\"dur\":%d,\"pri\":40,\"late\":%d,\"play\":[0]}]",
             (long long)(at - 7200000), (long long)(at + 90000000), pole_hash("news"), oid, (long long)at, dur, late);
    return text;
}

static const char *order_of(const struct pole *p, const char *by, const char *sid, const char *st, int pri, int rep, int gap, const char *play)
{
    static char fields[4000];
    snprintf(fields, sizeof fields,
             ",\"by\":\"%s\",\"act\":[{\"sid\":\"%s\",\"st\":\"%s\",\"pri\":%d,\"beg\":%lld,\"until\":%lld,\"max\":900,\"rep\":%d,\"gap\":%d,"
             "\"vol\":100,\"play\":%s}]",
             by, sid, st, pri, (long long)pole_now(p), (long long)(pole_now(p) + 1800000), rep, gap, play);
    return fields;
}

static const char *wail(const struct pole *p, const char *by, const char *sid, int pri, int rep, int gap)
{
    return order_of(p, by, sid, "actual", pri, rep, gap, "[{\"tone\":\"wail\",\"n\":1,\"on\":20,\"off\":0}]");
}

static void begin(const char *quiet)
{
    pole_init(&pole);
    pole_store(&pole, "news", 3600000);
    pole_enrol(&pole, quiet);
}

static void itemSoundsInTimeAndEndsOnce(void)
{
    begin("");
    CHECK(pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 5000, 900, 300)) == GB1_ACCEPTED, "plan");
    pole_run(&pole, 4900);
    CHECK(!fake_said(&pole.fake, "sound"), "too early");
    pole_run(&pole, 300);
    CHECK(fake_said(&pole.fake, "sound news-1"), "it begins");
    CHECK(fake_said(&pole.fake, "\"s\":\"started\",\"d\":{\"oid\":\"news-1\",\"err\":0,\"pos\":0}"), "started, to the millisecond:\n%s", pole.fake.log);
    pole_run(&pole, 601000);
    CHECK(fake_said(&pole.fake, "\"s\":\"completed\",\"d\":{\"oid\":\"news-1\",\"ms\":600000,\"proof\":\"none\",\"vol\":70}"), "completed");
    pole_run(&pole, 400000);
    CHECK(fake_count(&pole.fake, "sound news-1") == 1, "once only");
    pole_free(&pole);
}

/* [TIM-1] [TIM-1c] */
static void theFloorIsWrittenRarelyAndSurvives(void)
{
    begin("");
    char cmd[120];
    int64_t before = pole.core.state.floor;
    for (int i = 0; i < 30; i++) {
        pole_run(&pole, 600000);
        snprintf(cmd, sizeof cmd, ",\"cid\":\"i%d\",\"op\":\"identify\",\"arg\":{\"s\":1}", i);
        CHECK(pole_send(&pole, "p1", "cmd", "d", cmd) == GB1_ACCEPTED, "cmd");
        CHECK(pole.core.state.floor > before, "a command moves the floor [TIM-1]");
        before = pole.core.state.floor;
    }
    CHECK(pole.fake.floor_writes >= 4 && pole.fake.floor_writes <= 6, "%d times in five hours", pole.fake.floor_writes);
    pole_run(&pole, 3600000);
    pole_boot(&pole);
    CHECK(pole.core.state.floor <= before && pole.core.state.floor > before - 3600000, "after a power cut");
    pole_free(&pole);
}

/* The table of commands: measure looks, and what it finds are faults and telemetry. */
static void measuringTellsWhatItFinds(void)
{
    begin("");
    pole.fake.watch = "/tel";
    CHECK(pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"m1\",\"op\":\"measure\"") == GB1_ACCEPTED, "cmd");
    CHECK(fake_said(&pole.fake, "\"k\":\"cmd\",\"s\":\"ok\""), "the result comes first:\n%s", pole.fake.log);
    CHECK(fake_count(&pole.fake, "effect") == 1, "and then the look:\n%s", pole.fake.log);
    fake_quiet(&pole.fake);
    gb1_measured(&pole.core, pole.mono, pole_now(&pole), GB1_AMP_BROKEN, GB1_LINE_IS_SHORT);
    CHECK(fake_said(&pole.fake, "AMP_FAULT") && fake_said(&pole.fake, "LINE_SHORT"), "faults:\n%s", pole.fake.log);
    CHECK(strstr(pole.fake.published, "\"line\":[{\"s\":\"short\"}]") != NULL, "telemetry at once: %s", pole.fake.published);
    gb1_measured(&pole.core, pole.mono, pole_now(&pole), GB1_AMP_UNKNOWN, GB1_LINE_OK);
    CHECK(gb1_has_fault(&pole.core, GB1_AMP_FAULT) && !gb1_has_fault(&pole.core, GB1_LINE_SHORT), "only what was looked at");
    gb1_measured(&pole.core, pole.mono, pole_now(&pole), GB1_AMP_WORKS, GB1_LINE_UNKNOWN);
    CHECK(!gb1_has_fault(&pole.core, GB1_AMP_FAULT), "it works again");
    CHECK(strstr(pole.fake.published, "line") == NULL, "nothing is said of a line nobody has seen: %s", pole.fake.published);
    CHECK(fake_count(&pole.fake, "sound ") == 0, "without a sound");
    pole_free(&pole);
}

/* The table of commands, [PRI-1], [SIT-1]. */
static void aTestToneIsAsLoudAsRoutineSoundMayBe(void)
{
    begin("");
    pole.core.state.site.vmax = 60;
    pole.core.state.cfg.trim = -6;
    CHECK(pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"t1\",\"op\":\"tone\",\"arg\":{\"s\":2}") == GB1_ACCEPTED, "cmd");
    pole_run(&pole, 500);
    CHECK(fake_said(&pole.fake, "sound beep"), "it sounds:\n%s", pole.fake.log);
    CHECK(pole.core.player.run.gain == 32846 * 60 / 100, "60 %% with the trim: %d", (int)pole.core.player.run.gain);
    pole_run(&pole, 3000);
    CHECK(!pole.core.player.run.on, "two seconds");
    pole_jack(&pole);
    gb1_fault_set(&pole.core, GB1_MUTED, true);
    pole.core.player.mute_until_mono = pole.mono + 60000;
    CHECK(pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"t3\",\"op\":\"tone\",\"arg\":{\"s\":2}") == GB1_ACCEPTED, "cmd");
    CHECK(fake_said(&pole.fake, "\"cid\":\"t3\",\"op\":\"tone\",\"why\":\"muted\""), "muted, and this is remote sound:\n%s", pole.fake.log);
    pole_jack(&pole);
    pole.core.state.has_site = false;
    CHECK(pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"t2\",\"op\":\"tone\",\"arg\":{\"s\":2}") == GB1_ACCEPTED, "cmd");
    pole_run(&pole, 500);
    CHECK(fake_said(&pole.fake, "\"cid\":\"t2\",\"op\":\"tone\",\"why\":\"quiet\""), "every hour is quiet without site:\n%s", pole.fake.log);
    CHECK(fake_count(&pole.fake, "sound beep") == 1, "silent");
    pole_free(&pole);
}

static void emergencyPreemptsAndTheItemJoinsAgain(void)
{
    begin("");
    pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 1000, 900, 300));
    pole_run(&pole, 60000);
    fake_quiet(&pole.fake);
    CHECK(pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "flood-1", 85, 2, 10)) == GB1_ACCEPTED, "now");
    CHECK(fake_said(&pole.fake, "fade"), "the item fades at once");
    pole_run(&pole, 700);
    CHECK(fake_said(&pole.fake, "sound flood-1#1"), "the siren follows within a second");
    CHECK(fake_said(&pole.fake, "\"s\":\"interrupted\",\"d\":{\"oid\":\"news-1\",\"ms\":59"), "interrupted:\n%s", pole.fake.log);
    CHECK(fake_said(&pole.fake, "\"why\":\"preempted\""), "why");
    pole_run(&pole, 22000);
    CHECK(fake_said(&pole.fake, "\"completed\",\"d\":{\"oid\":\"flood-1#1\",\"ms\":20000"), "first repetition:\n%s", pole.fake.log);
    CHECK(fake_count(&pole.fake, "sound news-1") == 0, "the gap holds the channel");
    pole_run(&pole, 10000);
    CHECK(fake_said(&pole.fake, "sound flood-1#2"), "second repetition");
    pole_run(&pole, 22000);
    CHECK(fake_said(&pole.fake, "sound news-1"), "the item joins again:\n%s", pole.fake.log);
    CHECK(pole.fake.sound.offset_ms > 105000 && pole.fake.sound.joining, "at T - at: %lld", (long long)pole.fake.sound.offset_ms);
    pole_free(&pole);
}

static void allClearSilencesAndIsNotRevived(void)
{
    begin("");
    pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "flood-1", 85, 9, 10));
    pole_run(&pole, 3000);
    pole_send_at(&pole, "x2", "now", "a/37.14329", ",\"by\":\"x2\",\"act\":[],\"clr\":[\"*\"]", 0);
    pole_run(&pole, 900);
    CHECK(fake_said(&pole.fake, "\"why\":\"cleared\""), "silent within a second:\n%s", pole.fake.log);
    pole_run(&pole, 60000);
    CHECK(fake_count(&pole.fake, "sound flood-1") == 1, "it stays silent");
    CHECK(pole_again(&pole) == GB1_DUPLICATE, "the same clear again is nothing new");
    /* A weaker key clears nothing stronger. */
    fake_quiet(&pole.fake);
    pole_send(&pole, "e1+e2", "now", "a/37", wail(&pole, "e1", "storm-1", 95, 2, 10));
    pole_run(&pole, 1000);
    pole_send(&pole, "x1", "now", "a/37.14329", ",\"by\":\"x1\",\"act\":[],\"clr\":[\"*\"]");
    pole_run(&pole, 2000);
    CHECK(pole.core.player.run.on && fake_said(&pole.fake, "sound storm-1#1"), "the province goes on");
    pole_free(&pole);
}

static void drillsSayThatTheyAreDrills(void)
{
    begin("");
    pole_send(&pole, "x1", "now", "a/37.14329", order_of(&pole, "x1", "drill-1", "exercise", 85, 1, 0, "[{\"tone\":\"yelp\",\"n\":2,\"on\":5,\"off\":1}]"));
    pole_run(&pole, 200);
    CHECK(pole.fake.sound.pieces == 3 && pole.fake.sound.piece[0].kind == GB1_PIECE_CHIME && pole.fake.sound.piece[2].kind == GB1_PIECE_CHIME, "chime around");
    CHECK(pole.core.player.run.content_ms == 2 * 2880 + 11000, "length");
    pole_free(&pole);
    begin("[\"06:00\",\"07:00\"]");
    pole_send(&pole, "x1", "now", "a/37.14329", order_of(&pole, "x1", "drill-1", "exercise", 85, 1, 0, "[{\"tone\":\"yelp\"}]"));
    pole_run(&pole, 1000);
    CHECK(!fake_said(&pole.fake, "sound drill"), "quiet hours bind drills");
    pole_send(&pole, "x1", "now", "a/37.14329", order_of(&pole, "x1", "real-1", "actual", 85, 1, 0, "[{\"a\":{\"h\":\"BgsVtzzTXcz8ZKREjJTFbxNdk2ezSza4cajobIp4lcM\",\"sz\":96048,\"c\":\"mp3\"}}]"));
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "sound real-1#1"), "but not the real thing");
    CHECK(pole.fake.sound.piece[0].kind == GB1_PIECE_TONE && pole.fake.sound.piece[0].tone == GB1_STEADY, "what is not stored sounds as steady tone");
    pole_free(&pole);
}

/* [SIT-1] */
static void withoutSafetySettingsOnlyEmergenciesSound(void)
{
    begin("");
    pole.core.state.has_site = false;
    const char *e1 = order_of(&pole, "e1", "drill-1", "exercise", 85, 1, 0, "[{\"tone\":\"yelp\"}]");
    CHECK(pole_send(&pole, "e1+e2", "now", "d", e1) == GB1_ACCEPTED, "the drill is known");
    pole_run(&pole, 1000);
    CHECK(!fake_said(&pole.fake, "sound drill"), "without site it is quiet");
    pole.core.state.has_site = true;
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "sound drill-1#1"), "it waits for the site");
    pole.core.state.has_site = false;
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "\"why\":\"quiet\""), "and does not go on without");
    pole_send(&pole, "e1+e2", "now", "d", wail(&pole, "e1", "real-1", 80, 1, 0));
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "sound real-1#1"), "but not the real thing");
    pole_free(&pole);
}

static void manyWrongSignaturesAreAFaultForAnHour(void)
{
    char forged[8192];
    const char *bytes;
    begin("");
    size_t n = pole_sign(&pole, "x1", "now", "d", wail(&pole, "x1", "fake-1", 80, 1, 0), 0, &bytes);
    CHECK(n <= sizeof forged, "%zu bytes", n);
    memcpy(forged, bytes, n);
    forged[n - 3] ^= 1;
    for (int i = 0; i < 11; i++) {
        CHECK(!gb1_has_fault(&pole.core, GB1_SIG_REJECT), "%d are borne", i);
        CHECK(gb1_receive(&pole.core, pole.mono, pole_now(&pole), "rsp", forged, n) == GB1_E_SIG, "forged");
        pole_run(&pole, 60000);
    }
    CHECK(gb1_has_fault(&pole.core, GB1_SIG_REJECT), "eleven within an hour are not");
    pole_run(&pole, 3600000);
    CHECK(!gb1_has_fault(&pole.core, GB1_SIG_REJECT), "an hour after the first of them it is over");
    pole_free(&pole);
}

static void stopEndsForGoodAndTwiceMutes(void)
{
    begin("");
    pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 1000, 900, 300));
    pole_run(&pole, 10000);
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_STOP_HELD, true);
    pole_run(&pole, 5000);
    CHECK(fake_said(&pole.fake, "\"why\":\"local_stop\"") && fake_said(&pole.fake, "\"k\":\"local\",\"s\":\"stop\",\"d\":{}"), "stopped:\n%s", pole.fake.log);
    pole_run(&pole, 60000);
    CHECK(fake_count(&pole.fake, "sound news-1") == 1, "for good");
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_STOP_HELD, true);
    CHECK(gb1_has_fault(&pole.core, GB1_MUTED), "a second STOP mutes");
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_SIREN, true);
    pole_run(&pole, 1000);
    CHECK(fake_said(&pole.fake, "sound siren"), "the siren at the box is not muted");
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_SIREN, false);
    pole_run(&pole, 901000);
    CHECK(!gb1_has_fault(&pole.core, GB1_MUTED), "for a quarter of an hour");
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_STOP_HELD, true);
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_STOP_HELD, true);
    CHECK(gb1_has_fault(&pole.core, GB1_MUTED), "muted again");
    pole_boot(&pole);
    CHECK(!gb1_has_fault(&pole.core, GB1_MUTED), "the mute ends with the power [PRI-2c]");
    pole_free(&pole);
}

/* [FLT-1] */
static void aFaultThatWentAwayWithThePowerIsToldToHaveEnded(void)
{
    begin("");
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_MAINS_LOST, true);
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_AMP_FAULT, true);
    CHECK(fake_said(&pole.fake, "\"set\",\"d\":{\"f\":\"MAINS_LOST\"}"), "it begins:\n%s", pole.fake.log);
    pole_boot(&pole);
    fake_quiet(&pole.fake);
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_AMP_FAULT, true);
    pole_run(&pole, 10000);
    CHECK(!fake_said(&pole.fake, "MAINS_LOST") && !fake_said(&pole.fake, "AMP_FAULT"), "nothing new:\n%s", pole.fake.log);
    pole_boot(&pole);
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_AMP_FAULT, true);
    pole_run(&pole, 31000);
    CHECK(fake_count(&pole.fake, "\"clr\",\"d\":{\"f\":\"MAINS_LOST\"}") == 1, "over since the first cut, told after the second:\n%s", pole.fake.log);
    CHECK(!fake_said(&pole.fake, "AMP_FAULT") && gb1_has_fault(&pole.core, GB1_AMP_FAULT), "this one goes on");
    gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_AMP_FAULT, false);
    CHECK(fake_count(&pole.fake, "\"clr\",\"d\":{\"f\":\"AMP_FAULT\"}") == 1, "until it ends");
    fake_quiet(&pole.fake);
    pole_boot(&pole);
    pole_run(&pole, 60000);
    CHECK(!fake_said(&pole.fake, "\"k\":\"fault\""), "once:\n%s", pole.fake.log);
    pole_free(&pole);
}

static void powerCutsAreToldAndTheItemJoinsTwiceAtMost(void)
{
    begin("");
    pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 1000, 900, 300));
    for (int cut = 0; cut < 4; cut++) {
        pole_run(&pole, 30000);
        pole_boot(&pole);
        pole_store(&pole, "news", 3600000);
    }
    pole_run(&pole, 30000);
    CHECK(fake_count(&pole.fake, "sound news-1") == 3, "%d starts", fake_count(&pole.fake, "sound news-1"));
    CHECK(fake_count(&pole.fake, "\"why\":\"power_loss\"") == 3, "each cut is told");
    pole_free(&pole);
}

static void aPowerCutUsesUpTheRepetition(void)
{
    begin("");
    pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "flood-1", 85, 2, 0));
    pole_run(&pole, 10000);
    pole_boot(&pole);
    pole_run(&pole, 1000);
    CHECK(fake_count(&pole.fake, "sound flood-1#1") == 1 && fake_count(&pole.fake, "sound flood-1#2") == 1, "the next one follows [NOW-8b]:\n%s", pole.fake.log);
    pole_boot(&pole);
    pole_run(&pole, 60000);
    CHECK(fake_count(&pole.fake, "sound flood-1#2") == 2, "an emergency sounds at least once [NOW-8c]");
    pole_free(&pole);
}

static void ceilingEndsWhatAStolenKeyKeepsOrdering(void)
{
    begin("");
    for (int i = 0; i < 40; i++) {
        char sid[24];
        snprintf(sid, sizeof sid, "churn-%d", i % 100);
        pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", sid, 85, 1, 0));
        pole_run(&pole, 21000);
    }
    CHECK(fake_count(&pole.fake, "sound churn") == 30, "600 s of 20 s each: %d", fake_count(&pole.fake, "sound churn"));
    pole_boot(&pole);
    pole_run(&pole, 500);
    CHECK(!pole.core.player.run.on, "a power cut does not forgive");
    pole_free(&pole);
}

static void whatItsCeilingStoppedWaitsForAPieceWorthHearing(void)
{
    begin("");
    for (int i = 0; i < 29; i++) { /* 580 of 600 s */
        char sid[24];
        snprintf(sid, sizeof sid, "before-%d", i % 100);
        pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", sid, 85, 1, 0));
        pole_run(&pole, 21000);
    }
    pole_send(&pole, "x1", "now", "a/37.14329", order_of(&pole, "x1", "long-1", "actual", 85, 1, 0, "[{\"tone\":\"wail\",\"n\":1,\"on\":56,\"off\":0}]"));
    pole_run(&pole, 30000);
    CHECK(fake_count(&pole.fake, "sound long-1") == 0, "20 s are left, and it needs 56 [NOW-11]");
    pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "short-1", 85, 1, 0));
    pole_run(&pole, 30000);
    CHECK(fake_count(&pole.fake, "sound short-1") == 1, "what needs no more than that may");
    pole_free(&pole);
}

static void everyCutLeavesAWholeState(void)
{
    /* The power fails at every single write of a busy minute. */
    long writes = 0;
    for (long at = -1; at < writes || at < 0; at += 1 + (at > 40 ? 3 : 0)) {
        begin("");
        long before = pole.fake.commits;
        if (at >= 0) pole.fake.fail_at = before + at;
        pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 1000, 900, 300));
        pole_run(&pole, 5000);
        pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "flood-1", 85, 1, 0));
        pole_run(&pole, 30000);
        gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_STOP_HELD, true);
        pole_run(&pole, 3000);
        if (at < 0) writes = pole.fake.commits - before;
        else CHECK(gb1_is_broken(&pole.core), "the failure was noticed at write %ld", at);
        pole.fake.fail_at = -1;
        pole_boot(&pole);
        pole_store(&pole, "news", 3600000);
        CHECK(pole.core.state.has_site, "the site stands after a cut at write %ld", at);
        pole_run(&pole, 2000);
        CHECK(!gb1_is_broken(&pole.core), "it works on");
        int64_t lo = 0;
        for (int i = 0; i < pole.core.journal.count; i++) {
            int64_t n = gb1_journal_number(&pole.core, i);
            CHECK(i == 0 || n == lo + 1, "a hole in the journal at %lld after write %ld", (long long)n, at);
            lo = n;
        }
        pole_free(&pole);
    }
    printf("%ld cut points\n", writes);
}

static void bootLoopSetsDocumentsAside(void)
{
    begin("");
    pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 100000, 900, 300));
    for (int i = 1; i <= 6; i++) {
        struct gb1_profile profile = pole.core.profile;
        profile.why = "watchdog";
        profile.counts_boot = true;
        gb1_start(&pole.core, &profile, &pole.fake.port, 0, pole_now(&pole));
        CHECK(pole.core.state.has_plan == (i < 3), "plan at start %d", i);
        CHECK(pole.core.state.has_site == (i < 6), "site at start %d", i);
    }
    CHECK(fake_count(&pole.fake, "\"setaside\"") == 2, "told");
    CHECK(gb1_row_find(&pole.core.state, "plan")->mark > 0, "the mark stays");
    gb1_local(&pole.core, 100, pole_now(&pole), GB1_LOCAL_SIREN, true);
    CHECK(fake_said(&pole.fake, "sound siren"), "the siren button works");
    pole_free(&pole);
}

/* This controller has neither fw nor, without a place for sticks, usb, and its hello says so [PRO-2] [PRO-5]. */
static void documentsOfProfilesItLacksAreRefused(void)
{
    begin("");
    CHECK(pole_send(&pole, "p1", "fw", "d",
                    ",\"model\":\"test\",\"ver\":\"2\",\"sec\":1,\"sz\":100,\"h\":\"BgsVtzzTXcz8ZKREjJTFbxNdk2ezSza4cajobIp4lcM\"") == GB1_E_DST,
          "fw");
    CHECK(pole_send(&pole, "p1", "bundle", "d", ",\"files\":[]") == GB1_E_DST, "bundle");
    CHECK(fake_said(&pole.fake, "\"k\":\"sec\",\"s\":\"E_DST\""), "and journalled");
    pole.fake.watch = "/hello";
    gb1_link(&pole.core, pole.mono, pole_now(&pole), false);
    gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
    CHECK(strstr(pole.fake.published, "\"prof\":[\"blk\",\"live\"]") != NULL, "hello: %s", pole.fake.published);
    pole_free(&pole);
}

static void journalIsSentOnceAndForgottenWhenAcknowledged(void)
{
    begin("");
    pole.fake.watch = "/ev";
    pole_jack(&pole);
    pole_send(&pole, "p1", "plan", "d", plan(&pole, "news-1", 1000, 900, 300));
    pole_run(&pole, 2000);
    CHECK(strstr(pole.fake.published, "\"typ\":\"ev\"") != NULL, "sent: %s", pole.fake.published);
    int before = fake_count(&pole.fake, "/ev");
    pole_run(&pole, 20000);
    CHECK(fake_count(&pole.fake, "/ev") == before, "one batch is outstanding");
    pole_run(&pole, 20000);
    CHECK(fake_count(&pole.fake, "/ev") > before, "again after 30 s");
    pole_jack(&pole);
    pole_run(&pole, 100);
    pole_jack(&pole);
    CHECK(pole.core.journal.count == 0, "%d entries left", pole.core.journal.count);
    for (int i = 0; i < 2500; i++) gb1_local(&pole.core, pole.mono, pole_now(&pole), GB1_LOCAL_MIC, i % 2 == 0);
    CHECK(pole.core.journal.count <= 1055 && pole.core.journal.count >= 1000, "the ring: %d", pole.core.journal.count);
    int gaps = 0;
    for (int i = 0; i < pole.core.journal.count; i++) gaps += (pole.core.journal.entry[i].flags & 4) != 0;
    CHECK(gaps == 1, "one gap owns up to all: %d", gaps);
    int count = pole.core.journal.count;
    int64_t next = pole.core.journal.next;
    pole_boot(&pole);
    CHECK(pole.core.journal.next >= next && pole.core.journal.count >= 1000 && pole.core.journal.count <= count + 1, "it survives a power cut");
    pole_free(&pole);
}

static void commandsAreDoneOnce(void)
{
    begin("");
    CHECK(pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"c-1\",\"op\":\"identify\",\"arg\":{\"s\":5}") == GB1_ACCEPTED, "cmd");
    CHECK(pole_again(&pole) == GB1_ACCEPTED, "again");
    CHECK(fake_count(&pole.fake, "effect lamp") == 1, "one effect");
    CHECK(fake_count(&pole.fake, "\"cid\":\"c-1\"") == 1, "one event");
    pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"c-2\",\"op\":\"dance\"");
    CHECK(fake_said(&pole.fake, "\"s\":\"unsupported\""), "unknown");
    pole.fake.watch = "/rep/";
    pole_send(&pole, "p1", "cmd", "d", ",\"cid\":\"c-3\",\"op\":\"report\",\"arg\":{\"what\":\"state\"}");
    CHECK(strstr(pole.fake.published, "\"what\":\"state\"") != NULL, "report");
    pole_free(&pole);
}

static void withoutAWelcomeAnEmergencyIsStillHeard(void)
{
    begin("");
    gb1_link(&pole.core, pole.mono, pole_now(&pole), false);
    pole_boot(&pole);
    pole_run(&pole, 100);
    gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
    CHECK(pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "flood-1", 85, 1, 0)) == GB1_DROPPED, "not at once");
    pole_run(&pole, 61000);
    CHECK(fake_said(&pole.fake, "/now/+"), "after a minute it asks for emergencies");
    enum gb1_verdict verdict = pole_again(&pole);
    CHECK(verdict == GB1_ACCEPTED, "and believes them: %s", gb1_verdict_name(verdict));
    pole_run(&pole, 500);
    CHECK(fake_said(&pole.fake, "sound flood-1#1"), "sounds");
    pole_free(&pole);
}

static void equalEmergenciesTakeTurns(void)
{
    begin("");
    pole_send(&pole, "x1", "now", "a/37.14329", wail(&pole, "x1", "a-1", 85, 2, 0));
    pole_send(&pole, "x2", "now", "a/37.14329", wail(&pole, "x2", "b-1", 85, 2, 0));
    pole_run(&pole, 85000);
    const char *order[] = {"sound a-1#1", "sound b-1#1", "sound a-1#2", "sound b-1#2"};
    const char *at = pole.fake.log;
    for (int i = 0; i < 4; i++) {
        at = at == NULL ? NULL : strstr(at, order[i]);
        CHECK(at != NULL, "%s is missing in its turn", order[i]);
    }
    pole_free(&pole);
}

/* [CON-9] [CON-9b] */
static void whatTheBrokerRefusesIsAskedForAgain(void)
{
    begin("");
    const char *topic = "gb1/vn37/a/37.14329/ses";
    fake_quiet(&pole.fake);
    gb1_subscription_refused(&pole.core, pole.mono, pole_now(&pole), topic);
    CHECK(fake_count(&pole.fake, "subscribe") == 0, "not at once");
    pole_run(&pole, 7600);
    CHECK(fake_count(&pole.fake, "subscribe gb1/vn37/a/37.14329/ses") == 1, "after 5 s or so");
    for (int i = 0; i < 12; i++) gb1_subscription_refused(&pole.core, pole.mono, pole_now(&pole), topic);
    fake_quiet(&pole.fake);
    pole_run(&pole, 4900);
    CHECK(fake_count(&pole.fake, "subscribe") == 0, "then later");
    pole_run(&pole, 10200);
    CHECK(fake_said(&pole.fake, "subscribe gb1/vn37/a/37.14329/ses"), "after 10 s or so");
    fake_quiet(&pole.fake);
    pole_run(&pole, 7200000);
    CHECK(fake_count(&pole.fake, "/ses") == 0, "what nobody refuses is granted");
    CHECK(fake_said(&pole.fake, "\"clr\",\"d\":{\"f\":\"ACL\"}"), "and the fault is over");
    pole_free(&pole);
}

/* [SES-6b] */
static void afterASlowFirstWelcomeASecondHelloSetsTheClockCloser(void)
{
    begin("");
    for (int64_t took = 50; took <= 51; took++) {
        gb1_link(&pole.core, pole.mono, pole_now(&pole), false);
        gb1_link(&pole.core, pole.mono, pole_now(&pole), true);
        pole_run(&pole, took);
        pole_welcome(&pole);
        gb1_session_hello(&pole.core); /* for another reason; its slow answer does not put off the other one */
        pole_run(&pole, took);
        pole_welcome(&pole);
        fake_quiet(&pole.fake);
        pole_run(&pole, 19990 - took);
        CHECK(fake_count(&pole.fake, "/hello") == 0, "not at once");
        for (int ms = 19990; ms < 80000 && !fake_said(&pole.fake, "/hello"); ms += 10) pole_run(&pole, 10);
        CHECK(fake_count(&pole.fake, "/hello") == (took > 50), "after %lld ms", (long long)took);
    }
    pole_run(&pole, 1000);
    pole_welcome(&pole);
    fake_quiet(&pole.fake);
    pole_run(&pole, 5 * 3600000);
    CHECK(fake_count(&pole.fake, "/hello") == 0, "however slow that was");
    pole_free(&pole);
}

/* [TIM-9] */
static void aSlowWelcomeMovesNoClockThatFitsToIt(void)
{
    int64_t before;
    int64_t after;
    int64_t t;
    struct gb1_clock clock;
    gb1_clock_init(&clock);
    gb1_clock_at(&clock, 1000, 0);
    gb1_clock_welcome(&clock, T0 - 20, 40, &before, &after);
    gb1_clock_at(&clock, 61000, 0);
    gb1_clock_resync(&clock);
    CHECK(!gb1_clock_welcome(&clock, T0 + 31000, 29000, &before, &after), "no jump");
    CHECK(gb1_clock_now(&clock, &t) && t == T0 + 60000 && gb1_clock_quality(&clock) == 'T', "not moved: %lld", (long long)(t - T0));
    gb1_clock_resync(&clock);
    gb1_clock_welcome(&clock, T0 + 100000, 4000, &before, &after);
    CHECK(gb1_clock_now(&clock, &t) && t == T0 + 102000 && gb1_clock_quality(&clock) == 'C', "moved, and coarse: %lld", (long long)(t - T0));
}

void test_play(void)
{
    itemSoundsInTimeAndEndsOnce();
    theFloorIsWrittenRarelyAndSurvives();
    measuringTellsWhatItFinds();
    aTestToneIsAsLoudAsRoutineSoundMayBe();
    emergencyPreemptsAndTheItemJoinsAgain();
    allClearSilencesAndIsNotRevived();
    drillsSayThatTheyAreDrills();
    withoutSafetySettingsOnlyEmergenciesSound();
    manyWrongSignaturesAreAFaultForAnHour();
    stopEndsForGoodAndTwiceMutes();
    aFaultThatWentAwayWithThePowerIsToldToHaveEnded();
    powerCutsAreToldAndTheItemJoinsTwiceAtMost();
    aPowerCutUsesUpTheRepetition();
    ceilingEndsWhatAStolenKeyKeepsOrdering();
    whatItsCeilingStoppedWaitsForAPieceWorthHearing();
    everyCutLeavesAWholeState();
    bootLoopSetsDocumentsAside();
    documentsOfProfilesItLacksAreRefused();
    journalIsSentOnceAndForgottenWhenAcknowledged();
    commandsAreDoneOnce();
    withoutAWelcomeAnEmergencyIsStillHeard();
    equalEmergenciesTakeTurns();
    whatTheBrokerRefusesIsAskedForAgain();
    aSlowWelcomeMovesNoClockThatFitsToIt();
    afterASlowFirstWelcomeASecondHelloSetsTheClockCloser();
}
