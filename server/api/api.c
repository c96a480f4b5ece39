/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of routes, and what comes before their handlers. */
#include "answers.h"
#include "authorize.h"
#include "frozen_results.h"
#include "lede/shard.h"
#include "lede/time.h"
#include "openapi.h"
#include "over_shards.h"
#include "problem.h"
#include "queries.h"
#include "visible.h"
#include "written_word.h"

#define SEARCH_BODY_MAX ((size_t)256 << 10)
#define BACKUP_BODY_MAX 4096
#define SHARD_BODY_MAX ((size_t)16 << 20)
#define INNER_BODY_MAX (LEDE_SHARD_FRAME_BYTES_MAX + ((size_t)8 << 20))
#define KEY_BODY_MAX ((size_t)256 << 10) /* a filter is a query */
/* escapes may double a text; the model's own limit decides */
#define DOCUMENT_BODY_MAX (LEDE_DOCUMENT_BYTES_MAX * 2)

/* Of a path whose handler never waits. */
#define HEALTH(path, handler)                                                                      \
    {                                                                                              \
        {"GET", path, LEDE_POOL_IO, handler, 0, false}, LEDE_RIGHT_NONE, LEDE_TAKER_NONE, NULL     \
    }
#define SEARCH(method, path, handler, body_max)                                                    \
    {                                                                                              \
        {method, path, LEDE_POOL_READ, handler, body_max, false}, LEDE_RIGHT_SEARCH,               \
            LEDE_TAKER_SEARCH, NULL                                                                \
    }
#define FEED(path, handler)                                                                        \
    {                                                                                              \
        {"GET", path, LEDE_POOL_READ, handler, 0, false}, LEDE_RIGHT_SEARCH, LEDE_TAKER_FEED, NULL \
    }
/* What takes long whatever is asked: others go before. */
#define EXPORT(method, path, handler, body_max, taker)                                             \
    {                                                                                              \
        {method, path, LEDE_POOL_LONG, handler, body_max, false}, LEDE_RIGHT_SEARCH, taker, NULL   \
    }
#define WRITE(method, path, handler, body_max, right)                                              \
    {                                                                                              \
        {method, path, LEDE_POOL_WRITE, handler, body_max, false}, right, LEDE_TAKER_NONE, NULL    \
    }
#define OPS(path, handler, right)                                                                  \
    {                                                                                              \
        {"GET", path, LEDE_POOL_OPS, handler, 0, false}, right, LEDE_TAKER_NONE, NULL              \
    }

/* Of nodes of a cluster for each other. */
#define INNER(method, path, pool, handler)                                                         \
    {                                                                                              \
        {method, path, pool, handler, INNER_BODY_MAX, false}, LEDE_RIGHT_ADMIN, LEDE_TAKER_NONE,   \
            NULL                                                                                   \
    }

