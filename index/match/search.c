/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One search: plan, find in the parts, put in order, copy out. */
#include "found.h"
#include "kept.h"
#include "lede/buffer.h"
#include "lede/time.h"
#include "nearness.h"
#include "texts.h"

#include <stdlib.h>
#include <string.h>

struct run {
    struct lede_matching matching;
    const struct lede_search *search;
    struct lede_search_result result;
    struct lede_nearness nearness;
    struct lede_finding finding;
    struct lede_found found;
};

static void run_freep(struct run **pointer)
{
    struct run *run = *pointer;
    if (!run)
        return;
    lede_found_done(&run->found);
    lede_matching_done(&run->matching);
    lede_search_result_done(&run->result);
    free(run);
}

static bool is_collapsed(const struct lede_search *search)
{
    return search->collapse_slot != LEDE_SLOT_NONE && search->collapse_slot != LEDE_SLOT_PUBLISHED;
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

static enum lede_status begin(struct run *run, struct lede_index *index, struct lede_error *reterr)
{
    const struct lede_search *search = run->search;
    const struct lede_query_node *root = lede_query_root(search->query);
    bool by_relevance = search->sort == LEDE_SORT_RELEVANCE;
    struct lede_recency recency = {0};
    enum lede_status st = lede_matching_init(&run->matching, index, search, reterr);
    if (st == LEDE_OK)
        st = lede_matching_plan(&run->matching, root, reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(&run->matching, reterr);
    if (st == LEDE_OK && by_relevance && search->offset < LEDE_RERANK_MAX && search->limit > 0 &&
        !search->only_ids)
        st = lede_nearness_find(&run->matching.planner, root, &run->nearness, reterr);
    if (st != LEDE_OK)
        return st;
    size_t wanted = search->limit > 0 ? (size_t)search->offset + search->limit : 0;
    if (run->nearness.pair_count > 0 && wanted < LEDE_RERANK_MAX)
        wanted = LEDE_RERANK_MAX;
    run->finding = (struct lede_finding){.search = search,
        .matching = &run->matching,
        .wanted = wanted,
        .is_scored = by_relevance && search->limit > 0,
        .by_moment = !by_relevance || !tells_apart(root),
        .is_collapsed = is_collapsed(search),
        .counts_values = search->facets != 0 || search->histogram != LEDE_HISTOGRAM_NONE,
        .keeps_matches = is_collapsed(search) && !search->match_only};
    if (run->finding.is_scored)
        lede_recency_init(&recency, search);
    run->matching.window.scale =
        lede_window_scale(run->matching.plan, recency.most + run->nearness.most);
    return LEDE_OK;
}

/* ---- Behind it ---- */

/* What was not matched before time ran out has no bits. */
static enum lede_status fill_matched(struct run *run, struct lede_error *reterr)
{
    for (size_t part = 0; run->found.matched && part < run->found.part_count; part++) {
        struct lede_matched *matched = &run->found.matched[part];
        matched->last_document = lede_index_part_at(run->matching.index, part).last_document;
        if (!matched->bits)
            matched->bits = calloc((size_t)matched->last_document / 64 + 1, sizeof(uint64_t));
        if (!matched->bits)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

struct order {
    const struct lede_candidate *candidates;
    const char *const *texts; /* NULL: not collapsed */
    size_t count;
    uint32_t *nearness; /* by candidate, in units of scores */
    size_t *places;     /* candidates in the order that nearness gives */
};

static int by_score(const void *left, const void *right, void *context)
{
    const struct order *order = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    uint64_t score_a = (uint64_t)order->candidates[a].score + order->nearness[a];
    uint64_t score_b = (uint64_t)order->candidates[b].score + order->nearness[b];
    if (score_a != score_b)
        return score_a > score_b ? -1 : 1;
    return (a > b) - (a < b);
}

/* Add nearness to the first matches, down to those that it could lift into the page. The order of
 * the others stays. */
static enum lede_status add_nearness(
    struct run *run, struct order *order, struct lede_error *reterr)
{
    double scores[LEDE_RERANK_MAX], scale = run->matching.window.scale;
    size_t count = order->count < LEDE_RERANK_MAX ? order->count : LEDE_RERANK_MAX;
    size_t page_end = (size_t)run->search->offset + run->search->limit, some = 0;
    if (page_end > count)
        page_end = count;
    for (; some < count; some++) {
        if (some >= page_end && order->candidates[some].score + run->nearness.most * scale <
                                    order->candidates[page_end - 1].score)
            break;
    }
    enum lede_status st = lede_nearness_score(&run->nearness, run->matching.index,
        order->candidates, some, &run->matching.deadline, scores, reterr);
    if (st != LEDE_OK)
        return st;
    for (size_t i = 0; i < some; i++)
        order->nearness[i] = (uint32_t)(scores[i] * scale + 0.5);
    qsort_r(order->places, count, sizeof(*order->places), by_score, order);
    return LEDE_OK;
}

static enum lede_status copy_hit(
    struct run *run, const struct order *order, size_t place, struct lede_error *reterr)
{
    const struct lede_candidate *one = &order->candidates[place];
    struct lede_arena *arena = &run->result.arena;
    struct lede_hit *hit = &run->result.hits[run->result.hit_count];
    double scale = run->matching.window.scale;
    hit->docid = lede_docid_of(run->found.part_count, one->part, one->document);
    hit->nearness = order->nearness[place] / scale;
    hit->score = one->score / scale + hit->nearness;
    hit->stored = "";
    if (order->texts)
        hit->collapse_key =
            lede_arena_copy(arena, order->texts[place], strlen(order->texts[place]));
    if (order->texts && !hit->collapse_key)
        return lede_fail_memory(reterr);
    enum lede_status st = LEDE_OK;
    if (!run->search->match_only)
        st = lede_text_read(run->matching.index, one->part, one->document, arena, hit, reterr);
    run->result.hit_count += st == LEDE_OK;
    return st;
}

/* Where no texts are read; each part is opened once. */
static enum lede_status read_ids(struct run *run, struct lede_error *reterr)
{
    size_t count = run->result.hit_count;
    struct lede_arena *arena = &run->matching.arena;
    struct lede_candidate *hits = lede_arena_calloc(arena, count + 1, sizeof(*hits));
    const char **ids = lede_arena_calloc(arena, count + 1, sizeof(*ids));
    if (!hits || !ids)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        uint32_t docid = run->result.hits[i].docid;
        hits[i].part = (uint32_t)lede_docid_part(run->found.part_count, docid);
        hits[i].document = lede_docid_document(run->found.part_count, docid);
    }
    enum lede_status st =
        lede_candidates_read_ids(run->matching.index, hits, count, &run->result.arena, ids, reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        run->result.hits[i].id = ids[i];
    return st;
}

static enum lede_status copy_page(struct run *run, struct lede_error *reterr)
{
    struct order order = {0};
    struct lede_arena *arena = &run->matching.arena;
    enum lede_status st = LEDE_OK;
    if (run->found.collapse)
        st = lede_collapse_first(run->found.collapse, &run->matching.deadline, &order.candidates,
            &order.texts, &order.count, reterr);
    else
        st = lede_top_finish(&run->found.top, run->matching.index, reterr);
    if (st != LEDE_OK)
        return st;
    if (!run->found.collapse) {
        order.candidates = run->found.top.items;
        order.count = run->found.top.count;
    }
    order.nearness = lede_arena_calloc(arena, order.count + 1, sizeof(*order.nearness));
    order.places = lede_arena_calloc(arena, order.count + 1, sizeof(*order.places));
    run->result.hits =
        lede_arena_calloc(&run->result.arena, order.count + 1, sizeof(*run->result.hits));
    if (!order.nearness || !order.places || !run->result.hits)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < order.count; i++)
        order.places[i] = i;
    if (run->nearness.pair_count > 0 && order.count > 0)
        st = add_nearness(run, &order, reterr);
    size_t end = (size_t)run->search->offset + run->search->limit;
    uint64_t begun_ns = lede_time_monotonic_ns();
    for (size_t i = run->search->offset; st == LEDE_OK && i < order.count && i < end; i++)
        st = copy_hit(run, &order, order.places[i], reterr);
    if (st == LEDE_OK && run->search->match_only)
        st = read_ids(run, reterr);
    run->result.texts_ns = lede_time_monotonic_ns() - begun_ns;
    return st;
}

static enum lede_status finish(struct run *run, struct lede_error *reterr)
{
    const struct lede_search *search = run->search;
    struct lede_index *index = run->matching.index;
    enum lede_status st = run->finding.wanted > 0 ? copy_page(run, reterr) : LEDE_OK;
    if (st == LEDE_OK)
        st = fill_matched(run, reterr);
    if (st == LEDE_OK && is_collapsed(search) && !search->match_only)
        st = lede_collapse_count_copies(index, search, run->found.matched, &run->result, reterr);
    if (st == LEDE_OK && run->found.counts)
        st = lede_facet_counts_write(run->found.counts, &run->result, reterr);
    uint32_t in_buckets = 0;
    for (size_t i = 0; i < run->result.bucket_count; i++)
        in_buckets += run->result.buckets[i].count;
    run->result.undated = run->found.total > in_buckets ? run->found.total - in_buckets : 0;
    size_t cuts = run->matching.planner.cut_count;
    if (st != LEDE_OK || cuts == 0)
        return st;
    run->result.cuts = lede_arena_calloc(&run->result.arena, cuts, sizeof(*run->result.cuts));
    if (!run->result.cuts)
        return lede_fail_memory(reterr);
    memcpy(run->result.cuts, run->matching.planner.cuts, cuts * sizeof(*run->result.cuts));
    run->result.cut_count = cuts;
    return LEDE_OK;
}

enum lede_status lede_index_search(struct lede_index *index, const struct lede_search *search,
    struct lede_search_result *ret_result, struct lede_error *reterr)
{
    LEDE_CLEANUP(run_freep) struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return lede_fail_memory(reterr);
    run->search = search;
    struct lede_reading before = *lede_kept_reading();
    enum lede_status st = begin(run, index, reterr);
    if (st == LEDE_OK)
        st = lede_find(&run->finding, &run->found, reterr);
    run->matching.deadline.passed = run->matching.deadline.passed || run->found.timed_out;
    if (st == LEDE_OK)
        st = finish(run, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_reading *after = lede_kept_reading();
    run->result.reading = (struct lede_reading){.found = after->found - before.found,
        .read = after->read - before.read,
        .read_bytes = after->read_bytes - before.read_bytes};
    run->result.total = run->found.total;
    run->result.timed_out = run->matching.deadline.passed;
    run->result.total_is_exact = !run->result.timed_out;
    *ret_result = run->result;
    run->result = (struct lede_search_result){0};
    return LEDE_OK;
}

void lede_search_result_done(struct lede_search_result *result)
{
    if (!result)
        return;
    lede_arena_done(&result->arena);
    *result = (struct lede_search_result){0};
}
