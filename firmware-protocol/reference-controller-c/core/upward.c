/* Messages to the server: hello, presence, telemetry, reports (sections 6, 7, 11). */
#include <string.h>

#include "parts.h"

void gb1_say(struct gb1 *g, const char *a, const char *b, const char *c)
{
    char line[200];
    struct gb1_out o = gb1_out_in(line, sizeof line);
    gb1_put(&o, a);
    gb1_put(&o, b);
    gb1_put(&o, c);
    g->port->say(g->port->ctx, line);
}

static void topic_of(char *out, size_t cap, const struct gb1 *g, const char *name)
{
    struct gb1_out o = gb1_out_in(out, cap);
    gb1_put(&o, "gb1/");
    gb1_put(&o, g->state.sys);
    gb1_put(&o, "/u/");
    gb1_put(&o, g->state.id);
    gb1_put(&o, "/");
    gb1_put(&o, name);
}

void gb1_publish(struct gb1 *g, const char *name, int qos, bool retained, const void *bytes, size_t n)
{
    char topic[96];
    topic_of(topic, sizeof topic, g, name);
    if (gb1_flush(&g->memory)) g->port->publish(g->port->ctx, topic, qos, retained, bytes, n);
}

size_t gb1_presence(char *out, size_t cap, bool on, int64_t sn)
{
    struct gb1_out o = gb1_out_in(out, cap);
    gb1_put(&o, on ? "{\"s\":\"on\"" : "{\"s\":\"off\"");
    gb1_put_int_member(&o, "sn", sn);
    gb1_put(&o, "}");
    return o.n;
}

void gb1_send_presence(struct gb1 *g, bool on)
{
    char text[48];
    size_t n = gb1_presence(text, sizeof text, on, g->link.sn);
    gb1_publish(g, "st", 1, true, text, n);
}

static void put_hwm(struct gb1 *g, struct gb1_out *o)
{
    const char *comma = "";
    for (int i = 0; i < GB1_ROWS; i++) {
        if (g->state.rows[i].row[0] == '\0') continue;
        gb1_put(o, comma);
        gb1_put_string(o, g->state.rows[i].row);
        gb1_put(o, ":");
        gb1_put_int(o, g->state.rows[i].mark);
        comma = ",";
    }
}

static void put_clock(struct gb1 *g, struct gb1_out *o)
{
    char q[2] = {gb1_clock_quality(&g->clock), '\0'};
    gb1_put_int(o, gb1_clock_stamp(&g->clock));
    gb1_put_text_member(o, "q", q);
}

void gb1_send_hello(struct gb1 *g, const uint8_t bn[16])
{
    const struct gb1_profile *p = &g->profile;
    struct gb1_out o = gb1_out_in(g->text, sizeof g->text);
    gb1_put(&o, "{\"v\":1,\"typ\":\"hello\",\"bn\":\"");
    gb1_put_b64(&o, bn, 16);
    gb1_put(&o, "\"");
    gb1_put_int_member(&o, "sn", g->link.sn);
    gb1_put_int_member(&o, "boot", g->boot);
    gb1_put_text_member(&o, "why", p->why);
    gb1_put_text_member(&o, "fw", p->fw);
    gb1_put_text_member(&o, "hw", p->hw);
    gb1_put(&o, ",\"proto\":[1],\"prof\":[\"blk\",\"live\"");
    gb1_put(&o, p->usb ? ",\"usb\"]" : "]"); /* [PRO-2] */
    gb1_put(&o, ",\"crit\":[],\"cap\":{\"codec\":[\"mp3\"]");
    gb1_put_int_member(&o, "pkt", (int64_t)p->pkt);
    gb1_put_int_member(&o, "store", p->store_bytes / 1024);
    gb1_put_text_member(&o, "proof", p->proof);
    gb1_put(&o, p->rtc ? ",\"rtc\":true},\"clk\":{\"t\":" : ",\"rtc\":false},\"clk\":{\"t\":");
    put_clock(g, &o);
    gb1_put(&o, "}");
    gb1_put_int_member(&o, "floor", g->state.floor);
    gb1_put(&o, ",\"hwm\":{");
    put_hwm(g, &o);
    gb1_put(&o, "},\"j\":{\"jid\":");
    gb1_put_string(&o, g->state.jid);
    gb1_put_int_member(&o, "lo", gb1_journal_lo(g));
    gb1_put_int_member(&o, "hi", g->journal.next - 1);
    gb1_put(&o, "}}");
    gb1_publish(g, "hello", 1, false, o.text, o.n);
}

