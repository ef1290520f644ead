#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "tests.h"

int checks;
int failures;

char *read_file(const char *directory, const char *name, size_t *n)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    *n = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*n + 1);
    if (bytes == NULL || fread(bytes, 1, *n, file) != *n) exit(2);
    bytes[*n] = '\0';
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : "../vectors";
    test_json();
    test_names();
    test_keyring();
    test_play();
    test_transfer();
    test_jitter();
    test_stick();
    test_vectors(directory);
    test_scenarios(directory);
    test_cases(directory, argc > 2 ? argv[2] : ".");
    printf("%d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
