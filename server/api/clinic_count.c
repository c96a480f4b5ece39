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

/* Is it what the search asked that found nothing? */
static bool is_asked(const struct clinic *clinic, const struct clinic_question *question,
    const struct lede_query *query)
{
    const struct lede_search_run *run = clinic->run;
    const struct lede_search *asked = &run->search.search;
    return run->result.total_is_exact && question->filter_count == asked->filter_count &&
           question->after_utc_s == asked->after_utc_s &&
           question->before_utc_s == asked->before_utc_s &&
           lede_query_equal(lede_query_root(query), lede_query_root(run->query));
}

static enum lede_status count(struct clinic *clinic, const struct clinic_question *question,
    const struct lede_query *query, struct lede_counted *ret_counted, struct lede_error *reterr)
{
    const struct lede_search *asked = &clinic->run->search.search;
    struct lede_search search = {.query = query,
        .filters = question->filters,
        .filter_count = question->filter_count,
        .after_utc_s = question->after_utc_s,
        .before_utc_s = question->before_utc_s,
        .now_utc_s = asked->now_utc_s,
        .deadline_monotonic_ns = clinic->deadline_monotonic_ns,
        .exclude_id = asked->exclude_id};
    enum lede_status st = LEDE_OK;
    if (is_asked(clinic, question, query)) {
        *ret_counted =
            (struct lede_counted){.is_exact = true, .has_cuts = clinic->run->result.cut_count > 0};
        return LEDE_OK;
    }
    if (!clinic->counts)
        st = lede_visible_counts_new(clinic->worker, &search, &clinic->counts, reterr);
    return st == LEDE_OK ? lede_visible_counts_ask(
                               clinic->worker, clinic->counts, &search, ret_counted, reterr)
                         : st;
}

enum lede_status lede_clinic_count(struct clinic *clinic, const struct clinic_question *question,
    bool *ret_is_counted, struct clinic_found *ret_found, struct lede_error *reterr)
{
    struct lede_counted counted = {0};
    struct lede_query **query = &clinic->queries[clinic->query_count];
    *ret_is_counted = false;
    if (clinic->query_count == LEDE_CLINIC_COUNTS_MAX ||
        lede_time_has_passed(clinic->deadline_monotonic_ns)) {
        clinic->is_cut_short = true;
        return LEDE_OK;
    }
    clinic->query_count++;
    enum lede_status st = parse(clinic, question, query);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        return LEDE_OK;
    if (st != LEDE_OK)
        return lede_fail_memory(reterr);
    st = count(clinic, question, *query, &counted, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_is_counted = counted.is_exact;
    clinic->is_cut_short |= !counted.is_exact;
    ret_found->count = counted.documents;
    ret_found->relation = counted.is_enough  ? CLINIC_AT_LEAST
                          : counted.has_cuts ? CLINIC_ABOUT
                                             : CLINIC_EXACTLY;
    return LEDE_OK;
}

void lede_clinic_done(struct clinic *clinic)
{
    lede_counts_freep(&clinic->counts);
    while (clinic->query_count > 0)
        lede_query_free(clinic->queries[--clinic->query_count]);
}