static void put_faults(const struct gb1 *g, struct gb1_out *o)
{
    const char *comma = "";
    for (int f = 0; f < GB1_FAULTS; f++) {
        if (!gb1_has_fault(g, (enum gb1_fault)f)) continue;
        gb1_put(o, comma);
        gb1_put_string(o, gb1_fault_name((enum gb1_fault)f));
        comma = ",";
    }
}

void gb1_send_telemetry(struct gb1 *g)
{
    int pins = 0;
    for (int i = 0; g->state.has_site && i < g->state.site.pins; i++) pins += gb1_ready(g, g->state.site.pin[i].asset.h);
    struct gb1_out o = gb1_out_in(g->text, sizeof g->text);
    gb1_put(&o, "{\"v\":1,\"typ\":\"tel\",\"t\":");
    put_clock(g, &o);
    gb1_put_int_member(&o, "up", g->clock.mono / 1000);
    gb1_put(&o, gb1_has_fault(g, GB1_MAINS_LOST) ? ",\"pwr\":{\"src\":\"battery\"}" : ",\"pwr\":{\"src\":\"mains\"}");
    gb1_put(&o, g->player.run.on ? ",\"amp\":{\"on\":true},\"sto\":{\"free\":" : ",\"amp\":{\"on\":false},\"sto\":{\"free\":");
    gb1_put_int(&o, gb1_shelf_free(g) / 1024);
    gb1_put_int_member(&o, "pins", pins);
    static const char *const words[] = {"", "ok", "open", "short", "earth"};
    gb1_put(&o, g->line == GB1_LINE_UNKNOWN ? "}" : "},\"line\":[{\"s\":\"");
    gb1_put(&o, words[g->line]);
    gb1_put(&o, g->line == GB1_LINE_UNKNOWN ? ",\"flt\":[" : "\"}],\"flt\":[");
    put_faults(g, &o);
    gb1_put(&o, "]}");
    gb1_publish(g, "tel", 0, false, o.text, o.n);
}

static void report_state(struct gb1 *g, const struct gb1_cmd *cmd, struct gb1_out *o)
{
    (void)cmd;
    gb1_put(o, ",\"what\":\"state\",\"t\":");
    put_clock(g, o);
    gb1_put(o, ",\"rows\":{");
    put_hwm(g, o);
    gb1_put(o, "},\"play\":[");
    if (g->player.run.on && g->player.run.kind <= GB1_ORDER) gb1_put_string(o, g->player.run.name);
    gb1_put(o, "],\"flt\":[");
    put_faults(g, o);
    gb1_put(o, "],\"facts\":{\"fw\":");
    gb1_put_string(o, g->profile.fw);
    gb1_put(o, "}}");
}

void gb1_send_report(struct gb1 *g, const struct gb1_cmd *cmd)
{
    char name[32];
    struct gb1_out n = gb1_out_in(name, sizeof name);
    gb1_put(&n, "rep/");
    gb1_put(&n, cmd->cid);
    if (strcmp(cmd->what, "doc") == 0) {
        /* A stored document travels as its very bytes. */
        struct gb1_row *row = gb1_row_find(&g->state, cmd->row);
        long size = row != NULL && row->in_force ? gb1_state_message(&g->memory, row, (uint8_t *)g->text, sizeof g->text) : -1;
        if (size >= 0) {
            gb1_publish(g, name, 1, false, g->text, (size_t)size);
            return;
        }
    }
    struct gb1_out o = gb1_out_in(g->text, sizeof g->text);
    gb1_put(&o, "{\"v\":1,\"typ\":\"rep\"");
    gb1_put_text_member(&o, "cid", cmd->cid);
    if (strcmp(cmd->what, "state") == 0) report_state(g, cmd, &o);
    else if (strcmp(cmd->what, "log") == 0) gb1_put(&o, ",\"what\":\"log\",\"lines\":[]}"); /* the port keeps the log */
    else {
        gb1_put(&o, ",\"what\":\"doc\"");
        gb1_put_text_member(&o, "row", cmd->row);
        gb1_put(&o, ",\"none\":true}");
    }
    gb1_publish(g, name, 1, false, o.text, o.n);
}
