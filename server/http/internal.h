/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The structures that the files of this floor share.
 *
 * A request has two owners: the I/O side (from its first line to MHD's completion notice) and, once
 * dispatched, the worker side. Whoever lets go last frees it. While the worker runs, the I/O side
 * may lose the connection; all that both touch is guarded by request->lock, and the MHD connection
 * is only touched by a worker under that lock with `gone` false.
 *
 * The worker side is no thread but a turn: a request with a streamed body is parked while it waits
 * for bytes, and any worker of its pool takes the next turn. What a handler keeps between its turns
 * is let go in a turn too, so a request that is cut or stopped is given one more.
 *
 * Lock order: server->lock or connections_lock, then a pool's lock, then request->lock, then MHD's
 * own. identity_lock is the last. */
#ifndef LEDE_HTTP_INTERNAL_H
#define LEDE_HTTP_INTERNAL_H

#include "http_limits.h"
#include "lede/buffer.h"
#include "lede/http.h"
#include "lede/unpack.h"
#include "rates.h"
#include "scan.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

/* A place where we listen, with I/O threads of its own. */
struct lede_http_listener {
    struct lede_http_server *server;
    struct lede_listener where; /* with the port in use */
    bool takes_v4;              /* "::" serves IPv4, too */
    int fd;
    struct MHD_Daemon *daemon;
    dev_t file_device; /* of a Unix socket's file that we made: … */
    ino_t file_number; /* … 0: there is none */
};

struct lede_http_connection;
typedef void (*lede_http_interrupt)(struct lede_http_connection *connection);

struct lede_http_connection {
    struct lede_http_server *server;
    const struct lede_http_listener *listener;
    struct lede_http_connection *next, *previous; /* guarded by server->connections_lock */
    struct lede_http_request *sender;  /* whose body arrives; guarded by server->connections_lock */
    struct lede_http_request *request; /* under way; its I/O thread's own */
    struct lede_http_request *asker; /* that was dispatched; guarded by server->connections_lock */
    bool has_left;                   /* the client; guarded by server->connections_lock */
    /* Monotonic; when it said that it sends no more; 0: it may; guarded likewise. */
    uint64_t sends_no_more_ns;
    bool is_probed; /* whether it has left; guarded likewise */
    bool has_ip;    /* it came by the Internet, from … */
    struct lede_ip ip;
    bool is_trusted; /* a proxy whose word counts */
    int fd;
    struct lede_http_scan scan;          /* its I/O thread's own, as … */
    uint64_t requests;                   /* … how many MHD has begun to read */
    struct lede_http_identity *identity; /* it was greeted with; NULL: none; one reference */
    /* The end of its stream is our doing, and this comes first; NULL: it is not. */
    _Atomic(lede_http_interrupt) on_interrupt;
    bool is_closing;                /* to make room; guarded by server->connections_lock */
    _Atomic uint64_t deadline_ns;   /* monotonic; past it it is cut; 0: none */
    _Atomic uint64_t idle_since_ns; /* monotonic; 0: a request is under way */

    /* Monotonic; since when the client owes the rest of a request, and what has come of its body
     * since then; 0: it owes nothing. */
    _Atomic uint64_t owed_since_ns, owed_bytes;
    /* Monotonic; when it last took a piece of an answer; 0: there is none. */
    _Atomic uint64_t taken_ns;

    /* Of a streamed body, its I/O thread's own. */
    uint64_t awaited_since_ns; /* monotonic; 0: it is our turn */
    uint64_t awaited_ns;       /* in all, before that */
    uint64_t allowance_ns;     /* may still pass without bytes */
    uint64_t progress_seen_ns; /* of its request; it was put into the allowance */
    _Atomic uint64_t ends_ns;  /* monotonic; past it it is cut whatever comes; 0: never */
};

/* Where the I/O side stands; touched by I/O threads only. */
enum lede_http_phase {
    LEDE_PHASE_NEW, /* the headers have not been seen */
    /* streamed: the handler runs and has not asked for the body yet; suspended */
    LEDE_PHASE_STARTED,
    LEDE_PHASE_BODY,    /* the body arrives */
    LEDE_PHASE_RUNNING, /* arrived; waits for its reply */
};

/* Where the worker side stands. */
enum lede_http_turn {
    LEDE_TURN_NONE,    /* not dispatched */
    LEDE_TURN_QUEUED,  /* waits for a worker */
    LEDE_TURN_RUNNING, /* a worker has it */
    LEDE_TURN_PARKED,  /* waits for bytes; nobody has it */
    LEDE_TURN_DONE,    /* has answered */
};

struct lede_http_request_header {
    const char *name, *value;
};

struct lede_http_request {
    struct lede_http_server *server;
    struct MHD_Connection *mhd;
    struct lede_http_connection *connection;
    atomic_uint owners;
    uint64_t started_ns;
    struct lede_arena arena;

    /* Fixed once the headers have been read. */
    const char *target; /* as sent */
    const char *prefix; /* that a proxy has before every path; "" */
    const struct lede_http_listener *listener;
    bool has_client; /* it is at an address of the Internet, … */
    struct lede_ip client;
    char client_text[LEDE_IP_TEXT_SIZE]; /* "unix" where it has none */
    bool is_secure;                      /* the client came by https */
    bool is_misforwarded;                /* what a proxy said of the client could not be believed */
    const char *method, *path, *query;
    bool is_1_0; /* HTTP/1.0 */
    struct lede_http_trace trace;
    char id[LEDE_HTTP_REQUEST_ID_MAX + 1];
    const struct lede_http_route *route;
    const char *path_parameters[LEDE_HTTP_PATH_PARAMETERS_MAX];
    size_t path_parameter_sizes[LEDE_HTTP_PATH_PARAMETERS_MAX];
    const struct lede_http_parameter *parameters;
    size_t parameter_count;
    struct lede_http_request_header *headers;
    size_t header_count;
    bool has_body, is_head;
    bool is_ill_framed;      /* nobody can say where its body ends */
    enum lede_coding coding; /* of the body */
    uint64_t content_length; /* UINT64_MAX: chunked */
    bool ends_connection;    /* nothing behind its body is read */

    /* The I/O side's own. */
    struct lede_http_client asking;
    struct lede_http_rate rate;
    bool is_counted; /* among those that run for the client */
    enum lede_http_phase phase;
    uint64_t swallowed;
    bool is_dispatched;
    bool is_told;            /* its times are whole, and no worker's any more */
    struct lede_buffer body; /* whole bodies; the worker's once dispatched */
    int late_status;         /* a refusal found while the body arrived; 0: none */
    const char *late_detail; /* static */

    bool cancelled;                 /* changed atomically */
    atomic_size_t charged;          /* of server->bodies_bytes */
    _Atomic uint64_t progressed_ns; /* monotonic; something whole came of its body; 0: nothing */

    /* The worker side's own. */
    enum lede_http_pool pool; /* that of its route, until it is moved */
    uint64_t asked_ns;        /* monotonic; when it was dispatched */
    uint64_t wait_until_ns;   /* monotonic; if it waits still it is refused; 0: never */
    uint64_t queued_ns;   /* monotonic; since when it waits for its first turn; 0: it does not */
    uint64_t answered_ns; /* monotonic; when its handler had ended */
    uint64_t stage_ns[LEDE_STAGES];
    bool moves;
    struct lede_unpacker *unpacker;
    enum lede_status read_status; /* the first failure of a read: sticky */
    bool wants_bytes;             /* the last read said EAGAIN */
    bool is_quiet;                /* this turn came because time passed */
    size_t turn_bytes;            /* read in this turn */
    void *state;                  /* the handler's, between its turns */
    size_t state_bytes;           /* of `charged` */

    /* Guarded by lock. */
    pthread_mutex_t lock;
    enum lede_http_turn turn;
    bool suspended, gone, aborted, is_late, body_ended, reply_ready;
    unsigned char *ring; /* LEDE_HTTP_RING_BYTES; NULL until the first read */
    size_t ring_start, ring_used;
    struct lede_buffer next_piece; /* of an answer in pieces, to be taken; empty: there is none */
    uint64_t news_ns; /* parked: when bytes came that no quiet turn has followed; 0: none */
    struct MHD_Response *response;     /* valid once reply_ready */
    struct lede_http_outflow *outflow; /* of an answer in pieces; set before reply_ready; owned */
    int status;
    const char *reply_body; /* response's own memory */
    size_t reply_bytes;
    bool reply_pushed;
    char *reason;    /* of the reply; owned */
    int sent_status; /* 0: nothing was sent yet */
    size_t sent_bytes;

    struct lede_http_request *queue_next;                    /* guarded by the pool's lock */
    struct lede_http_request *active_next, *active_previous; /* guarded by server->lock */
};

/* Do a request's work in a worker's thread. refusal: it is new, and to be answered 503 for this
 * reason; NULL: run its handler. */
struct lede_http_deflater;
typedef void (*lede_http_work)(struct lede_http_request *request, void *worker, const char *refusal,
    struct lede_http_deflater *deflater);

struct lede_http_line {
    struct lede_http_request *head, *tail;
};

struct lede_http_queue {
    struct lede_http_server *server;
    enum lede_http_pool pool;
    lede_http_work work;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct lede_http_line fresh;    /* new requests */
    struct lede_http_line returned; /* whose next turn it is */
    uint32_t waiting, limit;        /* of fresh, reserved places too */
    uint64_t mean_ns;               /* what new requests took, lately */
    uint64_t emptied_ns;            /* monotonic; when nothing new waited */
    /* of 65,536 requests so many were refused lately; past a quarter none waits that need not */
    int32_t refused_share;
    uint64_t refused_ns; /* monotonic; the last one */
    uint32_t returned_count;
    uint32_t returned_running; /* workers that have one of them */
    bool last_was_returned;    /* the two take turns */
    bool closed;               /* nothing more is taken in; workers end when it is empty */
    bool abandoned;            /* what is fresh is answered 503 */
    pthread_t *threads;
    uint32_t thread_count, wanted_count;
    uint32_t ready_count, failed_count; /* of worker_new() */
};

struct lede_http_server {
    struct lede_http_options options;
    struct lede_http_listener listeners[LEDE_LISTENERS_MAX];
    size_t listener_count;
    pthread_mutex_t identity_lock;
    struct lede_http_identity *identity; /* NULL: none; one reference; guarded by identity_lock */
    uint64_t id_seed;
    _Atomic uint64_t id_counter;
    atomic_bool stopping;
    bool stopped;
    struct lede_http_queue queues[LEDE_POOL_COUNT];
    struct lede_http_rates *rates;
    struct lede_http_latency *latency;
    atomic_size_t bodies_bytes;  /* what bodies take: whole ones, rings, what handlers keep */
    atomic_size_t replies_bytes; /* of large answers that are under way */

    pthread_mutex_t lock;
    pthread_cond_t drained;
    struct lede_http_request *active; /* dispatched, their worker not done */
    size_t active_count;
    size_t unsent_count; /* dispatched, not completed by MHD */

    pthread_mutex_t connections_lock;
    pthread_cond_t reaper_wakes;
    struct lede_http_connection *connections;
    size_t connection_count, closing_count; /* of the list; of those, closing to make room */
    int leavers_fd; /* epoll: connections whose clients leave; events are read with the lock held */
    bool reaper_stops, reaper_runs;
    pthread_t reaper;

    _Atomic uint64_t requests, refused, misforwarded, open_connections, responses_by_class[6],
        failures[2];
};

#endif
