/* Fetches ranges of assets into their parts, or copies them from the stick, and hashes whole ones, one at a time, on a thread of
 * its own [AST-1]. */
#include "linux.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct job {
    bool verify;
    uint8_t h[32];
    char url[600]; /* empty: from the stick */
    int64_t from;
    int64_t to;
};

#define JOBS 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static struct job jobs[JOBS];
static size_t first;
static size_t count;
static const struct gb1_claim *claim;
static bool stopped; /* guarded by lock: what is fetched shall be broken off */

struct transfer {
    CURL *curl;
    const struct job *job;
    int64_t at; /* where the next byte goes; -1 before the first */
    int64_t received;
};

static CURLcode pin(CURL *curl, void *ctx, void *arg)
{
    (void)curl;
    (void)arg;
    return tls_pin(ctx, claim) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

static bool is_stopped(void)
{
    pthread_mutex_lock(&lock);
    bool now = stopped;
    pthread_mutex_unlock(&lock);
    return now;
}

/* The library asks this about once a second even while nothing comes. */
static int go_on(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)arg, (void)a, (void)b, (void)c, (void)d;
    return is_stopped() ? 1 : 0;
}

static size_t take(char *bytes, size_t one, size_t n, void *arg)
{
    struct transfer *t = arg;
    long status = 0;
    size_t all = one * n;
    if (is_stopped()) return 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206) return all; /* the page of an error */
    if (t->at < 0) t->at = status == 206 ? t->job->from : 0; /* a 200 to a range begins at 0 [AST-1] */
    t->received += (int64_t)all;
    int64_t room = t->job->to - t->at;
    size_t use = (int64_t)all < room ? all : room > 0 ? (size_t)room : 0;
    if (use > 0 && !asset_put(NULL, t->job->h, t->at, bytes, use)) return 0;
    t->at += (int64_t)use;
    return use == all ? all : 0;
}

static void fetch(const struct job *job, struct event *answer)
{
    char range[64];
    struct transfer t = {curl_easy_init(), job, -1, 0};
    if (t.curl == NULL) return;
    snprintf(range, sizeof range, "%lld-%lld", (long long)job->from, (long long)job->to - 1);
    curl_easy_setopt(t.curl, CURLOPT_URL, job->url);
    curl_easy_setopt(t.curl, CURLOPT_RANGE, range);
    curl_easy_setopt(t.curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(t.curl, CURLOPT_MAXREDIRS, 2L);
    curl_easy_setopt(t.curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(t.curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    /* The library hands credentials to no other host after a redirect [AST-1d]. */
    curl_easy_setopt(t.curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(t.curl, CURLOPT_USERNAME, claim->user);
    curl_easy_setopt(t.curl, CURLOPT_PASSWORD, claim->pass);
    curl_easy_setopt(t.curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(t.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(t.curl, CURLOPT_LOW_SPEED_TIME, 20L);
    curl_easy_setopt(t.curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t.curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(t.curl, CURLOPT_XFERINFOFUNCTION, go_on);
    curl_easy_setopt(t.curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(t.curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(t.curl, CURLOPT_WRITEDATA, &t);
    if (gb1_js_count(claim->ca) > 0) {
        curl_easy_setopt(t.curl, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(t.curl, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(t.curl, CURLOPT_SSL_CTX_FUNCTION, pin);
    }
    CURLcode code = curl_easy_perform(t.curl);
    bool whole = t.at >= job->to; /* more bytes than asked for end the transfer on our side */
    if (!whole) log_line("Audio did not come (%s); tried again later.", curl_easy_strerror(code));
    answer->on = whole;
    answer->b = t.received;
    curl_easy_cleanup(t.curl);
}

static bool copy(const struct job *job)
{
    uint8_t buffer[16384];
    int64_t at = 0;
    int fd = stick_sound(job->h, job->to);
    while (fd >= 0 && at < job->to && !is_stopped()) {
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n <= 0 || !asset_put(NULL, job->h, at, buffer, (size_t)n)) break;
        at += n;
    }
    if (fd >= 0) close(fd);
    return at == job->to;
}

static void *work(void *arg)
{
    (void)arg;
    for (;;) {
        struct event answer;
        pthread_mutex_lock(&lock);
        while (count == 0) pthread_cond_wait(&filled, &lock);
        struct job job = jobs[first];
        first = (first + 1) % JOBS;
        count--;
        pthread_mutex_unlock(&lock);
        memset(&answer, 0, sizeof answer);
        memcpy(answer.h, job.h, 32);
        if (job.verify) {
            answer.kind = EV_VERIFIED;
            answer.on = asset_finish(job.h, job.to);
        } else {
            answer.kind = EV_FETCHED;
            if (job.url[0] == '\0') answer.on = copy(&job);
            else fetch(&job, &answer);
            answer.a = asset_part_size(job.h);
        }
        event_put(&answer);
    }
    return NULL;
}

static void order(const struct job *job)
{
    pthread_mutex_lock(&lock);
    if (count < JOBS) jobs[(first + count++) % JOBS] = *job;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
}

void http_start(const struct gb1_claim *of)
{
    pthread_t thread;
    claim = of;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (pthread_create(&thread, NULL, work, NULL) == 0) pthread_detach(thread);
}

void http_fetch(void *ctx, const struct gb1_fetch *fetch_order)
{
    struct job job;
    (void)ctx;
    memset(&job, 0, sizeof job);
    memcpy(job.h, fetch_order->h, 32);
    snprintf(job.url, sizeof job.url, "%s", fetch_order->url != NULL ? fetch_order->url : "");
    job.from = fetch_order->from;
    job.to = fetch_order->to;
    pthread_mutex_lock(&lock);
    stopped = false;
    pthread_mutex_unlock(&lock);
    order(&job);
}

void http_stop(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&lock);
    stopped = true;
    pthread_mutex_unlock(&lock);
}

void http_verify(void *ctx, const uint8_t h[32], int64_t sz)
{
    struct job job;
    (void)ctx;
    memset(&job, 0, sizeof job);
    job.verify = true;
    memcpy(job.h, h, 32);
    job.to = sz;
    order(&job);
}
