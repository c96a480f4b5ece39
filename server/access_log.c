/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a stranger has sent is quoted, bounded, and without his key. */
#include "access_log.h"

#include "lede/time.h"
#include "log_text.h"
#include "logged_address.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS_BYTES_MAX 1200
#define HEADER_BYTES_MAX 200
#define QUERY_BYTES_MAX 1000
/* What web servers say where the client did not wait; it is no status of HTTP. */
#define STATUS_LEFT 499

static const char *header(const struct lede_http_request *request, const char *name)
{
    const char *value = lede_http_request_header(request, name);
    return value ? value : "";
}

void lede_access_address(const struct lede_answered *answered, struct lede_buffer *out)
{
    lede_logged_address(answered->request, out);
    char *query = answered->without_texts && out->data ? strchr(out->data, '?') : NULL;
    if (!query)
        return;
    *query = '\0';
    out->size = (size_t)(query - out->data);
}

static const char *text_of(const struct lede_buffer *buffer)
{
    return buffer->data && !buffer->failed ? buffer->data : "";
}

static void json_member(
    struct lede_buffer *out, const char *key, const char *text, size_t bytes_max)
{
    if (!text[0])
        return;
    lede_buffer_append_format(out, ",\"%s\":", key);
    lede_log_json_string(out, text, bytes_max);
}

/* Milliseconds, of which thousandths are told, whatever the locale. */
static void append_ms(struct lede_buffer *out, const char *key, uint64_t ns)
{
    unsigned long long us = (ns + 500) / 1000;
    lede_buffer_append_format(out, "\"%s\":%llu.%03llu", key, us / 1000, us % 1000);
}

static void append_stages(struct lede_buffer *out, const uint64_t *times)
{
    const char *before = ",\"stages_ms\":{";
    bool has_any = false;
    for (enum lede_stage stage = 0; stage < LEDE_STAGES; stage++) {
        if (times[stage] == 0)
            continue;
        lede_buffer_append_string(out, has_any ? "," : before);
        append_ms(out, lede_stage_name(stage), times[stage]);
        has_any = true;
    }
    if (has_any)
        lede_buffer_append_char(out, '}');
}

static void append_json(const struct lede_answered *answered, struct lede_buffer *out)
{
    const struct lede_http_request *request = answered->request;
    const struct lede_http_trace *trace = lede_http_request_trace(request);
    const struct lede_http_route *route = lede_http_request_route(request);
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    char moment[21], id[LEDE_LOGGED_KEY_SIZE];
    int64_t now_utc_ms = lede_time_now_utc_ms();
    lede_time_format(now_utc_ms / 1000, moment);
    lede_access_address(answered, &address);
    lede_logged_key(request, id);
    lede_buffer_append_format(out, "{\"time\":\"%.19s.%03dZ\"", moment, (int)(now_utc_ms % 1000));
    json_member(out, "request", lede_http_request_id(request), SIZE_MAX);
    json_member(out, "trace", trace->id, SIZE_MAX);
    json_member(out, "span", trace->span, SIZE_MAX);
    json_member(out, "parent", trace->parent, SIZE_MAX);
    json_member(out, "client", lede_http_request_client(request), SIZE_MAX);
    json_member(out, "key", id, SIZE_MAX);
    json_member(out, "method", lede_http_request_method(request), HEADER_BYTES_MAX);
    json_member(out, "route", route ? route->path : "", SIZE_MAX);
    json_member(out, "address", text_of(&address), ADDRESS_BYTES_MAX);
    json_member(out, "agent", header(request, "User-Agent"), HEADER_BYTES_MAX);
    lede_buffer_append_format(
        out, ",\"status\":%d,\"bytes\":%zu,", answered->status, answered->body_bytes);
    append_ms(out, "ms", answered->took_ns);
    append_stages(out, lede_http_request_times(request));
    lede_buffer_append_char(out, '}');
}

