#include "linux.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static uint8_t x[32];
static uint8_t secret[64];

const uint8_t *unit_public(void)
{
    return x;
}

void unit_sign(const void *bytes, size_t n, uint8_t signature[64])
{
    crypto_sign_detached(signature, NULL, bytes, n, secret);
}

bool unit_id(const char *data, char id[GB1_ID_CAP])
{
    char path[1024];
    uint8_t seed[32];
    uint8_t hash[32];
    size_t n = 0;
    path_join(path, data, "unit.key");
    char *kept = file_read(path, &n);
    if (kept == NULL) {
        randombytes_buf(seed, sizeof seed);
        if (!file_write(path, seed, sizeof seed)) return false;
    } else if (n == sizeof seed) {
        memcpy(seed, kept, sizeof seed);
    }
    free(kept);
    if (kept != NULL && n != sizeof seed) return false;
    crypto_sign_seed_keypair(x, secret, seed);
    crypto_hash_sha256(hash, x, sizeof x);
    gb1_id_of_hash(id, hash);
    sodium_memzero(seed, sizeof seed);
    return true;
}

void crypto_random(void *ctx, void *out, size_t n)
{
    (void)ctx;
    randombytes_buf(out, n);
}

void crypto_sha256(void *ctx, const void *bytes, size_t n, uint8_t out[32])
{
    (void)ctx;
    crypto_hash_sha256(out, bytes, n);
}

bool crypto_signature_ok(void *ctx, const uint8_t by[32], const void *bytes, size_t n, const uint8_t signature[64])
{
    (void)ctx;
    return crypto_sign_verify_detached(signature, bytes, n, by) == 0;
}

bool crypto_key_ok(void *ctx, const uint8_t key[32])
{
    (void)ctx;
    return crypto_core_ed25519_is_valid_point(key) == 1;
}
