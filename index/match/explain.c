/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clause's scores are those of its own plan for the hits: the statistics that it is weighted by
 * are the archive's, so it gives alone what it gives in the whole. */
#include "matching.h"
#include "nearness.h"
#include "recency.h"

#include <stdlib.h>
#include <string.h>

struct clauses {
    struct lede_planner *planner;
    const struct lede_query_node **nodes; /* in the explanation's arena */
    struct lede_plan **plans;
    size_t count;
    bool is_scored; /* scores are asked for */
};

static size_t count_nodes(const struct lede_query_node *node)
{
    size_t count = 1;
    for (size_t i = 0; i < node->child_count; i++)
        count += count_nodes(node->children[i]);
    return count;
}

static enum lede_status add_clause(struct clauses *clauses, const struct lede_query_node *node,
    double factor, bool is_scored, struct lede_error *reterr)
{
    clauses->nodes[clauses->count] = node;
    return lede_plan_node(clauses->planner, node, factor, is_scored && clauses->is_scored,
        &clauses->plans[clauses->count++], reterr);
}

/* The parts that sum up to what a query scores. factor  of the groups around */
static enum lede_status collect(struct clauses *clauses, const struct lede_query_node *node,
    double factor, struct lede_error *reterr)
{
    bool is_group =
        !node->is_one_word && (node->kind == LEDE_QUERY_AND || node->kind == LEDE_QUERY_OR ||
                                  node->kind == LEDE_QUERY_MAYBE);
    if (node->kind == LEDE_QUERY_NOT || node->kind == LEDE_QUERY_ALL)
        return LEDE_OK;
    if (!is_group)
        return add_clause(clauses, node, factor, true, reterr);
    bool all_weak = node->kind != LEDE_QUERY_OR;
    enum lede_status st = LEDE_OK;
    if (!all_weak)
        st = lede_plan_are_weak(clauses->planner, node, &all_weak, reterr);
    for (size_t i = 0; st == LEDE_OK && i < node->child_count; i++) {
        const struct lede_query_node *child = node->children[i];
        bool is_weak = false;
        if (!all_weak)
            st = lede_plan_is_weak(clauses->planner, child, &is_weak, reterr);
        if (st == LEDE_OK)
            st = is_weak ? add_clause(clauses, child, factor * node->weight, false, reterr)
                         : collect(clauses, child, factor * node->weight, reterr);
    }
    return st;
}

struct explaining {
    struct lede_matching matching;
    struct clauses clauses;
    struct lede_recency recency;
    const struct lede_hit *hits;
    size_t hit_count;
    struct lede_hit_explanation *ret_hits;
    uint64_t wanted[LEDE_WINDOW_WORDS]; /* hits of the window */
};

static void explaining_freep(struct explaining **pointer)
{
    if (!*pointer)
        return;
    lede_recency_close_part(&(*pointer)->recency);
    lede_matching_done(&(*pointer)->matching);
    free(*pointer);
}

static uint32_t document_of(const struct explaining *explaining, size_t hit)
{
    return lede_docid_document(
        explaining->matching.planner.part_count, explaining->hits[hit].docid);
}

static bool is_in_window(const struct explaining *explaining, size_t hit)
{
    const struct lede_window *window = &explaining->matching.window;
    size_t part =
        lede_docid_part(explaining->matching.planner.part_count, explaining->hits[hit].docid);
    return part == window->part &&
           document_of(explaining, hit) >> LEDE_WINDOW_BITS == window->number;
}

static enum lede_status explain_clause(
    struct explaining *explaining, size_t clause, struct lede_error *reterr)
{
    struct lede_window *window = &explaining->matching.window;
    struct lede_plan *plan = explaining->clauses.plans[clause];
    const uint64_t *bits = NULL;
    enum lede_status st = lede_window_match(window, plan, explaining->wanted, &bits, reterr);
    if (st != LEDE_OK || !bits)
        return st;
    uint64_t matches[LEDE_WINDOW_WORDS];
    for (uint32_t w = 0; w < window->words; w++)
        matches[w] = bits[w] & explaining->wanted[w];
    memset(window->scores, 0, (size_t)window->words * 64 * sizeof(*window->scores));
    st = lede_window_score(window, plan, matches, reterr);
    for (size_t i = 0; st == LEDE_OK && i < explaining->hit_count; i++) {
        uint32_t number = document_of(explaining, i) % LEDE_WINDOW_DOCUMENTS;
        if (!is_in_window(explaining, i) || !(matches[number / 64] >> (number % 64) & 1))
            continue;
        explaining->ret_hits[i].shares[clause].matches = true;
        explaining->ret_hits[i].shares[clause].score = window->scores[number] / window->scale;
    }
    return st;
}

static enum lede_status explain_window(
    struct explaining *explaining, uint32_t number, struct lede_error *reterr)
{
    struct lede_window *window = &explaining->matching.window;
    bool any = false;
    window->number = number;
    window->words = lede_window_words(window->last_document, number);
    memset(explaining->wanted, 0, sizeof(explaining->wanted));
    for (size_t i = 0; i < explaining->hit_count; i++) {
        uint32_t document = document_of(explaining, i);
        if (!is_in_window(explaining, i) || document > window->last_document)
            continue;
        any = true;
        explaining->wanted[document % LEDE_WINDOW_DOCUMENTS / 64] |= UINT64_C(1) << (document % 64);
        if (explaining->recency.column) {
            double points = lede_recency_of(&explaining->recency, document) * window->scale;
            explaining->ret_hits[i].recency = (uint32_t)(points + 0.5) / window->scale;
        }
    }
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; any && st == LEDE_OK && i < explaining->clauses.count; i++)
        st = explain_clause(explaining, i, reterr);
    return st;
}

