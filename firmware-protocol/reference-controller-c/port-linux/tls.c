#include "linux.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* A device without the time must get in: dates are forgiven until it has it, name and chain never [CON-1]. */
static int judge(int ok, X509_STORE_CTX *store)
{
    int error = X509_STORE_CTX_get_error(store);
    bool date = error == X509_V_ERR_CERT_NOT_YET_VALID || error == X509_V_ERR_CERT_HAS_EXPIRED;
    if (ok || !date || is_synchronised()) return ok;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

bool tls_pin(struct ssl_ctx_st *ctx, const struct gb1_claim *claim)
{
    struct gb1_js_walk walk;
    int pinned = 0;
    static char pem[16385];
    if (!gb1_js_open(&walk, claim->ca)) return false;
    while (gb1_js_next(&walk)) {
        if (!gb1_js_text(walk.value, pem, sizeof pem)) return false;
        BIO *in = BIO_new_mem_buf(pem, -1);
        X509 *certificate = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
        BIO_free(in);
        if (certificate == NULL) return false;
        pinned += X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), certificate);
        X509_free(certificate);
    }
    ERR_clear_error();
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, judge);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    return pinned > 0;
}

struct ssl_ctx_st *tls_context(const struct gb1_claim *claim, const char *host)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL) return NULL;
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    bool address = X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
    if (!tls_pin(ctx, claim) || (!address && X509_VERIFY_PARAM_set1_host(param, host, 0) != 1)) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}
