/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /suggest, and the same for a browser's address bar: parameters and answer. */
#include "suggestions.h"

#include "endpoints.h"
#include "json_out.h"
#include "lede/time.h"
#include "problem.h"

#include <string.h>

/* Of what waiting left of the timeout, in tenths, completions end, and then how documents write
 * them, and headlines: the rest is for writing. */
#define COMPLETIONS_TENTHS 4
#define WRITTEN_TENTHS 7
#define HEADLINES_TENTHS 9

struct suggestion_request {
    struct lede_search_run run; /* parameters, and what highlighting needs */
    struct lede_suggestions suggestions;
    uint64_t started_ns;
};

static void suggestion_request_done(struct suggestion_request *suggestion)
{
    lede_suggestions_done(&suggestion->suggestions);
    suggestion->run.query = NULL; /* it was the headlines' */
    lede_search_run_done(&suggestion->run);
}

static enum lede_status read_parameters(struct lede_api_worker *worker,
    struct lede_http_request *request, struct suggestion_request *suggestion,
    struct lede_error *reterr)
{
    struct lede_search_run *run = &suggestion->run;
    struct lede_suggestions *suggestions = &suggestion->suggestions;
    enum lede_status st = lede_search_run_take_query(request, run, reterr);
    if (st == LEDE_OK)
        st = lede_search_params_read(
            &run->params, LEDE_TAKER_SUGGEST, lede_time_now_utc_s(), &run->search, reterr);
    uint64_t ms = run->search.timeout_ms, begun_ns = 0;
    if (st == LEDE_OK)
        st = lede_api_worker_clock(worker, run->search.timeout_ms, &begun_ns, reterr);
    uint64_t now_ns = lede_time_monotonic_ns(), end_ns = begun_ns + ms * 1000000;
    uint64_t tenth_ns = end_ns > now_ns ? (end_ns - now_ns) / 10 : 0;
    suggestions->completions_end_ns = now_ns + COMPLETIONS_TENTHS * tenth_ns;
    suggestions->written_end_ns = now_ns + WRITTEN_TENTHS * tenth_ns;
    suggestions->headlines_end_ns = now_ns + HEADLINES_TENTHS * tenth_ns;
    return st;
}

static enum lede_status gather(struct lede_api_worker *worker,
    struct suggestion_request *suggestion, bool with_headlines, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_lexicon_unrefp)
    struct lede_lexicon *lexicon = lede_store_lexicon(worker->api->store);
    struct lede_search_run *run = &suggestion->run;
    enum lede_status st = lede_reader_refresh(worker->reader, reterr);
    run->search.search.now_utc_s = lede_time_now_utc_s();
    if (st == LEDE_OK)
        st = lede_suggest_completions(worker, run, lexicon, &suggestion->suggestions, reterr);
    if (st == LEDE_OK && with_headlines)
        st = lede_suggest_headlines(worker, run, lexicon, &suggestion->suggestions, reterr);
    run->query = suggestion->suggestions.headline_query;
    run->revision = lede_reader_revision(worker->reader);
    return st;
}

/* ---- The answer ---- */

