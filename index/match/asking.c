/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a part of something larger has of what a search asks for: as a search plans it, and loads
 * it. */
#include "matching.h"
#include "statistics.h"

#include <stdlib.h>
#include <string.h>

struct asking {
    struct lede_matching matching;
    struct lede_statistics *statistics;
};

static void asking_freep(struct asking **pointer)
{
    if (!*pointer)
        return;
    lede_matching_done(&(*pointer)->matching);
    lede_statistics_free((*pointer)->statistics);
    free(*pointer);
}

static enum lede_status note_list(
    struct asking *asking, const struct lede_plan *list, struct lede_error *reterr)
{
    const struct lede_planner *planner = &asking->matching.planner;
    enum lede_status st = lede_statistics_note_list(
        asking->statistics, list->terms, list->term_count, list->documents);
    for (size_t i = 0; st == LEDE_OK && i < list->term_count; i++)
        st = lede_statistics_note_term(asking->statistics, "", list->terms[i].bytes,
            list->terms[i].size, lede_plan_term_documents(planner, list, i));
    return st == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

/* A word may be asked for as it is, and its stems where they have no list. */
static enum lede_status note_word(
    struct asking *asking, const struct lede_query_word *word, struct lede_error *reterr)
{
    const struct lede_planner *planner = &asking->matching.planner;
    uint64_t documents = 0;
    enum lede_status st = lede_plan_count_word(planner, word, &documents, reterr);
    if (st == LEDE_OK && lede_statistics_note_word(asking->statistics, word, documents) != LEDE_OK)
        st = lede_fail_memory(reterr);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        for (size_t i = 0; st == LEDE_OK && field->prefix && i < word->stem_count; i++) {
            st = lede_plan_count_stem(planner, field, word->stems[i], &documents, reterr);
            if (st == LEDE_OK && lede_statistics_note_term(asking->statistics, field->prefix,
                                     word->stems[i], strlen(word->stems[i]), documents) != LEDE_OK)
                st = lede_fail_memory(reterr);
        }
    }
    return st;
}

/* Depth is bounded by LEDE_QUERY_DEPTH_MAX. */
static enum lede_status note_words(
    struct asking *asking, const struct lede_query_node *node, struct lede_error *reterr)
{
    enum lede_status st =
        node->kind == LEDE_QUERY_WORD ? note_word(asking, &node->words[0], reterr) : LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < node->child_count; i++)
        st = note_words(asking, node->children[i], reterr);
    return st;
}

static enum lede_status ask(struct asking *asking, struct lede_error *reterr)
{
    const struct lede_search *search = asking->matching.search;
    const struct lede_planner *planner = &asking->matching.planner;
    enum lede_status st =
        lede_matching_plan(&asking->matching, lede_query_root(search->query), reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(&asking->matching, reterr);
    if (st == LEDE_OK && asking->matching.deadline.passed)
        st = lede_fail(reterr, LEDE_ETIMEOUT, "the time ran out among the words");
    if (st == LEDE_OK)
        st = note_words(asking, lede_query_root(search->query), reterr);
    if (st == LEDE_OK && search->raising)
        st = note_words(asking, lede_query_root(search->raising), reterr);
    for (size_t i = 0; st == LEDE_OK && i < planner->held_count; i++) {
        const struct lede_plan *plan = planner->held[i];
        if (plan->kind == LEDE_PLAN_LIST)
            st = note_list(asking, plan, reterr);
        if (plan->kind == LEDE_PLAN_PATTERN)
            st = lede_pattern_list_note(&asking->statistics->patterns, planner->index, plan->node,
                plan->fields, planner->deadline, reterr);
    }
    return st;
}

enum lede_status lede_index_statistics(struct lede_index *index, const struct lede_search *search,
    struct lede_statistics **ret_statistics, struct lede_error *reterr)
{
    LEDE_CLEANUP(asking_freep) struct asking *asking = calloc(1, sizeof(*asking));
    struct lede_search own = *search;
    own.statistics = NULL;
    if (!asking || !(asking->statistics = calloc(1, sizeof(*asking->statistics))))
        return lede_fail_memory(reterr);
    lede_plan_count_all(index, asking->statistics);
    enum lede_status st = lede_matching_init(&asking->matching, index, &own, reterr);
    if (st == LEDE_OK)
        st = ask(asking, reterr);
    if (st == LEDE_OK)
        *ret_statistics = LEDE_TAKE(&asking->statistics);
    return st;
}
