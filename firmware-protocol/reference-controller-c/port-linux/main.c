/* A loudspeaker controller on Linux: options, claim, and the loop that hands inputs to the core. */
#include <fcntl.h>
#include <mpg123.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "linux.h"

#define MODEL "gb1-c"
#define BUSY 75
#define UNUSABLE 78
#define ROOM_MS 10000         /* between two looks at the disk */
#define ROOM_STEP (1 << 20) /* smaller changes are not worth telling */

static struct gb1 core;
static struct gb1_claim claim;
static char id[GB1_ID_CAP];
static bool rebooting;

/* Signals are blocked everywhere and awaited here, so that no handler interrupts a lock. */
static void *await_end(void *arg)
{
    const sigset_t *set = arg;
    int number;
    struct event e;
    sigwait(set, &number);
    memset(&e, 0, sizeof e);
    e.kind = EV_END;
    event_put(&e);
    return NULL;
}

static void watch_signals(void)
{
    static sigset_t set;
    pthread_t thread;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_create(&thread, NULL, await_end, &set) == 0) pthread_detach(thread);
}

/* Without a sound: the way to the loudspeaker is tried; a line is there only when a tester says so. */
static void measure(void)
{
    struct event e;
    memset(&e, 0, sizeof e);
    e.kind = EV_MEASURED;
    e.a = hooks_amp_broken() ? GB1_AMP_BROKEN : sink_check();
    e.b = hooks_line();
    log_line("Measured: %s, %s.", e.a == GB1_AMP_BROKEN ? "the amplifier is at fault" : e.a == GB1_AMP_WORKS ? "the amplifier is ok" : "it sounds",
             e.b == GB1_LINE_UNKNOWN ? "no line that this box can measure" : "the line as it was found");
    event_put(&e);
}

static void effect(void *ctx, enum gb1_effect what, int seconds)
{
    (void)ctx;
    switch (what) {
    case GB1_DO_REBOOT: rebooting = true; return;
    case GB1_DO_LAMP: log_line("The lamp blinks for %d s.", seconds); return;
    case GB1_DO_MEASURE: measure(); return;
    }
}

static void say(void *ctx, const char *line)
{
    (void)ctx;
    log_line("%s", line);
}

static const struct gb1_port PORT = {
    NULL,       store_commit, store_recall, store_each,    mqtt_connect, mqtt_subscribe,      mqtt_publish,  sink_sound,
    sink_adjust, sink_fade,   sink_chunk,   sink_forget_chunks, http_fetch, http_stop,  asset_put,    asset_check,         http_verify,   asset_discard,
    crypto_random, crypto_sha256, crypto_signature_ok, crypto_key_ok, effect, say,
};

static enum gb1_verdict message(struct event *e)
{
    enum gb1_verdict verdict = gb1_receive(&core, life_ms(), rtc_ms(), e->topic, e->bytes, e->n);
    struct timespec moment = {0, 20000000};
    /* Urgent and beyond the budget: nothing else is taken until it has had its turn [ENV-7b]. */
    while (verdict == GB1_LATER) {
        nanosleep(&moment, NULL);
        verdict = gb1_receive(&core, life_ms(), rtc_ms(), e->topic, e->bytes, e->n);
    }
    return verdict;
}

static void hand_over(struct event *e)
{
    switch (e->kind) {
    case EV_NONE:
    case EV_END: return;
    case EV_MESSAGE: (void)message(e); return;
    case EV_LINK: gb1_link(&core, life_ms(), rtc_ms(), e->on); return;
    case EV_REFUSED: gb1_subscription_refused(&core, life_ms(), rtc_ms(), e->topic); return;
    case EV_FETCHED: gb1_fetched(&core, life_ms(), rtc_ms(), e->h, e->a, e->b, e->on); return;
    case EV_VERIFIED: gb1_verified(&core, life_ms(), rtc_ms(), e->h, e->on); return;
    case EV_PROGRESS: gb1_progress(&core, life_ms(), rtc_ms(), e->play, e->a); return;
    case EV_ENDED: gb1_ended(&core, life_ms(), rtc_ms(), e->play, e->a, e->why); return;
    case EV_MEASURED: gb1_measured(&core, life_ms(), rtc_ms(), (enum gb1_amp)e->a, (enum gb1_line_state)e->b); return;
    case EV_LOCAL: gb1_local(&core, life_ms(), rtc_ms(), e->local, e->on); return;
    }
}

