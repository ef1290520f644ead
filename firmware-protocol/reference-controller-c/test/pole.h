/* A pole in virtual time: one core on a fake port, with a small server that signs by the test keys. */
#ifndef GB1_TEST_POLE_H
#define GB1_TEST_POLE_H

#include "../core/gb1.h"
#include "fake.h"

#define T0 INT64_C(1767570000000) /* 2026-01-04 23:40 UTC, 06:40 local: no quiet hours */

/* One stretch of sound that left the loudspeaker; times are ms since the power came, and heard_from. */
struct pole_sound {
    char id[GB1_PLAYID_CAP];
    int64_t from;
    int64_t to;
    int64_t pos; /* in its content, at from */
};

struct pole {
    struct fake fake;
    struct gb1 core;
    struct gb1_root roots[3];
    char id[GB1_ID_CAP];
    char sys[GB1_SYS_CAP];
    int64_t claimed_at;
    int64_t start; /* Unix ms of mono 0 */
    int64_t mono;
    int64_t rtc_error;
    int64_t seq;   /* of the next document */
    bool counts_boot; /* the next start may count towards a boot loop */
    bool usb;      /* it has a place for memory sticks; counts from the next start */
    bool plays;    /* the loudspeaker works: sounds report progress and end by themselves */
    uint32_t playing;
    int64_t play_mono;
    int64_t play_ms;
    struct pole_sound heard[32];
    int heards;
    int64_t heard_from; /* ms of earlier lives that count in the times of what is heard */
};

void pole_init(struct pole *p);
/* The same for another deployment, box and time, with the roots in p->roots. */
void pole_init_as(struct pole *p, const char *sys, const char *id, int64_t claimed_at, int64_t start);
void pole_boot(struct pole *p);
void pole_free(struct pole *p);
int64_t pole_now(const struct pole *p);
/* Lets time pass, waking the core when it asks for it. */
void pole_run(struct pole *p, int64_t ms);
/* Signs payload members and hands the document over: by is "x1" or "e1+e2"; fields begin with a comma or are empty. */
enum gb1_verdict pole_send(struct pole *p, const char *by, const char *typ, const char *to, const char *fields);
/* The same with iat shifted by this many ms. */
enum gb1_verdict pole_send_at(struct pole *p, const char *by, const char *typ, const char *to, const char *fields, int64_t shift);
/* Only makes the message; it stands at *bytes until the next one is made. Returns its length. */
size_t pole_sign(struct pole *p, const char *by, const char *typ, const char *to, const char *fields, int64_t shift, const char **bytes);
/* Members of the keys and the site that pole_enrol sends. */
const char *pole_keys(void);
const char *pole_site(const char *quiet);
/* Hands the same bytes over again. */
enum gb1_verdict pole_again(struct pole *p);
/* Link up, keys, welcome, site of areas 37 and 37.14329 with no quiet hours but those given. */
void pole_enrol(struct pole *p, const char *quiet);
void pole_welcome(struct pole *p);
void pole_store(struct pole *p, const char *name, int64_t sz);
/* b64u of the hash that stands for a sound of this name. */
const char *pole_hash(const char *name);
/* The acknowledgement of all that was sent. */
void pole_jack(struct pole *p);

#endif
