/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

void lede_api_worker_bind(struct lede_api_worker *worker, const char *filter)
{
    worker->filter = filter;
    lede_query_free(worker->restriction);
    worker->restriction = NULL;
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
