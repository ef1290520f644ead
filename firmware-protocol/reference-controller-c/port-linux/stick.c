/* A memory stick, or any directory in its place; what gb1_stick needs of it. */
#include "linux.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/b64.h"

#define LOOK_MS 2000

static char root[900]; /* empty: there is no place for a stick */
static char way_back[1000]; /* the directory that journals are left in */
static struct timespec seen; /* when its bundle was written; zero: none was there */
static int64_t looked_ms;

/* The file for the way back, as it grows: "header.payload". */
static char left_path[1024];
static size_t left_header;
static uint8_t *left;
static size_t left_n;
static size_t left_cap;
static bool left_whole;

void stick_at(const char *directory)
{
    snprintf(root, sizeof root, "%.880s/GB1", directory);
    snprintf(way_back, sizeof way_back, "%s/out", root);
}

void stick_forget(void)
{
    memset(&seen, 0, sizeof seen);
    looked_ms = -LOOK_MS;
}

/* A regular file: nothing else on a stick shall keep us waiting. */
static int open_file(const char *name, struct stat *is)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%.100s", root, name);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -1;
    if (fstat(fd, is) == 0 && S_ISREG(is->st_mode)) return fd;
    close(fd);
    return -1;
}

int stick_sound(const uint8_t h[32], int64_t sz)
{
    char name[64] = "asset/";
    struct stat is;
    gb1_b64_encode(name + strlen(name), h, 32);
    int fd = open_file(name, &is);
    if (fd < 0 || (int64_t)is.st_size == sz) return fd;
    close(fd);
    return -1;
}

/* A context means that nothing is taken: it is told when the journal's file has begun. */
static long take(void *ctx, const char *name, void *out, size_t cap)
{
    struct stat is;
    size_t at = 0;
    if (ctx != NULL) return -1;
    int fd = open_file(name, &is);
    if (fd < 0) return -1;
    while ((size_t)is.st_size <= cap && at < (size_t)is.st_size) {
        ssize_t n = read(fd, (uint8_t *)out + at, (size_t)is.st_size - at);
        if (n <= 0) break;
        at += (size_t)n;
    }
    close(fd);
    return at == (size_t)is.st_size ? (long)at : -1;
}

static void each_document(void *ctx, void (*each)(void *arg, const char *name), void *arg)
{
    char path[1024];
    struct dirent *entry;
    if (ctx != NULL) return;
    path_join(path, root, "doc");
    DIR *dir = opendir(path);
    if (dir == NULL) return;
    while ((entry = readdir(dir)) != NULL) {
        char name[GB1_FILE_CAP];
        int n = snprintf(name, sizeof name, "doc/%s", entry->d_name);
        if (n > 0 && (size_t)n < sizeof name) each(arg, name);
    }
    closedir(dir);
}

static void put(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    if (!left_whole) return;
    if (left_n + n > left_cap) {
        size_t cap = 2 * (left_n + n);
        uint8_t *more = realloc(left, cap);
        left_whole = more != NULL;
        if (more == NULL) return;
        left = more;
        left_cap = cap;
    }
    memcpy(left + left_n, bytes, n);
    left_n += n;
}

static void begin(void *ctx, const char *name, const char *header)
{
    bool *begun = ctx;
    if (begun != NULL) *begun = true;
    path_join(left_path, way_back, strrchr(name, '/') + 1);
    left_header = strlen(header);
    left_n = 0;
    left_whole = true;
    put(ctx, header, left_header);
    put(ctx, ".", 1);
}

/* "header..signature", a line feed, the payload [ENV-1]. */
static bool end(void *ctx)
{
    uint8_t signature[64];
    char middle[GB1_B64_CHARS(64) + 2] = "."; /* and the line feed, where the encoder puts its NUL */
    size_t more = sizeof middle;
    (void)ctx;
    if (left_whole) {
        unit_sign(left, left_n, signature);
        gb1_b64_encode(middle + 1, signature, 64);
        middle[more - 1] = '\n';
        size_t at = left_header + 1;
        size_t payload = left_n - at;
        put(ctx, middle, more); /* only for its room */
        if (left_whole) {
            memmove(left + at + more, left + at, payload);
            memcpy(left + at, middle, more);
        }
    }
    left_whole = left_whole && directory_make(way_back) && file_write(left_path, left, left_n);
    free(left);
    left = NULL;
    left_cap = 0;
    return left_whole;
}

bool stick_leave(struct gb1 *core, const char *otherwise, bool *begun)
{
    const struct gb1_stick stick = {begun, unit_public(), take, each_document, begin, put, end};
    if (root[0] == '\0') snprintf(way_back, sizeof way_back, "%s", otherwise);
    left_whole = false;
    gb1_stick(core, 0, rtc_ms(), &stick);
    if (left_whole) log_line("The journal is in %s.", left_path);
    return left_whole;
}

void stick_look(struct gb1 *core, int64_t mono)
{
    struct stat is;
    if (root[0] == '\0' || mono - looked_ms < LOOK_MS) return;
    looked_ms = mono;
    int fd = open_file("bundle.gb1", &is);
    if (fd >= 0) close(fd);
    else memset(&is, 0, sizeof is);
    bool same = is.st_mtim.tv_sec == seen.tv_sec && is.st_mtim.tv_nsec == seen.tv_nsec;
    seen = is.st_mtim;
    if (fd < 0 || same) return;
    const struct gb1_stick stick = {NULL, unit_public(), take, each_document, begin, put, end};
    log_line("A memory stick.");
    gb1_stick(core, mono, rtc_ms(), &stick);
}
