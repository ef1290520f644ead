#include "envelope.h"

#include <string.h>

#include "b64.h"
#include "out.h"

#define SIGNATURE_CHARS 86

static bool line_parse(const uint8_t *message, size_t n, size_t *at, struct gb1_line *out)
{
    size_t dots = *at;
    while (dots < n && gb1_b64_is_char(message[dots])) dots++;
    size_t header_n = dots - *at;
    size_t signature = dots + 2;
    size_t end = signature + SIGNATURE_CHARS;
    if (header_n < 1 || header_n > GB1_HEADER_MOST || end >= n) return false;
    if (message[dots] != '.' || message[dots + 1] != '.' || message[end] != '\n') return false;
    out->header = message + *at;
    out->header_n = header_n;
    *at = end + 1;
    return gb1_b64_decode(out->signature, 64, (const char *)message + signature, SIGNATURE_CHARS);
}

bool gb1_envelope_parse(const uint8_t *message, size_t n, struct gb1_envelope *out)
{
    size_t at = 0;
    memset(out, 0, sizeof *out);
    while (at < n && message[at] != '{') {
        if (out->lines == 2 || !line_parse(message, n, &at, &out->line[out->lines])) return false;
        out->lines++;
    }
    out->payload_at = at;
    return out->lines > 0 && at < n;
}

size_t gb1_header_of(char *out, const char *kid)
{
    char text[96];
    struct gb1_out json = gb1_out_in(text, sizeof text);
    gb1_put(&json, "{\"alg\":\"Ed25519\",\"b64\":false,\"crit\":[\"b64\"],\"kid\":\"");
    gb1_put(&json, kid);
    gb1_put(&json, "\",\"typ\":\"gb1\"}");
    return gb1_b64_encode(out, (const uint8_t *)text, json.n);
}
