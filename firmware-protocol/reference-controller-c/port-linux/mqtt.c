#include "linux.h"

#include <arpa/inet.h>
#include <mosquitto.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PENDING 64

static struct mosquitto *client;
static char host[256];
static int port;
static bool running;
static _Atomic bool leaving;
static pthread_t thread;
/* Subscriptions that wait for their answer. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int mid;
    char topic[128];
} pending[PENDING];

static void link_changed(bool up)
{
    struct event e;
    memset(&e, 0, sizeof e);
    e.kind = EV_LINK;
    e.on = up;
    event_put(&e);
}

static void on_connect(struct mosquitto *m, void *ctx, int code)
{
    (void)m;
    (void)ctx;
    if (code != 0) log_line("The broker refuses the login (%s).", mosquitto_connack_string(code));
    link_changed(code == 0);
}

static void on_message(struct mosquitto *m, void *ctx, const struct mosquitto_message *message)
{
    struct event e;
    (void)m;
    (void)ctx;
    memset(&e, 0, sizeof e);
    if (message->payloadlen <= 0 || message->payloadlen > GB1_MESSAGE + 16) return;
    e.kind = EV_MESSAGE;
    e.n = (size_t)message->payloadlen;
    e.bytes = malloc(e.n);
    if (e.bytes == NULL) return;
    memcpy(e.bytes, message->payload, e.n);
    snprintf(e.topic, sizeof e.topic, "%s", message->topic);
    event_put(&e);
}

static void on_subscribe(struct mosquitto *m, void *ctx, int mid, int n, const int *granted)
{
    struct event e;
    (void)m;
    (void)ctx;
    memset(&e, 0, sizeof e);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < PENDING; i++) {
        if (pending[i].mid != mid) continue;
        pending[i].mid = 0;
        snprintf(e.topic, sizeof e.topic, "%s", pending[i].topic);
    }
    pthread_mutex_unlock(&lock);
    if (n < 1 || granted[0] <= 2 || e.topic[0] == '\0') return;
    e.kind = EV_REFUSED;
    event_put(&e);
}

static bool is_loopback(const char *name)
{
    struct addrinfo hints;
    struct addrinfo *found;
    bool local = true;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(name, NULL, &hints, &found) != 0) return false;
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            const struct sockaddr_in *in4 = (const void *)a->ai_addr;
            local = local && ntohl(in4->sin_addr.s_addr) >> 24 == 127;
        } else {
            const struct sockaddr_in6 *in6 = (const void *)a->ai_addr;
            local = local && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
        }
    }
    freeaddrinfo(found);
    return local;
}

/* host and port from --broker or the claim file; whether TLS is wanted. */
static bool address(const struct options *o, const struct gb1_claim *claim, bool *tls)
{
    bool pinned = gb1_js_count(claim->ca) > 0;
    *tls = pinned;
    snprintf(host, sizeof host, "%s", claim->broker[0].host);
    port = claim->broker[0].port;
    if (o->broker != NULL) {
        const char *rest = strstr(o->broker, "://");
        const char *colon = rest == NULL ? NULL : strrchr(rest + 3, ':');
        if (colon == NULL) {
            fprintf(stderr, "--broker must be ssl://host:port or tcp://host:port.\n");
            return false;
        }
        *tls = strncmp(o->broker, "ssl:", 4) == 0;
        snprintf(host, sizeof host, "%.*s", (int)(colon - rest - 3), rest + 3);
        port = atoi(colon + 1);
    }
    if (*tls && !pinned) {
        fprintf(stderr, "The claim file holds no authority to check %s with.\n", host);
        return false;
    }
    if (!*tls && !is_loopback(host)) {
        fprintf(stderr, "Without TLS only a broker on this machine may be used, not %s.\n", host);
        return false;
    }
    return true;
}

bool mqtt_start(const struct options *o, const struct gb1_claim *claim, const char *id)
{
    bool tls;
    if (!address(o, claim, &tls)) return false;
    mosquitto_lib_init();
    client = mosquitto_new(id, true, NULL);
    if (client == NULL || mosquitto_username_pw_set(client, claim->user, claim->pass) != MOSQ_ERR_SUCCESS) return false;
    if (tls) {
        struct ssl_ctx_st *ctx = tls_context(claim, host);
        if (ctx == NULL) {
            fprintf(stderr, "The authority in the claim file cannot be read.\n");
            return false;
        }
        /* Without the second line libmosquitto 2.0.11 refuses a context of our own. */
        mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, ctx);
        mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    }
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_threaded_set(client, true);
    mosquitto_message_callback_set(client, on_message);
    mosquitto_subscribe_callback_set(client, on_subscribe);
    return true;
}

/* One attempt and its connection; the core decides when to try again. */
static void *session(void *arg)
{
    int keep_alive_s = (int)(intptr_t)arg;
    int code = mosquitto_connect(client, host, port, keep_alive_s);
    if (code != MOSQ_ERR_SUCCESS) log_line("No link to %s:%d (%s).", host, port, mosquitto_strerror(code));
    while (code == MOSQ_ERR_SUCCESS && !leaving) code = mosquitto_loop(client, 500, 1);
    if (!leaving) link_changed(false);
    return NULL;
}

static void end_session(void)
{
    if (!running) return;
    leaving = true;
    pthread_join(thread, NULL);
    leaving = false;
    running = false;
}

void mqtt_connect(void *ctx, const char *will_topic, const char *will, int keep_alive_s)
{
    (void)ctx;
    mosquitto_disconnect(client);
    end_session();
    pthread_mutex_lock(&lock);
    memset(pending, 0, sizeof pending);
    pthread_mutex_unlock(&lock);
    mosquitto_will_clear(client);
    mosquitto_will_set(client, will_topic, (int)strlen(will), will, 1, true);
    running = pthread_create(&thread, NULL, session, (void *)(intptr_t)keep_alive_s) == 0;
    if (!running) link_changed(false);
}

void mqtt_subscribe(void *ctx, const char *topic, bool wanted)
{
    int mid = 0;
    (void)ctx;
    if (!wanted) {
        mosquitto_unsubscribe(client, NULL, topic);
        return;
    }
    pthread_mutex_lock(&lock);
    if (mosquitto_subscribe(client, &mid, topic, 1) == MOSQ_ERR_SUCCESS) {
        for (int i = 0; i < PENDING; i++) {
            if (pending[i].mid != 0) continue;
            pending[i].mid = mid;
            snprintf(pending[i].topic, sizeof pending[i].topic, "%s", topic);
            break;
        }
    }
    pthread_mutex_unlock(&lock);
}

void mqtt_publish(void *ctx, const char *topic, int qos, bool retained, const void *bytes, size_t n)
{
    (void)ctx;
    mosquitto_publish(client, NULL, topic, (int)n, bytes, qos, retained);
}

void mqtt_stop(void)
{
    struct timespec moment = {0, 300000000};
    if (client == NULL) return;
    nanosleep(&moment, NULL); /* the goodbye is still on its way */
    mosquitto_disconnect(client);
    end_session();
    mosquitto_destroy(client);
    client = NULL;
    mosquitto_lib_cleanup();
}
