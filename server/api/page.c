/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /: the search page. Its address is asked of the API, in this process, as any client would ask
 * it; what the API answers, in JSON, becomes HTML in server/web. */
#include "authorize.h"
#include "hits.h"
#include "image_hosts.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "lede/web.h"
#include "negotiation.h"
#include "problem.h"
#include "search.h"
#include "search_execute.h"
#include "versions.h"
#include "visible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE_AGE_S 31536000
#define NUMBER_SIZE 16
/* So long hits wait for counts of filters that are searches of their own, and for the timeline. */
#define BESIDE_NS_MAX 150000000

/* One page that is being made. */
struct page_work {
    struct lede_api_worker *worker;
    struct lede_http_request *request;
    struct lede_http_reply *reply; /* also where the API's answers are written, one by one */
    struct lede_web_state state;
    struct lede_arena arena;
    struct lede_buffer words_alone;
    char limit[NUMBER_SIZE], offset[NUMBER_SIZE];
    struct lede_web_page page;
    json_t *answer, *problem, *histogram, *document, *document_problem, *marks, *like, *versions;
};

static void page_work_done(struct page_work *work)
{
    json_t *all[] = {work->answer, work->problem, work->histogram, work->document,
        work->document_problem, work->marks, work->like, work->versions};
    for (size_t i = 0; i < LEDE_COUNT_OF(all); i++)
        json_decref(all[i]);
    lede_buffer_done(&work->words_alone);
    lede_arena_done(&work->arena);
}

static json_t *read_json(const struct lede_buffer *text)
{
    return json_loadb(text->data ? text->data : "", text->size, JSON_ALLOW_NUL, NULL);
}

/* What the API answered becomes a tree, and the reply is free for the next one. */
static json_t *take_answer(struct page_work *work)
{
    json_t *answer = read_json(&work->reply->body);
    lede_buffer_clear(&work->reply->body);
    return answer;
}

/* ---- Searches ---- */

/* Names that take the state's place, or, with NULL, are left out. */
struct asked {
    const char *name;
    const char *value;
};

static const struct asked *find_asked(const struct asked *asked, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(asked[i].name, name) == 0)
            return &asked[i];
    }
    return NULL;
}

static enum lede_status fill_params(const struct page_work *work, const struct asked *asked,
    size_t count, struct lede_params *ret_params, struct lede_error *reterr)
{
    const struct lede_web_state *state = &work->state;
    struct lede_param *items =
        lede_arena_calloc(&ret_params->arena, state->count + count, sizeof(*items));
    if (!items)
        return lede_fail_memory(reterr);
    ret_params->items = items;
    for (size_t i = 0; i < state->count; i++) {
        const struct lede_web_pair *pair = &state->pairs[i];
        if (lede_web_is_search_parameter(pair->name) && !find_asked(asked, count, pair->name))
            items[ret_params->count++] = (struct lede_param){.name = pair->name,
                .value = pair->value,
                .size = strlen(pair->value),
                .is_whole = lede_field_by_filter_name(pair->name, strlen(pair->name)) != NULL};
    }
    for (size_t i = 0; i < count; i++) {
        if (asked[i].value)
            items[ret_params->count++] = (struct lede_param){
                .name = asked[i].name, .value = asked[i].value, .size = strlen(asked[i].value)};
    }
    return LEDE_OK;
}

/* So a reader asks who was told that counting took too long. */
static bool waits_for_counts(const struct page_work *work)
{
    return strcmp(lede_web_state_get(&work->state, "count"), "all") == 0;
}

/* Ask for a search by the state; the reply is the API's. Returns its JSON, an answer or a problem,
 * by reply->status.
 * ns_max  of the whole search; 0: what its timeout leaves */
static json_t *ask(struct page_work *work, const struct asked *asked, size_t count, uint64_t ns_max)
{
    LEDE_CLEANUP(lede_search_run_done)
    struct lede_search_run run = {.prefix = lede_http_request_prefix(work->request),
        .ns_max = ns_max,
        .beside_ns_max = waits_for_counts(work) ? 0 : BESIDE_NS_MAX};
    struct lede_error error = {0};
    const char *similar = lede_web_state_get(&work->state, "similar");
    enum lede_status st = fill_params(work, asked, count, &run.params, &error);
    if (st == LEDE_OK && similar[0])
        st = lede_search_be_like(&run, similar, strlen(similar), &error);
    lede_search_answer(work->worker, work->request, work->reply, &run, st, &error);
    return take_answer(work);
}

