/* The parts of the core among themselves: each file beside this one owns a stretch of struct gb1. */
#ifndef GB1_PARTS_H
#define GB1_PARTS_H

#include "gb1.h"
#include "out.h"

#define GB1_NEVER INT64_MAX

/* The one large buffer serves both directions: a message is judged and remembered in it, then flushed, and only then documents are
 * read back or messages to the server composed in it. Until that flush nothing else may be put there. */
static inline uint8_t *gb1_message(struct gb1 *g)
{
    return (uint8_t *)g->text;
}

/* core.c: every input begins and ends so. */
void gb1_step_begin(struct gb1 *g, int64_t mono, int64_t rtc);
void gb1_step_end(struct gb1 *g);

/* journal.c */
void gb1_journal_restore(struct gb1 *g);
/* k, s and the inside of d, e.g. "\"oid\":\"x\"" */
void gb1_journal_add(struct gb1 *g, const char *k, const char *s, const char *d);
void gb1_journal_add_at(struct gb1 *g, int64_t t, char q, int64_t boot, const char *k, const char *s, const char *d);
void gb1_journal_session(struct gb1 *g);
void gb1_journal_ack(struct gb1 *g, const struct gb1_jack *jack);
/* Sends what is due. */
void gb1_journal_send(struct gb1 *g);
int64_t gb1_journal_wake(const struct gb1 *g);
int64_t gb1_journal_lo(const struct gb1 *g);
/* The kept text of an entry, and sending it once more under its number [CMD-1b]. */
bool gb1_journal_text(struct gb1 *g, int64_t n, char *out, size_t cap);
/* The number of the i-th entry held. */
int64_t gb1_journal_number(const struct gb1 *g, int i);
void gb1_journal_again(struct gb1 *g, int64_t n, const char *kept);

/* faults.c */
void gb1_fault_set(struct gb1 *g, enum gb1_fault fault, bool on);
void gb1_faults_restore(struct gb1 *g);
void gb1_faults_settle(struct gb1 *g);
static inline bool gb1_has_fault(const struct gb1 *g, enum gb1_fault fault)
{
    return (g->faults >> fault & 1U) != 0;
}
void gb1_refused(struct gb1 *g, enum gb1_verdict verdict, const char *typ);
void gb1_sec_tick(struct gb1 *g);

/* done.c */
void gb1_done_restore(struct gb1 *g);
struct gb1_done *gb1_done_find(struct gb1 *g, const char *id, bool is_sid);
/* The one of this name, made if there is none; forget_at in Unix ms. */
struct gb1_done *gb1_done_of(struct gb1 *g, const char *id, bool is_sid, int64_t forget_at);
void gb1_done_keep(struct gb1 *g, const struct gb1_done *d);
void gb1_done_purge(struct gb1 *g, int64_t t);

/* ceiling.c */
void gb1_ceiling_restore(struct gb1 *g);
int64_t gb1_ceiling_left(struct gb1 *g, const char *kid);
void gb1_ceiling_charge(struct gb1 *g, const char *kid, int64_t ms, bool keep);

/* session.c */
void gb1_session_start(struct gb1 *g);
void gb1_session_link(struct gb1 *g, bool up);
void gb1_session_tick(struct gb1 *g);
void gb1_session_welcomed(struct gb1 *g, const struct gb1_welcome *welcome, int64_t round_trip);
void gb1_session_areas(struct gb1 *g);
void gb1_session_refused(struct gb1 *g, const char *topic);
void gb1_session_hello(struct gb1 *g);
int64_t gb1_session_wake(const struct gb1 *g);
/* Round trip of the hello that this nonce belongs to, or a slow one. */
int64_t gb1_session_round_trip(const struct gb1 *g, const uint8_t bn[16]);
void gb1_subscribe(struct gb1 *g, const char *scope, const char *rest, bool wanted);

