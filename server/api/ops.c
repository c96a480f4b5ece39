/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations: health, statistics, metrics, version. */
#include "endpoints.h"
#include "json_out.h"
#include "lede/time.h"
#include "lede_version.h"
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
    lede_json_member_uint(out, "quarantined_segments", count);
    lede_json_key(out, "quarantined");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < count && i < LEDE_QUARANTINED_TOLD_MAX; i++) {
        const struct lede_quarantined *segment = &segments[i];
        lede_buffer_append_string(out, i > 0 ? ",{" : "{");
        lede_json_member_uint(out, "segment", segment->segment);
        lede_json_member_uint(out, "documents", segment->documents);
        lede_json_member_string(out, "what", segment->what);
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
    lede_json_member_bool(&reply->body, "writable", health.writable);
    lede_json_member_uint(&reply->body, "revision", health.revision);
    write_quarantined(&reply->body, health.quarantined, health.quarantined_count);
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
    enum lede_status st = lede_reader_visit_values(worker->reader, field, add_count, out, reterr);
    lede_buffer_append_char(out, '}');
    return st;
}

static void write_store(struct lede_buffer *out, const struct lede_store_stats *stats)
{
    lede_json_member_uint(out, "documents", stats->documents);
    lede_json_member_uint(out, "revision", stats->revision);
    lede_json_member_uint(out, "segments", stats->segments);
    lede_json_member_uint(out, "disk_bytes", stats->disk_bytes);
    lede_json_member_bool(out, "writable", stats->writable);
    write_quarantined(out, stats->quarantined, stats->quarantined_count);
    lede_json_key(out, "writes");
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "created", stats->writes_created);
    lede_json_member_uint(out, "updated", stats->writes_updated);
    lede_json_member_uint(out, "unchanged", stats->writes_unchanged);
    lede_json_member_uint(out, "deleted", stats->writes_deleted);
    lede_json_member_uint(out, "failed", stats->writes_failed);
    lede_json_member_uint(out, "pending", stats->pending_writes);
    lede_json_member_uint(out, "commits", stats->commits);
    lede_buffer_append_char(out, '}');
    lede_json_key(out, "merging");
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "merges", stats->merges);
    lede_json_member_uint(out, "merged_bytes", stats->merged_bytes);
    lede_json_member_uint(out, "sealed_bytes", stats->sealed_bytes);
    lede_json_member_uint(out, "deleted_documents", stats->deleted_documents);
    lede_json_member_uint(out, "older_documents", stats->older_documents);
    lede_buffer_append_char(out, '}');
}

static const char *const pool_names[LEDE_POOL_COUNT] = {
    [LEDE_POOL_READ] = "read", [LEDE_POOL_WRITE] = "write", [LEDE_POOL_OPS] = "ops"};

static void write_http(struct lede_buffer *out, const struct lede_http_request *request)
{
    struct lede_http_stats stats;
    lede_http_server_stats(lede_http_request_server(request), &stats);
    lede_json_key(out, "http");
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "requests", stats.requests);
    lede_json_member_uint(out, "refused", stats.refused);
    lede_json_member_uint(out, "connections", stats.connections);
    lede_json_key(out, "queued");
    lede_buffer_append_char(out, '{');
    for (size_t i = 0; i < LEDE_POOL_COUNT; i++)
        lede_json_member_uint(out, pool_names[i], stats.queued[i]);
    lede_buffer_append_string(out, "}}");
}

