/* The signed message: one or two signature lines, then the payload they sign, byte for byte (section 4 of PROTOCOL.md). */
#ifndef GB1_ENVELOPE_H
#define GB1_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GB1_HEADER_MOST 160

struct gb1_line {
    const uint8_t *header; /* compared with the constants of known kids, never parsed [ENV-1] */
    size_t header_n;
    uint8_t signature[64];
};

struct gb1_envelope {
    int lines;
    struct gb1_line line[2];
    size_t payload_at; /* offset of the payload in the message */
};

/* False for anything the grammar does not allow (E_FMT); looks at no signature. */
bool gb1_envelope_parse(const uint8_t *message, size_t n, struct gb1_envelope *out);

/* The header constant of a kid; returns its length, out needs GB1_HEADER_MOST + 1 bytes. */
size_t gb1_header_of(char *out, const char *kid);

#endif