static const struct lede_api_route routes[] = {
    SEARCH("GET", "/search", lede_endpoint_search, 0),
    SEARCH("POST", "/search", lede_endpoint_search_post, SEARCH_BODY_MAX),
    FEED("/search.atom", lede_endpoint_search_atom),
    FEED("/search.rss", lede_endpoint_search_rss),
    FEED("/search.jsonfeed", lede_endpoint_search_jsonfeed),
    SEARCH("GET", "/search.csv", lede_endpoint_search_csv, 0),
    EXPORT("GET", "/export.ndjson", lede_endpoint_export_ndjson, 0, LEDE_TAKER_EXPORT),
    EXPORT(
        "POST", "/export.ndjson", lede_endpoint_export_ndjson, SEARCH_BODY_MAX, LEDE_TAKER_EXPORT),
    EXPORT("GET", "/export.csv", lede_endpoint_export_csv, 0, LEDE_TAKER_EXPORT),
    EXPORT("POST", "/export.csv", lede_endpoint_export_csv, SEARCH_BODY_MAX, LEDE_TAKER_EXPORT),
    EXPORT("GET", "/export.txt", lede_endpoint_export_text, 0, LEDE_TAKER_CLIPPING),
    EXPORT("POST", "/export.txt", lede_endpoint_export_text, SEARCH_BODY_MAX, LEDE_TAKER_CLIPPING),
    SEARCH("GET", "/documents/{id}/similar", lede_endpoint_similar, 0),
    SEARCH("POST", "/similar", lede_endpoint_similar_post, DOCUMENT_BODY_MAX),
    {{"GET", "/documents/{id}/versions", LEDE_POOL_READ, lede_endpoint_versions, 0, false},
        LEDE_RIGHT_SEARCH, LEDE_TAKER_NONE, NULL},
    {{"GET", "/suggest", LEDE_POOL_READ, lede_endpoint_suggest, 0, false}, LEDE_RIGHT_SEARCH,
        LEDE_TAKER_SUGGEST, NULL},
    {{"GET", "/suggest.opensearch", LEDE_POOL_READ, lede_endpoint_suggest_opensearch, 0, false},
        LEDE_RIGHT_SEARCH, LEDE_TAKER_SUGGEST, NULL},
    {{"POST", "/documents/delete", LEDE_POOL_WRITE, lede_endpoint_delete_by_query, SEARCH_BODY_MAX,
         false},
        LEDE_RIGHT_DELETE, LEDE_TAKER_DELETE, NULL},
    {{"POST", "/documents", LEDE_POOL_WRITE, lede_endpoint_bulk, 0, true}, LEDE_RIGHT_WRITE,
        LEDE_TAKER_NONE, NULL},
    {{"GET", "/documents/{id}", LEDE_POOL_READ, lede_endpoint_document_get, 0, false},
        LEDE_RIGHT_READ, LEDE_TAKER_NONE, NULL},
    WRITE(
        "PUT", "/documents/{id}", lede_endpoint_document_put, DOCUMENT_BODY_MAX, LEDE_RIGHT_WRITE),
    WRITE("PATCH", "/documents/{id}", lede_endpoint_document_patch, DOCUMENT_BODY_MAX,
        LEDE_RIGHT_WRITE),
    WRITE("DELETE", "/documents/{id}", lede_endpoint_document_delete, 0, LEDE_RIGHT_DELETE),
    {{"POST", "/shard", LEDE_POOL_READ, lede_endpoint_shard, SHARD_BODY_MAX, false},
        LEDE_RIGHT_NONE, LEDE_TAKER_NONE, NULL},
    WRITE("POST", "/backup", lede_endpoint_backup, BACKUP_BODY_MAX, LEDE_RIGHT_ADMIN),
    OPS("/replication", lede_endpoint_replication, LEDE_RIGHT_ADMIN),
    WRITE("GET", "/replication/log", lede_endpoint_replication_log, 0, LEDE_RIGHT_ADMIN),
    WRITE("POST", "/replication/snapshots", lede_endpoint_snapshots_post, BACKUP_BODY_MAX,
        LEDE_RIGHT_ADMIN),
    WRITE("GET", "/replication/snapshots/{id}/{file}", lede_endpoint_snapshot_file, 0,
        LEDE_RIGHT_ADMIN),
    WRITE("DELETE", "/replication/snapshots/{id}", lede_endpoint_snapshot_delete, 0,
        LEDE_RIGHT_ADMIN),
    WRITE("POST", "/replication/promote", lede_endpoint_promote, BACKUP_BODY_MAX, LEDE_RIGHT_ADMIN),
    OPS("/cluster", lede_endpoint_cluster, LEDE_RIGHT_ADMIN),
    /* Not WRITE: whose workers may all wait for what comes here. */
    INNER("POST", "/cluster/frames", LEDE_POOL_OPS, lede_endpoint_cluster_frames),
    INNER("POST", "/cluster/log", LEDE_POOL_OPS, lede_endpoint_cluster_log),
    INNER("POST", "/cluster/writes", LEDE_POOL_WRITE, lede_endpoint_cluster_writes),
    HEALTH("/health/live", lede_endpoint_health_live),
    HEALTH("/health/ready", lede_endpoint_health_ready),
    OPS("/stats", lede_endpoint_stats, LEDE_RIGHT_ADMIN),
    OPS("/queries", lede_endpoint_queries, LEDE_RIGHT_ADMIN),
    OPS("/metrics", lede_endpoint_metrics, LEDE_RIGHT_ADMIN),
    OPS("/keys", lede_endpoint_keys, LEDE_RIGHT_ADMIN),
    WRITE("POST", "/keys", lede_endpoint_keys_post, KEY_BODY_MAX, LEDE_RIGHT_ADMIN),
    WRITE("DELETE", "/keys/{id}", lede_endpoint_key_delete, 0, LEDE_RIGHT_ADMIN),
    OPS("/version", lede_endpoint_version, LEDE_RIGHT_NONE),
    OPS("/openapi.json", lede_endpoint_openapi, LEDE_RIGHT_NONE),
    OPS("/opensearch.xml", lede_endpoint_opensearch, LEDE_RIGHT_NONE),
    {{"GET", "/", LEDE_POOL_READ, lede_endpoint_page, 0, false}, LEDE_RIGHT_SEARCH, LEDE_TAKER_NONE,
        lede_page_show_problem},
    OPS("/assets/{file}", lede_endpoint_asset, LEDE_RIGHT_NONE),
};
/* The other half is for those of another interface. */
_Static_assert(
    LEDE_COUNT_OF(routes) <= LEDE_ROUTES_MAX / 2, "struct lede_api has room for its routes");

const struct lede_http_route *lede_api_routes(const struct lede_api *api, size_t *ret_count)
{
    *ret_count = api->route_count;
    return api->routes;
}

/* Bind a worker to what a request may see. False: that cannot be read, and the reply says so. A
 * derived key's filter was seen by nobody before. */
