/* The claim file that binds a device to a deployment [CLM-1]. */
#ifndef GB1_CLAIM_H
#define GB1_CLAIM_H

#include "docs.h"

struct gb1_claim {
    char sys[GB1_SYS_CAP];
    char id[GB1_ID_CAP]; /* "*": any device whose box PIN matches */
    char pin[7];
    int64_t t;
    struct gb1_root roots[GB1_ROOTS];
    int brokers;
    struct {
        char host[254];
        int port;
    } broker[8];
    bool has_password;
    char user[513];
    char pass[513];
    /* Certificates stay in the file: the transport reads them there, by this walk. */
    struct gb1_js ca;
};

/* False when the file cannot be used; `file` must live as long as ca is used. */
bool gb1_claim_read(const char *file, size_t n, gb1_key_check *usable, void *ctx, struct gb1_claim *out);
/* Whether it is for this device, whose box may have a printed PIN (NULL for none). */
bool gb1_claim_fits(const struct gb1_claim *claim, const char *id, const char *pin);

#endif
