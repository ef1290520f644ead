#include "b64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    return c == '_' ? 63 : -1;
}

bool gb1_b64_is_char(uint8_t c)
{
    return value_of((char)c) >= 0;
}

size_t gb1_b64_encode(char *out, const uint8_t *in, size_t n)
{
    size_t chars = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | in[i];
        held += 8;
        while (held >= 6) {
            held -= 6;
            out[chars++] = ALPHABET[bits >> held & 63U];
        }
    }
    if (held > 0) out[chars++] = ALPHABET[bits << (6 - held) & 63U];
    out[chars] = '\0';
    return chars;
}

bool gb1_b64_decode(uint8_t *out, size_t n, const char *in, size_t chars)
{
    if (chars != GB1_B64_CHARS(n)) return false;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < chars; i++) {
        int value = value_of(in[i]);
        if (value < 0) return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (bytes == n) return false;
            out[bytes++] = (uint8_t)(bits >> held);
        }
    }
    /* Unused bits must be zero, or one signature would have several spellings. */
    return bytes == n && (bits & ((1U << held) - 1U)) == 0;
}
