/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The query's clauses, in its order and nesting, then the parameters that restrict it; each counted
 * alone. */
#include "clinic_clauses.h"

#include "address.h"

#include <stdlib.h>
#include <string.h>

static enum lede_status visit(struct clinic *clinic, const struct lede_query_node *node,
    enum clinic_role role, size_t parent, struct lede_error *reterr);

/* *ret_clause NULL where there are too many. */
static enum lede_status add(struct clinic *clinic, enum clinic_role role, size_t parent,
    const char *text, size_t size, struct clinic_clause **ret_clause)
{
    *ret_clause = NULL;
    if (clinic->clause_count == LEDE_CLINIC_CLAUSES_MAX) {
        clinic->is_cut_short = true;
        return LEDE_OK;
    }
    struct clinic_clause *clause = &clinic->clauses[clinic->clause_count];
    *clause = (struct clinic_clause){.role = role, .word = CLINIC_NONE, .parent = parent};
    clause->text = lede_arena_copy(clinic->arena, text, size);
    if (!clause->text)
        return LEDE_ENOMEM;
    clinic->clause_count++;
    *ret_clause = clause;
    return LEDE_OK;
}

/* ---- Of the query ---- */

static enum lede_status add_words(struct clinic *clinic, const struct lede_query_node *phrase,
    enum clinic_role role, size_t parent)
{
    for (size_t i = 0; i < phrase->word_count; i++) {
        LEDE_CLEANUP(lede_freep) char *text = NULL;
        struct clinic_clause *clause = NULL;
        enum lede_status st = lede_query_print_word(phrase, i, &text);
        if (st == LEDE_OK)
            st = add(clinic, role, parent, text, strlen(text), &clause);
        if (st != LEDE_OK || !clause)
            return st;
        clause->node = phrase;
        clause->word = i;
    }
    return LEDE_OK;
}

static enum clinic_role role_below(
    const struct lede_query_node *node, size_t child, enum clinic_role role)
{
    if (lede_query_is_apart(node->kind) && child > 0)
        return CLINIC_EXCLUDED;
    bool any_will_do = node->kind == LEDE_QUERY_OR || (node->kind == LEDE_QUERY_MAYBE && child > 0);
    return any_will_do && role == CLINIC_REQUIRED ? CLINIC_OPTIONAL : role;
}

static enum lede_status visit_children(struct clinic *clinic, const struct lede_query_node *node,
    enum clinic_role role, size_t parent, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < node->child_count; i++)
        st = visit(clinic, node->children[i], role_below(node, i, role), parent, reterr);
    return st;
}

/* Depth is bounded by LEDE_QUERY_DEPTH_MAX. */
static enum lede_status visit(struct clinic *clinic, const struct lede_query_node *node,
    enum clinic_role role, size_t parent, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    struct clinic_clause *clause = NULL;
    if (node->kind == LEDE_QUERY_ALL)
        return LEDE_OK;
    if (node->kind == LEDE_QUERY_NOT)
        return visit(clinic, node->children[0], CLINIC_EXCLUDED, parent, reterr);
    enum lede_status st = lede_query_print_node(node, &text);
    if (st == LEDE_OK)
        st = add(clinic, role, parent, text, strlen(text), &clause);
    if (st != LEDE_OK || !clause)
        return st == LEDE_ENOMEM ? lede_fail_memory(reterr) : st;
    clause->node = node;
    size_t self = (size_t)(clause - clinic->clauses);
    if (node->kind == LEDE_QUERY_PHRASE && add_words(clinic, node, role, self) != LEDE_OK)
        return lede_fail_memory(reterr);
    return node->is_one_word ? LEDE_OK : visit_children(clinic, node, role, self, reterr);
}

/* ---- Parameters ---- */

static enum lede_status add_parameter(
    struct clinic *clinic, const char *name, const struct lede_filter *filter)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct clinic_clause *clause = NULL;
    const struct lede_params *params = &clinic->run->params;
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->items[i].name, name) != 0)
            continue;
        lede_buffer_append_format(&text, text.size > 0 ? "," : "%s=", name);
        lede_address_append_value(&text, &params->items[i]);
    }
    enum lede_status st = lede_buffer_status(&text);
    if (st == LEDE_OK && text.size > 0)
        st = add(clinic, CLINIC_FILTER, CLINIC_NONE, text.data, text.size, &clause);
    if (st == LEDE_OK && clause) {
        clause->param = name;
        clause->filter = filter;
    }
    return st;
}

static enum lede_status add_parameters(struct clinic *clinic)
{
    const struct lede_search *search = &clinic->run->search.search;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < search->filter_count; i++)
        st = add_parameter(clinic, search->filters[i].field->filter_name, &search->filters[i]);
    if (st == LEDE_OK && search->after_utc_s != LEDE_TIME_NONE)
        st = add_parameter(clinic, "after", NULL);
    if (st == LEDE_OK && search->before_utc_s != LEDE_TIME_NONE)
        st = add_parameter(clinic, "before", NULL);
    return st;
}

/* ---- Counts ---- */

static enum lede_status count_clause(
    struct clinic *clinic, struct clinic_clause *clause, struct lede_error *reterr)
{
    const struct lede_search *search = &clinic->run->search.search;
    struct clinic_question question = {.q = clause->node ? clause->text : "",
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE};
    if (clause->filter) {
        question.filters = clause->filter;
        question.filter_count = 1;
    } else if (clause->param) {
        bool is_after = strcmp(clause->param, "after") == 0;
        question.after_utc_s = is_after ? search->after_utc_s : LEDE_TIME_NONE;
        question.before_utc_s = is_after ? LEDE_TIME_NONE : search->before_utc_s;
    }
    return lede_clinic_count(clinic, &question, &clause->is_counted, &clause->found, reterr);
}

enum lede_status lede_clinic_list(struct clinic *clinic, struct lede_error *reterr)
{
    const struct lede_query_node *root = lede_query_root(clinic->run->query);
    enum lede_status st = LEDE_OK;
    /* A group that is the query itself is no clause of it: its operands are. */
    bool is_group =
        !root->is_one_word && (root->kind == LEDE_QUERY_AND || root->kind == LEDE_QUERY_OR ||
                                  root->kind == LEDE_QUERY_MAYBE);
    if (is_group)
        st = visit_children(clinic, root, CLINIC_REQUIRED, CLINIC_NONE, reterr);
    else
        st = visit(clinic, root, CLINIC_REQUIRED, CLINIC_NONE, reterr);
    if (st == LEDE_OK && add_parameters(clinic) != LEDE_OK)
        st = lede_fail_memory(reterr);
    for (size_t i = 0; st == LEDE_OK && i < clinic->clause_count; i++)
        st = count_clause(clinic, &clinic->clauses[i], reterr);
    return st;
}
