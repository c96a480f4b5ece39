/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_run.h"

#include "lede/time.h"
#include "problem.h"
#include "visible.h"

#include <string.h>

enum lede_status lede_search_run_take_query(
    struct lede_http_request *request, struct lede_search_run *run, struct lede_error *reterr)
{
    run->prefix = lede_http_request_prefix(request);
    return lede_params_from_query(request, &run->params, reterr);
}

enum lede_status lede_search_run_take_object(const struct lede_http_request *request,
    const json_t *object, struct lede_search_run *run, struct lede_error *reterr)
{
    run->prefix = lede_http_request_prefix(request);
    return lede_params_from_json(object, &run->params, reterr);
}

enum lede_status lede_search_run_take_body(
    struct lede_http_request *request, struct lede_search_run *run, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    enum lede_status st = lede_request_object(request, "the parameters of a search", &json, reterr);
    return st == LEDE_OK ? lede_search_run_take_object(request, json, run, reterr) : st;
}

/* Words are looked for by their stems in the archive's languages; where `lang=` lets in some, in
 * those alone: another language's stem would find nothing but what happens to be spelt like it. */
static lede_language_set stemmed_languages(
    lede_language_set archive, const struct lede_search *search)
{
    for (size_t i = 0; i < search->filter_count; i++) {
        const struct lede_filter *filter = &search->filters[i];
        lede_language_set named = LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
        if (filter->field->id != LEDE_FIELD_LANGUAGE || filter->any_count == 0)
            continue;
        for (size_t k = 0; k < filter->any_count; k++)
            named |= LEDE_LANGUAGE_BIT(lede_language_find(filter->any[k], strlen(filter->any[k])));
        archive &= named;
    }
    return archive;
}

void lede_search_end_within(struct lede_search *search, uint64_t ns)
{
    uint64_t end = lede_time_monotonic_ns() + ns;
    if (search->deadline_monotonic_ns == 0 || end < search->deadline_monotonic_ns)
        search->deadline_monotonic_ns = end;
}

struct lede_query_options lede_search_run_options(
    const struct lede_api_worker *worker, const struct lede_search_run *run)
{
    return (struct lede_query_options){.match_any = run->search.match_any,
        .forgiving = !run->search.strict && run->taker != LEDE_TAKER_DELETE,
        .fields = run->search.in,
        .languages = stemmed_languages(lede_archive_languages(worker), &run->search.search),
        .now_utc_s = run->search.search.now_utc_s,
        .synonyms = run->synonyms,
        .clock = run->search.clock};
}

const char *lede_search_run_text(const struct lede_search_run *run)
{
    return run->text.size > 0 ? run->text.data : run->search.q;
}

void lede_search_run_done(struct lede_search_run *run)
{
    lede_buffer_done(&run->clinic);
    lede_buffer_done(&run->did_you_mean);
    lede_buffer_done(&run->text);
    lede_buffer_done(&run->raising_text);
    lede_buffer_done(&run->path);
    lede_explanation_done(&run->explanation);
    lede_search_result_done(&run->result);
    lede_query_free(run->query);
    lede_query_free(run->raising);
    lede_synonyms_unref(run->synonyms);
    lede_search_params_done(&run->search);
    lede_params_done(&run->params);
}

void lede_reply_search_error(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error)
{
    const char *name = NULL;
    bool is_parameter = error->status == LEDE_EINPUT || error->status == LEDE_ELIMIT;
    if (strcmp(error->param, "cursor") == 0 && is_parameter)
        name = "bad-cursor";
    else if (strcmp(error->param, "q") == 0 && is_parameter && error->has_position)
        name = "query-syntax";
    else if (error->status == LEDE_ENOTFOUND && error->param[0])
        name = "unknown-parameter";
    else if (is_parameter && error->param[0])
        name = "invalid-parameter";
    else if (is_parameter)
        name = "malformed-json";
    lede_reply_problem(
        reply, request, name ? lede_problem_named(name) : lede_problem_of(error->status), error);
}

enum lede_status lede_search_show_hit(struct lede_api_worker *worker, const struct lede_hit *hit,
    struct lede_shown_document **ret_document, struct lede_error *reterr)
{
    enum lede_stage before = lede_api_worker_enter(worker, LEDE_STAGE_FETCH);
    enum lede_status st = lede_shown_document_take(
        worker->api->shown_documents, hit->stored, hit->stored_size, ret_document, reterr);
    (void)lede_api_worker_enter(worker, before);
    return st;
}

enum lede_status lede_search_begin_hit(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document)
{
    worker->shown.all = true;
    worker->out_of_time = worker->out_of_time || lede_time_has_passed(run->deadline_monotonic_ns);
    if (worker->out_of_time)
        return LEDE_OK;
    enum lede_stage before = lede_api_worker_enter(worker, LEDE_STAGE_HIGHLIGHT);
    enum lede_status st = lede_shown_document_leaves(
        document, run->query, worker->analyzer, run->deadline_monotonic_ns, &worker->shown);
    (void)lede_api_worker_enter(worker, before);
    worker->out_of_time = st == LEDE_ETIMEOUT;
    return worker->out_of_time ? LEDE_OK : st;
}

enum lede_status lede_search_highlight(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    enum lede_field_id field, size_t index)
{
    struct lede_highlight_options options = run->search.highlighting;
    if (field != LEDE_FIELD_BODY && field != LEDE_FIELD_SUMMARY)
        options.snippets = 0;
    options.deadline_monotonic_ns = worker->out_of_time ? 1 : run->deadline_monotonic_ns;
    enum lede_stage before = lede_api_worker_enter(worker, LEDE_STAGE_HIGHLIGHT);
    enum lede_status st = lede_shown_document_highlight(document, run->query, &worker->shown, field,
        index, &options, worker->analyzer, &worker->highlights);
    (void)lede_api_worker_enter(worker, before);
    worker->out_of_time = worker->out_of_time || (st == LEDE_OK && worker->highlights.timed_out);
    return st;
}
