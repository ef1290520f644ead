/* Strict JSON, base64url and names. */
#include <string.h>

#include "../core/b64.h"
#include "../core/json.h"
#include "../core/keyring.h"
#include "../core/envelope.h"
#include "../core/names.h"
#include "check.h"
#include "tests.h"

static int proves(const char *text)
{
    struct gb1_js json;
    return gb1_js_prove(text, strlen(text), false, &json);
}

void test_json(void)
{
    static const char *const good[] = {
        "{}", "{\"a\":1,\"b\":[true,false,null],\"c\":{\"a\":\"\\u00e9\\uD83D\\uDE00\\/\"}}", "{\"a\":9007199254740991}",
        "{\"a\":-9007199254740991}", "{\"a\":[[[[[[[]]]]]]]}", "{\"a\" : 0 , \"A\":0}\n", "{\"a\":\"\xc3\xa9\"}",
    };
    static const char *const bad[] = {
        "", "[]", " {}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":{\"a\":[],\"b\":\"}\",\"a\":1}}", "{\"a\":1.0}", "{\"a\":1e3}",
        "{\"a\":-0}", "{\"a\":9007199254740992}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\u0000\"}", "{\"a\":\"\t\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf5\x80\x80\x80\"}",
        "{\"a\":[[[[[[[[]]]]]]]]}", "{\"a\":1,}", "{\"a\":1}x", "{'a':1}", "{\"a\":tru}", "{\"a\":}", "{\"a\"", "{\"a\":\"\\x\"}", "{\"a\":NaN}",
        "{\"a\":\"abc", "{\"a\":\"\\", "{\"a\":\"\\u12", "{\"a\":-}", "{,}", "{\"a\":[1,]}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) CHECK(proves(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(!proves(bad[i]), "%s", bad[i]);

    struct gb1_js json;
    char text[32];
    int64_t n;
    const char *doc = "{\"a\":{\"x\":[1,{\"y\":2},\"]}\"]},\"b\\u0063\":-5,\"s\":\"\\u00e9\\ud83d\\ude00\"}";
    CHECK(gb1_js_prove(doc, strlen(doc), false, &json), "doc");
    CHECK(gb1_js_int(gb1_js_member(json, "bc"), &n) && n == -5, "an escaped name is found");
    CHECK(gb1_js_count(gb1_js_member(gb1_js_member(json, "a"), "x")) == 3, "nested values are walked over");
    CHECK(gb1_js_text(gb1_js_member(json, "s"), text, sizeof text) && strcmp(text, "\xc3\xa9\xf0\x9f\x98\x80") == 0, "unescaped");
    CHECK(!gb1_js_text(gb1_js_member(json, "s"), text, 6), "too small a buffer is refused");
}

void test_names(void)
{
    uint8_t bytes[4];
    char row[GB1_ROW_CAP];
    CHECK(gb1_b64_decode(bytes, 1, "AA", 2) && !gb1_b64_decode(bytes, 1, "AB", 2), "stray bits");
    CHECK(gb1_is_kid("p1") && !gb1_is_kid("1p") && !gb1_is_kid("p12345678") && !gb1_is_kid(""), "kids");
    CHECK(gb1_is_area("37.14329", false) && !gb1_is_area("37.", false) && !gb1_is_area(".37", false) && gb1_is_area("", true), "areas");
    CHECK(gb1_area_covers("37", "37.14329") && !gb1_area_covers("37", "371") && gb1_area_covers("", "37"), "cover");
    CHECK(!gb1_area_covers("37.14329", "37"), "parents are not implied");
    CHECK(gb1_area_depth("") == 0 && gb1_area_depth("37") == 1 && gb1_area_depth("37.14329") == 2, "depth");
    CHECK(gb1_row_of(row, GB1_NOW_DOC, "a/37", "e1") && strcmp(row, "now@a/37@e1") == 0 && gb1_is_row(row), "row");
    CHECK(!gb1_is_row("now@a/37") && !gb1_is_row("site@a/37") && !gb1_is_row("keys@d/AAAAAAAAAAAAAAAA") && gb1_is_row("keys@a/37"), "rows");
}

static struct gb1_keyring ring;
static struct gb1_keys set;

static void put(const char *area, const char *first, int n)
{
    memset(&set, 0, sizeof set);
    for (int i = 0; i < n; i++) {
        set.keys[i].kid[0] = first[0];
        set.keys[i].kid[1] = (char)(i < 10 ? '0' + i : '0' + i / 10);
        if (i >= 10) set.keys[i].kid[2] = (char)('0' + i % 10);
        memcpy(set.keys[i].x, set.keys[i].kid, sizeof set.keys[i].kid);
    }
    set.n = n;
    gb1_keyring_put(&ring, area, &set);
}

static bool knows(const char *kid)
{
    char header[GB1_HEADER_MOST + 1];
    struct gb1_signer signer;
    size_t n = gb1_header_of(header, kid);
    return gb1_keyring_find(&ring, (const uint8_t *)header, n, &signer) && memcmp(signer.key.x, kid, strlen(kid)) == 0;
}

void test_keyring(void)
{
    static const struct gb1_root roots[GB1_ROOTS] = {{"r1", {1}}, {"r2", {2}}, {"r3", {3}}};
    gb1_keyring_init(&ring, roots);
    put("37", "a", 3);
    put("37.1", "b", 2);
    put("38", "c", 4);
    CHECK(knows("a2") && knows("b1") && knows("c3"), "three delegated sets");
    put("37", "d", 1);
    CHECK(!knows("a0") && knows("d0") && knows("b0") && knows("c0"), "one made anew");
    gb1_keyring_drop(&ring, "37.1");
    CHECK(!knows("b0") && knows("d0") && knows("c3"), "one dropped");
    put("37.1", "e", 5);
    CHECK(knows("e4") && knows("c2") && knows("d0"), "its place is used again");
    put("39", "f", 32);
    CHECK(gb1_keyring_fits(&ring, "39", GB1_AREA_KEYS_ALL - 10) && !gb1_keyring_fits(&ring, "39", GB1_AREA_KEYS_ALL - 9), "the pool is full");
    CHECK(!gb1_keyring_fits(&ring, "37.2", GB1_AREA_KEYS_ALL - 41), "and for another area");
    gb1_keyring_drop(&ring, "37");
    gb1_keyring_drop(&ring, "38");
    CHECK(knows("e0") && knows("f31") && !knows("c0"), "those behind moved up");
}
