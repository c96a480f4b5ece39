/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP API over one store: a table of routes and the state of its workers. */
#ifndef LEDE_API_H
#define LEDE_API_H

#include "lede/cache.h"
#include "lede/following.h"
#include "lede/http.h"
#include "lede/keys.h"
#include "lede/match.h"
#include "lede/model.h"
#include "lede/shards.h"
#include "lede/store.h"
#include "lede/synonyms.h"

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_ROUTES_MAX 160

struct lede_answers;
struct lede_cluster_node;
struct lede_api_route;
struct lede_frozen_results;
struct lede_queries;

/* Why a document was refused. */
enum lede_refusal {
    LEDE_REFUSED_MALFORMED,
    LEDE_REFUSED_INVALID,
    LEDE_REFUSED_TOO_LARGE,
    LEDE_REFUSED_EXISTS,
    LEDE_REFUSED_NOT_FOUND,
    LEDE_REFUSED_PRECONDITION,
    LEDE_REFUSED_NO_SPACE,
    LEDE_REFUSED_OTHER,
    LEDE_REFUSALS,
};

/* A search that took long. */
struct lede_slow_search {
    const struct lede_http_request *request;
    const char *parsed; /* the query, as it was understood; NULL: it is not to be told */
    uint32_t hits;
    bool is_exact;
    bool timed_out;
    uint64_t took_ns;          /* since it had come, without sending the answer */
    uint64_t queued_ns;        /* of it, waiting for a worker */
    const uint64_t *stages_ns; /* by enum lede_stage */
    struct lede_reading reading;
};

/* Another interface to the same archive: its routes stand behind the API's own, and come under the
 * same rights. */
struct lede_api_interface {
    const struct lede_api_route *routes; /* borrowed for as long as the api lives, as the context */
    size_t route_count;
    /* A route of these that serves the request in the place of its own; NULL: none. Any thread. */
    const struct lede_api_route *(*instead)(
        const struct lede_api_interface *interface, const struct lede_http_request *request);
    void *context; /* the interface's own */
};

/* What the API needs of the program's settings; strings are borrowed. */
struct lede_api_settings {
    const char *backup_directory; /* where POST /backup writes; NULL: it is refused */
    struct lede_keys *keys;       /* that say who may do what; NULL: everything is allowed */
    const char *names;            /* `a.example, b.example`: beside addresses; NULL: none */
    const char *cors_origins;     /* pages of other sites that may ask; NULL: none */
    const char *cors_methods;     /* by these methods */
    const char *hsts;             /* Strict-Transport-Security; NULL: it is not said */
    const char *image_hosts;      /* of pictures that the page loads; NULL: none */
    enum lede_bad_text bad_text;  /* what documents are taken with */
    size_t document_cache_bytes;  /* of documents that answers show; 0: none is kept */
    size_t answer_cache_bytes;    /* of answers of searches; 0: none is kept */
    /* What a key may ask that does not say it itself: requests a second, searches at a time; 0:
     * any. */
    uint32_t requests_per_key, searches_per_key;
    uint32_t threads_a_search; /* at most; 0: as many as searches run at the same time */
    /* Told of slow searches, in the worker's thread; must not block. NULL: nobody is. */
    void (*slow)(void *context, const struct lede_slow_search *slow);
    void *slow_context;
    const struct lede_api_interface *interface; /* NULL: there is none */
    struct lede_following *following;           /* a copy's; borrowed; NULL: it is none */
    const char *shard_key;      /* of who may ask this server as a shard; NULL: nobody may */
    struct lede_shards *shards; /* that are searched instead of the store; borrowed; NULL: none */
    struct lede_cluster_node *cluster; /* borrowed; NULL: it is no node of one */
};