static void write_completions(struct lede_buffer *out, const struct lede_suggestions *suggestions)
{
    lede_json_key(out, "completions");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < suggestions->completion_count; i++) {
        const struct lede_completion *completion = &suggestions->completions[i];
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_key(out, "text");
        lede_json_string(out, completion->text, completion->text_size);
        lede_json_member_uint(out, "count", completion->count);
        lede_json_member_string(out, "relation", completion->count_is_exact ? "eq" : "approx");
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

static void write_member(
    struct lede_buffer *out, const struct lede_stored *stored, enum lede_field_id id)
{
    const struct lede_stored_member *member = stored->fields[id].member;
    lede_json_key(out, lede_field_at(id)->key);
    if (member)
        lede_buffer_append(out, member->value.text, member->value.size);
    else
        lede_buffer_append_string(out, "null");
}

static enum lede_status write_marked_title(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    struct lede_buffer *out)
{
    bool as_ranges = run->search.highlighting.format == LEDE_HIGHLIGHT_RANGES;
    bool has_title = lede_stored_texts(lede_shown_document_stored(document), LEDE_FIELD_TITLE);
    enum lede_status st = lede_search_begin_hit(worker, run, document);
    if (st == LEDE_OK && has_title)
        st = lede_search_highlight(worker, run, document, LEDE_FIELD_TITLE, 0);
    if (st != LEDE_OK)
        return st;
    lede_buffer_append_string(out, ",\"highlights\":{\"title\":[");
    if (has_title)
        lede_json_fragments(out, &worker->highlights, as_ranges);
    lede_buffer_append_string(out, "]}");
    return LEDE_OK;
}

static enum lede_status write_headline(struct lede_api_worker *worker,
    const struct lede_search_run *run, const struct lede_hit *hit, struct lede_buffer *out,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    enum lede_status st = lede_search_show_hit(worker, hit, &document, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_stored *stored = lede_shown_document_stored(document);
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "id");
    lede_json_string(out, stored->id, stored->id_size);
    write_member(out, stored, LEDE_FIELD_TITLE);
    write_member(out, stored, LEDE_FIELD_PUBLISHED);
    write_member(out, stored, LEDE_FIELD_SOURCE);
    st = write_marked_title(worker, run, document, out);
    lede_buffer_append_char(out, '}');
    return st == LEDE_ENOMEM ? lede_fail_memory(reterr) : st;
}

/* As OpenSearch's extension for suggestions has it: what was typed, and whole queries. */
static enum lede_status write_opensearch(struct lede_api_worker *worker,
    struct suggestion_request *suggestion, struct lede_http_reply *reply, struct lede_error *reterr)
{
    struct lede_buffer *out = &reply->body;
    const struct lede_suggestions *suggestions = &suggestion->suggestions;
    (void)lede_api_worker_enter(worker, LEDE_STAGE_WRITE);
    lede_buffer_append_char(out, '[');
    lede_json_string(out, suggestion->run.search.q, suggestion->run.search.q_size);
    lede_buffer_append_string(out, ",[");
    for (size_t i = 0; i < suggestions->completion_count; i++) {
        lede_json_comma(out);
        lede_json_string(
            out, suggestions->completions[i].text, suggestions->completions[i].text_size);
    }
    lede_buffer_append_string(out, "]]\n");
    return out->failed ? lede_fail_memory(reterr) : LEDE_OK;
}

static enum lede_status write_answer(struct lede_api_worker *worker,
    struct suggestion_request *suggestion, struct lede_http_reply *reply, struct lede_error *reterr)
{
    struct lede_buffer *out = &reply->body;
    const struct lede_search_run *run = &suggestion->run;
    const struct lede_search_result *headlines = &suggestion->suggestions.headlines;
    enum lede_status st = LEDE_OK;
    (void)lede_api_worker_enter(worker, LEDE_STAGE_WRITE);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "q");
    lede_json_string(out, run->search.q, run->search.q_size);
    write_completions(out, &suggestion->suggestions);
    lede_json_key(out, "headlines");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; st == LEDE_OK && i < headlines->hit_count; i++)
        st = write_headline(worker, run, &headlines->hits[i], out, reterr);
    lede_buffer_append_char(out, ']');
    lede_json_member_decimal(
        out, "took_ms", (double)(lede_time_monotonic_ns() - suggestion->started_ns) / 1e6, 3);
    lede_json_member_uint(out, "revision", run->revision);
    lede_buffer_append_string(out, "}\n");
    if (st == LEDE_OK && out->failed)
        st = lede_fail_memory(reterr);
    return st;
}

typedef enum lede_status (*answer_writer)(struct lede_api_worker *worker,
    struct suggestion_request *suggestion, struct lede_http_reply *reply,
    struct lede_error *reterr);

static void answer(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, answer_writer write)
{
    struct lede_error error = {0};
    LEDE_CLEANUP(suggestion_request_done)
    struct suggestion_request suggestion = {.started_ns = lede_time_monotonic_ns()};
    worker->out_of_time = false;
    enum lede_status st = read_parameters(worker, request, &suggestion, &error);
    if (st == LEDE_OK)
        st = gather(worker, &suggestion, write == write_answer, &error);
    if (st == LEDE_OK)
        st = write(worker, &suggestion, reply, &error);
    if (st != LEDE_OK) {
        lede_buffer_clear(&reply->body);
        lede_reply_search_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type =
        write == write_answer ? "application/json" : "application/x-suggestions+json";
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
}

void lede_endpoint_suggest(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, reply, write_answer);
}

void lede_endpoint_suggest_opensearch(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, reply, write_opensearch);
}