static enum lede_status explain_part(
    struct explaining *explaining, size_t part, struct lede_error *reterr)
{
    struct lede_matching *matching = &explaining->matching;
    enum lede_status st = lede_matching_open_part(matching, part, reterr);
    if (st == LEDE_OK)
        st = lede_recency_open_part(&explaining->recency, matching->index, part, reterr);
    uint32_t windows = lede_matching_window_count(matching, part);
    for (uint32_t number = 0; st == LEDE_OK && number < windows; number++)
        st = explain_window(explaining, number, reterr);
    lede_recency_close_part(&explaining->recency);
    lede_matching_close_part(matching);
    return st;
}

/* Scores come in the units that the search summed them up in. */
static enum lede_status set_scale(struct explaining *explaining, struct lede_error *reterr)
{
    const struct lede_search *search = explaining->matching.search;
    struct lede_nearness nearness = {0};
    struct clauses *clauses = &explaining->clauses;
    struct lede_plan all = {
        .kind = LEDE_PLAN_OR, .children = clauses->plans, .child_count = clauses->count};
    enum lede_status st = LEDE_OK;
    if (clauses->is_scored && search->offset < LEDE_RERANK_MAX && !search->only_ids)
        st = lede_nearness_find(
            &explaining->matching.planner, lede_query_root(search->query), &nearness, reterr);
    lede_recency_init(&explaining->recency, search);
    explaining->matching.window.scale =
        lede_window_scale(&all, explaining->recency.most + nearness.most);
    return st;
}

static enum lede_status explain(
    struct explaining *explaining, struct lede_explanation *explanation, struct lede_error *reterr)
{
    struct lede_arena *arena = &explanation->arena;
    struct lede_matching *matching = &explaining->matching;
    struct clauses *clauses = &explaining->clauses;
    const struct lede_query_node *root = lede_query_root(matching->search->query);
    const struct lede_query_node *raising =
        matching->search->raising ? lede_query_root(matching->search->raising) : NULL;
    size_t most = count_nodes(root) + (raising ? count_nodes(raising) : 0);
    clauses->planner = &matching->planner;
    clauses->is_scored = matching->search->sort == LEDE_SORT_RELEVANCE;
    clauses->nodes = lede_arena_calloc(arena, most, sizeof(*clauses->nodes));
    clauses->plans = lede_arena_calloc(&matching->arena, most, sizeof(*clauses->plans));
    explaining->ret_hits =
        lede_arena_calloc(arena, explaining->hit_count + 1, sizeof(*explaining->ret_hits));
    matching->window.scores = lede_arena_calloc(
        &matching->arena, LEDE_WINDOW_DOCUMENTS, sizeof(*matching->window.scores));
    if (!clauses->nodes || !clauses->plans || !explaining->ret_hits || !matching->window.scores)
        return lede_fail_memory(reterr);
    enum lede_status st = collect(clauses, root, 1, reterr);
    explanation->own_clause_count = clauses->count;
    if (st == LEDE_OK && raising)
        st = collect(clauses, raising, 1, reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(matching, reterr);
    if (st == LEDE_OK)
        st = set_scale(explaining, reterr);
    for (size_t i = 0; st == LEDE_OK && i < explaining->hit_count; i++) {
        explaining->ret_hits[i].shares =
            lede_arena_calloc(arena, clauses->count + 1, sizeof(struct lede_clause_share));
        if (!explaining->ret_hits[i].shares)
            st = lede_fail_memory(reterr);
    }
    for (size_t part = 0; st == LEDE_OK && part < matching->planner.part_count; part++) {
        if (!lede_deadline_has_passed_now(&matching->deadline))
            st = explain_part(explaining, part, reterr);
    }
    explanation->clauses = clauses->nodes;
    explanation->clause_count = clauses->count;
    explanation->hits = explaining->ret_hits;
    explanation->hit_count = matching->deadline.passed ? 0 : explaining->hit_count;
    return st;
}

enum lede_status lede_index_explain(struct lede_index *index, const struct lede_search *search,
    const struct lede_hit *hits, size_t hit_count, struct lede_explanation *ret_explanation,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(explaining_freep) struct explaining *explaining = calloc(1, sizeof(*explaining));
    struct lede_explanation explanation = {0};
    enum lede_status st = explaining
                              ? lede_matching_init(&explaining->matching, index, search, reterr)
                              : lede_fail_memory(reterr);
    if (st == LEDE_OK && lede_index_part_count(index) > 0 && hit_count > 0) {
        explaining->hits = hits;
        explaining->hit_count = hit_count;
        st = explain(explaining, &explanation, reterr);
    }
    if (st == LEDE_OK)
        *ret_explanation = explanation;
    else
        lede_explanation_done(&explanation);
    return st;
}

void lede_explanation_done(struct lede_explanation *explanation)
{
    if (!explanation)
        return;
    lede_arena_done(&explanation->arena);
    *explanation = (struct lede_explanation){0};
}
