/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A changed copy of a tree, printed.
 *
 * The copy is made from the leaves up through the builder, so that what a change leaves behind (an
 * AND of one operand, a NEAR of one) is canonical. It is for printing alone: words that a change
 * makes have no stems until the text is parsed. */
#include "tree.h"

#include <string.h>

struct relaxation {
    struct lede_arena arena;
    const struct lede_query_change *changes;
    size_t count;
    size_t applied;
    bool emptied; /* of what is wanted nothing but exclusions is left */
};

/* What holds for all leaves below a changed node. */
struct inherited {
    bool forms;
    bool lead;
    bool field;
    bool near;
    bool anywhere;
    enum lede_query_kind
        chain; /* NEAR and ANYWHERE go on through operands of the same kind: a phrase of many */
};

static enum lede_status rebuild(struct relaxation *relaxation, const struct lede_query_node *node,
    struct inherited inherited, struct lede_query_node **ret_node);

static const struct lede_query_change *change_of(
    const struct relaxation *relaxation, const struct lede_query_node *node)
{
    for (size_t i = 0; i < relaxation->count; i++) {
        if (relaxation->changes[i].node == node)
            return &relaxation->changes[i];
    }
    return NULL;
}

static struct lede_query_node *copy_node(
    struct relaxation *relaxation, const struct lede_query_node *node)
{
    struct lede_query_node *copy = lede_arena_calloc(&relaxation->arena, 1, sizeof(*copy));
    if (copy)
        *copy = *node;
    return copy;
}

static void scale_weight(struct lede_query_node *node, double weight)
{
    double product = node->weight * weight;
    if (node->kind != LEDE_QUERY_ALL)
        node->weight = product > QUERY_WEIGHT_MAX ? QUERY_WEIGHT_MAX : product;
}

/* ---- Leaves ---- */

static void relax_form(struct relaxation *relaxation, struct lede_query_node *leaf)
{
    if (leaf->kind == LEDE_QUERY_EXACT && leaf->written[0] == '=')
        leaf->written++;
    if (leaf->kind == LEDE_QUERY_EXACT || leaf->kind == LEDE_QUERY_CAPS) {
        leaf->kind = LEDE_QUERY_WORD;
        relaxation->applied++;
    }
}

static enum lede_status relax_spelling(struct relaxation *relaxation, struct lede_query_node *leaf)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
    bool is_word =
        leaf->kind == LEDE_QUERY_WORD && leaf->words[0].word_size >= LEDE_CHANGE_SPELLING_BYTES;
    bool is_narrow = leaf->kind == LEDE_QUERY_FUZZY && leaf->number < LEDE_QUERY_EDITS_MAX;
    if (!is_word && !is_narrow)
        return LEDE_OK;
    lede_buffer_append_format(&written, "%s~%s", leaf->words[0].word, is_narrow ? "2" : "");
    leaf->kind = LEDE_QUERY_FUZZY;
    leaf->written =
        written.failed ? NULL : lede_arena_copy(&relaxation->arena, written.data, written.size);
    relaxation->applied++;
    return leaf->written ? LEDE_OK : LEDE_ENOMEM;
}

static void relax_place(
    struct relaxation *relaxation, struct lede_query_node *leaf, const struct inherited *inherited)
{
    if (inherited->lead && leaf->lead) {
        leaf->lead = false;
        relaxation->applied++;
    }
    if (inherited->field && leaf->field_named) {
        leaf->field_named = false;
        relaxation->applied++;
    }
}

/* ---- A phrase's words ---- */

static struct lede_query_node *word_leaf(
    struct relaxation *relaxation, const struct lede_query_node *phrase, size_t word)
{
    struct lede_query_node *leaf = copy_node(relaxation, phrase);
    if (leaf) {
        leaf->kind = LEDE_QUERY_WORD;
        leaf->weight = 1;
        leaf->written = phrase->words[word].word;
    }
    return leaf;
}