/* q  instead of the state's; NULL: that */
static json_t *ask_page(struct page_work *work, const char *q)
{
    const char *spell = lede_web_state_get(&work->state, "spell");
    const struct asked asked[] = {{"limit", work->limit}, {"offset", work->offset},
        {"facets", lede_web_facets}, {"facet_counts", "disjunctive"}, {"histogram", "month"},
        {"fields", lede_web_fields}, {"highlight", lede_web_highlight}, {"snippets", "2"},
        {"snippet_chars", "220"}, {"spell", spell[0] ? spell : "auto"},
        {"collapse", lede_web_state_collapse(&work->state)},
        {"q", q ? q : lede_web_state_get(&work->state, "q")}};
    return ask(work, asked, LEDE_COUNT_OF(asked), 0);
}

static bool is_syntax_problem(const json_t *problem)
{
    const char *type = json_string_value(json_object_get(problem, "type"));
    return type && strcmp(type, "/problems/query-syntax") == 0;
}

/* A query that can't be understood is searched for by its words alone, and the reader is told. */
static enum lede_status ask_words_alone(struct page_work *work)
{
    const char *q = lede_web_state_get(&work->state, "q");
    int status = work->reply->status;
    if (lede_web_words_alone(q, &work->words_alone) != LEDE_OK)
        return LEDE_ENOMEM;
    const char *words = work->words_alone.data;
    if (!words || strcmp(words, q) == 0)
        return LEDE_OK;
    json_t *answer = ask_page(work, words);
    if (work->reply->status == 200) {
        work->answer = answer;
        work->page.words_alone = words;
        return LEDE_OK;
    }
    json_decref(answer);
    work->reply->status = status;
    return LEDE_OK;
}

static enum lede_status ask_search(struct page_work *work)
{
    uint32_t limit = lede_web_state_limit(&work->state, work->page.looks.limit);
    snprintf(work->limit, sizeof(work->limit), "%u", limit);
    snprintf(work->offset, sizeof(work->offset), "%u", lede_web_state_offset(&work->state));
    json_t *answer = ask_page(work, NULL);
    if (!answer)
        return LEDE_ENOMEM;
    if (work->reply->status == 200)
        work->answer = answer;
    else
        work->problem = answer;
    if (is_syntax_problem(work->problem))
        return ask_words_alone(work);
    return LEDE_OK;
}

/* What was searched for, where that is not what was asked. */
static const char *searched_query(const struct page_work *work)
{
    const json_t *query = json_object_get(work->answer, "query");
    if (work->page.words_alone)
        return work->page.words_alone;
    if (json_is_true(json_object_get(query, "corrected")))
        return json_string_value(json_object_get(query, "did_you_mean"));
    return lede_web_state_get(&work->state, "q");
}

/* ---- The timeline ---- */

static void read_bound(const char *text, int64_t *first, int64_t *last)
{
    if (text[0])
        (void)!lede_time_parse_bound(
            text, strlen(text), lede_time_now_utc_s(), NULL, first, last, NULL);
}

static struct lede_web_period chosen_period(const struct lede_web_state *state)
{
    struct lede_web_period chosen = {LEDE_TIME_MIN_UTC_S, LEDE_TIME_MAX_UTC_S};
    int64_t other = 0;
    read_bound(lede_web_state_get(state, "after"), &chosen.after_utc_s, &other);
    read_bound(lede_web_state_get(state, "before"), &other, &chosen.before_utc_s);
    return chosen;
}

static int64_t bucket_start(const json_t *bucket, int64_t fallback)
{
    const char *text = json_string_value(json_object_get(bucket, "start"));
    int64_t utc_s = 0;
    bool is_read = text && lede_time_parse(text, strlen(text), &utc_s, NULL, NULL) == LEDE_OK;
    return is_read ? utc_s : fallback;
}

/* An open end is closed by what the search found. */
static struct lede_web_period closed(struct lede_web_period period, const json_t *buckets)
{
    const int64_t month_s = 31 * 86400;
    size_t count = json_array_size(buckets);
    int64_t first = bucket_start(json_array_get(buckets, 0), period.after_utc_s);
    int64_t last = bucket_start(json_array_get(buckets, count - 1), period.before_utc_s);
    if (count > 0 && period.after_utc_s == LEDE_TIME_MIN_UTC_S)
        period.after_utc_s = first;
    if (count > 0 && period.before_utc_s == LEDE_TIME_MAX_UTC_S)
        period.before_utc_s = last + month_s - 1;
    return period;
}