static struct gb1_profile profile_of(const struct options *o, const struct gb1_claim *by, const char *why, bool counts_boot)
{
    struct gb1_profile profile = {
        id,   by->sys, by->roots, by->t, 0, "0.1.0", MODEL, "none", why, counts_boot, true, o->usb != NULL, GB1_MESSAGE,
        o->store, o->hello_delay, o->backoff_base,
    };
    return profile;
}

/* One life, from power on to a failure or the end; false when it shall begin again. */
static bool live(const struct options *o, const char *why)
{
    struct gb1_profile profile = profile_of(o, &claim, why, strcmp(why, "watchdog") == 0);
    bool end = false;
    if (!store_open(o->data)) {
        log_line("The disk refuses; beginning again in 5 s.");
        return false;
    }
    life_begins();
    rebooting = false;
    gb1_start(&core, &profile, &PORT, 0, rtc_ms());
    assets_announce(&core);
    stick_forget();
    int64_t told_room = -1;
    int64_t room_ms = 0;
    gb1_tick(&core, life_ms(), rtc_ms());
    while (!end && !rebooting && !gb1_is_broken(&core)) {
        struct event e;
        int64_t wait = gb1_next_wake(&core) - life_ms();
        memset(&e, 0, sizeof e);
        bool any = event_take(&e, wait > 0 ? wait : 0);
        end = any && e.kind == EV_END;
        if (any) hand_over(&e);
        else gb1_tick(&core, life_ms(), rtc_ms());
        event_free(&e);
        stick_look(&core, life_ms());
        believe(gb1_is_synchronised(&core));
        if (told_room >= 0 && life_ms() - room_ms < ROOM_MS) continue;
        room_ms = life_ms();
        int64_t room = assets_room();
        if (room < 0 || (told_room >= 0 && room / ROOM_STEP == told_room / ROOM_STEP)) continue;
        told_room = room;
        gb1_room(&core, life_ms(), rtc_ms(), room);
    }
    if (end || rebooting) {
        sink_stop();
        gb1_goodbye(&core);
    }
    store_close();
    return end;
}

/* ---- a new claim [CLM-2] ----
 * First the journal goes out under the old claim. From when claim.next is on the disk on the new one holds: what belongs to the old
 * one is erased, then the file takes its place. A start that finds claim.next ends what a power cut has broken off. */

static bool leaving;

/* What is remembered once the journal is leaving would be missing in it, and stay if the new claim fell through. */
static bool commit_until_leaving(void *ctx, const struct gb1_change *changes, size_t n)
{
    return !leaving && store_commit(ctx, changes, n);
}

static void no_connect(void *ctx, const char *will_topic, const char *will, int keep_alive_s)
{
    (void)ctx;
    (void)will_topic;
    (void)will;
    (void)keep_alive_s;
}

static void no_sound(void *ctx, const struct gb1_sound *sound)
{
    (void)ctx;
    (void)sound;
}

static void no_fetch(void *ctx, const struct gb1_fetch *fetch)
{
    (void)ctx;
    (void)fetch;
}

static void no_word(void *ctx, const char *line)
{
    (void)ctx;
    (void)line;
}

/* To the stick, or to DATA/journals. */
static bool export_journal(const struct options *o, const struct gb1_claim *old)
{
    char journals[1024];
    struct gb1_port quiet = PORT;
    struct gb1_profile profile = profile_of(o, old, "power", false);
    quiet.commit = commit_until_leaving;
    quiet.connect = no_connect;
    quiet.sound = no_sound;
    quiet.fetch = no_fetch;
    quiet.say = no_word;
    path_join(journals, o->data, "journals");
    bool ok = store_open(o->data);
    if (ok) {
        gb1_start(&core, &profile, &quiet, 0, rtc_ms());
        ok = stick_leave(&core, journals, &leaving);
    }
    store_close();
    return ok;
}

/* Nothing stays but the device's key and the count of its starts [SES-8]. True also when no claim waits. */
static bool take_next_claim(const struct options *o, const char *kept, const char *next)
{
    if (access(next, F_OK) != 0) return true;
    bool ok = store_open(o->data) && store_erase_but("boot");
    store_close();
    return ok && assets_erase() && rename(next, kept) == 0 && directory_sync(o->data);
}