static bool loses_word(
    const struct relaxation *relaxation, const struct lede_query_node *phrase, size_t word)
{
    for (size_t i = 0; i < relaxation->count; i++) {
        const struct lede_query_change *change = &relaxation->changes[i];
        if (change->node == phrase && change->kind == LEDE_CHANGE_DROP && change->word == word)
            return true;
    }
    return false;
}

/* *ret_node NULL: it has lost every word. */
static enum lede_status without_words(struct relaxation *relaxation,
    const struct lede_query_node *node, struct lede_query_node *copy,
    struct lede_query_node **ret_node)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
    size_t left = 0;
    for (size_t i = 0; i < node->word_count; i++) {
        bool lost = loses_word(relaxation, node, i);
        relaxation->applied += lost;
        if (!lost)
            lede_buffer_append_format(
                &written, "%s%s", left++ > 0 ? " " : "\"", node->words[i].word);
    }
    lede_buffer_append_char(&written, '"');
    copy->kind = left == 1 ? LEDE_QUERY_WORD : LEDE_QUERY_PHRASE;
    /* Of one word without its quotes. */
    copy->written = written.failed ? NULL
                                   : lede_arena_copy(&relaxation->arena, written.data + (left == 1),
                                         written.size - (left == 1 ? 2 : 0));
    *ret_node = left > 0 ? copy : NULL;
    return copy->written ? LEDE_OK : LEDE_ENOMEM;
}

static enum lede_status pair_near(struct relaxation *relaxation, struct lede_query_node *left,
    struct lede_query_node *right, struct lede_query_node **ret_node)
{
    struct query_nodes children = {0};
    enum lede_status st = lede_query_nodes_add(&relaxation->arena, &children, left);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(&relaxation->arena, &children, right);
    struct lede_query_node *near =
        st == LEDE_OK ? lede_arena_calloc(&relaxation->arena, 1, sizeof(*near)) : NULL;
    if (!near)
        return LEDE_ENOMEM;
    near->kind = LEDE_QUERY_NEAR;
    near->weight = 1;
    near->number = LEDE_NEAR_DEFAULT;
    near->children = children.items;
    near->child_count = children.count;
    *ret_node = near;
    return LEDE_OK;
}

/* Its words near each other, anywhere, or any of them. */
static enum lede_status split_phrase(struct relaxation *relaxation,
    const struct lede_query_node *phrase, enum lede_query_change_kind kind,
    struct lede_query_node **ret_node)
{
    struct query_nodes words = {0};
    struct lede_query_node *result = NULL;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < phrase->word_count; i++) {
        struct lede_query_node *word = word_leaf(relaxation, phrase, i);
        if (!word)
            return LEDE_ENOMEM;
        if (kind == LEDE_CHANGE_NEAR && result)
            st = pair_near(relaxation, result, word, &result);
        else if (kind == LEDE_CHANGE_NEAR)
            result = word;
        else
            st = lede_query_nodes_add(&relaxation->arena, &words, word);
    }
    if (st == LEDE_OK && kind == LEDE_CHANGE_ANYWHERE)
        st = lede_query_make_and(&relaxation->arena, &words, &result);
    else if (st == LEDE_OK && kind == LEDE_CHANGE_ANY)
        st = lede_query_make_or(&relaxation->arena, &words, &result);
    if (st != LEDE_OK)
        return st;
    scale_weight(result, phrase->weight);
    relaxation->applied++;
    *ret_node = result;
    return LEDE_OK;
}

static enum lede_status rebuild_leaf(struct relaxation *relaxation,
    const struct lede_query_node *node, const struct inherited *inherited,
    const struct lede_query_change *change, struct lede_query_node **ret_node)
{
    struct lede_query_node *leaf = copy_node(relaxation, node);
    if (!leaf)
        return LEDE_ENOMEM;
    *ret_node = leaf;
    if (inherited->forms)
        relax_form(relaxation, leaf);
    relax_place(relaxation, leaf, inherited);
    if (!change)
        return LEDE_OK;
    if (change->kind == LEDE_CHANGE_SPELLING)
        return relax_spelling(relaxation, leaf);
    if (leaf->kind != LEDE_QUERY_PHRASE)
        return LEDE_OK;
    if (change->kind == LEDE_CHANGE_DROP && change->word < leaf->word_count)
        return without_words(relaxation, node, leaf, ret_node);
    if (change->kind == LEDE_CHANGE_NEAR || change->kind == LEDE_CHANGE_ANYWHERE ||
        change->kind == LEDE_CHANGE_ANY)
        return split_phrase(relaxation, leaf, change->kind, ret_node);
    return LEDE_OK;
}

