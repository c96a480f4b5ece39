/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Positions are read for a hundred documents, whatever the query finds. */
#include "nearness.h"

#include "lede/schema.h"
#include "places.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_MAX 8 /* farther apart nothing is said by it */
/* of a word that half of the documents have: such pairs say nothing */
#define WEIGHT_MIN 0.7

/* The word that a node is, or begins with where it is spelt in several ways; NULL: it is none. */
static const struct lede_query_node *word_of(const struct lede_query_node *node)
{
    node = node->is_one_word ? node->children[0] : node;
    return node->kind == LEDE_QUERY_WORD && !node->lead ? node : NULL;
}

/* Two readings of one place: a bigram and the next, a compound and its closed form. */
static bool overlaps(const struct lede_query_node *node, const struct lede_query_node *before)
{
    return node->start < before->start + before->size;
}

/* Of a word that has no list: it is not matched. */
static enum lede_status count_documents(const struct lede_planner *planner,
    const struct lede_query_node *leaf, uint64_t *ret_documents, struct lede_error *reterr)
{
    *ret_documents = 0;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        if (!(leaf->fields & LEDE_FIELD_BIT(id)) || !field->prefix)
            continue;
        uint64_t found = 0;
        for (size_t i = 0; i < leaf->words[0].stem_count; i++) {
            uint64_t count = 0;
            enum lede_status st =
                lede_plan_count_stem(planner, field, leaf->words[0].stems[i], &count, reterr);
            if (st != LEDE_OK)
                return st;
            found += count;
        }
        *ret_documents = found > *ret_documents ? found : *ret_documents;
    }
    return LEDE_OK;
}

/* By the field in which most documents have it, each by the stem of its own language. */
static enum lede_status weigh(const struct lede_planner *planner,
    const struct lede_query_node *leaf, double *ret_weight, struct lede_error *reterr)
{
    const struct lede_plan *plan = lede_plan_of_leaf(planner, leaf);
    double documents = lede_plan_all_documents(planner);
    uint64_t most = 0, in_field = 0;
    for (size_t i = 0; plan && i < plan->term_count; i++) {
        in_field = i % leaf->words[0].stem_count == 0 ? 0 : in_field;
        in_field += lede_plan_term_documents(planner, plan, i);
        most = in_field > most ? in_field : most;
    }
    enum lede_status st = plan ? LEDE_OK : count_documents(planner, leaf, &most, reterr);
    double found = (double)most;
    *ret_weight = log(1 + (documents - found + 0.5) / (found + 0.5)) * leaf->weight;
    return st;
}

enum lede_status lede_nearness_find(const struct lede_planner *planner,
    const struct lede_query_node *root, struct lede_nearness *ret_nearness,
    struct lede_error *reterr)
{
    *ret_nearness = (struct lede_nearness){0};
    if (root->kind == LEDE_QUERY_MAYBE)
        root = root->children[1];
    ret_nearness->root = root;
    if ((root->kind != LEDE_QUERY_AND && root->kind != LEDE_QUERY_OR) || root->is_one_word)
        return LEDE_OK;
    const struct lede_query_node *before = NULL;
    for (size_t i = 0; i < root->child_count; i++) {
        const struct lede_query_node *a = before, *b = word_of(root->children[i]);
        if (b && a && overlaps(b, a))
            continue;
        before = b;
        if (!a || !b || ret_nearness->pair_count == LEDE_NEARNESS_PAIRS_MAX)
            continue;
        double first = 0, second = 0;
        enum lede_status st = weigh(planner, a, &first, reterr);
        if (st == LEDE_OK)
            st = weigh(planner, b, &second, reterr);
        if (st != LEDE_OK)
            return st;
        double weight = first < second ? first : second;
        if (weight < WEIGHT_MIN)
            continue;
        ret_nearness->pairs[ret_nearness->pair_count++] = (struct lede_nearness_pair){a, b, weight};
        ret_nearness->fields |= a->fields & b->fields;
        ret_nearness->most += weight;
    }
    return LEDE_OK;
}