/* The file of --claim has been judged. */
static bool keep_claim(const struct options *o, const char *kept, const char *next, const char *file, size_t n)
{
    static struct gb1_claim old;
    size_t m = 0;
    char *before = file_read(kept, &m);
    bool claimed_already = before != NULL;
    bool same = claimed_already && m == n && memcmp(before, file, n) == 0;
    bool readable = claimed_already && gb1_claim_read(before, m, crypto_key_ok, NULL, &old);
    free(before);
    if (same) return true;
    if (claimed_already && !o->claim_button) {
        fprintf(stderr, "This box is claimed already (for %s). A new claim needs the button held for 10 s: start once with --claim-button. [CLM-2]\n",
                readable ? old.sys : "?");
    } else if (claimed_already && !(readable && export_journal(o, &old))) {
        fprintf(stderr, "The journal cannot be exported; the old claim stays.\n");
    } else if (!file_write(next, file, n)) {
        unlink(next);
        fprintf(stderr, "The claim file cannot be kept in %s.\n", o->data);
    } else if (!take_next_claim(o, kept, next)) {
        fprintf(stderr, "What belongs to the old claim cannot be erased in %s; the next start tries again.\n", o->data);
    } else {
        return true;
    }
    return false;
}

static char *claimed(const struct options *o)
{
    char kept[1024];
    char next[1024];
    size_t n = 0;
    path_join(kept, o->data, "claim.gbf");
    path_join(next, o->data, "claim.next");
    if (!take_next_claim(o, kept, next)) {
        fprintf(stderr, "What belongs to the old claim cannot be erased in %s; the next start tries again.\n", o->data);
        return NULL;
    }
    char *file = file_read(o->claim != NULL ? o->claim : kept, &n);
    if (file == NULL) {
        fprintf(stderr, "Not claimed yet. Register the label GB1:%s:%s at the server, then start with --claim FILE.\n", id, MODEL);
        return NULL;
    }
    if (!gb1_claim_read(file, n, crypto_key_ok, NULL, &claim) || !claim.has_password) {
        fprintf(stderr, "The claim file cannot be used.\n");
    } else if (!gb1_claim_fits(&claim, id, o->pin)) {
        fprintf(stderr, "The claim file is for %s; this box is %s.\n", claim.id, id);
    } else if (o->claim == NULL || keep_claim(o, kept, next, file, n)) {
        return file; /* the authorities are read out of it as long as we run */
    }
    free(file);
    return NULL;
}

static int locked(const struct options *o, char **command)
{
    char wav[1024];
    const char *why = hooks_why();
    log_name(id);
    if (o->usb != NULL) stick_at(o->usb);
    if (!assets_open(o->data)) return UNUSABLE;
    char *file = claimed(o);
    if (file == NULL) return UNUSABLE;
    path_join(wav, o->data, "wav");
    if (!mqtt_start(o, &claim, id)) return UNUSABLE;
    if (o->hook_port != 0 && !hooks_start(o->hook_port, command)) return UNUSABLE;
    http_start(&claim);
    sink_start(o->wav != NULL ? o->wav : wav);
    log_line("Controller GB1:%s:%s starts.", id, MODEL);
    while (!live(o, why)) {
        struct timespec pause = {rebooting ? 1 : 5, 0};
        why = rebooting ? "cmd" : "watchdog";
        nanosleep(&pause, NULL);
    }
    mqtt_stop();
    free(file);
    return 0;
}

int main(int argc, char **argv)
{
    struct options o;
    char path[1024];
    if (!options_read(argc, argv, &o)) return UNUSABLE;
    if (sodium_init() < 0 || mpg123_init() != MPG123_OK) return UNUSABLE;
    if (!directory_make(o.data) || !unit_id(o.data, id)) {
        fprintf(stderr, "The data directory %s cannot be used.\n", o.data);
        return UNUSABLE;
    }
    if (o.init) {
        printf("GB1:%s:%s\n", id, MODEL);
        return 0;
    }
    path_join(path, o.data, "lock");
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
        fprintf(stderr, "Another controller runs on %s; it keeps running.\n", o.data);
        return BUSY;
    }
    rtc_shift(o.rtc_offset);
    watch_signals();
    return locked(&o, argv);
}
