/* The tree over a document's texts: first every leaf, field by field, then the tree from the leaves up. */
#include "lede/highlight.h"

#include "lede/time.h"
#include "matcher.h"

struct evaluation {
    const struct lede_match_subject *subject;
    const bool *leaf_matches; /* by the matcher's numbers */
    size_t next_leaf;
};

static bool dates_match(const struct lede_query_node *node, const struct lede_match_subject *subject)
{
    int64_t moment = LEDE_TIME_NONE;
    if (node->fields & LEDE_FIELD_BIT(LEDE_FIELD_PUBLISHED))
        moment = subject->published_utc_s;
    else if (node->fields & LEDE_FIELD_BIT(LEDE_FIELD_UPDATED))
        moment = subject->updated_utc_s;
    return moment != LEDE_TIME_NONE && moment >= node->first_utc_s && moment <= node->last_utc_s;
}

/* Every child is visited, whatever the ones before gave: leaves are counted in the order of the walk. */
static bool node_matches(struct evaluation *evaluation, const struct lede_query_node *node)
{
    if (lede_matcher_is_leaf(node->kind))
        return evaluation->leaf_matches[evaluation->next_leaf++];
    size_t matching = 0;
    bool first_matches = false;
    for (size_t i = 0; i < node->child_count; i++) {
        bool matches = node_matches(evaluation, node->children[i]);
        matching += matches;
        first_matches = first_matches || (i == 0 && matches);
    }
    switch (node->kind) {
    case LEDE_QUERY_AND:
        return matching == node->child_count;
    case LEDE_QUERY_OR:
        return matching > 0;
    case LEDE_QUERY_NOT:
        return matching == 0;
    case LEDE_QUERY_MAYBE:
        return first_matches;
    case LEDE_QUERY_DATES:
        return dates_match(node, evaluation->subject);
    default:
        return node->kind == LEDE_QUERY_ALL;
    }
}

static size_t count_leaves(const struct lede_query_node *node, lede_field_set *fields)
{
    size_t count = 0;
    if (lede_matcher_is_leaf(node->kind)) {
        *fields |= node->fields;
        count++;
    }
    for (size_t i = 0; i < node->child_count; i++)
        count += count_leaves(node->children[i], fields);
    return count;
}

static enum lede_status match_field(const struct lede_query_node *root, enum lede_field_id field,
    const struct lede_match_subject *subject, struct lede_analyzer *analyzer, struct lede_arena *arena,
    bool *leaf_matches)
{
    struct lede_matcher matcher;
    enum lede_status st = lede_matcher_init(&matcher, root, field, LEDE_MATCHER_ALL, arena);
    if (st != LEDE_OK)
        return st;
    bool is_list = lede_field_at(field)->kind == LEDE_KIND_LIST;
    const struct lede_field_text *text = &subject->texts[field];
    lede_matcher_scan(&matcher, is_list, subject->language, text->text, text->size, analyzer, NULL);
    for (size_t i = 0; i < matcher.leaf_count; i++)
        leaf_matches[i] = leaf_matches[i] || lede_matcher_leaf_matched(&matcher, i);
    return LEDE_OK;
}

enum lede_status lede_query_matches(const struct lede_query *query, const struct lede_match_subject *subject,
    struct lede_analyzer *analyzer, bool *ret_matches)
{
    const struct lede_query_node *root = lede_query_root(query);
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    lede_field_set fields = 0;
    size_t leaf_count = count_leaves(root, &fields);
    bool *leaf_matches = lede_arena_calloc(&arena, leaf_count + 1, sizeof(*leaf_matches));
    if (!leaf_matches)
        return LEDE_ENOMEM;
    for (int field = 0; field < LEDE_FIELD_COUNT; field++) {
        if (!(fields & LEDE_FIELD_BIT(field)) || !subject->texts[field].text)
            continue;
        enum lede_status st =
            match_field(root, (enum lede_field_id)field, subject, analyzer, &arena, leaf_matches);
        if (st != LEDE_OK)
            return st;
    }
    struct evaluation evaluation = {.subject = subject, .leaf_matches = leaf_matches};
    *ret_matches = node_matches(&evaluation, root);
    return LEDE_OK;
}