struct lede_api {
    struct lede_store *store; /* borrowed */
    struct lede_api_settings settings;
    uint64_t started_monotonic_ns;
    uint64_t refused[LEDE_REFUSALS]; /* documents since the start; changed atomically */
    struct lede_http_route routes[LEDE_ROUTES_MAX];
    const struct lede_api_route *table[LEDE_ROUTES_MAX]; /* of each of the routes */
    size_t route_count;
    struct lede_buffer openapi;                 /* what GET /openapi.json answers */
    struct lede_frozen_results *frozen_results; /* rankings that clients page through */
    struct lede_cache *shown_documents;         /* lede/shown.h */
    struct lede_cache *written_words;           /* how documents write words that are offered */
    struct lede_answers *answers;               /* that may be given again */
    struct lede_queries *queries;               /* what was asked */
    uint32_t slow_ms;        /* searches that take longer are told; 0: none; changed atomically */
    uint32_t with_texts;     /* what is asked may be told; changed atomically */
    uint64_t log_lines_lost; /* of requests; the program counts them; changed atomically */
    uint32_t search_workers; /* threads of the read pool; changed atomically */
    uint32_t waiting;        /* searches that wait for a revision; changed atomically */
    uint32_t exports;        /* that are under way; changed atomically */
    uint32_t is_unreadable;  /* the last look at the newest commit failed; changed atomically */
    pthread_mutex_t synonyms_lock;
    struct lede_synonyms *synonyms; /* of new searches, one reference; guarded by synonyms_lock */
    pthread_mutex_t health_lock;
    struct lede_store_health health; /* as it was last seen; guarded by health_lock */
    bool knows_health;               /* it was seen once; likewise */
};

/* store     borrowed; outlives the api
 * settings  NULL: all as if zero
 * To be freed with lede_api_done(), on failure too. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_api_init(struct lede_api *api, struct lede_store *store,
    const struct lede_api_settings *settings, struct lede_error *reterr);
void lede_api_done(struct lede_api *api);

/* What is told of searches from now on. slow_ms  0: of none that it was slow. Threads: any. */
void lede_api_set_telling(struct lede_api *api, uint32_t slow_ms, bool with_texts);
/* The synonyms of searches from now on; those that run keep theirs.
 * synonyms  may be NULL: none; a reference is taken
 * Threads: any. */
void lede_api_set_synonyms(struct lede_api *api, struct lede_synonyms *synonyms);
/* Owner: the caller, one reference; NULL: there are none. Threads: any. */
struct lede_synonyms *lede_api_synonyms(struct lede_api *api);

/* What the API says of a document of many that is refused: the name of its problem (static, the
 * type is /problems/<name>) and an HTTP status. is_json  it had to be JSON */
void lede_api_problem_of_line(
    const struct lede_error *error, bool is_json, const char **ret_name, int *ret_http_status);

/* Every path of the API and the page; they live as long as the api. */
const struct lede_http_route *lede_api_routes(const struct lede_api *api, size_t *ret_count);
/* lede_http_options.worker_new and worker_free; the context is the struct lede_api. */
void *lede_api_worker_new(void *api, enum lede_http_pool pool);
void lede_api_worker_free(void *api, enum lede_http_pool pool, void *worker);
/* A worker that writes gives back what it has read of an older commit: it may never be idle, and
 * reads seldom. One that searches keeps it, since the next search goes on from it. */
void lede_api_worker_rest(void *api, enum lede_http_pool pool, void *worker);
/* Look at the newest commit, so that the files of an older one can go. */
void lede_api_worker_idle(void *api, enum lede_http_pool pool, void *worker);
/* Is a list of hosts one that the settings may have as image_hosts? Status: OK; EINPUT with what
 * was expected. */
LEDE_CHECKED enum lede_status lede_image_hosts_check(const char *hosts, struct lede_error *reterr);
/* lede_http_options.admit: 0; 421 another server is meant; 403 a page of another site; 204 a
 * preflight that is granted. */
int lede_api_admit(void *api, const struct lede_http_request *request, const char **ret_detail);
/* lede_http_options.who: whose key it is; false: there is none that is known. */
bool lede_api_who(
    void *api, const struct lede_http_request *request, struct lede_http_client *ret_client);
/* lede_http_options.finish: what every answer tells a browser. */
void lede_api_finish(
    void *api, const struct lede_http_request *request, struct lede_http_reply *reply);
/* lede_http_options.refuse; api may be NULL. */
void lede_api_refuse(void *api, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
