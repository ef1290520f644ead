/* Strict JSON, base64url and names. */
#include <string.h>

#include "../core/b64.h"
#include "../core/json.h"
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
