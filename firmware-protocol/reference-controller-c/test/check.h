/* Checks that count; a failed one says where and lets the run go on. */
#ifndef GB1_TEST_CHECK_H
#define GB1_TEST_CHECK_H

#include <stdio.h>

extern int checks;
extern int failures;

#define CHECK(condition, ...)                                                        \
    do {                                                                             \
        checks++;                                                                    \
        if (!(condition)) {                                                          \
            failures++;                                                              \
            printf("%s:%d: not so: %s. ", __FILE__, __LINE__, #condition);           \
            printf(__VA_ARGS__);                                                     \
            printf("\n");                                                            \
        }                                                                            \
    } while (0)

/* Reads a whole file; aborts the run when it cannot be read. The caller frees it. */
char *read_file(const char *directory, const char *name, size_t *n);

#endif
