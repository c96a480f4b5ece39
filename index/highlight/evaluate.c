/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree over a document's texts: first every leaf, field by field, then the tree from the leaves
 * up. */
#include "lede/highlight.h"

#include "lede/time.h"
#include "matcher.h"

#include <string.h>

struct evaluation {
    const struct lede_match_subject *subject;
    /* by the matcher's numbers: 0 where a leaf is not satisfied; of ATLEAST all its spans */
    const uint32_t *counts;
    size_t next_leaf;
    uint32_t length;                 /* words of the body */
    struct lede_shown_leaves *shown; /* NULL: not asked for */
};

static bool dates_match(
    const struct lede_query_node *node, const struct lede_match_subject *subject)
{
    int64_t moment = LEDE_TIME_NONE;
    if (node->fields & LEDE_FIELD_BIT(LEDE_FIELD_PUBLISHED))
        moment = subject->published_utc_s;
    else if (node->fields & LEDE_FIELD_BIT(LEDE_FIELD_UPDATED))
        moment = subject->updated_utc_s;
    return moment != LEDE_TIME_NONE && moment >= node->first_utc_s && moment <= node->last_utc_s;
}

static bool leaf_matches(struct evaluation *evaluation, const struct lede_query_node *node)
{
    size_t number = evaluation->next_leaf++;
    uint32_t needed = node->kind == LEDE_QUERY_ATLEAST ? node->number : 1;
    bool matches = evaluation->counts[number] >= needed;
    if (evaluation->shown && matches && number < LEDE_QUERY_CLAUSES_MAX)
        evaluation->shown->bits[number / 64] |= UINT64_C(1) << (number % 64);
    return matches;
}

/* What stands in a branch that is not satisfied shows nothing. */
static void hide_leaves(struct evaluation *evaluation, size_t from)
{
    for (size_t i = from;
         evaluation->shown && i < evaluation->next_leaf && i < LEDE_QUERY_CLAUSES_MAX; i++)
        evaluation->shown->bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* Every child is visited, whatever the ones before gave: leaves are counted in the order of the
 * walk. */
static bool node_matches(struct evaluation *evaluation, const struct lede_query_node *node)
{
    size_t matching = 0, first_leaf = evaluation->next_leaf;
    bool first_matches = false, matches = node->kind == LEDE_QUERY_ALL;
    if (lede_matcher_is_leaf(node->kind))
        return leaf_matches(evaluation, node);
    for (size_t i = 0; i < node->child_count; i++) {
        bool child = node_matches(evaluation, node->children[i]);
        matching += child;
        first_matches = first_matches || (i == 0 && child);
    }
    if (node->kind == LEDE_QUERY_AND)
        matches = matching == node->child_count;
    else if (node->kind == LEDE_QUERY_OR)
        matches = matching > 0;
    else if (node->kind == LEDE_QUERY_NOT)
        matches = matching == 0;
    else if (node->kind == LEDE_QUERY_MAYBE)
        matches = first_matches;
    else if (node->kind == LEDE_QUERY_DATES)
        matches = dates_match(node, evaluation->subject);
    else if (node->kind == LEDE_QUERY_LENGTH)
        matches = evaluation->length >= node->first_words && evaluation->length <= node->last_words;
    if (!matches || node->kind == LEDE_QUERY_NOT)
        hide_leaves(evaluation, first_leaf);
    return matches;
}

static size_t count_leaves(
    const struct lede_query_node *node, lede_field_set *fields, bool *has_length)
{
    size_t count = 0;
    *has_length = *has_length || node->kind == LEDE_QUERY_LENGTH;
    if (lede_matcher_is_leaf(node->kind)) {
        *fields |= node->fields;
        return 1;
    }
    for (size_t i = 0; i < node->child_count; i++)
        count += count_leaves(node->children[i], fields, has_length);
    return count;
}

static enum lede_status match_field(const struct lede_query_node *root, enum lede_field_id field,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer,
    struct lede_arena *arena, uint32_t *counts)
{
    LEDE_CLEANUP(lede_matcher_done) struct lede_matcher matcher;
    enum lede_status st = lede_matcher_init(&matcher, root, field, LEDE_MATCHER_ALL, NULL, arena);
    if (st != LEDE_OK)
        return st;
    bool is_list = lede_field_at(field)->kind == LEDE_KIND_LIST;
    matcher.deadline_monotonic_ns = subject->deadline_monotonic_ns;
    const struct lede_field_text *text = &subject->texts[field];
    lede_matcher_scan(&matcher, is_list, subject->language, text->text, text->size, analyzer, NULL);
    for (size_t i = 0; i < matcher.leaf_count; i++) {
        uint32_t spans = lede_matcher_leaf_count(&matcher, i);
        counts[i] += spans > 0 ? spans : lede_matcher_leaf_matched(&matcher, i);
    }
    return matcher.failed ? LEDE_ENOMEM : matcher.timed_out ? LEDE_ETIMEOUT : LEDE_OK;
}

static uint32_t count_words(
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer)
{
    struct lede_tokens tokens;
    struct lede_token token = {.position = 0};
    const struct lede_field_text *body = &subject->texts[LEDE_FIELD_BODY];
    if (!body->text)
        return 0;
    lede_tokens_init(
        &tokens, analyzer, LEDE_TOKENS_DOCUMENT, LEDE_LANGUAGE_UND, body->text, body->size);
    while (lede_tokens_next(&tokens, &token))
        continue;
    return token.position;
}

static enum lede_status evaluate(const struct lede_query_node *root,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer,
    struct lede_shown_leaves *shown, bool *ret_matches)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    lede_field_set fields = 0;
    bool has_length = false;
    size_t leaf_count = count_leaves(root, &fields, &has_length);
    uint32_t *counts = lede_arena_calloc(&arena, leaf_count + 1, sizeof(*counts));
    if (!counts)
        return LEDE_ENOMEM;
    for (int field = 0; field < LEDE_FIELD_COUNT; field++) {
        if (!(fields & LEDE_FIELD_BIT(field)) || !subject->texts[field].text)
            continue;
        enum lede_status st =
            match_field(root, (enum lede_field_id)field, subject, analyzer, &arena, counts);
        if (st != LEDE_OK)
            return st;
    }
    struct evaluation evaluation = {.subject = subject, .counts = counts, .shown = shown};
    evaluation.length = has_length ? count_words(subject, analyzer) : 0;
    *ret_matches = node_matches(&evaluation, root);
    return LEDE_OK;
}