/* The bars of the search's own answer are its months. Other bars, and what lies beside a chosen
 * period, are asked for. */
static void ask_timeline(struct page_work *work)
{
    char after[21], before[21];
    json_t *months = json_object_get(work->answer, "histogram");
    struct lede_web_period chosen = chosen_period(&work->state);
    bool is_bound =
        chosen.after_utc_s != LEDE_TIME_MIN_UTC_S || chosen.before_utc_s != LEDE_TIME_MAX_UTC_S;
    struct lede_web_period shown = closed(chosen, json_object_get(months, "buckets"));
    shown = is_bound ? lede_web_period_around(shown) : shown;
    const char *interval = lede_web_interval(shown);
    work->page.chosen = chosen;
    work->page.timeline = shown;
    if (!is_bound && (strcmp(interval, "month") == 0 || chosen.after_utc_s == shown.after_utc_s)) {
        work->histogram = json_incref(months);
        return;
    }
    lede_time_format(shown.after_utc_s, after);
    lede_time_format(shown.before_utc_s, before);
    const struct asked asked[] = {{"limit", "0"}, {"offset", NULL}, {"sort", NULL},
        {"collapse", NULL}, {"recency", NULL}, {"expand", NULL}, {"spell", "off"},
        {"highlight", "none"}, {"fields", "title"}, {"histogram", interval}, {"after", after},
        {"before", before}, {"q", searched_query(work)}};
    uint64_t ns_max = waits_for_counts(work) ? 0 : BESIDE_NS_MAX;
    json_t *answer = ask(work, asked, LEDE_COUNT_OF(asked), ns_max);
    bool is_whole = ns_max == 0 || !json_is_true(json_object_get(answer, "timed_out"));
    work->page.lacks_timeline = !is_whole;
    if (work->reply->status == 200 && is_whole)
        work->histogram = json_incref(json_object_get(answer, "histogram"));
    json_decref(answer);
    work->reply->status = 200;
}

/* ---- A document ---- */

/* What of the query the document shows, in all of its texts. */
static enum lede_status mark_document(
    struct page_work *work, const struct lede_buffer *stored, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    bool reached = true;
    const struct asked asked[] = {{"q", searched_query(work)}, {"limit", NULL}, {"offset", NULL},
        {"highlight", "title,summary,body"}, {"format", "ranges"}};
    enum lede_status st = fill_params(work, asked, LEDE_COUNT_OF(asked), &run.params, reterr);
    if (st == LEDE_OK)
        st = lede_search_run_prepare(work->worker, &run, &reached, reterr);
    if (st == LEDE_OK)
        st = lede_shown_document_take(
            work->worker->api->shown_documents, stored->data, stored->size, &document, reterr);
    if (st != LEDE_OK)
        return st;
    run.search.highlighting.snippets = 0; /* texts as a whole */
    st = lede_write_highlights(work->worker, &run, document, &work->reply->body);
    if (st == LEDE_OK)
        work->marks = take_answer(work);
    return st;
}

/* A document by its id, as GET /documents/{id} answers it: its right is asked for, too.
 * ret_stored  its JSON   Returns false, the reply the problem's, where it is not to be had. */
static bool get_document(struct page_work *work, const char *id, struct lede_buffer *ret_stored)
{
    struct lede_grant grant = {0};
    struct lede_error error = {0};
    unsigned char digest[16];
    bool is_allowed = lede_request_is_allowed(
        work->request, LEDE_RIGHT_READ, LEDE_TAKER_NONE, &grant, work->reply);
    lede_buffer_done(&grant.filters);
    if (!is_allowed)
        return false;
    enum lede_status st = lede_reader_refresh(work->worker->reader, &error);
    if (st == LEDE_OK)
        st = lede_visible_get(work->worker, id, strlen(id), ret_stored, digest, &error);
    if (st != LEDE_OK)
        lede_reply_error(work->reply, work->request, &error);
    return st == LEDE_OK;
}

static enum lede_status ask_document(struct page_work *work, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    const char *id = lede_web_state_get(&work->state, "document");
    if (!id[0])
        return LEDE_OK;
    if (!get_document(work, id, &stored)) {
        work->document_problem = take_answer(work);
        return LEDE_OK;
    }
    work->document = read_json(&stored);
    if (!work->document)
        return lede_fail_memory(reterr);
    if (!lede_web_state_get(&work->state, "q")[0] || (work->problem && !work->page.words_alone))
        return LEDE_OK;
    return mark_document(work, &stored, reterr);
}

