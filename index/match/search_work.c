/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_work.h"

#include <stdlib.h>

bool lede_search_is_collapsed(const struct lede_search *search)
{
    return search->collapse_slot != LEDE_SLOT_NONE && search->collapse_slot != LEDE_SLOT_PUBLISHED;
}

void lede_search_work_done(struct lede_search_work *work)
{
    lede_found_done(&work->found);
    lede_matching_done(&work->matching);
}

/* Does a score tell documents apart, mostly? */
static bool tells_apart(const struct lede_query_node *node)
{
    switch (node->kind) {
    case LEDE_QUERY_NOT:
    case LEDE_QUERY_ALL:
    case LEDE_QUERY_DATES:
    case LEDE_QUERY_LENGTH:
    case LEDE_QUERY_PREFIX:
    case LEDE_QUERY_WILDCARD:
    case LEDE_QUERY_FUZZY:
        return false;
    default:
        break;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        if (tells_apart(node->children[i]))
            return true;
    }
    return node->child_count == 0;
}

/* ---- Before the match ---- */

enum lede_status lede_search_work_begin(struct lede_search_work *work, struct lede_index *index,
    const struct lede_search *search, struct lede_error *reterr)
{
    work->search = search;
    const struct lede_query_node *root = lede_query_root(search->query);
    bool by_relevance = search->sort == LEDE_SORT_RELEVANCE;
    struct lede_recency recency = {0};
    enum lede_status st = lede_matching_init(&work->matching, index, search, reterr);
    if (st == LEDE_OK)
        st = lede_matching_plan(&work->matching, root, reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(&work->matching, reterr);
    if (st == LEDE_OK && by_relevance && search->offset < LEDE_RERANK_MAX && search->limit > 0 &&
        !search->only_ids)
        st = lede_nearness_find(&work->matching.planner, root, &work->nearness, reterr);
    if (st != LEDE_OK)
        return st;
    size_t wanted = search->limit > 0 ? (size_t)search->offset + search->limit : 0;
    if (work->nearness.pair_count > 0 && wanted < LEDE_RERANK_MAX)
        wanted = LEDE_RERANK_MAX;
    work->finding = (struct lede_finding){.search = search,
        .matching = &work->matching,
        .wanted = wanted,
        .is_scored = by_relevance && search->limit > 0,
        .by_moment = !by_relevance || !tells_apart(root),
        .is_collapsed = lede_search_is_collapsed(search),
        .counts_values = search->facets != 0 || search->histogram != LEDE_HISTOGRAM_NONE,
        .keeps_matches = lede_search_is_collapsed(search) && !search->match_only};
    if (work->finding.is_scored)
        lede_recency_init(&recency, search);
    work->matching.window.scale =
        lede_window_scale(work->matching.plan, recency.most + work->nearness.most);
    return LEDE_OK;
}

/* ---- Behind it ---- */

/* What was not matched before time ran out has no bits. */
enum lede_status lede_search_work_fill_matched(
    struct lede_search_work *work, struct lede_error *reterr)
{
    for (size_t part = 0; work->found.matched && part < work->found.part_count; part++) {
        struct lede_matched *matched = &work->found.matched[part];
        matched->last_document = lede_index_part_at(work->matching.index, part).last_document;
        if (!matched->bits)
            matched->bits = calloc((size_t)matched->last_document / 64 + 1, sizeof(uint64_t));
        if (!matched->bits)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

static int by_score(const void *left, const void *right, void *context)
{
    const struct lede_search_order *order = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    uint64_t score_a = (uint64_t)order->candidates[a].score + order->nearness[a];
    uint64_t score_b = (uint64_t)order->candidates[b].score + order->nearness[b];
    if (score_a != score_b)
        return score_a > score_b ? -1 : 1;
    return (a > b) - (a < b);
}

void lede_search_order_anew(struct lede_search_order *order)
{
    size_t count = order->count < LEDE_RERANK_MAX ? order->count : LEDE_RERANK_MAX;
    qsort_r(order->places, count, sizeof(*order->places), by_score, order);
}

/* Add nearness to the first matches, down to those that it could lift into the page. The order of
 * the others stays. */
static enum lede_status add_nearness(
    struct lede_search_work *work, struct lede_search_order *order, struct lede_error *reterr)
{
    double scores[LEDE_RERANK_MAX], scale = work->matching.window.scale;
    size_t count = order->count < LEDE_RERANK_MAX ? order->count : LEDE_RERANK_MAX;
    size_t page_end = (size_t)work->search->offset + work->search->limit, some = 0;
    if (page_end > count)
        page_end = count;
    for (; some < count; some++) {
        if (some >= page_end && order->candidates[some].score + work->nearness.most * scale <
                                    order->candidates[page_end - 1].score)
            break;
    }
    enum lede_status st = lede_nearness_score(&work->nearness, work->matching.index,
        order->candidates, some, &work->matching.deadline, scores, reterr);
    if (st != LEDE_OK)
        return st;
    for (size_t i = 0; i < some; i++)
        order->nearness[i] = (uint32_t)(scores[i] * scale + 0.5);
    order->reach = order->count > LEDE_RERANK_MAX ? order->count : some;
    lede_search_order_anew(order);
    return LEDE_OK;
}

enum lede_status lede_search_work_order(
    struct lede_search_work *work, struct lede_search_order *ret_order, struct lede_error *reterr)
{
    struct lede_search_order order = {0};
    struct lede_arena *arena = &work->matching.arena;
    enum lede_status st = LEDE_OK;
    if (work->found.collapse)
        st = lede_collapse_first(work->found.collapse, &work->matching.deadline, &order.candidates,
            &order.texts, &order.count, reterr);
    else
        st = lede_top_finish(&work->found.top, work->matching.index, reterr);
    if (st != LEDE_OK)
        return st;
    if (!work->found.collapse) {
        order.candidates = work->found.top.items;
        order.count = work->found.top.count;
    }
    order.reach = order.count;
    order.nearness = lede_arena_calloc(arena, order.count + 1, sizeof(*order.nearness));
    order.places = lede_arena_calloc(arena, order.count + 1, sizeof(*order.places));
    if (!order.nearness || !order.places)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < order.count; i++)
        order.places[i] = i;
    if (work->nearness.pair_count > 0 && order.count > 0)
        st = add_nearness(work, &order, reterr);
    *ret_order = order;
    return st;
}
