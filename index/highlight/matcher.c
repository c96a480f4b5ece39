/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preparing the leaves: which keys each of them asks for. */
#include "matcher.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct lede_matcher *matcher;
    struct lede_arena *arena;
    lede_field_set field;
    enum lede_matcher_scope scope;
    const struct lede_shown_leaves *shown; /* NULL: all */
    size_t leaf_count;
    size_t wanted_count;
    size_t key_count;
    bool spans_wanted;
    bool failed;
};

void lede_match_list_done(struct lede_match_list *list)
{
    free(list->matches);
    memset(list, 0, sizeof(*list));
}

bool lede_matcher_is_leaf(enum lede_query_kind kind)
{
    return lede_query_is_text_leaf(kind) || lede_query_is_proximity(kind);
}

bool lede_matcher_leaf_matched(const struct lede_matcher *matcher, size_t index)
{
    return matcher->leaves[index].matched || (matcher->counts && matcher->counts[index] > 0);
}

uint32_t lede_matcher_leaf_count(const struct lede_matcher *matcher, size_t index)
{
    return matcher->counts ? matcher->counts[index] : 0;
}

void lede_matcher_done(struct lede_matcher *matcher)
{
    lede_span_matcher_done(matcher->spans);
    matcher->spans = NULL;
    lede_keys_done(&matcher->keys);
}

/* Phrases of more words than a query can have are no leaves that a parser makes; they match
 * nothing. */
static bool is_usable(const struct lede_query_node *node)
{
    return lede_query_is_proximity(node->kind) ||
           (node->word_count > 0 && node->word_count <= LEDE_QUERY_PHRASE_WORDS_MAX);
}

/* number: of the leaf */
static bool is_wanted(const struct builder *builder, const struct lede_query_node *node,
    size_t number, bool prohibited)
{
    if (!(node->fields & builder->field) || !is_usable(node))
        return false;
    const struct lede_shown_leaves *shown = builder->shown;
    if (shown && !shown->all &&
        (number >= LEDE_QUERY_LEAVES_MAX || !(shown->bits[number / 64] >> (number % 64) & 1)))
        return false;
    return !prohibited || builder->scope == LEDE_MATCHER_ALL;
}

static size_t count_keys(const struct lede_query_node *node)
{
    size_t count = 0;
    if (node->kind == LEDE_QUERY_EXACT || node->kind == LEDE_QUERY_PREFIX)
        return 1;
    for (size_t i = 0; i < node->word_count; i++)
        count += node->words[i].stem_count;
    return count;
}

