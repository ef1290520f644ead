/* Whatever comes from the network or lies on a memory stick, before and after a welcome: no input may crash, hang or corrupt. Signatures are taken as good,
 * so that the reader and the checks behind them are reached. */
#include <stdlib.h>
#include <string.h>

#include "../core/parts.h"
#include "../core/envelope.h"
#include "../test/fake.h"

static struct fake fake;
static struct gb1 core;
static uint8_t framed[GB1_MESSAGE + 400];

static bool any_signature(void *ctx, const uint8_t x[32], const void *bytes, size_t n, const uint8_t signature[64])
{
    (void)ctx;
    (void)x;
    (void)bytes;
    (void)n;
    (void)signature;
    return true;
}

static void start(void)
{
    static struct gb1_root roots[3] = {{"r1", {1}}, {"r2", {2}}, {"r3", {3}}};
    static const struct gb1_profile profile = {
        "47VEBOR77OZPV6OS", "xa14", roots, INT64_C(1767500000000), 0, "1", "fuzz", "none", "power", false, true, true, GB1_MESSAGE, 1 << 30, 0, 5000,
    };
    fake_free(&fake);
    fake_init(&fake);
    fake.port.signature_ok = any_signature;
    gb1_start(&core, &profile, &fake.port, 0, INT64_C(1767570000000));
    gb1_link(&core, 10, INT64_C(1767570000000), true);
    core.state.session.welcomed = true;
    core.state.session.iat = INT64_C(1767570000000);
    memcpy(core.state.site.area[0], "37", 3);
    memcpy(core.state.site.area[1], "37.14329", 9);
    core.state.site.areas = 2;
    core.state.has_site = true;
    struct gb1_key all;
    memset(&all, 0, sizeof all);
    all.use = 0xFFFF;
    all.pri = 99;
    all.cpri = 99;
    all.exp = GB1_MAX_INTEGER;
    for (int i = 0; i < 4; i++) {
        static const char *const kids[] = {"p1", "s1", "e1", "x1"};
        core.state.ring.keys[i] = all;
        core.state.ring.keys[i].x[0] = (uint8_t)i;
        memcpy(core.state.ring.keys[i].kid, kids[i], 3);
    }
    core.state.ring.n = 4;
    core.state.ring.quorum_n = 1;
}

/* A payload alone gets a signature line by a key that may do anything. */
static size_t frame(const uint8_t *payload, size_t n)
{
    size_t at = gb1_header_of((char *)framed, "e1");
    memcpy(framed + at, "..", 2);
    memset(framed + at + 2, 'A', 86);
    framed[at + 88] = '\n';
    memcpy(framed + at + 89, payload, n);
    return at + 89 + n;
}

/* ---- a stick whose every file holds the same ---- */

static const uint8_t *lying;
static size_t lying_n;

static long stick_read(void *ctx, const char *name, void *out, size_t cap)
{
    (void)ctx;
    (void)name;
    if (lying_n > cap) return -1;
    memcpy(out, lying, lying_n);
    return (long)lying_n;
}

static void stick_each(void *ctx, void (*each)(void *arg, const char *name), void *arg)
{
    (void)ctx;
    each(arg, "doc/keys.gb1");
}

static void stick_begin(void *ctx, const char *name, const char *header)
{
    (void)ctx;
    (void)name;
    (void)header;
}

static void stick_put(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    (void)bytes;
    (void)n;
}

static bool stick_end(void *ctx)
{
    (void)ctx;
    return true;
}

static void by_hand(int64_t mono, const uint8_t *bytes, size_t n)
{
    static const uint8_t x[32];
    static const struct gb1_stick stick = {NULL, x, stick_read, stick_each, stick_begin, stick_put, stick_end};
    lying = bytes;
    lying_n = n;
    if (n > GB1_MESSAGE) return;
    gb1_stick(&core, mono, INT64_C(1767570000000) + mono, &stick);
    memcpy(gb1_message(&core), bytes, n);
    gb1_step_begin(&core, mono, INT64_C(1767570000000) + mono);
    (void)gb1_document_by_hand(&core, n);
    gb1_step_end(&core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int runs;
    struct gb1_js json;
    int64_t mono = core.clock.mono + 1500;
    if (runs++ % 500 == 0) {
        start();
        mono = 20;
    }
    if (size > GB1_MESSAGE) return 0;
    fake.log_n = 0;
    gb1_receive(&core, mono, INT64_C(1767570000000) + mono, "x", data, size);
    if (size > 0 && data[0] == '{') {
        size_t n = frame(data, size);
        gb1_receive(&core, mono, INT64_C(1767570000000) + mono, "x", framed, n);
        by_hand(mono, framed, n);
    } else {
        by_hand(mono, data, size);
    }
    char *copy = malloc(size + 1);
    if (copy != NULL) {
        memcpy(copy, data, size);
        copy[size] = '\0';
        (void)gb1_js_prove(copy, size, true, &json);
        free(copy);
    }
    return 0;
}