/* ---- Groups ---- */

static bool is_wanted(const struct lede_query_node *node)
{
    return node->kind != LEDE_QUERY_NOT && node->kind != LEDE_QUERY_ALL;
}

static bool has_wanted(struct lede_query_node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(nodes[i]))
            return true;
    }
    return false;
}

/* Any of what is wanted and has words; the rest stays as it is. */
static enum lede_status any_of_children(struct relaxation *relaxation,
    const struct query_nodes *children, struct lede_query_node **ret_node)
{
    struct query_nodes words = {0};
    struct query_nodes rest = {0};
    struct lede_query_node *any = NULL;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < children->count; i++) {
        const struct lede_query_node *child = children->items[i];
        bool has_words =
            is_wanted(child) && child->kind != LEDE_QUERY_DATES && child->kind != LEDE_QUERY_LENGTH;
        st = lede_query_nodes_add(
            &relaxation->arena, has_words ? &words : &rest, children->items[i]);
    }
    if (st == LEDE_OK && words.count < 2)
        return LEDE_EUNSUPPORTED;
    if (st == LEDE_OK)
        st = lede_query_make_or(&relaxation->arena, &words, &any);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(&relaxation->arena, &rest, any);
    if (st == LEDE_OK)
        st = lede_query_make_and(&relaxation->arena, &rest, ret_node);
    relaxation->applied++;
    return st;
}

/* NEAR and its like of both operands, as the change has it. */
static enum lede_status relax_proximity(struct relaxation *relaxation, struct lede_query_node *node,
    const struct query_nodes *children, const struct inherited *inherited,
    struct lede_query_node **ret_node)
{
    *ret_node = node;
    if (inherited->anywhere) {
        relaxation->applied++;
        if (lede_query_is_apart(node->kind)) {
            *ret_node = children->items[0];
            return LEDE_OK;
        }
        return lede_query_make_and(&relaxation->arena, children, ret_node);
    }
    if (!inherited->near)
        return LEDE_OK;
    bool is_near = node->kind == LEDE_QUERY_NEAR;
    if (node->kind == LEDE_QUERY_SENTENCE) {
        node->kind = LEDE_QUERY_PARAGRAPH;
        relaxation->applied++;
    } else if (node->kind == LEDE_QUERY_ADJACENT ||
               (is_near && node->number < LEDE_CHANGE_NEAR_WORDS)) {
        node->kind = LEDE_QUERY_NEAR;
        node->number = is_near                            ? LEDE_CHANGE_NEAR_WORDS
                       : node->number > LEDE_NEAR_DEFAULT ? node->number
                                                          : LEDE_NEAR_DEFAULT;
        relaxation->applied++;
    }
    return LEDE_OK;
}

/* A group of the children that are left, of which there is one at least. */
static enum lede_status regroup(struct relaxation *relaxation, const struct lede_query_node *node,
    const struct query_nodes *children, const struct inherited *inherited,
    struct lede_query_node **ret_node)
{
    if (node->kind == LEDE_QUERY_AND)
        return lede_query_make_and(&relaxation->arena, children, ret_node);
    if (node->kind == LEDE_QUERY_OR)
        return lede_query_make_or(&relaxation->arena, children, ret_node);
    if (node->kind == LEDE_QUERY_NOT)
        return lede_query_make_not(&relaxation->arena, children->items[0], ret_node);
    if (children->count < node->child_count) {
        *ret_node = children->items[0];
        return LEDE_OK;
    }
    struct lede_query_node *copy = copy_node(relaxation, node);
    if (!copy)
        return LEDE_ENOMEM;
    copy->weight = 1;
    copy->children = children->items;
    *ret_node = copy;
    return lede_query_is_proximity(node->kind)
               ? relax_proximity(relaxation, copy, children, inherited, ret_node)
               : LEDE_OK;
}

