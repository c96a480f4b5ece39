/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is a request, a route, a reply? Knows no search.
 *
 * A few I/O threads move bytes and never block. A request goes to a bounded queue of its route's
 * pool; a worker of that pool runs the handler, which may block; its connection is suspended
 * meanwhile. A full queue, or one that takes too long, is answered 503 with Retry-After at once. A
 * request that waits for bytes of its body has no worker. What only reads ends when its client
 * leaves. */
#ifndef LEDE_HTTP_H
#define LEDE_HTTP_H

#include "lede/base.h"
#include "lede/buffer.h"
#include "lede/durations.h"
#include "lede/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lede_http_pool {
    LEDE_POOL_READ,  /* searches */
    LEDE_POOL_WRITE, /* writes: threads that mostly wait */
    LEDE_POOL_OPS,   /* statistics, the page: one thread, never behind a search */
    LEDE_POOL_LONG,  /* searches that take long, from READ: lede_http_request_move() */
    LEDE_POOL_COUNT,
    /* no pool: the handler runs in the I/O thread and must not block. No queue, no worker: worker
     * is lede_http_options.context. For routes without a body. */
    LEDE_POOL_IO = LEDE_POOL_COUNT,
};

/* What the time of a request goes into. The floor counts what passes in queues, and behind the
 * handler until the answer is out; the rest is what handlers say. */
enum lede_stage {
    LEDE_STAGE_QUEUE,
    LEDE_STAGE_PARSE,
    LEDE_STAGE_MATCH,
    LEDE_STAGE_FETCH,
    LEDE_STAGE_HIGHLIGHT,
    LEDE_STAGE_WRITE,
    LEDE_STAGES,
};
/* "queue"; static. */
const char *lede_stage_name(enum lede_stage stage);

struct lede_http_request; /* valid during its handler */

struct lede_http_header {
    const char *name; /* static */
    char *value;      /* owned */
};
#define LEDE_HTTP_HEADERS_MAX 24
struct lede_http_reply {
    int status;              /* 0: the handler forgot; 500 */
    const char *media_type;  /* static; NULL where there is no body */
    struct lede_buffer body; /* or … */
    const void *static_body; /* … bytes that live as long as the process */
    size_t static_body_size;
    struct lede_http_header headers[LEDE_HTTP_HEADERS_MAX];
    size_t header_count;
    bool no_compression;
    /* It is made in pieces, and `body` is the first: the handler has put away what it needs for the
     * others with lede_http_request_keep(), and is run again, by any worker of its pool, whenever
     * the client has taken a piece. Each turn's reply has a status of 200, a piece, and whether
     * more are to come. Another status says that there will be none: the connection is cut, so
     * that the client sees it. Whatever happens the handler has a last turn, and lets go what it
     * keeps: where it says so itself, or where lede_http_request_is_over() does. */
    bool continues;
    char *reason; /* owned; why it is a failure, for the log; NULL */
};
/* Set a header, replacing one of this name; control characters become spaces. Past
 * LEDE_HTTP_HEADERS_MAX or without memory it is dropped and body.failed set. */
void lede_http_reply_header(
    struct lede_http_reply *reply, const char *name, const char *format, ...) LEDE_PRINTF(3, 4);
/* Free a reply that a handler has made for itself. */
void lede_http_reply_done(struct lede_http_reply *reply);

/* Handlers run in a worker. worker is what worker_new() gave for this thread, NULL without one. */
typedef void (*lede_http_handler)(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);

struct lede_http_route {
    const char *method; /* GET also serves HEAD */
    const char *path;   /* literal, or with segments as parameters: "/documents/{id}",
                           "/documents/{id}/similar", "/{index}/_doc/{id}" */
    enum lede_http_pool pool;
    lede_http_handler handler;
    size_t body_max; /* bytes of a body taken whole before the handler runs; 0: none is allowed */
    /* The handler runs at once and reads the body with lede_http_request_read(). Where that says
     * EAGAIN the handler puts what it has away with lede_http_request_keep() and returns without a
     * status. It is called again, by any worker of its pool, when there are bytes, or their end, or
     * an error to be read, or once within a second of the last bytes; and so on until it has
     * replied. */
    bool stream_body;
};

