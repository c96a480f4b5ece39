/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree over a document's texts: first every leaf, field by field, then the tree from the leaves
 * up. */
#include "lede/highlight.h"

#include "lede/shown.h"
#include "lede/time.h"
#include "matcher.h"

#include <string.h>

/* What a tree is asked of: texts, or a document whose words are kept. */
struct asked {
    const struct lede_match_subject *subject;
    struct lede_shown_document *document; /* NULL: the subject's texts */
    struct lede_analyzer *analyzer;
};

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
    if (evaluation->shown && matches && number < LEDE_QUERY_LEAVES_MAX)
        evaluation->shown->bits[number / 64] |= UINT64_C(1) << (number % 64);
    return matches;
}

/* What stands in a branch that is not satisfied shows nothing. */
static void hide_leaves(struct evaluation *evaluation, size_t from)
{
    for (size_t i = from;
         evaluation->shown && i < evaluation->next_leaf && i < LEDE_QUERY_LEAVES_MAX; i++)
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

static enum lede_status scan_document(
    const struct asked *asked, enum lede_field_id field, struct lede_matcher *matcher)
{
    const struct lede_stored_field *texts =
        lede_stored_texts(lede_shown_document_stored(asked->document), field);
    for (size_t i = 0; texts && i < texts->count; i++) {
        LEDE_CLEANUP(lede_freep) struct lede_words *owned = NULL;
        const struct lede_words *words = NULL;
        enum lede_status st = lede_shown_document_words(asked->document, field, i, asked->analyzer,
            matcher->deadline_monotonic_ns, &words, &owned);
        if (st != LEDE_OK)
            return st;
        lede_matcher_scan(matcher, words, 0, NULL);
    }
    return matcher->failed ? LEDE_ENOMEM : LEDE_OK;
}

static enum lede_status scan_field(
    const struct asked *asked, enum lede_field_id field, struct lede_matcher *matcher)
{
    const struct lede_match_subject *subject = asked->subject;
    const struct lede_field_text *text = &subject->texts[field];
    matcher->deadline_monotonic_ns = subject->deadline_monotonic_ns;
    if (asked->document)
        return scan_document(asked, field, matcher);
    if (!text->text)
        return LEDE_OK;
    bool is_list = lede_field_at(field)->kind == LEDE_KIND_LIST;
    return lede_matcher_scan_text(
        matcher, is_list, subject->language, text->text, text->size, asked->analyzer, NULL);
}

static enum lede_status match_field(const struct asked *asked, const struct lede_query_node *root,
    enum lede_field_id field, struct lede_arena *arena, uint32_t *counts)
{
    LEDE_CLEANUP(lede_matcher_done) struct lede_matcher matcher;
    enum lede_status st = lede_matcher_init(&matcher, root, field, LEDE_MATCHER_ALL, NULL, arena);
    if (st == LEDE_OK)
        st = scan_field(asked, field, &matcher);
    for (size_t i = 0; st == LEDE_OK && i < matcher.leaf_count; i++) {
        uint32_t spans = lede_matcher_leaf_count(&matcher, i);
        counts[i] += spans > 0 ? spans : lede_matcher_leaf_matched(&matcher, i);
    }
    return st == LEDE_OK && matcher.timed_out ? LEDE_ETIMEOUT : st;
}

static enum lede_status count_words(const struct asked *asked, uint32_t *ret_count)
{
    const struct lede_field_text *body = &asked->subject->texts[LEDE_FIELD_BODY];
    LEDE_CLEANUP(lede_freep) struct lede_words *owned = NULL;
    const struct lede_words *words = NULL;
    uint64_t deadline_ns = asked->subject->deadline_monotonic_ns;
    enum lede_status st = LEDE_OK;
    *ret_count = 0;
    if (asked->document &&
        lede_stored_texts(lede_shown_document_stored(asked->document), LEDE_FIELD_BODY)) {
        st = lede_shown_document_words(
            asked->document, LEDE_FIELD_BODY, 0, asked->analyzer, deadline_ns, &words, &owned);
    } else if (body->text) {
        st = lede_words_new(
            body->text, body->size, LEDE_LANGUAGE_UND, asked->analyzer, deadline_ns, &owned);
        words = owned;
    }
    *ret_count = st == LEDE_OK && words ? words->length : 0;
    return st == LEDE_OK && words && words->is_cut ? LEDE_ETIMEOUT : st;
}

static enum lede_status evaluate(const struct lede_query_node *root, const struct asked *asked,
    struct lede_shown_leaves *shown, bool *ret_matches)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    lede_field_set fields = 0;
    bool has_length = false;
    enum lede_status st = LEDE_OK;
    size_t leaf_count = count_leaves(root, &fields, &has_length);
    uint32_t *counts = lede_arena_calloc(&arena, leaf_count + 1, sizeof(*counts));
    struct evaluation evaluation = {.subject = asked->subject, .counts = counts, .shown = shown};
    if (!counts)
        return LEDE_ENOMEM;
    for (int field = 0; st == LEDE_OK && field < LEDE_FIELD_COUNT; field++) {
        if (fields & LEDE_FIELD_BIT(field))
            st = match_field(asked, root, (enum lede_field_id)field, &arena, counts);
    }
    if (st == LEDE_OK && has_length)
        st = count_words(asked, &evaluation.length);
    if (st == LEDE_OK)
        *ret_matches = node_matches(&evaluation, root);
    return st;
}

enum lede_status lede_query_matches(const struct lede_query *query,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer, bool *ret_matches)
{
    struct asked asked = {.subject = subject, .analyzer = analyzer};
    return evaluate(lede_query_root(query), &asked, NULL, ret_matches);
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

static enum lede_status find_shown(
    const struct lede_query *query, const struct asked *asked, struct lede_shown_leaves *ret_shown)
{
    bool matches = false;
    memset(ret_shown, 0, sizeof(*ret_shown));
    ret_shown->all = lede_query_shows_all(query);
    if (ret_shown->all)
        return LEDE_OK;
    enum lede_status st = evaluate(lede_query_root(query), asked, ret_shown, &matches);
    ret_shown->all = !matches;
    return st;
}

enum lede_status lede_query_shown_leaves(const struct lede_query *query,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer,
    struct lede_shown_leaves *ret_shown)
{
    struct asked asked = {.subject = subject, .analyzer = analyzer};
    return find_shown(query, &asked, ret_shown);
}

enum lede_status lede_shown_document_leaves(struct lede_shown_document *document,
    const struct lede_query *query, struct lede_analyzer *analyzer, uint64_t deadline_monotonic_ns,
    struct lede_shown_leaves *ret_shown)
{
    const struct lede_stored *stored = lede_shown_document_stored(document);
    struct lede_match_subject subject = {.published_utc_s = stored->published_utc_s,
        .updated_utc_s = stored->updated_utc_s,
        .deadline_monotonic_ns = deadline_monotonic_ns};
    struct asked asked = {.subject = &subject, .document = document, .analyzer = analyzer};
    return find_shown(query, &asked, ret_shown);
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
