/* Writes text into a fixed buffer; what does not fit is remembered as overflow, never written. */
#ifndef GB1_OUT_H
#define GB1_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gb1_out {
    char *text;
    size_t cap;
    size_t n;
    bool full;
};

struct gb1_out gb1_out_in(char *buffer, size_t cap);

void gb1_put(struct gb1_out *o, const char *text);
void gb1_put_bytes(struct gb1_out *o, const void *bytes, size_t n);
void gb1_put_int(struct gb1_out *o, int64_t value);
/* A JSON string, escaped as needed. */
void gb1_put_string(struct gb1_out *o, const char *text);
/* ,"name":"text" and ,"name":value: members after the first. */
void gb1_put_text_member(struct gb1_out *o, const char *name, const char *text);
void gb1_put_int_member(struct gb1_out *o, const char *name, int64_t value);
void gb1_put_b64(struct gb1_out *o, const uint8_t *bytes, size_t n);
void gb1_put_hex64(struct gb1_out *o, uint64_t value);
void gb1_put_hex(struct gb1_out *o, const uint8_t *bytes, size_t n);

#endif