/* Somebody who asks, and may ask so much; 0: any. */
struct lede_http_client {
    uint64_t who;                /* a number that is no other's; 0: nobody, without a limit */
    uint32_t requests_per_s_max; /* as many at once as in a second; past it 429 */
    uint32_t searches_max;       /* requests of READ that run or wait; past it 429 */
};

struct lede_http_options {
    struct lede_listeners listeners; /* port 0: the kernel picks */
    /* Of listeners with TLS; NULL: there are none. A reference is taken. */
    struct lede_http_identity *identity;
    uint32_t io_threads; /* of each listener */
    uint32_t pool_threads[LEDE_POOL_COUNT];
    uint32_t queue_length; /* requests that wait, each pool */
    /* What READ would not come to within so long, going by what took how long lately, is refused;
     * 0: nothing. In a burst after rest it may take LEDE_HTTP_BURST_FACTOR times as long. */
    uint32_t queue_wait_ms;
    /* past it those that have been idle for the longest are closed; an eighth more, and one, are
     * taken in until then, and others wait */
    uint32_t connections_max;
    uint32_t connections_per_address_max; /* 0: no limit */
    /* As of struct lede_http_client, of an address, of IPv6 of its first 64 bits; the machine's own
     * are without a limit unless limits_loopback. */
    uint32_t client_requests_per_s_max;
    uint32_t client_searches_max;
    bool limits_loopback;
    uint32_t idle_timeout_s; /* a connection that moves no byte is closed */
    /* headers and a whole body must arrive within this; streamed bodies have these: */
    uint32_t request_timeout_s;
    /* Least rate of a streamed body; 0: none. A client may fall behind it by upload_grace_s, and
     * where that long has not passed since lede_http_request_progress() by as much as it likes. */
    uint32_t upload_bytes_per_s_min;
    uint32_t upload_grace_s;
    uint32_t upload_timeout_s; /* in all, our own time not counted; 0: no limit */
    /* What bodies take together: whole ones, and what is kept of streamed ones; past it 503. 0:
     * any. */
    size_t body_bytes_max;
    size_t reply_bytes_max; /* of large answers that are under way together; 0: any */
    size_t header_bytes_max;
    size_t uri_bytes_max;
    /* A proxy has it before every path ("/lede"), and may leave it there: borrowed; NULL or "":
     * X-Forwarded-Prefix of a trusted proxy says so, or there is none. */
    const char *path_prefix;
    /* Whose word counts for who asks, by which scheme and host: X-Forwarded-For, -Proto, -Host,
     * -Prefix, Forwarded. */
    struct lede_nets trusted_proxies;
    const struct lede_http_route *routes;
    size_t route_count;
    void *context; /* for the callbacks below */
    /* A worker thread's own state, made in that thread before its first request; NULL: a failed
     * start. All may be NULL. */
    void *(*worker_new)(void *context, enum lede_http_pool pool);
    void (*worker_free)(void *context, enum lede_http_pool pool, void *worker);
    /* A worker has ended its turn at a request, which may be parked: what it holds and others wait
     * for is to be given back. In its thread; must not block. */
    void (*worker_rest)(void *context, enum lede_http_pool pool, void *worker);
    /* Nothing has come for a worker for two seconds, again and again: what it holds may be old. In
     * its thread. */
    void (*worker_idle)(void *context, enum lede_http_pool pool, void *worker);
    /* Who asks? Returns false where nobody is known but an address. Called in I/O threads: must not
     * block. NULL: nobody is. */
    bool (*who)(void *context, const struct lede_http_request *request,
        struct lede_http_client *ret_client);
    /* May a request with this head be served at all? Asked before its route is looked for, in I/O
     * threads: must not block. Returns 0, or the status of the reply that `refuse` makes instead:
     * 204 an answer without content.
     * ret_detail  static, where a status >= 400 is returned
     * May be NULL: all are. */
    int (*admit)(void *context, const struct lede_http_request *request, const char **ret_detail);
    /* Add headers to any reply, also of refusals. Any thread; must not block. May be NULL. */
    void (*finish)(
        void *context, const struct lede_http_request *request, struct lede_http_reply *reply);
    /* Fill a reply for what the floor refuses itself: 404, 405 (Allow is set already), 400, 408,
     * 413, 414, 415, 429, 431, 503, 505. detail: for a person. param: the offending parameter or
     * NULL.
     * Called in I/O threads and the like: must not block. Never NULL. */
    void (*refuse)(void *context, const struct lede_http_request *request, int status,
        const char *detail, const char *param, struct lede_http_reply *reply);
    /* After each answer, in an I/O thread; lede_http_request_reason() says why it is a failure.
     * (Its path may hold control characters, decoded from %0A and the like; a streaming handler may
     * still run.) status 0: the client went away, or was cut for being late. What MHD refuses by
     * itself (an unparsable head) comes without a method. Must not block. May be NULL. */
    void (*log)(void *context, const struct lede_http_request *request, int status,
        size_t body_bytes, uint64_t took_ns);
};

