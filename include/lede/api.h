/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP API over one store: a table of routes and the state of its workers. */
#ifndef LEDE_API_H
#define LEDE_API_H

#include "lede/http.h"
#include "lede/store.h"

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_ROUTES_MAX 32

struct lede_walks;

struct lede_api {
    struct lede_store *store;     /* borrowed */
    const char *backup_directory; /* borrowed; where POST /backup writes; NULL: it is refused */
    uint64_t started_monotonic_ns;
    struct lede_http_route routes[LEDE_ROUTES_MAX];
    struct lede_buffer openapi; /* what GET /openapi.json answers */
    struct lede_walks *walks;   /* rankings that clients page through */
    uint32_t search_workers;    /* threads of the read pool; changed atomically */
    uint32_t waiting;           /* searches that wait for a revision; changed atomically */
    uint32_t is_unreadable;     /* the last look at the newest commit failed; changed atomically */
    pthread_mutex_t health_lock;
    struct lede_store_health health; /* as it was last seen; guarded by health_lock */
    bool knows_health;               /* it was seen once; likewise */
};

/* store  borrowed; outlives the api. To be freed with lede_api_done(), on failure too. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_api_init(
    struct lede_api *api, struct lede_store *store, struct lede_error *reterr);
void lede_api_done(struct lede_api *api);

/* Every path of the API and the page; they live as long as the api. */
const struct lede_http_route *lede_api_routes(const struct lede_api *api, size_t *ret_count);
/* lede_http_options.worker_new and worker_free; the context is the struct lede_api. */
void *lede_api_worker_new(void *api, enum lede_http_pool pool);
void lede_api_worker_free(void *api, enum lede_http_pool pool, void *worker);
/* Look at the newest commit, so that the files of an older one can go. */
void lede_api_worker_idle(void *api, enum lede_http_pool pool, void *worker);
/* lede_http_options.refuse. */
void lede_api_refuse(void *api, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
