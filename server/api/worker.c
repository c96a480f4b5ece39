/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker.h"

#include "lede/import.h"
#include "lede/thread.h"

#include <stdio.h>
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
    lede_shards_asker_free(worker->asker);
    free(worker);
}

void lede_api_worker_rest(void *api, enum lede_http_pool pool, void *context)
{
    struct lede_api_worker *worker = context;
    (void)api;
    if (pool == LEDE_POOL_WRITE)
        lede_reader_release(worker->reader);
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
    if (pool == LEDE_POOL_LONG)
        lede_thread_make_nice();
    if (pool == LEDE_POOL_READ)
        __atomic_add_fetch(&api->search_workers, 1, __ATOMIC_SEQ_CST);
    enum lede_status st = lede_analyzer_new(&worker->analyzer, &error);
    if (st == LEDE_OK)
        st = lede_language_detector_new(&worker->detector, &error);
    if (st == LEDE_OK)
        st = lede_reader_open(api->store, &worker->reader, &error);
    if (st == LEDE_OK && api->settings.shards)
        st = lede_shards_asker_new(api->settings.shards, &worker->asker, &error);
    if (st == LEDE_OK)
        return worker;
    lede_api_worker_free(api, pool, worker);
    return NULL;
}

void lede_api_worker_bind(struct lede_api_worker *worker, const struct lede_grant *grant)
{
    worker->filters = grant && grant->filters.size > 0 ? grant->filters.data : NULL;
    worker->sees_hidden = !grant || grant->rights & LEDE_RIGHT_BIT(LEDE_RIGHT_WRITE);
    worker->without_texts = (grant && grant->without_texts) ||
                            !__atomic_load_n(&worker->api->with_texts, __ATOMIC_RELAXED);
    lede_query_free(worker->restriction);
    worker->restriction = NULL;
}

/* So much of the processor a search may take from those that take little; one that takes more is
 * begun anew by a worker that others go before. Nine tenths of ordinary searches take less than a
 * tenth of it. */
#define SHORT_CPU_NS UINT64_C(10000000)
/* A request of so short a timeout ends by that. */
#define SHORT_TIMEOUT_MS 20
/* Whatever its timeout, a request may wait so long, ... */
#define WAIT_MS_MIN 100
/* ... and one that has none. */
#define WAIT_MS 1000

void lede_api_worker_begin(struct lede_api_worker *worker, struct lede_http_request *request)
{
    enum lede_http_pool pool = lede_http_request_pool(request);
    worker->request = request;
    worker->asked_ns = lede_http_request_asked_ns(request);
    worker->is_long = false;
    worker->may_wait_until_ns = 0;
    worker->stop = (struct lede_stop){0};
    uint64_t now_ns = lede_time_monotonic_ns();
    worker->stages =
        (struct lede_stages){.now = LEDE_STAGES, .begun_ns = now_ns, .since_ns = now_ns};
    if (pool == LEDE_POOL_READ || pool == LEDE_POOL_LONG)
        worker->stop.cancelled = lede_http_request_cancelled(request);
    if (pool == LEDE_POOL_READ)
        worker->stop.cpu_ns_max = SHORT_CPU_NS;
    lede_stop_begin(&worker->stop);
}

void lede_api_worker_begin_next(struct lede_api_worker *worker)
{
    worker->asked_ns = lede_time_monotonic_ns();
    if (lede_http_request_pool(worker->request) == LEDE_POOL_READ)
        worker->stop.cpu_ns_max = SHORT_CPU_NS;
}

enum lede_stage lede_api_worker_enter(struct lede_api_worker *worker, enum lede_stage stage)
{
    struct lede_stages *stages = &worker->stages;
    enum lede_stage before = stages->now;
    if (stage == before)
        return before;
    uint64_t now_ns = lede_time_monotonic_ns();
    stages->ns[before] += now_ns - stages->since_ns;
    stages->since_ns = now_ns;
    stages->now = stage;
    return before;
}

bool lede_api_worker_is_left(const struct lede_api_worker *worker)
{
    return worker->is_long || worker->stop.was_seen;
}

enum lede_status lede_api_worker_go_on(
    const struct lede_api_worker *worker, struct lede_error *reterr)
{
    if (!worker->is_long && !lede_time_has_passed(UINT64_MAX))
        return LEDE_OK;
    return lede_fail(reterr, LEDE_ETIMEOUT, "the search was stopped");
}

void lede_api_worker_end(struct lede_api_worker *worker)
{
    uint64_t until_ns = worker->may_wait_until_ns;
    bool is_wanted =
        !worker->stop.cancelled || !__atomic_load_n(worker->stop.cancelled, __ATOMIC_RELAXED);
    if (until_ns == 0)
        until_ns = worker->asked_ns + WAIT_MS * UINT64_C(1000000);
    if (is_wanted && lede_api_worker_is_left(worker))
        lede_http_request_move(worker->request, until_ns);
    lede_stop_end();
    (void)lede_api_worker_enter(worker, LEDE_STAGES);
    for (enum lede_stage stage = 0; stage < LEDE_STAGES; stage++)
        lede_http_request_add_time(worker->request, stage, worker->stages.ns[stage]);
    worker->request = NULL;
}