/* The most connections_max for which so many descriptors are enough. */
size_t lede_http_connections_within(size_t descriptors);

/* ---- What a server is known by: a certificate and its key ---- */

struct lede_http_identity;
/* Read a chain of certificates, the server's own first, and the key of that one; both texts PEM,
 * the key without a password.
 * ret_identity  owner: the caller, one reference
 * Status: OK, also where a certificate has expired; EINPUT one cannot be read, or they do not fit;
 * ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_http_identity_new(const struct lede_buffer *certificates,
    const struct lede_buffer *key, struct lede_http_identity **ret_identity,
    struct lede_error *reterr);
/* When the first certificate of the chain ends that does. */
int64_t lede_http_identity_ends_utc_s(const struct lede_http_identity *identity);
/* Have those who ask told by the authority itself that the first certificate is good (stapling, RFC
 * 6066, section 8), for as long as this holds. Before anybody is greeted.
 * response  DER, an answer of OCSP (RFC 6960)
 * Status: OK, also where it has run out; EINPUT it cannot be read, is about another, or does not
 * say that; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_identity_staple(struct lede_http_identity *identity,
    const struct lede_buffer *response, struct lede_error *reterr);
/* When that runs out; INT64_MAX: never, or there is none. */
int64_t lede_http_identity_staple_ends_utc_s(const struct lede_http_identity *identity);
void lede_http_identity_unref(struct lede_http_identity *identity);
void lede_http_identity_unrefp(struct lede_http_identity **identity);

/* ---- A server ---- */

/* A socket that listens already, made by who started us.
 * Status: OK; EINPUT it is none, or of no kind that can be served; EIO. */
LEDE_CHECKED enum lede_status lede_http_inherit(int fd, enum lede_listener_kind kind,
    struct lede_listener *ret_listener, struct lede_error *reterr);

struct lede_http_server;
/* Listen and serve until lede_http_server_free(). Status: OK; EIO cannot listen (address in use);
 * EINPUT a bad address, or TLS without an identity; ENOMEM. Inherited sockets become the
 * server's. */
LEDE_CHECKED enum lede_status lede_http_server_new(const struct lede_http_options *options,
    struct lede_http_server **ret_server, struct lede_error *reterr);
/* Where it listens, with the ports in use; lives as long as the server. */
const struct lede_listener *lede_http_server_listener(
    const struct lede_http_server *server, size_t index);
/* Greet new connections with this from now on; those that stand are kept. A reference is taken.
 * Threads: any. */
void lede_http_server_set_identity(
    struct lede_http_server *server, struct lede_http_identity *identity);
/* Answer every new request 503, let running and waiting ones end within grace_ms (then streams are
 * cut, waiting ones get 503), join every thread, close every connection. A handler that is neither
 * streaming nor ended is waited for, however long. Threads: one caller; no handler. */