/* The versions of its story. One that it cannot be compared with is left aside. */
static void ask_versions(struct page_work *work)
{
    const char *id = lede_web_state_get(&work->state, "document");
    const char *other = lede_web_state_get(&work->state, "against");
    const struct lede_param against = {.name = "against", .value = other, .size = strlen(other)};
    const struct lede_param *asked[] = {other[0] ? &against : NULL, NULL};
    enum lede_status st = LEDE_ENOTFOUND;
    for (size_t i = 0; work->document && st == LEDE_ENOTFOUND && i < LEDE_COUNT_OF(asked); i++) {
        lede_buffer_clear(&work->reply->body);
        st = lede_versions_write(work->worker, id, strlen(id), asked[i], &work->reply->body, NULL);
    }
    if (st == LEDE_OK)
        work->versions = take_answer(work);
    lede_buffer_clear(&work->reply->body);
}

/* Its picture, if the settings allow the host that has it: a picture tells its server who reads. */
static json_t *allowed_picture(const struct page_work *work)
{
    json_t *image = json_object_get(work->document, "image");
    const char *url =
        json_string_value(json_is_string(image) ? image : json_object_get(image, "url"));
    bool is_allowed = url && lede_image_is_allowed(work->worker->api->settings.image_hosts, url);
    return is_allowed ? image : NULL;
}

/* What hits are to be like is known by its title. */
static void ask_like(struct page_work *work)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    const char *id = lede_web_state_get(&work->state, "similar");
    int status = work->reply->status;
    if (id[0] && get_document(work, id, &stored))
        work->like = read_json(&stored);
    lede_buffer_clear(&work->reply->body);
    work->reply->status = status;
}

/* ---- The page ---- */

/* The value of a cookie; NULL: there is none. */
static const char *find_cookie(
    const struct lede_http_request *request, const char *name, size_t *ret_size)
{
    const char *at = lede_http_request_header(request, "Cookie");
    size_t name_size = strlen(name);
    while (at && *at) {
        at += strspn(at, "; ");
        size_t size = strcspn(at, ";");
        if (size > name_size && strncmp(at, name, name_size) == 0 && at[name_size] == '=') {
            *ret_size = size - name_size - 1;
            return at + name_size + 1;
        }
        at += size;
    }
    return NULL;
}

/* A cookie keeps how lists are to look; `list` of an address changes it. */
static void read_looks(struct page_work *work, const char *wanted, size_t wanted_size)
{
    char text[LEDE_WEB_LOOKS_SIZE];
    size_t size = 0;
    struct lede_web_looks *looks = &work->page.looks;
    const char *kept = find_cookie(work->request, LEDE_WEB_COOKIE, &size);
    *looks = (struct lede_web_looks){LEDE_WEB_COMFORTABLE, LEDE_WEB_LIMIT};
    if (kept)
        lede_web_looks_read(looks, kept, size);
    if (!wanted)
        return;
    lede_web_looks_read(looks, wanted, wanted_size);
    lede_web_looks_print(looks, text);
    lede_http_reply_header(work->reply, "Set-Cookie", "%s=%s; Path=%s/; Max-Age=%d; SameSite=Lax",
        LEDE_WEB_COOKIE, text, lede_http_request_prefix(work->request), COOKIE_AGE_S);
}

static enum lede_status read_address(struct page_work *work)
{
    const struct lede_http_parameter *parameters = NULL, *list = NULL;
    size_t count = lede_http_request_parameters(work->request, &parameters);
    enum lede_status st = LEDE_OK;
    work->state.arena = &work->arena;
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        st = lede_web_state_add_parameter(&work->state, parameters[i].name, parameters[i].value);
        if (strcmp(parameters[i].name, "list") == 0)
            list = &parameters[i];
    }
    read_looks(work, list ? list->value : NULL, list ? list->value_size : 0);
    return st;
}

static int status_of(const json_t *problem)
{
    return (int)json_integer_value(json_object_get(problem, "status"));
}

