/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a share found, as bytes: its total, the hits that may come onto the page, and what was
 * counted by value. Ids and moments go along, for they tell apart what scores leave equal. */
#include "lede/shares.h"
#include "search_work.h"

#include <stdlib.h>
#include <string.h>

static void work_freep(struct lede_search_work **pointer)
{
    if (!*pointer)
        return;
    lede_search_work_done(*pointer);
    free(*pointer);
}

static enum lede_status put_hits(
    struct lede_search_work *work, struct lede_buffer *out, struct lede_error *reterr)
{
    struct lede_search_order order = {0};
    struct lede_arena *arena = &work->matching.arena;
    struct lede_index *index = work->matching.index;
    enum lede_status st =
        work->finding.wanted > 0 ? lede_search_work_order(work, &order, reterr) : LEDE_OK;
    if (st != LEDE_OK)
        return st;
    size_t count = order.reach < order.count ? order.reach : order.count;
    struct lede_candidate *hits = lede_arena_calloc(arena, count + 1, sizeof(*hits));
    const char **ids = lede_arena_calloc(arena, count + 1, sizeof(*ids));
    if (!hits || !ids)
        return lede_fail_memory(reterr);
    if (count > 0)
        memcpy(hits, order.candidates, count * sizeof(*hits));
    if (!work->finding.by_moment && !order.texts)
        st = lede_candidates_read_moments(index, hits, count, reterr);
    if (st == LEDE_OK)
        st = lede_candidates_read_ids(index, hits, count, arena, ids, reterr);
    if (st != LEDE_OK)
        return st;
    lede_wire_put_double(out, work->matching.window.scale);
    lede_wire_put_number(out, count);
    for (size_t i = 0; i < count; i++) {
        lede_wire_put_number(out, hits[i].score);
        lede_wire_put_number(out, order.nearness[i]);
        lede_wire_put_signed(out, hits[i].moment);
        lede_wire_put_text(out, ids[i]);
        if (order.texts)
            lede_wire_put_text(out, order.texts[i]);
    }
    return LEDE_OK;
}

enum lede_status lede_index_share(struct lede_index *index, const struct lede_search *search,
    struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(work_freep) struct lede_search_work *work = calloc(1, sizeof(*work));
    if (!work)
        return lede_fail_memory(reterr);
    struct lede_search own = *search;
    own.match_only = true; /* what collapsed hits stand for is asked for later */
    enum lede_status st = lede_search_work_begin(work, index, &own, reterr);
    if (st == LEDE_OK)
        st = lede_find(&work->finding, &work->found, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_deadline *deadline = &work->matching.deadline;
    deadline->passed = deadline->passed || work->found.timed_out;
    lede_wire_put_number(out, work->found.total);
    lede_wire_put_number(out, work->nearness.pair_count > 0);
    lede_wire_put_number(out, work->found.collapse != NULL);
    st = put_hits(work, out, reterr);
    if (st != LEDE_OK)
        return st;
    lede_wire_put_number(out, work->found.counts != NULL);
    if (work->found.counts && lede_facet_counts_encode(work->found.counts, out) != LEDE_OK)
        return lede_fail_memory(reterr);
    lede_wire_put_number(out, deadline->passed);
    return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

/* ---- What collapsed hits stand for ---- */

static void put_copies(struct lede_buffer *out, const struct lede_hit *hit)
{
    lede_wire_put_number(out, hit->collapse_count);
    lede_wire_put_number(out, hit->collapse_source_count);
    for (size_t i = 0; i < hit->collapse_source_count; i++) {
        lede_wire_put_text(out, hit->collapse_sources[i].value);
        lede_wire_put_number(out, hit->collapse_sources[i].count);
    }
    lede_wire_put_text(out, hit->collapse_first_id);
    lede_wire_put_text(out, hit->collapse_first_source);
    lede_wire_put_signed(out, hit->collapse_first_utc_s);
}

/* Hits that are nowhere, by their keys alone. */
static enum lede_status count_copies(struct lede_search_work *work, const char *const *keys,
    size_t count, struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result result = {0};
    result.hits = lede_arena_calloc(&result.arena, count + 1, sizeof(*result.hits));
    if (!result.hits)
        return lede_fail_memory(reterr);
    for (; result.hit_count < count; result.hit_count++)
        result.hits[result.hit_count] =
            (struct lede_hit){.docid = LEDE_DOCID_NOWHERE, .collapse_key = keys[result.hit_count]};
    enum lede_status st = lede_collapse_count_copies(
        work->matching.index, work->search, work->found.matched, &result, reterr);
    if (st != LEDE_OK)
        return st;
    lede_wire_put_number(out, count);
    for (size_t i = 0; i < count; i++)
        put_copies(out, &result.hits[i]);
    return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_index_share_copies(struct lede_index *index, const struct lede_search *search,
    const char *const *keys, size_t count, struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(work_freep) struct lede_search_work *work = calloc(1, sizeof(*work));
    if (!work)
        return lede_fail_memory(reterr);
    struct lede_search own = *search;
    own.limit = own.offset = 0;
    own.facets = 0;
    own.histogram = LEDE_HISTOGRAM_NONE;
    own.match_only = false;
    own.facet_values = UINT32_MAX;
    enum lede_status st = lede_search_work_begin(work, index, &own, reterr);
    if (st == LEDE_OK)
        st = lede_find(&work->finding, &work->found, reterr);
    if (st == LEDE_OK)
        st = lede_search_work_fill_matched(work, reterr);
    return st == LEDE_OK ? count_copies(work, keys, count, out, reterr) : st;
}