enum lede_status lede_query_matches(const struct lede_query *query,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer, bool *ret_matches)
{
    return evaluate(lede_query_root(query), subject, analyzer, NULL, ret_matches);
}

/* Can a document satisfy a part of the tree and hold words of another that it does not satisfy? */
static bool needs_evaluation(const struct lede_query_node *node, bool below_or)
{
    bool has_condition = node->kind == LEDE_QUERY_AND || node->kind == LEDE_QUERY_MAYBE ||
                         node->kind == LEDE_QUERY_NOT || node->kind == LEDE_QUERY_ATLEAST;
    if (below_or && has_condition)
        return true;
    below_or = below_or || node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_MAYBE;
    for (size_t i = 0; i < node->child_count; i++) {
        if (needs_evaluation(node->children[i], below_or))
            return true;
    }
    return false;
}

bool lede_query_shows_all(const struct lede_query *query)
{
    return !needs_evaluation(lede_query_root(query), false);
}

enum lede_status lede_query_shown_leaves(const struct lede_query *query,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer,
    struct lede_shown_leaves *ret_shown)
{
    bool matches = false;
    memset(ret_shown, 0, sizeof(*ret_shown));
    ret_shown->all = lede_query_shows_all(query);
    if (ret_shown->all)
        return LEDE_OK;
    enum lede_status st = evaluate(lede_query_root(query), subject, analyzer, ret_shown, &matches);
    ret_shown->all = !matches;
    return st;
}

static enum lede_status join_items(
    const json_t *items, struct lede_arena *arena, struct lede_field_text *ret_text)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < json_array_size(items); i++)
        size += json_string_length(json_array_get(items, i)) + 1;
    char *joined = lede_arena_alloc(arena, size + 1);
    if (!joined)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (i > 0)
            joined[at++] = LEDE_FACET_SEPARATOR;
        memcpy(joined + at, json_string_value(item), json_string_length(item));
        at += json_string_length(item);
    }
    joined[at] = '\0';
    *ret_text = (struct lede_field_text){joined, at};
    return LEDE_OK;
}

enum lede_status lede_match_subject_init(const struct lede_document *document,
    struct lede_arena *arena, struct lede_match_subject *ret_subject)
{
    struct lede_match_subject subject = {.language = document->language,
        .published_utc_s = document->published_utc_s,
        .updated_utc_s = document->updated_utc_s};
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        const json_t *value = field->prefix ? json_object_get(document->json, field->key) : NULL;
        if (json_is_string(value))
            subject.texts[id] =
                (struct lede_field_text){json_string_value(value), json_string_length(value)};
        else if (json_array_size(value) > 0 &&
                 join_items(value, arena, &subject.texts[id]) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    *ret_subject = subject;
    return LEDE_OK;
}