static enum lede_status rebuild_children(struct relaxation *relaxation,
    const struct lede_query_node *node, const struct inherited *inherited,
    struct query_nodes *ret_children)
{
    for (size_t i = 0; i < node->child_count; i++) {
        struct lede_query_node *child = NULL;
        enum lede_status st = rebuild(relaxation, node->children[i], *inherited, &child);
        if (st == LEDE_OK && child)
            st = lede_query_nodes_add(&relaxation->arena, ret_children, child);
        bool is_gone = !child && i == 0 && lede_query_is_apart(node->kind); /* with its condition */
        if (st != LEDE_OK || is_gone)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status rebuild_group(struct relaxation *relaxation,
    const struct lede_query_node *node, const struct inherited *inherited, bool any,
    struct lede_query_node **ret_node)
{
    struct query_nodes children = {0};
    enum lede_status st = rebuild_children(relaxation, node, inherited, &children);
    if (st != LEDE_OK || children.count == 0)
        return st;
    if (node->kind == LEDE_QUERY_AND && has_wanted(node->children, node->child_count) &&
        !has_wanted(children.items, children.count))
        relaxation->emptied = true;
    if (any && node->kind == LEDE_QUERY_AND)
        st = any_of_children(relaxation, &children, ret_node);
    else
        st = regroup(relaxation, node, &children, inherited, ret_node);
    if (st == LEDE_OK)
        scale_weight(*ret_node, node->weight);
    return st;
}

/* What a change at this node adds to what holds below it. */
static void inherit(const struct lede_query_node *node, const struct lede_query_change *change,
    struct inherited *inherited)
{
    if (inherited->chain != node->kind)
        inherited->near = inherited->anywhere = false;
    inherited->chain = node->kind;
    if (!change)
        return;
    inherited->forms |= change->kind == LEDE_CHANGE_FORMS;
    inherited->lead |= change->kind == LEDE_CHANGE_LEAD;
    inherited->field |= change->kind == LEDE_CHANGE_FIELD;
    inherited->near |= change->kind == LEDE_CHANGE_NEAR;
    inherited->anywhere |= change->kind == LEDE_CHANGE_ANYWHERE;
}

/* *ret_node NULL: nothing is left of it. Depth is bounded by LEDE_QUERY_DEPTH_MAX. */
static enum lede_status rebuild(struct relaxation *relaxation, const struct lede_query_node *node,
    struct inherited inherited, struct lede_query_node **ret_node)
{
    const struct lede_query_change *change = change_of(relaxation, node);
    *ret_node = NULL;
    if (change && change->kind == LEDE_CHANGE_DROP && change->word == SIZE_MAX) {
        relaxation->applied++;
        return LEDE_OK;
    }
    inherit(node, change, &inherited);
    if (node->child_count == 0 || node->is_one_word)
        return rebuild_leaf(relaxation, node, &inherited, change, ret_node);
    return rebuild_group(
        relaxation, node, &inherited, change && change->kind == LEDE_CHANGE_ANY, ret_node);
}

enum lede_status lede_query_print_changed(const struct lede_query *query,
    const struct lede_query_change *changes, size_t count, char **ret_text)
{
    struct relaxation relaxation = {.changes = changes, .count = count};
    struct lede_query_node *root = NULL;
    enum lede_status st =
        rebuild(&relaxation, query->root, (struct inherited){.chain = query->root->kind}, &root);
    if (st == LEDE_OK && (!root || relaxation.emptied || relaxation.applied < count))
        st = LEDE_EUNSUPPORTED;
    if (st == LEDE_OK)
        st = lede_query_print_node(root, ret_text);
    lede_arena_done(&relaxation.arena);
    return st;
}