static void count_leaves(
    struct builder *builder, const struct lede_query_node *node, bool prohibited)
{
    if (lede_matcher_is_leaf(node->kind)) {
        bool wanted = is_wanted(builder, node, builder->leaf_count++, prohibited);
        if (wanted && !lede_leaf_needs_spans(node))
            builder->key_count += count_keys(node);
        builder->spans_wanted = builder->spans_wanted || (wanted && lede_leaf_needs_spans(node));
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        count_leaves(builder, node->children[i], prohibited || node->kind == LEDE_QUERY_NOT);
}

static void add_leaf_use(
    struct builder *builder, struct lede_matcher_key *key, struct lede_matcher_leaf *leaf)
{
    struct lede_leaf_use *use = key ? lede_arena_alloc(builder->arena, sizeof(*use)) : NULL;
    if (!use) {
        builder->failed = builder->failed || key;
        return;
    }
    *use = (struct lede_leaf_use){.next = key->leaf_uses, .leaf = leaf};
    key->leaf_uses = use;
    key->leaves |= leaf->bit;
}

static void add_phrase_use(struct builder *builder, struct lede_matcher_key *key,
    struct lede_matcher_phrase *phrase, size_t word)
{
    if (!key)
        return;
    struct lede_phrase_use *use = key->phrase_uses;
    if (!use || use->phrase != phrase) { /* a phrase's uses of a key are made in one go */
        use = lede_arena_calloc(builder->arena, 1, sizeof(*use));
        if (!use) {
            builder->failed = true;
            return;
        }
        use->next = key->phrase_uses;
        use->phrase = phrase;
        key->phrase_uses = use;
    }
    use->masks[word / 64] |= UINT64_C(1) << (word % 64);
}

static void add_phrase(struct builder *builder, struct lede_matcher_leaf *leaf)
{
    const struct lede_query_node *node = leaf->node;
    struct lede_matcher_phrase *phrase = lede_arena_calloc(builder->arena, 1, sizeof(*phrase));
    if (!phrase) {
        builder->failed = true;
        return;
    }
    phrase->leaf = leaf;
    phrase->word_count = (uint32_t)node->word_count;
    phrase->next = builder->matcher->phrases;
    builder->matcher->phrases = phrase;
    for (size_t i = 0; i < node->word_count; i++)
        for (size_t k = 0; k < node->words[i].stem_count; k++) {
            const char *stem = node->words[i].stems[k];
            struct lede_matcher_keys *keys = &builder->matcher->keys;
            add_phrase_use(
                builder, lede_keys_add(keys, LEDE_KEY_TERM, stem, strlen(stem)), phrase, i);
        }
}

static void add_keys(struct builder *builder, struct lede_matcher_leaf *leaf)
{
    struct lede_matcher_keys *keys = &builder->matcher->keys;
    const struct lede_query_word *word = &leaf->node->words[0];
    switch (leaf->node->kind) {
    case LEDE_QUERY_EXACT:
        add_leaf_use(builder,
            lede_keys_add(keys, LEDE_KEY_WRITTEN, word->written, word->written_size), leaf);
        break;
    case LEDE_QUERY_PREFIX:
        add_leaf_use(
            builder, lede_keys_add(keys, LEDE_KEY_PREFIX, word->word, word->word_size), leaf);
        break;
    case LEDE_QUERY_PHRASE:
        add_phrase(builder, leaf);
        break;
    default:
        for (size_t i = 0; i < word->stem_count; i++)
            add_leaf_use(builder,
                lede_keys_add(keys, LEDE_KEY_TERM, word->stems[i], strlen(word->stems[i])), leaf);
    }
}

/* Phrases are rarer than words, and who writes `=word` means just that one. */
static double leaf_weight(const struct lede_query_node *node, double weight)
{
    double importance = node->kind == LEDE_QUERY_PHRASE || lede_query_is_proximity(node->kind) ? 3.0
                        : node->kind == LEDE_QUERY_EXACT                                       ? 2.0
                                                         : 1.0;
    return isfinite(weight) && weight > 0 ? importance * fmin(weight, 1000.0) : 0.0;
}

static void add_leaf(struct builder *builder, struct lede_matcher_leaf *leaf, double weight)
{
    size_t bit =
        builder->wanted_count < LEDE_MATCH_LEAVES ? builder->wanted_count : LEDE_MATCH_LEAVES - 1;
    double *importance = &builder->matcher->weights[bit];
    *importance = fmax(*importance, leaf_weight(leaf->node, weight));
    leaf->bit = UINT64_C(1) << bit;
    builder->wanted_count++;
    if (!lede_leaf_needs_spans(leaf->node))
        add_keys(builder, leaf);
    else if (!lede_span_matcher_add(
                 builder->matcher->spans, leaf->node, (size_t)(leaf - builder->matcher->leaves)))
        builder->failed = true;
}

static void add_leaves(
    struct builder *builder, const struct lede_query_node *node, bool prohibited, double weight)
{
    weight *= node->weight;
    if (lede_matcher_is_leaf(node->kind)) {
        size_t number = builder->leaf_count++;
        struct lede_matcher_leaf *leaf = &builder->matcher->leaves[number];
        leaf->node = node;
        if (is_wanted(builder, node, number, prohibited))
            add_leaf(builder, leaf, weight);
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(builder, node->children[i], prohibited || node->kind == LEDE_QUERY_NOT, weight);
}

enum lede_status lede_matcher_init(struct lede_matcher *matcher, const struct lede_query_node *root,
    enum lede_field_id field, enum lede_matcher_scope scope, const struct lede_shown_leaves *shown,
    struct lede_arena *arena)
{
    struct builder builder = {.matcher = matcher,
        .arena = arena,
        .field = LEDE_FIELD_BIT(field),
        .scope = scope,
        .shown = shown};
    memset(matcher, 0, sizeof(*matcher));
    count_leaves(&builder, root, false);
    if (builder.leaf_count == 0)
        return LEDE_OK;
    matcher->leaves = lede_arena_calloc(arena, builder.leaf_count, sizeof(*matcher->leaves));
    if (builder.spans_wanted) {
        matcher->spans = lede_span_matcher_new(arena, field);
        matcher->counts = lede_arena_calloc(arena, builder.leaf_count, sizeof(*matcher->counts));
    }
    if (!matcher->leaves || lede_keys_init(&matcher->keys, builder.key_count, arena) != LEDE_OK ||
        (builder.spans_wanted && (!matcher->spans || !matcher->counts)))
        return LEDE_ENOMEM;
    matcher->leaf_count = builder.leaf_count;
    builder.leaf_count = 0;
    add_leaves(&builder, root, false, 1.0);
    matcher->can_match = builder.wanted_count > 0;
    return builder.failed ? LEDE_ENOMEM : LEDE_OK;
}
