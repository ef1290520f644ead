/* A strict reader of what a device writes, as a server reads it: no controller needs one, but its messages have to pass it. */
#ifndef GB1_TEST_UPWARD_H
#define GB1_TEST_UPWARD_H

#include <stddef.h>

/* "read", or the code of the refusal; the file's name begins with the kind of the message, and bytes[n] is NUL. */
const char *upward_read(const char *file, const char *bytes, size_t n);

#endif