/* The other way round counts as one farther. Both ascend. */
static unsigned distance(struct lede_positions left, struct lede_positions right)
{
    unsigned best = UINT_MAX;
    size_t behind = 0;
    for (size_t i = 0; i < left.count; i++) {
        uint32_t position = left.items[i];
        while (behind < right.count && right.items[behind] <= position)
            behind++;
        size_t before = behind;
        while (before > 0 && right.items[before - 1] >= position)
            before--;
        if (behind < right.count && right.items[behind] - position < best)
            best = right.items[behind] - position;
        if (before > 0 && position - right.items[before - 1] + 1 < best)
            best = position - right.items[before - 1] + 1;
    }
    return best;
}

/* In the field that the places are turned to; UINT_MAX: they do not stand together there. */
static enum lede_status nearest_here(struct lede_places *places,
    const struct lede_nearness_pair *pair, unsigned *ret_nearest, struct lede_error *reterr)
{
    struct lede_positions left = {0}, right = {0};
    *ret_nearest = UINT_MAX;
    enum lede_status st = lede_places_of_word(places, pair->first, 0, &left, reterr);
    if (st != LEDE_OK || left.count == 0)
        return st;
    st = lede_places_of_word(places, pair->second, 0, &right, reterr);
    if (st == LEDE_OK && right.count > 0)
        *ret_nearest = distance(left, right);
    return st;
}

static int by_number(const void *left, const void *right, void *context)
{
    const struct lede_candidate *candidates = context;
    const struct lede_candidate *a = &candidates[*(const size_t *)left];
    const struct lede_candidate *b = &candidates[*(const size_t *)right];
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    return (a->document > b->document) - (a->document < b->document);
}

/* The least distance of each pair in any field. */
static enum lede_status find_nearest(const struct lede_nearness *nearness,
    struct lede_places *places, uint32_t document, unsigned ret_nearest[LEDE_NEARNESS_PAIRS_MAX],
    struct lede_error *reterr)
{
    for (size_t i = 0; i < nearness->pair_count; i++)
        ret_nearest[i] = UINT_MAX;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        bool has_words = false;
        if (!(nearness->fields & LEDE_FIELD_BIT(id)) ||
            !lede_field_at((enum lede_field_id)id)->prefix)
            continue;
        enum lede_status st =
            lede_places_turn_to(places, (enum lede_field_id)id, document, &has_words, reterr);
        for (size_t i = 0; st == LEDE_OK && has_words && i < nearness->pair_count; i++) {
            unsigned here = UINT_MAX;
            st = nearest_here(places, &nearness->pairs[i], &here, reterr);
            ret_nearest[i] = here < ret_nearest[i] ? here : ret_nearest[i];
        }
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status score_one(const struct lede_nearness *nearness, struct lede_places *places,
    uint32_t document, double *ret_score, struct lede_error *reterr)
{
    unsigned nearest[LEDE_NEARNESS_PAIRS_MAX];
    enum lede_status st = find_nearest(nearness, places, document, nearest, reterr);
    for (size_t i = 0; st == LEDE_OK && i < nearness->pair_count; i++) {
        if (nearest[i] <= DISTANCE_MAX)
            *ret_score += nearness->pairs[i].weight / ((double)nearest[i] * nearest[i]);
    }
    return st;
}

/* Each part is read forwards. */
enum lede_status lede_nearness_score(const struct lede_nearness *nearness, struct lede_index *index,
    const struct lede_candidate *candidates, size_t count, struct lede_deadline *deadline,
    double *ret_scores, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) size_t *order = calloc(count + 1, sizeof(*order));
    LEDE_CLEANUP(lede_places_freep) struct lede_places *places = NULL;
    enum lede_status st = order ? LEDE_OK : lede_fail_memory(reterr);
    for (size_t i = 0; order && i < count; i++) {
        order[i] = i;
        ret_scores[i] = 0;
    }
    if (order)
        qsort_r(order, count, sizeof(*order), by_number, (void *)(uintptr_t)candidates);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const struct lede_candidate *one = &candidates[order[i]];
        if (lede_deadline_has_passed_now(deadline))
            break;
        if (i == 0 || one->part != candidates[order[i - 1]].part) {
            lede_places_freep(&places);
            st = lede_places_open(index, one->part, nearness->root, nearness->root->fields,
                deadline, &places, reterr);
        }
        if (st == LEDE_OK)
            st = score_one(nearness, places, one->document, &ret_scores[order[i]], reterr);
    }
    return st;
}
