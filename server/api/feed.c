/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches as feeds and tables.
 *
 * Whatever a feed says of time its documents have said, so that the same documents are the same
 * feed: its ETag and Last-Modified hold until it changes. */
#include "address.h"
#include "endpoints.h"
#include "feed_formats.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "negotiation.h"
#include "problem.h"
#include "search_execute.h"
#include "search_told.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Of a feed without documents. */
#define UPDATED_NEVER_UTC_S 0

static void feed_done(struct lede_feed *feed)
{
    lede_buffer_done(&feed->query);
    lede_buffer_done(&feed->title);
    lede_buffer_done(&feed->self);
    lede_buffer_done(&feed->alternate);
}

/* ---- Of all of it ---- */

static void append_address(struct lede_buffer *out, const struct lede_http_request *request,
    const char *path, const struct lede_buffer *query)
{
    char origin[LEDE_ORIGIN_SIZE];
    lede_request_origin(request, origin);
    lede_buffer_append_format(out, "%s%s%s%s", origin, path, query->size > 0 ? "?" : "",
        query->size > 0 ? query->data : "");
    out->failed = out->failed || query->failed;
}

/* The query, and what it is narrowed by: `ferry, source: AP`. */
static void append_title(struct lede_buffer *out, const struct lede_search_run *run)
{
    lede_buffer_append(out, run->search.q, run->search.q_size);
    for (size_t i = 0; i < run->params.count; i++) {
        const struct lede_param *param = &run->params.items[i];
        bool narrows = lede_field_by_filter_name(param->name, strlen(param->name)) ||
                       strcmp(param->name, "after") == 0 || strcmp(param->name, "before") == 0;
        if (!narrows || param->size == 0)
            continue;
        lede_buffer_append_format(out, "%s%s: ", out->size > 0 ? ", " : "", param->name);
        lede_buffer_append(out, param->value, param->size);
    }
    if (out->size == 0)
        lede_buffer_append_string(out, "Lede");
}

/* What a feed says may be shown to others: it has no key. */
static void describe(const struct lede_http_request *request, const struct lede_search_run *run,
    const char *path, struct lede_feed *feed)
{
    static const char *const left_out[] = {"key", NULL};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    lede_address_append(&address, "", &run->params, left_out);
    if (address.size > 1)
        lede_buffer_append(&feed->query, address.data + 1, address.size - 1);
    feed->query.failed = feed->query.failed || address.failed;
    append_title(&feed->title, run);
    append_address(&feed->self, request, path, &feed->query);
    append_address(&feed->alternate, request, "/", &feed->query);
}

/* ---- Of a hit ---- */

/* A reader of feeds has no page that other addresses could be relative to, and should open no
 * others. Returns the scheme, NULL: it is none of them. */
static const char *scheme_of(struct lede_slice url)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < LEDE_COUNT_OF(schemes); i++) {
        size_t size = strlen(schemes[i]);
        if (url.size > size && strncasecmp(url.text, schemes[i], size) == 0)
            return schemes[i];
    }
    return NULL;
}

static bool is_escape(const char *at, const char *end)
{
    return end - at >= 3 && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]);
}

/* What may stand in an address behind its scheme (RFC 3986, appendix A); all else is
 * percent-encoded: brackets but around a host, a second `#`, a `%` that escapes nothing. */
static void append_web_address(struct lede_buffer *out, const char *text, size_t size)
{
    const char *end = text + size, *fragment = memchr(text, '#', size);
    const char *host_end = text[0] == '[' ? memchr(text, ']', size) : NULL;
    for (const char *at = text; at < end; at++) {
        bool stands = strchr("-._~:/?@!$&'()*+,;=", *at) && *at;
        stands = stands || (*at == '#' && at == fragment) || (*at == '%' && is_escape(at, end)) ||
                 (host_end && (at == text || at == host_end));
        if (stands)
            lede_buffer_append_char(out, *at);
        else
            lede_percent_append(out, at, 1, "");
    }
}

static void append_link(struct lede_buffer *out, const struct lede_http_request *request,
    const struct lede_stored *stored)
{
    const struct lede_stored_field *url = lede_stored_texts(stored, LEDE_FIELD_URL);
    const char *scheme = url ? scheme_of(url->texts[0]) : NULL;
    if (scheme) {
        size_t begin = strlen(scheme);
        lede_buffer_append_string(out, scheme);
        append_web_address(out, url->texts[0].text + begin, url->texts[0].size - begin);
        return;
    }
    char origin[LEDE_ORIGIN_SIZE];
    lede_request_origin(request, origin);
    lede_buffer_append_format(out, "%s/?document=", origin);
    lede_percent_append(out, stored->id, stored->id_size, LEDE_URI_UNRESERVED_MARKS);
}

static int64_t updated_of(const struct lede_stored *stored)
{
    if (stored->updated_utc_s != LEDE_TIME_NONE)
        return stored->updated_utc_s;
    if (stored->published_utc_s != LEDE_TIME_NONE)
        return stored->published_utc_s;
    return stored->received_utc_s != LEDE_TIME_NONE ? stored->received_utc_s : UPDATED_NEVER_UTC_S;
}

static enum lede_status take_snippet(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    struct lede_feed_entry *entry, struct lede_error *reterr)
{
    bool has_body = lede_stored_texts(entry->stored, LEDE_FIELD_BODY);
    enum lede_status st = lede_search_begin_hit(worker, run, document);
    if (st == LEDE_OK && has_body)
        st = lede_search_highlight(worker, run, document, LEDE_FIELD_BODY, 0);
    if (st != LEDE_OK)
        return lede_fail_memory(reterr);
    entry->snippet = "";
    if (has_body && worker->highlights.fragment_count > 0) {
        entry->snippet = worker->highlights.fragments[0].text;
        entry->snippet_size = worker->highlights.fragments[0].text_size;
    }
    return LEDE_OK;
}