enum lede_status lede_api_worker_clock(struct lede_api_worker *worker, uint32_t timeout_ms,
    uint64_t *ret_begun_ns, struct lede_error *reterr)
{
    uint64_t now = lede_time_monotonic_ns();
    uint64_t asked = worker->request ? worker->asked_ns : now;
    uint64_t half_ns = timeout_ms * UINT64_C(500000), least_ns = WAIT_MS_MIN * UINT64_C(1000000);
    uint64_t waited = now - asked;
    worker->may_wait_until_ns = asked + (half_ns > least_ns ? half_ns : least_ns);
    if (timeout_ms <= SHORT_TIMEOUT_MS)
        worker->stop.cpu_ns_max = 0;
    *ret_begun_ns = waited < half_ns ? asked : now - half_ns;
    /* The queue of those that take long has looked at the clock itself. */
    bool has_moved = worker->request && lede_http_request_pool(worker->request) == LEDE_POOL_LONG;
    if (has_moved || now <= worker->may_wait_until_ns)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_ETIMEOUT, "it has waited %u of its %u ms for others",
        (unsigned)(waited / 1000000), (unsigned)timeout_ms);
}

static enum lede_status take_object(
    json_t **json, const char *what, json_t **ret_object, struct lede_error *reterr)
{
    if (!json_is_object(*json))
        return lede_fail(reterr, LEDE_EINPUT, "expected a JSON object: %s", what);
    *ret_object = LEDE_TAKE(json);
    return LEDE_OK;
}

static enum lede_status expect_json(
    const struct lede_http_request *request, struct lede_error *reterr)
{
    if (lede_request_is(request, "application/json") ||
        lede_request_is(request, "application/merge-patch+json") ||
        lede_request_is_untyped(request))
        return LEDE_OK;
    return lede_fail(reterr, LEDE_EMEDIATYPE, "expected Content-Type application/json");
}

enum lede_status lede_request_text(const struct lede_http_request *request,
    struct lede_buffer *decoded, const char **ret_text, size_t *ret_size, struct lede_error *reterr)
{
    char name[LEDE_CHARSET_SIZE];
    const char *charset = lede_request_charset(request, name);
    const char *body = lede_http_request_body(request, ret_size);
    static const char mark[] = "\xEF\xBB\xBF";
    if (!charset)
        charset = lede_charset_of(body, *ret_size);
    if (charset) {
        enum lede_status st = lede_charset_decode(charset, body, *ret_size, decoded, reterr);
        if (st != LEDE_OK)
            return st;
        body = decoded->data ? decoded->data : "";
        *ret_size = decoded->size;
    }
    bool has_mark = *ret_size >= strlen(mark) && memcmp(body, mark, strlen(mark)) == 0;
    *ret_text = has_mark ? body + strlen(mark) : body;
    *ret_size -= has_mark ? strlen(mark) : 0;
    return LEDE_OK;
}

enum lede_status lede_request_object(const struct lede_http_request *request, const char *what,
    json_t **ret_object, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    json_auto_t *json = NULL;
    const char *text = NULL;
    size_t size = 0;
    enum lede_status st = expect_json(request, reterr);
    if (st == LEDE_OK)
        st = lede_request_text(request, &decoded, &text, &size, reterr);
    if (st == LEDE_OK)
        st = lede_json_parse(text, size, &json, reterr);
    return st == LEDE_OK ? take_object(&json, what, ret_object, reterr) : st;
}

enum lede_status lede_request_document(const struct lede_api_worker *worker,
    const struct lede_http_request *request, const char *what, json_t **ret_object,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    json_auto_t *json = NULL;
    const char *text = NULL;
    size_t size = 0, replaced = 0;
    enum lede_status st = expect_json(request, reterr);
    if (st == LEDE_OK)
        st = lede_request_text(request, &decoded, &text, &size, reterr);
    if (st == LEDE_OK)
        st = lede_json_parse_identified(
            text, size, worker->api->settings.bad_text, &json, &replaced, reterr);
    return st == LEDE_OK ? take_object(&json, what, ret_object, reterr) : st;
}

const char *lede_request_charset(
    const struct lede_http_request *request, char ret_name[LEDE_CHARSET_SIZE])
{
    static const char key[] = "charset=";
    const char *at = lede_http_request_header(request, "Content-Type");
    while (at && (at = strchr(at, ';'))) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, key, sizeof(key) - 1) != 0)
            continue;
        at += sizeof(key) - 1;
        at += *at == '"';
        snprintf(ret_name, LEDE_CHARSET_SIZE, "%.*s", (int)strcspn(at, "\"; \t"), at);
        return ret_name;
    }
    return NULL;
}

bool lede_request_is(const struct lede_http_request *request, const char *media_type)
{
    const char *header = lede_http_request_header(request, "Content-Type");
    size_t size = strlen(media_type);
    return header && strncasecmp(header, media_type, size) == 0 &&
           strchr("; \t", header[size]); /* or the end */
}

bool lede_request_is_untyped(const struct lede_http_request *request)
{
    static const char *const of_browsers[] = {"Origin", "Sec-Fetch-Site", "Referer"};
    bool is_untyped = !lede_http_request_header(request, "Content-Type") ||
                      lede_request_is(request, "application/x-www-form-urlencoded");
    for (size_t i = 0; i < LEDE_COUNT_OF(of_browsers); i++)
        is_untyped = is_untyped && !lede_http_request_header(request, of_browsers[i]);
    return is_untyped;
}

const char *lede_outcome_name(enum lede_write_outcome outcome)
{
    static const char *const names[] = {[LEDE_CREATED] = "created",
        [LEDE_UPDATED] = "updated",
        [LEDE_UNCHANGED] = "unchanged",
        [LEDE_OLDER] = "older",
        [LEDE_DELETED] = "deleted",
        [LEDE_FAILED] = "failed"};
    return names[outcome];
}
