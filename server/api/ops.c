/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations: health, statistics, metrics, version. */
#include "endpoints.h"
#include "figures.h"
#include "json_out.h"
#include "lede/replica.h"
#include "lede_version.h"
#include "metrics.h"
#include "negotiation.h"
#include "problem.h"
#include "worker.h"

#include <sched.h>
#include <string.h>

static void reply_json(struct lede_http_reply *reply)
{
    reply->status = 200;
    reply->media_type = "application/json";
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

void lede_endpoint_health_live(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_refuse_parameters(request, reply))
        return;
    reply_json(reply);
    lede_buffer_append_string(&reply->body, "{\"status\":\"live\"}\n");
}

static void write_quarantined(
    struct lede_buffer *out, const struct lede_quarantined *segments, uint32_t count)
{
    lede_json_key(out, "quarantined");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < count && i < LEDE_QUARANTINED_TOLD_MAX; i++) {
        const struct lede_quarantined *segment = &segments[i];
        lede_buffer_append_string(out, i > 0 ? ",{" : "{");
        lede_json_member_uint(out, "segment", segment->segment);
        lede_json_member_uint(out, "documents", segment->documents);
        lede_append_told(out, "what", segment->what);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

#define HEALTH_LOOKS_MAX 100

/* Look at the store's health without waiting. Where it is being changed at each of so many looks,
 * what was seen last is still right enough. False: it was never seen. */
static bool look_at_health(struct lede_api *api, struct lede_store_health *ret_health)
{
    enum lede_status st = LEDE_EBUSY;
    for (int i = 0; i < HEALTH_LOOKS_MAX && st != LEDE_OK; i++) {
        if (i > 0)
            sched_yield();
        st = lede_store_health(api->store, ret_health);
    }
    pthread_mutex_lock(&api->health_lock);
    if (st == LEDE_OK)
        api->health = *ret_health;
    else
        *ret_health = api->health;
    api->knows_health = api->knows_health || st == LEDE_OK;
    bool is_known = api->knows_health;
    pthread_mutex_unlock(&api->health_lock);
    return is_known;
}

static bool takes_writes(const struct lede_api *api)
{
    return api->settings.cluster ? lede_cluster_takes_writes(api) : !lede_store_is_copy(api->store);
}

/* Ready is who can answer a search. A disk that takes no writes is said, and so is a segment that
 * is damaged, but searches go on. In an I/O thread: nothing here may wait. */
void lede_endpoint_health_ready(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api *api = context;
    struct lede_store_health health;
    if (lede_refuse_parameters(request, reply))
        return;
    if (__atomic_load_n(&api->is_unreadable, __ATOMIC_SEQ_CST) || !look_at_health(api, &health)) {
        lede_api_refuse(api, request, 503, "the index cannot be read just now", NULL, reply);
        return;
    }
    reply_json(reply);
    lede_buffer_append_string(&reply->body, "{");
    lede_json_member_string(&reply->body, "status", "ready");
    lede_json_member_bool(&reply->body, "writable", health.writable && takes_writes(api));
    lede_json_member_uint(&reply->body, "revision", health.revision);
    lede_json_member_uint(&reply->body, "quarantined_segments", health.quarantined_count);
    write_quarantined(&reply->body, health.quarantined, health.quarantined_count);
    lede_replication_write_copy(api, &reply->body);
    lede_cluster_write_state(api, &reply->body);
    lede_buffer_append_string(&reply->body, "}\n");
}

static void add_count(void *context, const char *value, uint32_t count)
{
    lede_json_member_uint(context, value, count);
}

static enum lede_status write_counts(struct lede_api_worker *worker, const char *key,
    const struct lede_field *field, struct lede_buffer *out, struct lede_error *reterr)
{
    lede_json_key(out, key);
    lede_buffer_append_char(out, '{');
    bool cut = false;
    enum lede_status st =
        lede_reader_visit_values(worker->reader, field, add_count, out, &cut, reterr);
    lede_buffer_append_char(out, '}');
    if (!field)
        lede_json_member_bool(out, "unknown_keys_cut", cut);
    return st;
}

void lede_endpoint_stats(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    struct lede_figures figures;
    struct lede_buffer *out = &reply->body;
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = lede_reader_refresh(worker->reader, &error);
    if (st == LEDE_OK)
        st = lede_figures_take(worker->api, request, &figures, &error);
    if (st == LEDE_OK) {
        reply_json(reply);
        lede_buffer_append_char(out, '{');
        lede_figures_write_json(&figures, out);
        write_quarantined(out, figures.store.quarantined, figures.store.quarantined_count);
        st = write_counts(worker, "languages", lede_field_at(LEDE_FIELD_LANGUAGE), out, &error);
    }
    if (st == LEDE_OK)
        st = write_counts(worker, "unknown_keys", NULL, out, &error);
    if (st != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    lede_buffer_append_string(out, "}\n");
}

#define OPENMETRICS "application/openmetrics-text"

/* OpenMetrics is for who names it: any other client can read the older text. */
void lede_endpoint_metrics(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    struct lede_figures figures;
    if (lede_refuse_parameters(request, reply))
        return;
    if (lede_figures_take(worker->api, request, &figures, &error) != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    const char *accept = lede_http_request_header(request, "Accept");
    bool is_open =
        accept && strcasestr(accept, OPENMETRICS) && lede_request_accepts(request, OPENMETRICS);
    lede_metrics_write(&figures, lede_http_request_server(request), is_open, &reply->body);
    reply->status = 200;
    reply->media_type = is_open ? OPENMETRICS "; version=1.0.0; charset=utf-8"
                                : "text/plain; version=0.0.4; charset=utf-8";
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

void lede_endpoint_version(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_refuse_parameters(request, reply))
        return;
    reply_json(reply);
    lede_buffer_append_char(&reply->body, '{');
    lede_json_member_string(&reply->body, "name", "lede");
    lede_json_member_string(&reply->body, "version", LEDE_VERSION);
    lede_json_member_uint(&reply->body, "analysis", LEDE_ANALYSIS_VERSION);
    lede_json_member_string(&reply->body, "xapian", lede_engine_library_version());
    lede_buffer_append_string(&reply->body, "}\n");
}