/* upward.c */
void gb1_publish(struct gb1 *g, const char *name, int qos, bool retained, const void *bytes, size_t n);
void gb1_send_hello(struct gb1 *g, const uint8_t bn[16]);
void gb1_send_presence(struct gb1 *g, bool on);
size_t gb1_presence(char *out, size_t cap, bool on, int64_t sn);
void gb1_send_telemetry(struct gb1 *g);
void gb1_send_report(struct gb1 *g, const struct gb1_cmd *cmd);

/* documents.c */
enum gb1_verdict gb1_document(struct gb1 *g, const char *topic, const void *bytes, size_t n);
/* The same for n bytes from a stick, which lie in gb1_message already [USB-1]. */
enum gb1_verdict gb1_document_by_hand(struct gb1 *g, size_t n);
void gb1_kept_retry(struct gb1 *g);

/* shelf.c */
bool gb1_ready(const struct gb1 *g, const uint8_t h[32]);
/* Collects what documents name, in order of need [AST-2]. */
void gb1_shelf_want(struct gb1 *g);
void gb1_shelf_hurry(struct gb1 *g);
void gb1_shelf_tick(struct gb1 *g);
int64_t gb1_shelf_wake(const struct gb1 *g);
void gb1_shelf_fetched(struct gb1 *g, const uint8_t h[32], int64_t have, int64_t received, bool ok);
void gb1_shelf_verified(struct gb1 *g, const uint8_t h[32], bool ok);
int64_t gb1_shelf_free(const struct gb1 *g);
void gb1_shelf_found(struct gb1 *g, const uint8_t h[32], int64_t bytes, bool ready);
struct gb1_file *gb1_shelf_file(struct gb1 *g, const uint8_t h[32], bool make);
void gb1_shelf_fail(struct gb1 *g, struct gb1_want *want, const char *why);
void gb1_shelf_postpone(struct gb1 *g, struct gb1_want *want);
bool gb1_shelf_allowed(const struct gb1 *g, const struct gb1_want *want);
void gb1_shelf_received(struct gb1 *g, struct gb1_want *want, int64_t bytes);
/* The stick has it: copied from there if it is wanted. */
void gb1_shelf_bring(struct gb1 *g, const uint8_t h[32], int64_t sz);

/* blocks.c */
void gb1_blocks_want(struct gb1 *g, struct gb1_want *want);
void gb1_blocks_stop(struct gb1 *g);
/* The link came or went: no pause goes on [BLK-1d]. */
void gb1_blocks_linked(struct gb1 *g);
/* A new session: the manifest topics are subscribed again. */
void gb1_blocks_resume(struct gb1 *g);
void gb1_blocks_manifest(struct gb1 *g, const struct gb1_man_doc *doc);
void gb1_blocks_frame(struct gb1 *g, const uint8_t *frame, size_t n);
void gb1_blocks_tick(struct gb1 *g, bool paused);
int64_t gb1_blocks_wake(const struct gb1 *g);

/* timeline.c: where an item stands at a moment [POS-1] */
enum gb1_place { GB1_AHEAD, GB1_JOINS, GB1_OVER };
struct gb1_span {
    int64_t at;
    int64_t dur_ms;
    int64_t late_ms;
    int64_t audio_ms;
};
enum gb1_place gb1_timeline(
    const struct gb1_span *item, const struct gb1_done *past, int64_t now, int64_t *offset_ms, int64_t *limit_ms);

/* decide.c: the table of section 8 */
struct gb1_candidate {
    enum gb1_kind kind;
    int index; /* of the item or the entry */
    int pri;
    bool actual;
    bool waiting; /* in its gap: silent, yet nobody lower may sound [DEC-3] */
    uint32_t turn;
    int64_t start;
    const char *id;
};
struct gb1_conditions {
    bool amp_fault;
    bool muted;
    bool clock;
    bool quiet;
};
enum gb1_bar { GB1_NOT_BARRED, GB1_BAR_AMP, GB1_BAR_MUTED, GB1_BAR_CLOCK, GB1_BAR_QUIET };
enum gb1_bar gb1_barred(const struct gb1_candidate *c, const struct gb1_conditions *now);
/* Whether a comes before b. */
bool gb1_before(const struct gb1_candidate *a, const struct gb1_candidate *b);