/* [29/Nov/2026:07:11:35 +0000] */
static void append_moment(struct lede_buffer *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char moment[21]; /* 2026-11-29T07:11:35Z */
    int64_t now_utc_s = lede_time_now_utc_s();
    lede_time_format(now_utc_s, moment);
    int month = (moment[5] - '0') * 10 + moment[6] - '0';
    lede_buffer_append_format(out, "[%.2s/%.3s/%.4s:%.8s +0000]", moment + 8,
        months + (size_t)(month - 1) * 3, moment, moment + 11);
}

/* Source of the format: Apache HTTP Server, "Log Files", "Combined Log Format". */
static void append_combined(const struct lede_answered *answered, struct lede_buffer *out)
{
    const struct lede_http_request *request = answered->request;
    const char *client = lede_http_request_client(request), *referer = header(request, "Referer");
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    char id[LEDE_LOGGED_KEY_SIZE];
    lede_access_address(answered, &address);
    lede_logged_key(request, id);
    lede_buffer_append_format(out, "%s - %s ", client[0] ? client : "-", id[0] ? id : "-");
    append_moment(out);
    lede_buffer_append_string(out, " \"");
    lede_log_quoted(out, lede_http_request_method(request), HEADER_BYTES_MAX);
    lede_buffer_append_char(out, ' ');
    lede_log_quoted(out, text_of(&address), ADDRESS_BYTES_MAX);
    lede_buffer_append_format(out, " %s\" %d %zu \"", lede_http_request_version(request),
        answered->status != 0 ? answered->status : STATUS_LEFT, answered->body_bytes);
    /* The query of a feed's address may have its key. */
    size_t size = strcspn(referer, "?#");
    lede_log_quoted(out, size > 0 ? referer : "-",
        size > 0 && size < HEADER_BYTES_MAX ? size : HEADER_BYTES_MAX);
    lede_buffer_append_string(out, "\" \"");
    const char *agent = header(request, "User-Agent");
    lede_log_quoted(out, agent[0] ? agent : "-", HEADER_BYTES_MAX);
    lede_buffer_append_char(out, '"');
}

void lede_access_line(
    const struct lede_answered *answered, enum lede_access_format format, struct lede_buffer *out)
{
    if (format == LEDE_ACCESS_COMBINED)
        append_combined(answered, out);
    else
        append_json(answered, out);
    if (!out->failed && out->data)
        lede_log_hide_keys(out->data);
    out->size = out->data ? strlen(out->data) : 0;
}

/* What was read is of the search alone, not of what is told beside its hits. */
void lede_slow_line(const struct lede_slow_search *slow, struct lede_buffer *out)
{
    const struct lede_http_request *request = slow->request;
    const struct lede_http_route *route = lede_http_request_route(request);
    const struct lede_http_trace *trace = lede_http_request_trace(request);
    char id[LEDE_LOGGED_KEY_SIZE];
    lede_logged_key(request, id);
    lede_buffer_append_format(out, "slow search %s %s request=%s",
        lede_http_request_method(request), route ? route->path : "", lede_http_request_id(request));
    if (trace->id[0])
        lede_buffer_append_format(out, " trace=%s", trace->id);
    if (id[0])
        lede_buffer_append_format(out, " key=%s", id);
    lede_buffer_append_format(
        out, " ms=%.1f queue=%.1f", (double)slow->took_ns / 1e6, (double)slow->queued_ns / 1e6);
    for (enum lede_stage stage = LEDE_STAGE_PARSE; stage < LEDE_STAGES; stage++)
        lede_buffer_append_format(
            out, " %s=%.1f", lede_stage_name(stage), (double)slow->stages_ns[stage] / 1e6);
    lede_buffer_append_format(out, " hits=%u%s%s found=%u read=%u read_bytes=%llu",
        (unsigned)slow->hits, slow->is_exact ? "" : "~", slow->timed_out ? " timed_out" : "",
        (unsigned)slow->reading.found, (unsigned)slow->reading.read,
        (unsigned long long)slow->reading.read_bytes);
    if (!slow->parsed)
        return;
    lede_buffer_append_string(out, " query=");
    lede_log_json_string(out, slow->parsed, QUERY_BYTES_MAX);
}