void lede_http_server_stop(struct lede_http_server *server, uint32_t grace_ms);
void lede_http_server_free(struct lede_http_server *server);
void lede_http_server_freep(struct lede_http_server **server);

/* connections and queued are those of now, the others count from the start. responses_by_class: [2]
 * is 2xx, [0] answers nobody took. */
struct lede_http_stats {
    uint64_t requests, refused, connections, queued[LEDE_POOL_COUNT], responses_by_class[6];
    uint64_t failures[2];  /* answers 500 and 507 */
    uint64_t misforwarded; /* requests of trusted proxies whose word could not be believed */
};
void lede_http_server_stats(
    const struct lede_http_server *server, struct lede_http_stats *ret_stats);

/* ---- How long answers took, from a request's first line to the answer's last byte ---- */

/* One that took about so long. */
#define LEDE_HTTP_REQUEST_ID_MAX 64 /* bytes of a request's id */
struct lede_http_example {
    char request_id[LEDE_HTTP_REQUEST_ID_MAX + 1]; /* "": there is none */
    char trace_id[33];                             /* "": it was a part of none */
    uint64_t took_ns;
    int64_t at_utc_ms;
};
struct lede_http_series {
    const struct lede_http_route *route; /* of the options; NULL: none was found */
    int status_class;                    /* 2 is 2xx; 0: nobody took the answer */
    struct lede_durations durations;
    struct lede_http_example examples[LEDE_DURATION_BUCKETS]; /* the last one a second or so */
};
/* Tell those that count something, by route. series: valid during the visit. Threads: any. */
void lede_http_server_visit_latency(const struct lede_http_server *server,
    void (*visit)(void *context, const struct lede_http_series *series), void *context);
/* How long a stage took, of requests that had it and whose answer was taken. Threads: any. */
void lede_http_server_stage_durations(const struct lede_http_server *server, enum lede_stage stage,
    struct lede_durations *ret_durations);

/* ---- A request; every string is valid during its handler ---- */

/* The server that serves it, for handlers that run before lede_http_server_new() has returned. */
struct lede_http_server *lede_http_request_server(const struct lede_http_request *request);
/* Its route, of lede_http_options.routes, and lede_http_options.context. */
const struct lede_http_route *lede_http_request_route(const struct lede_http_request *request);
void *lede_http_request_context(const struct lede_http_request *request);
const char *lede_http_request_method(const struct lede_http_request *request);
/* decoded, NUL-terminated */
const char *lede_http_request_path(const struct lede_http_request *request);
/* As sent, after '?', \"\" if none. */
const char *lede_http_request_query(const struct lede_http_request *request);
/* For X-Request-Id, which the floor sets; a client's own is kept if it is 1-64 of
 * [A-Za-z0-9._-]. */
const char *lede_http_request_id(const struct lede_http_request *request);
/* The trace that it says to be a part of (W3C Trace Context); ids are lower-case hexadecimal. */
struct lede_http_trace {
    char id[33];       /* "": none, and nothing else is set */
    char parent[17];   /* what its client calls its own part */
    char span[17];     /* what this request is called */
    char flags[3];     /* "01": it is recorded */
    const char *state; /* of tracestate; "": none */
};
const struct lede_http_trace *lede_http_request_trace(const struct lede_http_request *request);
/* Its first line says so: "HTTP/1.1". */
const char *lede_http_request_version(const struct lede_http_request *request);
/* A handler's turn has spent time on this. */
void lede_http_request_add_time(
    struct lede_http_request *request, enum lede_stage stage, uint64_t ns);
/* What was spent, by enum lede_stage; all zero where its handler runs still. In options.log
 * only. */
const uint64_t *lede_http_request_times(const struct lede_http_request *request);
/* The reason of the reply that was sent, "" if it had none; in options.log only. */
const char *lede_http_request_reason(const struct lede_http_request *request);
/* The {parameters} of the route, percent-decoded; NULL behind the last. */
#define LEDE_HTTP_PATH_PARAMETERS_MAX 2
const char *lede_http_request_path_parameter(
    const struct lede_http_request *request, size_t index, size_t *ret_size);
