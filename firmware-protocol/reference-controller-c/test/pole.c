#include "pole.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/b64.h"
#include "../core/envelope.h"
#include "check.h"

static char last[20000];
static size_t last_n;

static void key_pair(const char *kid, unsigned char pk[32], unsigned char sk[64])
{
    char phrase[64];
    unsigned char seed[32];
    snprintf(phrase, sizeof phrase, "GB1 test key %s", kid);
    crypto_hash_sha256(seed, (const unsigned char *)phrase, strlen(phrase));
    crypto_sign_seed_keypair(pk, sk, seed);
}

const char *pole_hash(const char *name)
{
    static char text[4][48];
    static int turn;
    unsigned char hash[32];
    char *out = text[turn++ % 4];
    crypto_hash_sha256(hash, (const unsigned char *)name, strlen(name));
    gb1_b64_encode(out, hash, 32);
    return out;
}

int64_t pole_now(const struct pole *p)
{
    return p->start + p->mono;
}

static int64_t rtc(const struct pole *p)
{
    return pole_now(p) + p->rtc_error;
}

void pole_init_as(struct pole *p, const char *sys, const char *id, int64_t claimed_at, int64_t start)
{
    fake_init(&p->fake);
    p->start = start;
    p->claimed_at = claimed_at;
    p->plays = true;
    snprintf(p->sys, sizeof p->sys, "%s", sys);
    snprintf(p->id, sizeof p->id, "%s", id);
    pole_boot(p);
}

void pole_init(struct pole *p)
{
    memset(p, 0, sizeof *p);
    for (int i = 0; i < 3; i++) {
        unsigned char sk[64];
        p->roots[i].kid[0] = 'r';
        p->roots[i].kid[1] = (char)('1' + i);
        key_pair(p->roots[i].kid, p->roots[i].x, sk);
    }
    pole_init_as(p, "vn37", "47VEBOR77OZPV6OS", T0 - 86400000, T0);
}

void pole_boot(struct pole *p)
{
    struct gb1_profile profile = {
        p->id, p->sys, p->roots, p->claimed_at, 0, "1", "test", "none", p->counts_boot ? "watchdog" : "power", p->counts_boot, true, p->usb, GB1_MESSAGE, INT64_C(1) << 30, 0, 5000,
    };
    p->start += p->mono;
    p->mono = 0;
    p->playing = 0;
    gb1_start(&p->core, &profile, &p->fake.port, 0, rtc(p));
}

void pole_free(struct pole *p)
{
    fake_free(&p->fake);
}

static bool endless(const struct gb1_sound *s)
{
    return s->source != GB1_FROM_PIECES;
}

static int64_t length_of(const struct gb1_sound *s)
{
    int64_t ms = -s->offset_ms;
    if (endless(s)) return s->limit_ms;
    for (int i = 0; i < s->pieces; i++) {
        const struct gb1_piece *piece = &s->piece[i];
        ms += piece->kind == GB1_PIECE_ASSET  ? gb1_asset_ms(piece->sz)
              : piece->kind == GB1_PIECE_TONE ? 1000 * (piece->n * piece->on + (piece->n - 1) * piece->off)
                                              : 2880;
    }
    return ms < s->limit_ms ? ms : s->limit_ms;
}

/* A loudspeaker that reports every second and at its end, 200 ms after a fade began. */
static void loudspeaker(struct pole *p)
{
    const struct gb1_run *run = &p->core.player.run;
    if (!p->plays) return;
    if (run->on && run->play != p->playing) {
        p->playing = run->play;
        p->play_mono = p->mono;
        p->play_ms = 0;
        if (p->heards < (int)(sizeof p->heard / sizeof *p->heard)) {
            struct pole_sound *s = &p->heard[p->heards++];
            snprintf(s->id, sizeof s->id, "%s", run->name);
            s->from = p->heard_from + p->mono;
            s->pos = run->offset_ms;
        }
    }
    if (!run->on || p->playing == 0) return;
    int64_t ms = p->mono - p->play_mono;
    if (p->heards > 0) p->heard[p->heards - 1].to = p->heard_from + p->mono;
    int64_t length = length_of(&p->fake.sound) < run->limit_ms ? length_of(&p->fake.sound) : run->limit_ms;
    if (run->stopping != GB1_WHY_NONE && p->mono - run->stopping_mono >= 200) {
        gb1_ended(&p->core, p->mono, rtc(p), p->playing, ms, NULL);
    } else if (ms >= length) {
        gb1_ended(&p->core, p->mono, rtc(p), p->playing, length, NULL);
    } else if (ms - p->play_ms >= 1000) {
        p->play_ms = ms;
        gb1_progress(&p->core, p->mono, rtc(p), p->playing, ms);
    }
}

void pole_run(struct pole *p, int64_t ms)
{
    int64_t end = p->mono + ms;
    while (p->mono < end) {
        int64_t wake = gb1_next_wake(&p->core);
        int64_t next = wake < p->mono + 100 ? wake : p->mono + 100;
        p->mono = next < end ? next : end;
        if (p->mono >= wake || p->mono == end) gb1_tick(&p->core, p->mono, rtc(p));
        loudspeaker(p);
        if (gb1_is_broken(&p->core)) return;
    }
}

static size_t add_line(const char *kid, const char *payload, char *out)
{
    unsigned char pk[32];
    unsigned char sk[64];
    unsigned char signature[64];
    static char bytes[20000];
    size_t n = gb1_header_of(out, kid);
    key_pair(kid, pk, sk);
    memcpy(bytes, out, n);
    bytes[n] = '.';
    memcpy(bytes + n + 1, payload, strlen(payload));
    crypto_sign_detached(signature, NULL, (unsigned char *)bytes, n + 1 + strlen(payload), sk);
    memcpy(out + n, "..", 2);
    n += 2;
    n += gb1_b64_encode(out + n, signature, 64);
    out[n++] = '\n';
    return n;
}

