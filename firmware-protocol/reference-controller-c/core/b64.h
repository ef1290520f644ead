/* base64url without padding, in its one canonical form. */
#ifndef GB1_B64_H
#define GB1_B64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters for n bytes. */
#define GB1_B64_CHARS(n) (((n) * 4 + 2) / 3)

/* Writes GB1_B64_CHARS(n) characters and a NUL; returns the number of characters. */
size_t gb1_b64_encode(char *out, const uint8_t *in, size_t n);

/* Exactly n bytes from exactly GB1_B64_CHARS(n) characters; false for anything else, stray low bits included. */
bool gb1_b64_decode(uint8_t *out, size_t n, const char *in, size_t chars);

bool gb1_b64_is_char(uint8_t c);

#endif