/* Write the HTML into a reply, with what a browser is told beside it. */
static enum lede_status write_page(const struct lede_http_request *request,
    struct lede_web_page *page, struct lede_http_reply *reply, struct lede_error *reterr)
{
    char origin[LEDE_ORIGIN_SIZE];
    lede_request_origin(request, origin);
    page->origin = origin;
    /* A navigation; where a script asks, the page has its style. Others get the shorter HTML. */
    const char *destination = lede_http_request_header(request, "Sec-Fetch-Dest");
    page->is_styled = destination && strcmp(destination, "document") == 0;
    page->has_key = lede_http_request_header(request, "Authorization") != NULL;
    lede_buffer_clear(&reply->body);
    enum lede_status st = lede_web_page_write(page, &reply->body, reterr);
    if (st != LEDE_OK)
        return st;
    reply->media_type = "text/html; charset=utf-8";
    lede_http_reply_header(reply, "Content-Security-Policy", "%s",
        page->is_styled ? lede_web_styled_policy : lede_web_content_security_policy);
    lede_http_reply_header(reply, "Cache-Control", "no-cache, private");
    lede_http_reply_header(reply, "Vary", "Authorization, Cookie, Sec-Fetch-Dest");
    lede_http_reply_header(reply, "Referrer-Policy", "no-referrer");
    return LEDE_OK;
}

/* The ETag is of the whole page. */
static void close_reply(const struct lede_http_request *request, struct lede_http_reply *reply)
{
    char etag[32];
    snprintf(etag, sizeof(etag), "W/\"%016llx\"",
        (unsigned long long)lede_hash64(reply->body.data, reply->body.size));
    lede_http_reply_header(reply, "ETag", "%s", etag);
    if (reply->status != 200 || !lede_request_knows(request, etag))
        return;
    reply->status = 304;
    reply->media_type = NULL;
    lede_buffer_clear(&reply->body);
}

static void finish(struct page_work *work, struct lede_error *error)
{
    struct lede_web_page *page = &work->page;
    page->state = &work->state;
    page->answer = work->answer;
    page->problem = work->problem;
    page->histogram = work->histogram;
    page->document = work->document;
    page->document_problem = work->document_problem;
    page->marks = work->marks;
    page->picture = allowed_picture(work);
    page->like = work->like;
    page->versions = work->versions;
    if (write_page(work->request, page, work->reply, error) != LEDE_OK) {
        lede_reply_error(work->reply, work->request, error);
        return;
    }
    work->reply->status = work->document_problem           ? status_of(work->document_problem)
                          : work->document || work->answer ? 200
                                                           : status_of(work->problem);
    close_reply(work->request, work->reply);
}

void lede_endpoint_page(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(page_work_done)
    struct page_work work = {.worker = worker, .request = request, .reply = reply};
    struct lede_error error = {0};
    enum lede_status st = read_address(&work);
    if (st == LEDE_OK)
        st = ask_search(&work);
    if (st == LEDE_ENOMEM)
        (void)lede_fail_memory(&error);
    /* It may be for another worker, that begins anew. */
    if (st == LEDE_OK)
        st = lede_api_worker_go_on(worker, &error);
    if (st == LEDE_OK && work.answer) {
        ask_timeline(&work);
        ask_like(&work);
    }
    if (st == LEDE_OK)
        st = ask_document(&work, &error);
    if (st == LEDE_OK)
        ask_versions(&work);
    if (st == LEDE_OK)
        finish(&work, &error);
    else
        lede_reply_error(reply, request, &error);
}

void lede_page_show_problem(const struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_web_state state = {.arena = &arena};
    struct lede_error error = {0};
    const struct lede_http_parameter *parameters = NULL;
    size_t count = lede_http_request_parameters(request, &parameters);
    if (!reply->media_type || strcmp(reply->media_type, "application/problem+json") != 0)
        return;
    json_auto_t *problem = read_json(&reply->body);
    enum lede_status st = problem ? LEDE_OK : lede_fail_memory(&error);
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = lede_web_state_add_parameter(&state, parameters[i].name, parameters[i].value);
    bool is_reading = lede_web_state_get(&state, "document")[0] != '\0';
    struct lede_web_page page = {.state = &state,
        .problem = is_reading ? NULL : problem,
        .document_problem = is_reading ? problem : NULL,
        .looks = {LEDE_WEB_COMFORTABLE, LEDE_WEB_LIMIT},
        .chosen = {LEDE_TIME_MIN_UTC_S, LEDE_TIME_MAX_UTC_S}};
    if (st == LEDE_OK)
        st = write_page(request, &page, reply, &error);
    if (st != LEDE_OK)
        lede_reply_error(reply, request, &error);
}
