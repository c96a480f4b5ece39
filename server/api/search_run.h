/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search has and gathers on its way from parameters to hits, and what its answers have in
 * common: the steps are in search_execute.h. */
#ifndef LEDE_API_SEARCH_RUN_H
#define LEDE_API_SEARCH_RUN_H

#include "lede/model.h"
#include "search_params.h"
#include "worker.h"

struct lede_search_run {
    struct lede_params params;
    enum lede_param_taker taker; /* whose parameters they are */
    struct lede_search_params search;
    struct lede_synonyms *synonyms; /* of this search, a reference; NULL: none */
    const char *similar_to; /* id of the document that hits are to be like; NULL: a plain search */
    struct lede_document
        *like;               /* the same of one that has no id there, and then similar_to is "" */
    struct lede_buffer path; /* of the address, encoded; empty: /search */
    const char *prefix;      /* before it; borrowed of the request */
    struct lede_buffer text; /* what `query` was parsed from, where that is not search.q */
    struct lede_query *query;
    struct lede_buffer raising_text; /* of feedback.c, as the next */
    struct lede_query *raising;      /* parsed from it; NULL: none */
    struct lede_search_result result;
    struct lede_explanation explanation; /* of search_explain.c, as the next two */
    uint32_t *word_documents;
    size_t word_count;
    uint64_t revision;
    struct lede_buffer did_you_mean; /* empty: nothing */
    /* `text`, the tree and the result are of the corrected query */
    bool corrected;
    struct lede_buffer clinic; /* of clinic.c: JSON, empty if something was found */
    /* Of paging.c. */
    uint64_t identity; /* lede_cursor_search() */
    bool has_next;
    uint64_t frozen_set; /* 0: none */
    uint32_t position;
    double took_ms;
    bool tells_missing;  /* the answer has a place for shards that are missing */
    int64_t asked_utc_s; /* that relative dates are relative to */
    /* Of what is told beside the hits: time cut it; the revision of the lexicon that was asked, 1
     * more; 0: none was */
    bool is_hurried;
    uint64_t lexicon;
    /* Of the page: how long this search may take, and what is counted beside the hits once they are
     * found; past it that is cut, or left out. 0: what the timeout leaves. */
    uint64_t ns_max, beside_ns_max;
    uint64_t deadline_monotonic_ns; /* of the whole answer; the search's own is earlier; 0: none */
};

/* Free what a search gathered: of a zeroed struct, too. */
void lede_search_run_done(struct lede_search_run *run);

/* From now on it may take so long, and no longer than before. */
void lede_search_end_within(struct lede_search *search, uint64_t ns);

/* How texts are parsed for this search. */
struct lede_query_options lede_search_run_options(
    const struct lede_api_worker *worker, const struct lede_search_run *run);
/* What run->query was parsed from: the places of its nodes are in it. */
const char *lede_search_run_text(const struct lede_search_run *run);

/* The parameters of a request: its query, the JSON object that its body is, or one within that.
 * Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_run_take_query(
    struct lede_http_request *request, struct lede_search_run *run, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_search_run_take_body(
    struct lede_http_request *request, struct lede_search_run *run, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_search_run_take_object(const struct lede_http_request *request,
    const json_t *object, struct lede_search_run *run, struct lede_error *reterr);

/* Answer a failed search: query syntax, unknown parameter and so on, each with its problem type. */
void lede_reply_search_error(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error);

/* What is shown of a hit. ret_document  owner: the caller, lede_shown_document_release()
 * Status: as of lede_shown_document_take(). */
LEDE_CHECKED enum lede_status lede_search_show_hit(struct lede_api_worker *worker,
    const struct lede_hit *hit, struct lede_shown_document **ret_document,
    struct lede_error *reterr);
/* Before a hit's fields are highlighted: see what of the query the document satisfies. Past the
 * deadline nothing is looked at, and worker->out_of_time set, here and in highlighting. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_begin_hit(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document);
/* Highlight one text of a hit's field, by its number, into worker->highlights. Titles come whole.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_highlight(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    enum lede_field_id field, size_t index);

#endif