const char *lede_http_request_header(
    const struct lede_http_request *request, const char *name); /* NULL if absent */
/* Where the client is, as a word for the log: "192.0.2.7", "2001:db8::1", "unix". Behind trusted
 * proxies it is the first address that is none of theirs. */
const char *lede_http_request_client(const struct lede_http_request *request);
/* Did the client come by https, to us or to a trusted proxy? */
bool lede_http_request_is_secure(const struct lede_http_request *request);
/* Did a trusted proxy say of its client what could not be believed? Then none of it was. */
bool lede_http_request_is_misforwarded(const struct lede_http_request *request);
/* Where it came in. */
const struct lede_listener *lede_http_request_listener(const struct lede_http_request *request);
/* What stands before every path as its client sees it: "/lede"; "" where nothing does. */
const char *lede_http_request_prefix(const struct lede_http_request *request);
/* Is this a prefix: '/', unreserved characters, no '/' at the end, none doubled? */
bool lede_http_is_prefix(const char *text);
/* Query parameters in order, percent-decoded ('+' is a space). A malformed one (%zz, NUL, bad
 * UTF-8) was refused with 400 before. */
struct lede_http_parameter {
    const char *name;
    const char *value;
    size_t value_size;
};
size_t lede_http_request_parameters(
    const struct lede_http_request *request, const struct lede_http_parameter **ret_parameters);
/* The whole body (routes with body_max), already unpacked where Content-Encoding is gzip or zstd
 * (bounded by body_max unpacked). */
const char *lede_http_request_body(const struct lede_http_request *request, size_t *ret_size);
/* The next bytes of a streamed body, unpacked. A lede_read_function (context is the request).
 * *ret_size 0 at the end. Status: OK; EAGAIN there are none yet, or others wait for this worker;
 * EINPUT damaged gzip or zstd, what came before it was given; ELIMIT a bomb (see
 * server/http/http_limits.h); ETIMEOUT they come too slowly; ESTOPPED the client went away, sent
 * less than its Content-Length, or the server stops. After an error the rest of the body is
 * swallowed, bounded, or the connection closed. */
enum lede_status lede_http_request_read(
    void *request, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr);

/* Put away what a streaming handler has until its next turn.
 * state  the handler's own; NULL is given in the first turn
 * bytes  about what it holds; it counts among lede_http_options.body_bytes_max
 * Status: OK; EBUSY that would be passed: the handler replies instead of returning without. */
LEDE_CHECKED enum lede_status lede_http_request_keep(
    struct lede_http_request *request, void *state, size_t bytes, struct lede_error *reterr);
/* Something whole has come of a streamed body: however few bytes it was, that is no drip. */
void lede_http_request_progress(struct lede_http_request *request);
void *lede_http_request_state(const struct lede_http_request *request);
/* Did this turn come because time passed, not because there are bytes enough? Then the client
 * pauses: what was read so far is not to wait for more. */
bool lede_http_request_is_quiet(const struct lede_http_request *request);

/* Whether the client has gone, of a request of READ or LONG: changed atomically, and never back.
 * Nothing has to be found out for it any more. */
const bool *lede_http_request_cancelled(const struct lede_http_request *request);
/* The monotonic moment at which it had come whole, and began to wait for a worker. */
uint64_t lede_http_request_asked_ns(const struct lede_http_request *request);
/* Let a worker of LONG run the handler anew, from its beginning; the reply of this turn is dropped.
 * For requests of READ.
 * until_ns  monotonic; if no worker comes to it by then it is refused */
void lede_http_request_move(struct lede_http_request *request, uint64_t until_ns);
/* Will nobody take the rest of an answer in pieces? Then this is the last turn. */
bool lede_http_request_is_over(struct lede_http_request *request);
enum lede_http_pool lede_http_request_pool(const struct lede_http_request *request);

#ifdef __cplusplus
}
#endif
#endif
