/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search adds to its query, and what all of it needs in memory. */
#include "plan.h"
#include "statistics.h"

#include <string.h>

enum lede_status lede_plan_terms(struct lede_planner *planner, const struct lede_term *terms,
    size_t count, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *plan = lede_plan_new_leaf(planner, LEDE_PLAN_LIST);
    if (plan)
        plan->terms = lede_arena_calloc(planner->arena, count + 1, sizeof(*plan->terms));
    if (!plan || !plan->terms)
        return lede_fail_memory(reterr);
    for (; plan->term_count < count; plan->term_count++) {
        const struct lede_term *term = &terms[plan->term_count];
        plan->terms[plan->term_count] = (struct lede_term){
            lede_arena_copy(planner->arena, term->bytes, term->size), term->size};
        if (!plan->terms[plan->term_count].bytes)
            return lede_fail_memory(reterr);
    }
    *ret_plan = plan;
    return LEDE_OK;
}

/* Any of the values, each a list of its own: others ask for them in other company. */
static enum lede_status plan_values(struct lede_planner *planner, const struct lede_field *field,
    const char *const *values, size_t count, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *any = lede_plan_new(planner, LEDE_PLAN_OR, count);
    if (!any)
        return lede_fail_memory(reterr);
    for (; any->child_count < count; any->child_count++) {
        char bytes[LEDE_SCHEMA_TERM_MAX + 1];
        const char *value = values[any->child_count];
        struct lede_term term = {
            bytes, lede_schema_filter_term(field, value, strlen(value), bytes)};
        enum lede_status st =
            lede_plan_terms(planner, &term, 1, &any->children[any->child_count], reterr);
        if (st != LEDE_OK)
            return st;
    }
    *ret_plan = any;
    return LEDE_OK;
}

static enum lede_status narrow_by_filter(struct lede_planner *planner,
    const struct lede_filter *filter, struct lede_plan *group, struct lede_plan *excluded,
    struct lede_error *reterr)
{
    struct lede_plan *plan = NULL;
    enum lede_status st = LEDE_OK;
    if (filter->any_count > 0)
        st = plan_values(planner, filter->field, filter->any, filter->any_count, &plan, reterr);
    if (st == LEDE_OK && plan)
        group->children[group->child_count++] = plan;
    plan = NULL;
    if (st == LEDE_OK && filter->none_count > 0)
        st = plan_values(planner, filter->field, filter->none, filter->none_count, &plan, reterr);
    if (st == LEDE_OK && plan)
        excluded->children[excluded->child_count++] = plan;
    return st;
}

/* The restriction looks at no clock: what a NOT in it takes away would be found where time ran
 * out. */
static enum lede_status plan_restriction(struct lede_planner *planner,
    const struct lede_search *search, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_deadline *before = planner->deadline;
    struct lede_deadline *never = lede_arena_calloc(planner->arena, 1, sizeof(*never));
    if (!never)
        return lede_fail_memory(reterr);
    planner->deadline = never;
    enum lede_status st =
        lede_plan_node(planner, lede_query_root(search->restriction), 1, false, ret_plan, reterr);
    planner->deadline = before;
    return st;
}

/* What else gives to the scores of what the query finds. */
static enum lede_status raise_scores(struct lede_planner *planner, const struct lede_query *raising,
    struct lede_plan **query, struct lede_error *reterr)
{
    struct lede_plan *maybe = lede_plan_new(planner, LEDE_PLAN_MAYBE, 2);
    if (!maybe)
        return lede_fail_memory(reterr);
    maybe->is_scored = true;
    maybe->children[maybe->child_count++] = *query;
    enum lede_status st = lede_plan_node(
        planner, lede_query_root(raising), 1, true, &maybe->children[maybe->child_count++], reterr);
    *query = maybe;
    return st;
}

enum lede_status lede_plan_search(struct lede_planner *planner, const struct lede_search *search,
    const struct lede_query_node *root, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *group = lede_plan_new(planner, LEDE_PLAN_AND, search->filter_count + 4);
    struct lede_plan *excluded = lede_plan_new(planner, LEDE_PLAN_OR, search->filter_count);
    struct lede_plan *query = NULL;
    if (!group || !excluded)
        return lede_fail_memory(reterr);
    enum lede_status st =
        lede_plan_node(planner, root, 1, search->sort == LEDE_SORT_RELEVANCE, &query, reterr);
    if (st == LEDE_OK && search->raising && search->sort == LEDE_SORT_RELEVANCE)
        st = raise_scores(planner, search->raising, &query, reterr);
    if (st != LEDE_OK)
        return st;
    group->children[group->child_count++] = query;
    group->is_scored = query->is_scored;
    for (size_t i = 0; st == LEDE_OK && i < search->filter_count; i++)
        st = narrow_by_filter(planner, &search->filters[i], group, excluded, reterr);
    if (st == LEDE_OK && search->restriction)
        st = plan_restriction(planner, search, &group->children[group->child_count++], reterr);
    if (st == LEDE_OK &&
        (search->after_utc_s != LEDE_TIME_NONE || search->before_utc_s != LEDE_TIME_NONE))
        st = lede_plan_range(planner, LEDE_SLOT_PUBLISHED,
            search->after_utc_s == LEDE_TIME_NONE ? LEDE_TIME_MIN_UTC_S : search->after_utc_s,
            search->before_utc_s == LEDE_TIME_NONE ? LEDE_TIME_MAX_UTC_S : search->before_utc_s,
            &group->children[group->child_count++], reterr);
    group->wanted_count = group->child_count;
    if (excluded->child_count > 0)
        group->children[group->child_count++] = excluded;
    *ret_plan = group;
    return st;
}

