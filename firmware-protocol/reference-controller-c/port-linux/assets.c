/* Assets as files: DATA/assets/<hex> when whole, <hex>.part while they grow, as the Java controller keeps them. */
#include "linux.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HELD_BACK (INT64_C(32) << 20) /* of the disk, for journal and documents */

static char directory[900];

void asset_path(char out[1024], const uint8_t h[32], bool part)
{
    char hex[65];
    sodium_bin2hex(hex, sizeof hex, h, 32);
    snprintf(out, 1024, "%s/%s%s", directory, hex, part ? ".part" : "");
}

bool assets_open(const char *data)
{
    snprintf(directory, sizeof directory, "%.880s/assets", data);
    return directory_make(directory);
}

int64_t assets_room(void)
{
    struct statvfs disk;
    if (statvfs(directory, &disk) != 0) return -1;
    int64_t room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize - HELD_BACK;
    return room > 0 ? room : 0;
}

static int64_t size_of(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? (int64_t)s.st_size : 0;
}

int64_t asset_part_size(const uint8_t h[32])
{
    char path[1024];
    asset_path(path, h, true);
    return size_of(path);
}

void assets_announce(struct gb1 *core)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    if (dir == NULL) return;
    while ((entry = readdir(dir)) != NULL) {
        char path[1200];
        uint8_t h[32];
        size_t n = strlen(entry->d_name);
        bool part = n == 69 && strcmp(entry->d_name + 64, ".part") == 0;
        if ((n != 64 && !part) || sodium_hex2bin(h, 32, entry->d_name, 64, NULL, &n, NULL) != 0 || n != 32) continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        gb1_file_found(core, h, size_of(path), !part);
    }
    closedir(dir);
}

bool assets_erase(void)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    bool ok = dir != NULL;
    while (ok && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') ok = unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    }
    if (dir != NULL) closedir(dir);
    return ok && directory_sync(directory);
}

bool asset_put(void *ctx, const uint8_t h[32], int64_t at, const void *bytes, size_t n)
{
    char path[1024];
    (void)ctx;
    asset_path(path, h, true);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    if (fd < 0) return false;
    bool ok = pwrite(fd, bytes, n, (off_t)at) == (ssize_t)n;
    return close(fd) == 0 && ok;
}

static bool hash_of(const char *path, int64_t at, int64_t n, uint8_t out[32])
{
    crypto_hash_sha256_state state;
    uint8_t buffer[16384];
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, (long)at, SEEK_SET) != 0) {
        if (file != NULL) fclose(file);
        return false;
    }
    crypto_hash_sha256_init(&state);
    while (n > 0) {
        size_t got = fread(buffer, 1, n < (int64_t)sizeof buffer ? (size_t)n : sizeof buffer, file);
        if (got == 0) break;
        crypto_hash_sha256_update(&state, buffer, got);
        n -= (int64_t)got;
    }
    fclose(file);
    crypto_hash_sha256_final(&state, out);
    return n == 0;
}

bool asset_check(void *ctx, const uint8_t h[32], int64_t at, int64_t n, const uint8_t hash[32])
{
    char path[1024];
    uint8_t got[32];
    (void)ctx;
    asset_path(path, h, true);
    return hash_of(path, at, n, got) && memcmp(got, hash, 32) == 0;
}

bool asset_finish(const uint8_t h[32], int64_t sz)
{
    char part[1024];
    char whole[1024];
    uint8_t got[32];
    asset_path(part, h, true);
    asset_path(whole, h, false);
    if (size_of(part) != sz || !hash_of(part, 0, sz, got) || memcmp(got, h, 32) != 0) {
        unlink(part);
        return false;
    }
    int fd = open(part, O_WRONLY);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return ok && rename(part, whole) == 0 && directory_sync(directory);
}

void asset_discard(void *ctx, const uint8_t h[32])
{
    char path[1024];
    (void)ctx;
    asset_path(path, h, true);
    unlink(path);
    asset_path(path, h, false);
    unlink(path);
}