static enum lede_status write_one(struct lede_api_worker *worker,
    const struct lede_http_request *request, const struct lede_search_run *run,
    const struct lede_hit *hit, const struct lede_feed_format *format, struct lede_feed *feed,
    struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    struct lede_feed_entry entry = {.score = hit->score};
    enum lede_status st = lede_search_show_hit(worker, hit, &document, reterr);
    if (st != LEDE_OK)
        return st;
    entry.stored = lede_shown_document_stored(document);
    entry.updated_utc_s = updated_of(entry.stored);
    if (entry.updated_utc_s > feed->updated_utc_s)
        feed->updated_utc_s = entry.updated_utc_s;
    st = take_snippet(worker, run, document, &entry, reterr);
    append_link(&entry.address, request, entry.stored);
    if (st == LEDE_OK)
        format->write(out, &entry);
    lede_buffer_done(&entry.address);
    return st;
}

/* ---- The answer ---- */

/* A reader of feeds may ask for any XML, or any JSON. */
static bool accepts(const struct lede_http_request *request, const char *media_type)
{
    char name[32];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(media_type, ";"), media_type);
    bool is_xml = strstr(name, "+xml") != NULL, is_json = strstr(name, "+json") != NULL;
    return lede_request_accepts(request, name) ||
           (is_xml && (lede_request_accepts(request, "application/xml") ||
                          lede_request_accepts(request, "text/xml"))) ||
           (is_json && lede_request_accepts(request, "application/json"));
}

/* What tells whether a client has it already (RFC 9110, 13.1): what it is, and a feed's last
 * moment, for clients that remember no more. */
static void write_conditions(struct lede_http_request *request,
    const struct lede_feed_format *format, const struct lede_feed *feed,
    struct lede_http_reply *reply)
{
    char etag[24], moment[LEDE_MAIL_TIME_SIZE];
    snprintf(etag, sizeof(etag), "W/\"%016llx\"",
        (unsigned long long)lede_hash64(reply->body.data, reply->body.size));
    lede_http_reply_header(reply, "ETag", "%s", etag);
    bool is_known = lede_request_knows(request, etag);
    if (format->taker == LEDE_TAKER_FEED) {
        lede_time_format_mail(feed->updated_utc_s, "GMT", moment);
        lede_http_reply_header(reply, "Last-Modified", "%s", moment);
        is_known = is_known || lede_request_has_since(request, feed->updated_utc_s);
    }
    if (!is_known)
        return;
    reply->status = 304;
    reply->media_type = NULL;
    lede_buffer_clear(&reply->body);
}

static enum lede_status write_feed(struct lede_api_worker *worker,
    struct lede_http_request *request, const struct lede_feed_format *format,
    struct lede_search_run *run, struct lede_http_reply *reply, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer entries = {0};
    LEDE_CLEANUP(feed_done) struct lede_feed feed = {.updated_utc_s = UPDATED_NEVER_UTC_S};
    enum lede_status st = LEDE_OK;
    run->search.highlighting.format = LEDE_HIGHLIGHT_TEXT;
    run->search.highlighting.pre = "";
    run->search.highlighting.post = "";
    for (size_t i = 0; st == LEDE_OK && i < run->result.hit_count; i++) {
        st = lede_api_worker_go_on(worker, reterr);
        if (st == LEDE_OK)
            st = write_one(
                worker, request, run, &run->result.hits[i], format, &feed, &entries, reterr);
    }
    if (st != LEDE_OK)
        return st;
    describe(request, run, format->path, &feed);
    format->begin(&reply->body, &feed);
    lede_buffer_append(&reply->body, entries.data, entries.size);
    lede_buffer_append_string(&reply->body, format->end);
    if (entries.failed || reply->body.failed)
        return lede_fail_memory(reterr);
    reply->status = 200;
    reply->media_type = format->media_type;
    /* What is withheld or expires must not be shown again from a cache. */
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
    write_conditions(request, format, &feed, reply);
    return LEDE_OK;
}

static void answer(struct lede_api_worker *worker, struct lede_http_request *request,
    enum lede_feed_format_id id, struct lede_http_reply *reply)
{
    const struct lede_feed_format *format = lede_feed_format_at(id);
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {.taker = format->taker};
    struct lede_error error = {0};
    if (!accepts(request, format->media_type)) {
        (void)lede_fail(&error, LEDE_EINPUT, "expected Accept to allow %.*s",
            (int)strcspn(format->media_type, ";"), format->media_type);
        lede_reply_problem(reply, request, lede_problem_named("not-acceptable"), &error);
        return;
    }
    enum lede_status st = lede_search_run_take_query(request, &run, &error);
    if (st == LEDE_OK)
        st = lede_search_run_corrected(worker, &run, &error);
    (void)lede_api_worker_enter(worker, LEDE_STAGE_WRITE);
    if (st == LEDE_OK)
        st = write_feed(worker, request, format, &run, reply, &error);
    if (st == LEDE_OK)
        lede_search_tell(worker, &run);
    else
        lede_reply_search_error(reply, request, &error);
}

void lede_endpoint_search_atom(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_FEED_ATOM, reply);
}

void lede_endpoint_search_rss(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_FEED_RSS, reply);
}

void lede_endpoint_search_jsonfeed(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_FEED_JSON, reply);
}

void lede_endpoint_search_csv(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_FEED_CSV, reply);
}