/* Places are each copy's own, and the one thing that its planner holds. */
struct lede_plan *lede_plan_copy(struct lede_planner *planner, const struct lede_plan *plan)
{
    struct lede_plan *copy = plan->kind == LEDE_PLAN_PLACES
                                 ? lede_plan_new_leaf(planner, plan->kind)
                                 : lede_plan_new(planner, plan->kind, plan->child_count);
    if (!copy)
        return NULL;
    struct lede_plan **children = copy->children;
    *copy = *plan;
    copy->children = children;
    copy->places = NULL;
    copy->own = NULL;
    copy->bits = NULL;
    for (size_t i = 0; i < plan->child_count; i++) {
        children[i] = lede_plan_copy(planner, plan->children[i]);
        if (!children[i])
            return NULL;
    }
    return copy;
}

/* ---- What is held ---- */

static enum lede_status load(
    struct lede_planner *planner, struct lede_plan *plan, size_t part, struct lede_error *reterr)
{
    if (plan->kind == LEDE_PLAN_RANGE)
        return lede_number_column_get(
            planner->index, part, plan->slot, &plan->columns[part], reterr);
    if (plan->kind != LEDE_PLAN_LIST || lede_kept_is_absent(planner->index, part, plan->absent))
        return LEDE_OK;
    struct lede_list **list = &plan->lists[part];
    enum lede_status st =
        lede_list_get(planner->index, part, plan->terms, plan->term_count, list, reterr);
    if (st != LEDE_OK)
        return st;
    plan->documents += (*list)->documents;
    if ((*list)->documents == 0 && plan->absent != LEDE_ABSENT_NONE) {
        lede_kept_note_absent(planner->index, part, plan->absent);
        lede_kept_let_go(&(*list)->item);
        *list = NULL;
    }
    return LEDE_OK;
}

static bool make_room(struct lede_planner *planner, struct lede_plan *plan)
{
    struct lede_arena *arena = planner->arena;
    if (plan->kind == LEDE_PLAN_LIST && !plan->lists)
        plan->lists = lede_arena_calloc(arena, planner->part_count + 1, sizeof(*plan->lists));
    if (plan->kind == LEDE_PLAN_RANGE && !plan->columns)
        plan->columns = lede_arena_calloc(arena, planner->part_count + 1, sizeof(*plan->columns));
    return (plan->kind != LEDE_PLAN_LIST || plan->lists) &&
           (plan->kind != LEDE_PLAN_RANGE || plan->columns);
}

enum lede_status lede_planner_load(struct lede_planner *planner, struct lede_error *reterr)
{
    struct lede_bm25 statistics = lede_plan_bm25(planner);
    for (; planner->loaded_count < planner->held_count; planner->loaded_count++) {
        struct lede_plan *plan = planner->held[planner->loaded_count];
        if (!make_room(planner, plan))
            return lede_fail_memory(reterr);
        for (size_t part = 0; part < planner->part_count; part++) {
            if (lede_deadline_has_passed_now(planner->deadline))
                return LEDE_OK;
            enum lede_status st = load(planner, plan, part, reterr);
            if (st != LEDE_OK)
                return st;
        }
        if (plan->kind != LEDE_PLAN_LIST)
            continue;
        if (planner->statistics)
            plan->documents =
                lede_statistics_of_list(planner->statistics, plan->terms, plan->term_count);
        plan->weight *= lede_bm25_weight(&statistics, plan->documents);
    }
    return LEDE_OK;
}

const struct lede_plan *lede_plan_of_leaf(
    const struct lede_planner *planner, const struct lede_query_node *leaf)
{
    for (size_t i = 0; i < planner->loaded_count; i++) {
        const struct lede_plan *plan = planner->held[i];
        if (plan->kind == LEDE_PLAN_LIST && plan->node == leaf)
            return plan;
    }
    return NULL;
}

void lede_planner_done(struct lede_planner *planner)
{
    for (size_t i = 0; i < planner->held_count; i++) {
        struct lede_plan *plan = planner->held[i];
        for (size_t part = 0; plan->lists && part < planner->part_count; part++)
            lede_kept_let_go(plan->lists[part] ? &plan->lists[part]->item : NULL);
        for (size_t part = 0; plan->columns && part < planner->part_count; part++)
            lede_kept_let_go(plan->columns[part] ? &plan->columns[part]->item : NULL);
        if (plan->pattern.set)
            lede_pattern_done(&plan->pattern);
        lede_places_freep(&plan->places);
    }
    planner->held_count = 0;
}
