/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of routes, and the state of a worker thread. */
#include "lede/time.h"
#include "openapi.h"
#include "problem.h"
#include "walks.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEARCH_BODY_MAX ((size_t)256 << 10)
#define BACKUP_BODY_MAX 4096
/* escapes may double a text; the model's own limit decides */
#define DOCUMENT_BODY_MAX (LEDE_DOCUMENT_BYTES_MAX * 2)

/* A path whose handler never waits. */
#define HEALTH(path, handler)                                                                      \
    {                                                                                              \
        {"GET", path, LEDE_POOL_IO, handler, 0, false}, LEDE_TAKER_NONE                            \
    }
/* A path that is answered from memory, or by one look. */
#define OPS(path, handler)                                                                         \
    {                                                                                              \
        {"GET", path, LEDE_POOL_OPS, handler, 0, false}, LEDE_TAKER_NONE                           \
    }
#define SEARCH(path, handler)                                                                      \
    {                                                                                              \
        {"GET", path, LEDE_POOL_READ, handler, 0, false}, LEDE_TAKER_SEARCH                        \
    }
#define WRITE(method, path, handler, body_max)                                                     \
    {                                                                                              \
        {method, path, LEDE_POOL_WRITE, handler, body_max, false}, LEDE_TAKER_NONE                 \
    }

static const struct lede_api_route routes[] = {
    SEARCH("/search", lede_endpoint_search),
    {{"POST", "/search", LEDE_POOL_READ, lede_endpoint_search_post, SEARCH_BODY_MAX, false},
        LEDE_TAKER_SEARCH},
    SEARCH("/search.atom", lede_endpoint_search_atom),
    SEARCH("/search.rss", lede_endpoint_search_rss),
    SEARCH("/search.csv", lede_endpoint_search_csv),
    SEARCH("/documents/{id}/similar", lede_endpoint_similar),
    {{"GET", "/suggest", LEDE_POOL_READ, lede_endpoint_suggest, 0, false}, LEDE_TAKER_SUGGEST},
    {{"POST", "/documents/delete", LEDE_POOL_WRITE, lede_endpoint_delete_by_query, SEARCH_BODY_MAX,
         false},
        LEDE_TAKER_DELETE},
    {{"POST", "/documents", LEDE_POOL_WRITE, lede_endpoint_bulk, 0, true}, LEDE_TAKER_NONE},
    {{"GET", "/documents/{id}", LEDE_POOL_READ, lede_endpoint_document_get, 0, false},
        LEDE_TAKER_NONE},
    WRITE("PUT", "/documents/{id}", lede_endpoint_document_put, DOCUMENT_BODY_MAX),
    WRITE("PATCH", "/documents/{id}", lede_endpoint_document_patch, DOCUMENT_BODY_MAX),
    WRITE("DELETE", "/documents/{id}", lede_endpoint_document_delete, 0),
    WRITE("POST", "/backup", lede_endpoint_backup, BACKUP_BODY_MAX),
    HEALTH("/health/live", lede_endpoint_health_live),
    HEALTH("/health/ready", lede_endpoint_health_ready),
    OPS("/stats", lede_endpoint_stats),
    OPS("/metrics", lede_endpoint_metrics),
    OPS("/version", lede_endpoint_version),
    OPS("/openapi.json", lede_endpoint_openapi),
    OPS("/opensearch.xml", lede_endpoint_opensearch),
    OPS("/", lede_endpoint_page),
    OPS("/assets/{file}", lede_endpoint_page),
};
_Static_assert(LEDE_COUNT_OF(routes) <= LEDE_ROUTES_MAX, "struct lede_api has room for its routes");

const struct lede_http_route *lede_api_routes(const struct lede_api *api, size_t *ret_count)
{
    *ret_count = LEDE_COUNT_OF(routes);
    return api->routes;
}

