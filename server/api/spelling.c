/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spelling.h"

#include "correction.h"
#include "feedback.h"
#include "paging.h"
#include "visible.h"

#include <string.h>

/* Put the correction into the place of what was asked. */
static enum lede_status take_correction(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = lede_search_run_options(worker, run);
    const struct lede_buffer *text = &run->did_you_mean;
    lede_buffer_append(&run->text, text->data, text->size);
    if (run->text.failed)
        return lede_fail_memory(reterr);
    enum lede_status st =
        lede_query_parse(text->data, text->size, &options, worker->analyzer, &query, reterr);
    if (st != LEDE_OK)
        return st;
    run->corrected = true;
    lede_query_free(run->query);
    run->query = LEDE_TAKE(&query);
    run->search.search.query = run->query;
    return LEDE_OK;
}

enum lede_status lede_spelling_correct(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    bool may_run = run->search.spell == LEDE_SPELL_AUTO && run->result.total == 0;
    enum lede_status st =
        lede_correction_find(worker, run, run->result.total, &run->did_you_mean, reterr);
    if (st != LEDE_OK || run->did_you_mean.size == 0 || !may_run)
        return st;
    st = take_correction(worker, run, reterr);
    if (st != LEDE_OK)
        return st;
    lede_search_result_done(&run->result);
    st = lede_feedback_find(worker, run, reterr);
    return st == LEDE_OK ? lede_paging_search(worker, run, reterr) : st;
}

enum lede_status lede_spelling_before_page(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    uint32_t found = 0;
    bool exact = false;
    if (run->search.spell != LEDE_SPELL_AUTO || !run->search.cursor || run->similar_to)
        return LEDE_OK;
    enum lede_status st =
        lede_visible_estimate(worker, &run->search.search, 1, &found, &exact, reterr);
    if (st != LEDE_OK || found > 0)
        return st;
    st = lede_correction_find(worker, run, 0, &run->did_you_mean, reterr);
    if (st != LEDE_OK || run->did_you_mean.size == 0)
        return st;
    return take_correction(worker, run, reterr);
}