static bool bind(struct lede_api_worker *worker, const struct lede_http_request *request,
    const struct lede_grant *grant, struct lede_http_reply *reply)
{
    struct lede_error error = {0}, why = {0};
    lede_api_worker_bind(worker, grant);
    enum lede_status st = lede_visible_begin(worker, &why);
    if (st == LEDE_OK)
        return true;
    (void)lede_fail(&error, st, "the key's filter: %s", why.message);
    if (st == LEDE_EINPUT)
        lede_reply_problem(reply, request, lede_problem_named("forbidden"), &error);
    else
        lede_reply_error(reply, request, &why);
    return false;
}

static const struct lede_api_route *route_of(
    const struct lede_api *api, const struct lede_http_request *request)
{
    const struct lede_api_interface *other = api->settings.interface;
    const struct lede_api_route *instead = other ? other->instead(other, request) : NULL;
    return instead ? instead : api->table[lede_http_request_route(request) - api->routes];
}

/* Every route's handler of the HTTP floor: nothing is answered before it is authorized. */
static void answer(void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    const struct lede_api *api = lede_http_request_context(request);
    const struct lede_api_route *route = route_of(api, request);
    bool has_worker = route->http.pool < LEDE_POOL_COUNT;
    struct lede_grant grant = {0};
    /* A body that paused goes on: it was asked for before its first byte was read. */
    bool is_allowed = lede_http_request_state(request) ||
                      lede_request_is_allowed(request, route->right, route->taker, &grant, reply);
    is_allowed = is_allowed && lede_over_shards_may_serve(api, route, request, reply);
    if (is_allowed && has_worker && bind(context, request, &grant, reply)) {
        lede_api_worker_begin(context, request);
        if (route->taker != LEDE_TAKER_NONE)
            (void)lede_api_worker_enter(context, LEDE_STAGE_PARSE);
        route->http.handler(context, request, reply);
        lede_api_worker_end(context);
    } else if (is_allowed && !has_worker) {
        route->http.handler(context, request, reply);
    }
    if (route->show_problem && reply->status >= 400)
        route->show_problem(request, reply);
    if (has_worker)
        lede_api_worker_bind(context, NULL);
    lede_buffer_done(&grant.filters);
}

void lede_api_set_telling(struct lede_api *api, uint32_t slow_ms, bool with_texts)
{
    __atomic_store_n(&api->slow_ms, slow_ms, __ATOMIC_RELAXED);
    __atomic_store_n(&api->with_texts, with_texts, __ATOMIC_RELAXED);
}

static void add_routes(struct lede_api *api, const struct lede_api_route *more, size_t count)
{
    for (size_t i = 0; i < count && api->route_count < LEDE_ROUTES_MAX; i++) {
        api->table[api->route_count] = &more[i];
        api->routes[api->route_count] = more[i].http;
        api->routes[api->route_count++].handler = answer;
    }
}

enum lede_status lede_api_init(struct lede_api *api, struct lede_store *store,
    const struct lede_api_settings *settings, struct lede_error *reterr)
{
    *api = (struct lede_api){.store = store, .started_monotonic_ns = lede_time_monotonic_ns()};
    pthread_mutex_init(&api->health_lock, NULL);
    pthread_mutex_init(&api->synonyms_lock, NULL);
    lede_api_set_telling(api, 0, true);
    if (settings)
        api->settings = *settings;
    add_routes(api, routes, LEDE_COUNT_OF(routes));
    if (api->settings.interface)
        add_routes(api, api->settings.interface->routes, api->settings.interface->route_count);
    if (lede_frozen_results_new(&api->frozen_results) != LEDE_OK ||
        lede_cache_new(api->settings.document_cache_bytes, &api->shown_documents) != LEDE_OK ||
        lede_cache_new(LEDE_WRITTEN_WORDS_BYTES, &api->written_words) != LEDE_OK ||
        lede_answers_new(api->settings.answer_cache_bytes, &api->answers) != LEDE_OK ||
        !(api->queries = lede_queries_new()))
        return lede_fail_memory(reterr);
    return lede_openapi_write(routes, LEDE_COUNT_OF(routes), &api->openapi, reterr);
}

void lede_api_done(struct lede_api *api)
{
    lede_frozen_results_free(api->frozen_results);
    api->frozen_results = NULL;
    lede_cache_free(api->shown_documents);
    api->shown_documents = NULL;
    lede_cache_free(api->written_words);
    api->written_words = NULL;
    lede_answers_free(api->answers);
    api->answers = NULL;
    lede_queries_free(api->queries);
    api->queries = NULL;
    lede_buffer_done(&api->openapi);
    lede_synonyms_unrefp(&api->synonyms);
    pthread_mutex_destroy(&api->synonyms_lock);
    pthread_mutex_destroy(&api->health_lock);
}