enum lede_status lede_api_init(
    struct lede_api *api, struct lede_store *store, struct lede_error *reterr)
{
    *api = (struct lede_api){.store = store, .started_monotonic_ns = lede_time_monotonic_ns()};
    pthread_mutex_init(&api->health_lock, NULL);
    for (size_t i = 0; i < LEDE_COUNT_OF(routes); i++)
        api->routes[i] = routes[i].http;
    if (lede_walks_new(&api->walks) != LEDE_OK)
        return lede_fail_memory(reterr);
    return lede_openapi_write(routes, LEDE_COUNT_OF(routes), &api->openapi, reterr);
}

void lede_api_done(struct lede_api *api)
{
    lede_walks_free(api->walks);
    api->walks = NULL;
    lede_buffer_done(&api->openapi);
    pthread_mutex_destroy(&api->health_lock);
}

void lede_api_worker_free(void *api, enum lede_http_pool pool, void *context)
{
    struct lede_api_worker *worker = context;
    (void)api;
    (void)pool;
    if (!worker)
        return;
    lede_highlights_done(&worker->highlights);
    lede_reader_free(worker->reader);
    lede_language_detector_free(worker->detector);
    lede_analyzer_free(worker->analyzer);
    free(worker);
}

void lede_api_worker_idle(void *context, enum lede_http_pool pool, void *worker_context)
{
    struct lede_api *api = context;
    struct lede_api_worker *worker = worker_context;
    /* A failure is met by the next request, and told there. */
    uint32_t has_failed = lede_reader_refresh(worker->reader, NULL) != LEDE_OK;
    if (pool == LEDE_POOL_READ)
        __atomic_store_n(&api->is_unreadable, has_failed, __ATOMIC_SEQ_CST);
}

void *lede_api_worker_new(void *context, enum lede_http_pool pool)
{
    struct lede_api *api = context;
    struct lede_error error;
    struct lede_api_worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return NULL;
    worker->api = api;
    if (pool == LEDE_POOL_READ)
        __atomic_add_fetch(&api->search_workers, 1, __ATOMIC_SEQ_CST);
    enum lede_status st = lede_analyzer_new(&worker->analyzer, &error);
    if (st == LEDE_OK)
        st = lede_language_detector_new(&worker->detector, &error);
    if (st == LEDE_OK)
        st = lede_reader_open(api->store, &worker->reader, &error);
    if (st == LEDE_OK)
        return worker;
    lede_api_worker_free(api, pool, worker);
    return NULL;
}

enum lede_status lede_request_object(const struct lede_http_request *request, const char *what,
    json_t **ret_object, struct lede_error *reterr)
{
    size_t size = 0;
    const char *body = lede_http_request_body(request, &size);
    json_auto_t *json = NULL;
    if (!lede_request_is(request, "application/json") &&
        !lede_request_is(request, "application/merge-patch+json"))
        return lede_fail(reterr, LEDE_EMEDIATYPE, "expected Content-Type application/json");
    enum lede_status st = lede_json_parse(body, size, &json, reterr);
    if (st != LEDE_OK)
        return st;
    if (!json_is_object(json))
        return lede_fail(reterr, LEDE_EINPUT, "expected a JSON object: %s", what);
    *ret_object = LEDE_TAKE(&json);
    return LEDE_OK;
}

bool lede_request_is(const struct lede_http_request *request, const char *media_type)
{
    const char *header = lede_http_request_header(request, "Content-Type");
    size_t size = strlen(media_type);
    return header && strncasecmp(header, media_type, size) == 0 &&
           (header[size] == '\0' || header[size] == ';' || header[size] == ' ');
}

const char *lede_outcome_name(enum lede_write_outcome outcome)
{
    static const char *const names[] = {[LEDE_CREATED] = "created",
        [LEDE_UPDATED] = "updated",
        [LEDE_UNCHANGED] = "unchanged",
        [LEDE_DELETED] = "deleted",
        [LEDE_FAILED] = "failed"};
    return names[outcome];
}

void lede_api_refuse(void *api, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply)
{
    lede_reply_refusal(api, request, status, detail, param, reply);
}
