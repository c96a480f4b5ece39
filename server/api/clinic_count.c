/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clinic_count.h"

#include "visible.h"

#include <string.h>

static bool names_languages(const struct clinic_question *question)
{
    for (size_t i = 0; i < question->filter_count; i++) {
        if (question->filters[i].field->id == LEDE_FIELD_LANGUAGE)
            return true;
    }
    return false;
}

/* Parse a text as a search that asks this question would. Status: OK; EINPUT, ELIMIT; ENOMEM. */
static enum lede_status parse(const struct clinic *clinic, const struct clinic_question *question,
    struct lede_query **ret_query)
{
    struct lede_query_options options = lede_search_run_options(clinic->worker, clinic->run);
    options.forgiving = false; /* a change that has no meaning is none */
    if (question->drops_in)
        options.fields = 0;
    if (!names_languages(question))
        options.languages = lede_reader_languages(clinic->worker->reader);
    return lede_query_parse(
        question->q, strlen(question->q), &options, clinic->worker->analyzer, ret_query, NULL);
}

enum lede_status lede_clinic_count(struct clinic *clinic, const struct clinic_question *question,
    bool *ret_is_counted, uint32_t *ret_count, bool *ret_is_exact, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result result = {0};
    struct lede_query *query = NULL;
    const struct lede_search *asked = &clinic->run->search.search;
    *ret_is_counted = false;
    if (clinic->counts_left == 0 || lede_time_monotonic_ns() >= clinic->deadline_monotonic_ns) {
        clinic->is_cut_short = true;
        return LEDE_OK;
    }
    clinic->counts_left--;
    enum lede_status st = parse(clinic, question, &query);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return lede_fail_memory(reterr);
    struct lede_search search = {.query = query,
        .filters = question->filters,
        .filter_count = question->filter_count,
        .after_utc_s = question->after_utc_s,
        .before_utc_s = question->before_utc_s,
        .now_utc_s = asked->now_utc_s,
        .deadline_monotonic_ns = clinic->deadline_monotonic_ns,
        .match_only = true,
        .collapse_slot = LEDE_SLOT_NONE,
        .exclude_id = asked->exclude_id};
    st = lede_visible_search(clinic->worker, &search, &result, reterr);
    lede_query_free(query);
    if (st != LEDE_OK)
        return st;
    *ret_is_counted = result.total_is_exact;
    clinic->is_cut_short |= !result.total_is_exact;
    *ret_count = result.total;
    *ret_is_exact = result.cut_count == 0;
    return LEDE_OK;
}
