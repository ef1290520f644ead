#include "out.h"

#include <string.h>

#include "b64.h"

struct gb1_out gb1_out_in(char *buffer, size_t cap)
{
    struct gb1_out o = {buffer, cap, 0, false};
    if (cap > 0) buffer[0] = '\0';
    return o;
}

void gb1_put_bytes(struct gb1_out *o, const void *bytes, size_t n)
{
    if (o->full || o->n + n + 1 > o->cap) {
        o->full = true;
        return;
    }
    memcpy(o->text + o->n, bytes, n);
    o->n += n;
    o->text[o->n] = '\0';
}

void gb1_put(struct gb1_out *o, const char *text)
{
    gb1_put_bytes(o, text, strlen(text));
}

void gb1_put_int(struct gb1_out *o, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + (char)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0) gb1_put(o, "-");
    gb1_put_bytes(o, digits + at, sizeof digits - at);
}

void gb1_put_string(struct gb1_out *o, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    gb1_put(o, "\"");
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            char pair[2] = {'\\', (char)c};
            gb1_put_bytes(o, pair, 2);
        } else if (c < 0x20) {
            char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            gb1_put_bytes(o, code, 6);
        } else {
            gb1_put_bytes(o, &c, 1);
        }
    }
    gb1_put(o, "\"");
}

void gb1_put_text_member(struct gb1_out *o, const char *name, const char *text)
{
    gb1_put(o, ",\"");
    gb1_put(o, name);
    gb1_put(o, "\":");
    gb1_put_string(o, text);
}

void gb1_put_int_member(struct gb1_out *o, const char *name, int64_t value)
{
    gb1_put(o, ",\"");
    gb1_put(o, name);
    gb1_put(o, "\":");
    gb1_put_int(o, value);
}

void gb1_put_b64(struct gb1_out *o, const uint8_t *bytes, size_t n)
{
    if (o->full || o->n + GB1_B64_CHARS(n) + 1 > o->cap) {
        o->full = true;
        return;
    }
    o->n += gb1_b64_encode(o->text + o->n, bytes, n);
}

void gb1_put_hex64(struct gb1_out *o, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 7; i >= 0; i--) {
        bytes[i] = (uint8_t)value;
        value >>= 8;
    }
    gb1_put_hex(o, bytes, 8);
}

void gb1_put_hex(struct gb1_out *o, const uint8_t *bytes, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        char pair[2] = {hex[bytes[i] >> 4], hex[bytes[i] & 15]};
        gb1_put_bytes(o, pair, 2);
    }
}