void lede_endpoint_stats(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    struct lede_store_stats stats;
    struct lede_buffer *out = &reply->body;
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = lede_reader_refresh(worker->reader, &error);
    if (st == LEDE_OK)
        st = lede_store_stats(worker->api->store, &stats, &error);
    if (st == LEDE_OK) {
        reply_json(reply);
        lede_buffer_append_char(out, '{');
        write_store(out, &stats);
        st = write_counts(worker, "languages", lede_field_at(LEDE_FIELD_LANGUAGE), out, &error);
    }
    if (st == LEDE_OK)
        st = write_counts(worker, "unknown_keys", NULL, out, &error);
    if (st != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    write_http(out, request);
    lede_json_member_uint(out, "uptime_s",
        (lede_time_monotonic_ns() - worker->api->started_monotonic_ns) / UINT64_C(1000000000));
    lede_buffer_append_string(out, "}\n");
}

static void metric(
    struct lede_buffer *out, const char *name, const char *type, const char *help, uint64_t value)
{
    lede_buffer_append_format(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type,
        name, (unsigned long long)value);
}

static void write_http_metrics(struct lede_buffer *out, const struct lede_http_stats *stats)
{
    metric(out, "lede_http_requests_total", "counter", "Requests received.", stats->requests);
    metric(out, "lede_http_refused_total", "counter", "Requests refused before a handler ran.",
        stats->refused);
    metric(out, "lede_http_connections", "gauge", "Connections open.", stats->connections);
    lede_buffer_append_string(out, "# HELP lede_http_responses_total Answers by class of status.\n"
                                   "# TYPE lede_http_responses_total counter\n");
    for (size_t i = 1; i < LEDE_COUNT_OF(stats->responses_by_class); i++)
        lede_buffer_append_format(out, "lede_http_responses_total{class=\"%zuxx\"} %llu\n", i,
            (unsigned long long)stats->responses_by_class[i]);
    lede_buffer_append_string(out, "# HELP lede_http_queued Requests waiting for a worker.\n"
                                   "# TYPE lede_http_queued gauge\n");
    for (size_t i = 0; i < LEDE_POOL_COUNT; i++)
        lede_buffer_append_format(out, "lede_http_queued{pool=\"%s\"} %llu\n", pool_names[i],
            (unsigned long long)stats->queued[i]);
}

/* Source of the format: Prometheus, "Text-based format", version 0.0.4. */
void lede_endpoint_metrics(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    struct lede_store_stats stats;
    struct lede_http_stats http;
    if (lede_refuse_parameters(request, reply))
        return;
    if (lede_store_stats(worker->api->store, &stats, &error) != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    lede_http_server_stats(lede_http_request_server(request), &http);
    struct lede_buffer *out = &reply->body;
    metric(out, "lede_documents", "gauge", "Documents in the store.", stats.documents);
    metric(out, "lede_segments", "gauge", "Segments that a search reads.", stats.segments);
    metric(out, "lede_disk_bytes", "gauge", "Bytes of the segments on the disk.", stats.disk_bytes);
    metric(out, "lede_revision", "gauge", "Newest revision that can be searched.", stats.revision);
    metric(out, "lede_writable", "gauge", "1 if the store takes writes.", stats.writable);
    metric(out, "lede_writes_created_total", "counter", "Documents created.", stats.writes_created);
    metric(
        out, "lede_writes_updated_total", "counter", "Documents replaced.", stats.writes_updated);
    metric(out, "lede_writes_unchanged_total", "counter", "Documents that came again as they were.",
        stats.writes_unchanged);
    metric(out, "lede_writes_deleted_total", "counter", "Documents deleted.", stats.writes_deleted);
    metric(out, "lede_writes_failed_total", "counter", "Writes refused.", stats.writes_failed);
    metric(out, "lede_commits_total", "counter", "Commits.", stats.commits);
    metric(out, "lede_merges_total", "counter", "Merges of segments.", stats.merges);
    metric(
        out, "lede_merged_bytes_total", "counter", "Bytes that merges wrote.", stats.merged_bytes);
    metric(out, "lede_sealed_bytes_total", "counter",
        "Bytes of segments that were written and sealed.", stats.sealed_bytes);
    metric(out, "lede_older_documents", "gauge",
        "Documents indexed by an older version, which are indexed anew.", stats.older_documents);
    metric(out, "lede_deleted_documents", "gauge", "Deleted documents that segments still hold.",
        stats.deleted_documents);
    metric(out, "lede_quarantined_segments", "gauge", "Damaged segments that no search reads.",
        stats.quarantined_count);
    write_http_metrics(out, &http);
    reply->status = 200;
    reply->media_type = "text/plain; version=0.0.4; charset=utf-8";
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