static enum gb1_verdict hand_over(struct pole *p)
{
    return gb1_receive(&p->core, p->mono, rtc(p), "rsp", last, last_n);
}

enum gb1_verdict pole_again(struct pole *p)
{
    return hand_over(p);
}

size_t pole_sign(struct pole *p, const char *by, const char *typ, const char *to, const char *fields, int64_t shift, const char **bytes)
{
    static char payload[16000];
    char scope[64];
    int64_t iat = pole_now(p) + shift;
    int64_t seq = iat > p->seq ? iat : p->seq + 1;
    int64_t exp = iat + (strcmp(typ, "cmd") == 0 ? 60000 : 86400000);
    if (shift == 0) p->seq = seq;
    if (strcmp(to, "d") == 0) snprintf(scope, sizeof scope, "d/%s", p->id);
    else snprintf(scope, sizeof scope, "%s", to);
    snprintf(payload, sizeof payload, "{\"v\":1,\"typ\":\"%s\",\"sys\":\"vn37\",\"to\":\"%s\",\"seq\":%lld,\"iat\":%lld,\"exp\":%lld%s}", typ,
             scope, (long long)seq, (long long)iat, (long long)exp, fields);
    char first[9] = "";
    const char *plus = strchr(by, '+');
    memcpy(first, by, plus == NULL ? strlen(by) : (size_t)(plus - by));
    last_n = add_line(first, payload, last);
    if (plus != NULL) last_n += add_line(plus + 1, payload, last + last_n);
    memcpy(last + last_n, payload, strlen(payload));
    last_n += strlen(payload);
    *bytes = last;
    return last_n;
}

enum gb1_verdict pole_send_at(struct pole *p, const char *by, const char *typ, const char *to, const char *fields, int64_t shift)
{
    const char *bytes;
    (void)pole_sign(p, by, typ, to, fields, shift, &bytes);
    return hand_over(p);
}

enum gb1_verdict pole_send(struct pole *p, const char *by, const char *typ, const char *to, const char *fields)
{
    return pole_send_at(p, by, typ, to, fields, 0);
}

static void key_entry(char *out, size_t cap, const char *kid, const char *use, const char *area, int pri)
{
    unsigned char pk[32];
    unsigned char sk[64];
    char x[48];
    key_pair(kid, pk, sk);
    gb1_b64_encode(x, pk, 32);
    size_t n = strlen(out);
    snprintf(out + n, cap - n, "%s{\"kid\":\"%s\",\"x\":\"%s\",\"use\":[%s],\"area\":\"%s\",\"pri\":%d,\"nbf\":0,\"exp\":%lld}", n == 0 ? "" : ",", kid,
             x, use, area, pri, (long long)(T0 + INT64_C(400) * 86400000));
}

void pole_welcome(struct pole *p)
{
    char fields[400];
    char bn[48];
    gb1_b64_encode(bn, p->core.state.nonce[p->core.state.nonces - 1].bn, 16);
    snprintf(fields, sizeof fields, ",\"bn\":\"%s\",\"sn\":%lld,\"vec\":{},\"jack\":{\"jid\":\"%s\",\"upto\":0}", bn, (long long)p->core.link.sn,
             p->core.state.jid);
    CHECK(pole_send(p, "p1", "welcome", "d", fields) == GB1_ACCEPTED, "welcome");
}

void pole_jack(struct pole *p)
{
    char fields[120];
    snprintf(fields, sizeof fields, ",\"jid\":\"%s\",\"upto\":%lld", p->core.state.jid, (long long)p->core.journal.sent_most);
    CHECK(pole_send(p, "p1", "jack", "d", fields) == GB1_ACCEPTED, "jack");
}

const char *pole_keys(void)
{
    static char keys[8000];
    static char fields[9000];
    keys[0] = '\0';
    key_entry(keys, sizeof keys, "p1", "\"cfg\",\"plan\",\"ses\",\"man\",\"cmd\",\"welcome\",\"jack\",\"bundle\"", "", 69);
    key_entry(keys, sizeof keys, "s1", "\"site\"", "", 0);
    key_entry(keys, sizeof keys, "e1", "\"now\"", "", 99);
    key_entry(keys, sizeof keys, "e2", "\"now\"", "", 99);
    key_entry(keys, sizeof keys, "x1", "\"now\"", "37.14329", 89);
    key_entry(keys, sizeof keys, "x2", "\"now\"", "37.14329", 85);
    snprintf(fields, sizeof fields, ",\"keys\":[%s]", keys);
    return fields;
}

const char *pole_site(const char *quiet)
{
    static char fields[1000];
    snprintf(fields, sizeof fields,
             ",\"areas\":[\"37\",\"37.14329\"],\"quiet\":[%s],\"smax\":600,\"pins\":{\"flood\":{\"h\":\"%s\",\"sz\":96048,\"c\":\"mp3\"}}", quiet,
             pole_hash("flood"));
    return fields;
}

void pole_enrol(struct pole *p, const char *quiet)
{
    pole_run(p, 100);
    gb1_link(&p->core, p->mono, rtc(p), true);
    CHECK(pole_send(p, "r1+r2", "keys", "*", pole_keys()) == GB1_ACCEPTED, "keys");
    pole_welcome(p);
    CHECK(pole_send(p, "s1", "site", "d", pole_site(quiet)) == GB1_ACCEPTED, "site");
    pole_welcome(p);
    fake_quiet(&p->fake);
}

void pole_store(struct pole *p, const char *name, int64_t sz)
{
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)name, strlen(name));
    gb1_file_found(&p->core, hash, sz, true);
}