/* items.c, orders.c, local.c: who may sound */
bool gb1_item_candidate(struct gb1 *g, int index, struct gb1_candidate *out);
void gb1_items_judge(struct gb1 *g);
bool gb1_item_begin(struct gb1 *g, int index);
int64_t gb1_item_limit(const struct gb1 *g, const struct gb1_item *item, const struct gb1_run *run);
int gb1_item_find(const struct gb1 *g, const char *oid);
int64_t gb1_items_wake(const struct gb1 *g);
bool gb1_order_candidate(struct gb1 *g, int index, struct gb1_candidate *out);
bool gb1_order_begin(struct gb1 *g, int index);
/* Reads back the document of an entry, over the message buffer, and what the entry plays into g->content. */
bool gb1_order_load(struct gb1 *g, const struct gb1_entry *held, struct gb1_js *json);
int gb1_order_find(const struct gb1 *g, const char *sid);
void gb1_order_by(const struct gb1 *g, int index, char by[GB1_KID_CAP]);
/* Why the running entry cannot go on; GB1_WHY_NONE when it can. */
enum gb1_why gb1_order_revoked(struct gb1 *g, int index);
int64_t gb1_order_limit(struct gb1 *g, int index);
bool gb1_order_steps_changed(struct gb1 *g, int index);
void gb1_order_cut(struct gb1 *g, const char *sid);
void gb1_orders_judge(struct gb1 *g);
int64_t gb1_orders_wake(const struct gb1 *g);
bool gb1_local_candidate(const struct gb1 *g, enum gb1_kind kind, struct gb1_candidate *out);
void gb1_local_begin(struct gb1 *g, enum gb1_kind kind);

/* player.c: the one channel */
void gb1_player_restore(struct gb1 *g);
void gb1_decide(struct gb1 *g);
void gb1_player_changed(struct gb1 *g);
void gb1_player_progress(struct gb1 *g, uint32_t play, int64_t ms);
void gb1_player_ended(struct gb1 *g, uint32_t play, int64_t ms, const char *why);
void gb1_player_stop(struct gb1 *g);
bool gb1_sounds(const struct gb1 *g, int pri);
int64_t gb1_player_wake(const struct gb1 *g);
bool gb1_quiet_now(const struct gb1 *g);
int gb1_volume(const struct gb1 *g, int vol, int pri, bool actual);
int32_t gb1_gain(const struct gb1 *g, int vol, int pri, bool actual);
void gb1_player_fade(struct gb1 *g, enum gb1_why why);

/* live.c */
/* Power on: the port may still keep chunks from before. */
void gb1_live_start(struct gb1 *g);
/* The MQTT session is gone, and its subscriptions with it. */
void gb1_live_unlinked(struct gb1 *g);
/* Which sessions are in force now; subscribes their topics and leaves those of others. */
void gb1_live_tick(struct gb1 *g);
void gb1_live_frame(struct gb1 *g, const uint8_t *frame, size_t n);
/* The place of a session whose chunks are taken, or -1. */
int gb1_live_place(const struct gb1 *g, const char *sid);
/* Whether there is anything to begin with: a chunk that is due, or the alt of a codec that is not ours. */
bool gb1_live_begins(const struct gb1 *g, const char *sid);
/* Whether good chunks no longer come [LIV-1e]. */
bool gb1_live_is_lost(const struct gb1 *g, const char *sid);
/* Whether the last chunk has sounded; the loudspeaker's clock may be a little ahead of ours [LIV-1f]. */
bool gb1_live_has_sounded(const struct gb1 *g, const char *sid);
int64_t gb1_live_wake(const struct gb1 *g);

/* cmd.c */
void gb1_cmds_restore(struct gb1 *g);
void gb1_command(struct gb1 *g, const struct gb1_cmd *cmd);

/* A line for a person, from pieces. */
void gb1_say(struct gb1 *g, const char *a, const char *b, const char *c);

#endif
