/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of node has one function here. What cannot match is a group without children. */
#include "plan.h"

#include "lede/schema.h"
#include "statistics.h"

#include <math.h>
#include <string.h>

/* What a pattern adds to a score: the words it stands for have no frequencies in a document. */
#define PATTERN_SCORE 0.5
#define WEAK_SHARE 20 /* a function word of this part of the documents is weak */

struct lede_plan *lede_plan_new(
    struct lede_planner *planner, enum lede_plan_kind kind, size_t child_count)
{
    struct lede_plan *plan = lede_arena_calloc(planner->arena, 1, sizeof(*plan));
    if (!plan)
        return NULL;
    plan->kind = kind;
    plan->children = lede_arena_calloc(planner->arena, child_count + 1, sizeof(*plan->children));
    return plan->children ? plan : NULL;
}

struct lede_plan *lede_plan_new_leaf(struct lede_planner *planner, enum lede_plan_kind kind)
{
    struct lede_plan *plan = lede_plan_new(planner, kind, 1);
    if (!plan || !LEDE_ARENA_RESERVE(planner->arena, planner->held, planner->held_capacity,
                     planner->held_count + 1))
        return NULL;
    planner->held[planner->held_count++] = plan;
    return plan;
}

static void add_child(struct lede_plan *group, struct lede_plan *child)
{
    group->children[group->child_count++] = child;
    group->is_scored = group->is_scored || child->is_scored;
}

static enum lede_status give(
    struct lede_plan *plan, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    *ret_plan = plan;
    return plan ? LEDE_OK : lede_fail_memory(reterr);
}

/* ---- Words ---- */

static bool is_text_field(lede_field_set fields, int id)
{
    return (fields & LEDE_FIELD_BIT(id)) && lede_field_at((enum lede_field_id)id)->prefix;
}

/* Add the term of a word; one that is too long is in no segment. mark  0: a stem */
static bool add_term(struct lede_planner *planner, struct lede_plan *list, char mark,
    const struct lede_field *field, const char *word, size_t size)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    size_t prefix = strlen(field->prefix), start = mark ? 1 : 0;
    if (start + prefix + size > LEDE_SCHEMA_TERM_MAX)
        return true;
    term[0] = mark;
    memcpy(term + start, field->prefix, prefix);
    memcpy(term + start + prefix, word, size);
    struct lede_term *added = &list->terms[list->term_count];
    added->size = start + prefix + size;
    added->bytes = lede_arena_copy(planner->arena, term, added->size);
    list->term_count += added->bytes != NULL;
    return added->bytes != NULL;
}

static bool has_terms(const struct lede_plan *list, const struct lede_plan *other)
{
    bool same = list->kind == LEDE_PLAN_LIST && list->term_count == other->term_count;
    for (size_t i = 0; same && i < list->term_count; i++)
        same = list->terms[i].size == other->terms[i].size &&
               memcmp(list->terms[i].bytes, other->terms[i].bytes, list->terms[i].size) == 0;
    return same;
}

/* Where plans are shared: the list of the same terms that there is instead of the newest one. */
static struct lede_plan *share_list(struct lede_planner *planner, struct lede_plan *list)
{
    for (size_t i = 0; planner->shares && i + 1 < planner->held_count; i++) {
        if (!has_terms(planner->held[i], list))
            continue;
        planner->held_count--;
        return planner->held[i];
    }
    return list;
}

/* One word in several fields, and its stems in several languages, are one term to BM25, with one
 * frequency: summed field by field a word of the title alone would seem rare. (BM25F: Robertson,
 * Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004.) */
static struct lede_plan *stems_of(struct lede_planner *planner, const struct lede_query_word *word,
    lede_field_set fields, double factor, bool is_scored)
{
    struct lede_plan *list = lede_plan_new_leaf(planner, LEDE_PLAN_LIST);
    size_t terms = word->stem_count * LEDE_FIELD_COUNT;
    if (list)
        list->terms = lede_arena_calloc(planner->arena, terms, sizeof(*list->terms));
    if (!list || !list->terms)
        return NULL;
    list->weight = factor;
    list->is_scored = is_scored;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        for (size_t i = 0; is_text_field(fields, id) && i < word->stem_count; i++) {
            if (!add_term(planner, list, 0, lede_field_at((enum lede_field_id)id), word->stems[i],
                    strlen(word->stems[i])))
                return NULL;
        }
    }
    return share_list(planner, list);
}

/* The documents that have a term of this mark. */
static struct lede_plan *marked_in(struct lede_planner *planner, char mark,
    const struct lede_field *field, const char *word, size_t size)
{
    struct lede_plan *list = lede_plan_new_leaf(planner, LEDE_PLAN_LIST);
    if (list)
        list->terms = lede_arena_calloc(planner->arena, 1, sizeof(*list->terms));
    if (!list || !list->terms || !add_term(planner, list, mark, field, word, size))
        return NULL;
    return share_list(planner, list);
}

/* A word as it is written, accents included. */
static struct lede_plan *written_in(struct lede_planner *planner,
    const struct lede_query_word *word, const struct lede_field *field)
{
    char bytes[2 * LEDE_TERM_SIZE_MAX + 1];
    size_t size = word->word_size;
    bool is_plain = word->written_size == size && memcmp(word->written, word->word, size) == 0;
    memcpy(bytes, word->word, size);
    if (!is_plain) {
        bytes[size++] = LEDE_TERM_WRITTEN;
        memcpy(bytes + size, word->written, word->written_size);
        size += word->written_size;
    }
    return marked_in(planner, LEDE_TERM_WORD, field, bytes, size);
}

/* The word itself, or its capitals, decide; its stem, whose frequencies are known, gives the
 * score. */
static struct lede_plan *exact_in(struct lede_planner *planner, const struct lede_query_node *leaf,
    const struct lede_field *field, double factor, bool is_scored)
{
    const struct lede_query_word *word = &leaf->words[0];
    struct lede_plan *written =
        leaf->kind == LEDE_QUERY_CAPS
            ? marked_in(planner, LEDE_TERM_CAPS, field, word->word, word->word_size)
            : written_in(planner, word, field);
    if (!written || !is_scored)
        return written;
    struct lede_plan *maybe = lede_plan_new(planner, LEDE_PLAN_MAYBE, 2);
    struct lede_plan *stems =
        stems_of(planner, word, LEDE_FIELD_BIT(field->id), factor * field->weight, true);
    if (!maybe || !stems)
        return NULL;
    add_child(maybe, written);
    add_child(maybe, stems);
    return maybe;
}

static struct lede_plan *verified(struct lede_planner *planner, struct lede_plan *candidates,
    const struct lede_query_node *node, lede_field_set fields)
{
    struct lede_plan *plan = candidates ? lede_plan_new_leaf(planner, LEDE_PLAN_PLACES) : NULL;
    if (!plan)
        return NULL;
    plan->node = node;
    plan->fields = fields;
    add_child(plan, candidates);
    return plan;
}

static struct lede_plan *phrase_in(struct lede_planner *planner, const struct lede_query_node *leaf,
    const struct lede_field *field, double factor, bool is_scored)
{
    struct lede_plan *words = lede_plan_new(planner, LEDE_PLAN_AND, leaf->word_count);
    for (size_t i = 0; words && i < leaf->word_count; i++) {
        struct lede_plan *word = stems_of(
            planner, &leaf->words[i], LEDE_FIELD_BIT(field->id), factor * field->weight, is_scored);
        if (!word)
            return NULL;
        add_child(words, word);
    }
    if (words)
        words->wanted_count = words->child_count;
    return planner->phrases_as_words ? words
                                     : verified(planner, words, leaf, LEDE_FIELD_BIT(field->id));
}

static struct lede_plan *field_by_field(struct lede_planner *planner,
    const struct lede_query_node *leaf, lede_field_set fields, double factor, bool is_scored)
{
    struct lede_plan *any = lede_plan_new(planner, LEDE_PLAN_OR, LEDE_FIELD_COUNT);
    for (int id = 0; any && id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        if (!is_text_field(fields, id))
            continue;
        struct lede_plan *in_field = leaf->kind == LEDE_QUERY_PHRASE
                                         ? phrase_in(planner, leaf, field, factor, is_scored)
                                         : exact_in(planner, leaf, field, factor, is_scored);
        if (!in_field)
            return NULL;
        add_child(any, in_field);
    }
    return any;
}

/* The fields may be asked for apart; that which left out most is told. */
static bool note_cut(struct lede_planner *planner, const struct lede_query_node *leaf,
    const struct lede_pattern *pattern)
{
    struct lede_expansion_cut *cut = planner->cuts;
    struct lede_expansion_cut *end = planner->cuts + planner->cut_count;
    while (cut && cut < end && cut->leaf != leaf)
        cut++;
    if (!cut || cut == end) {
        if (!LEDE_ARENA_RESERVE(
                planner->arena, planner->cuts, planner->cut_capacity, planner->cut_count + 1))
            return false;
        planner->cuts[planner->cut_count++] = (struct lede_expansion_cut){
            leaf, pattern->used, pattern->left_out, pattern->scan_ended};
        return true;
    }
    cut->scan_ended = cut->scan_ended || pattern->scan_ended;
    if (pattern->left_out > cut->left_out) {
        cut->used = pattern->used;
        cut->left_out = pattern->left_out;
    }
    return true;
}

static enum lede_status plan_pattern(struct lede_planner *planner,
    const struct lede_query_node *leaf, lede_field_set fields, double factor, bool is_scored,
    struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *plan = lede_plan_new_leaf(planner, LEDE_PLAN_PATTERN);
    if (!plan)
        return lede_fail_memory(reterr);
    plan->weight = PATTERN_SCORE * factor;
    plan->is_scored = is_scored;
    plan->node = leaf;
    plan->fields = fields;
    enum lede_status st = lede_pattern_list_read(
        planner->statistics ? &planner->statistics->patterns : NULL, planner->index, leaf, fields,
        planner->arena, planner->deadline, &plan->pattern, reterr);
    if (st != LEDE_OK)
        return st;
    bool is_cut = plan->pattern.left_out > 0 || plan->pattern.scan_ended;
    if (is_cut && !note_cut(planner, leaf, &plan->pattern))
        return lede_fail_memory(reterr);
    *ret_plan = plan;
    return LEDE_OK;
}

static enum lede_status plan_leaf(struct lede_planner *planner, const struct lede_query_node *leaf,
    lede_field_set fields, double factor, bool is_scored, struct lede_plan **ret_plan,
    struct lede_error *reterr)
{
    switch (leaf->kind) {
    case LEDE_QUERY_WORD:
        return give(
            stems_of(planner, &leaf->words[0], fields, factor, is_scored), ret_plan, reterr);
    case LEDE_QUERY_EXACT:
    case LEDE_QUERY_CAPS:
    case LEDE_QUERY_PHRASE:
        return give(field_by_field(planner, leaf, fields, factor, is_scored), ret_plan, reterr);
    default:
        return plan_pattern(planner, leaf, fields, factor, is_scored, ret_plan, reterr);
    }
}

/* ---- Proximity ---- */

/* Every document that may satisfy the node: all operands there, in its fields. It gives the score,
 * too. */
static enum lede_status plan_candidates(struct lede_planner *planner,
    const struct lede_query_node *node, lede_field_set fields, double factor, bool is_scored,
    struct lede_plan **ret_plan, struct lede_error *reterr)
{
    if (lede_query_is_text_leaf(node->kind))
        return plan_leaf(planner, node, node->fields & fields, factor, is_scored, ret_plan, reterr);
    if (lede_query_is_apart(node->kind))
        return plan_candidates(planner, node->children[0], node->fields & fields,
            factor * node->children[0]->weight, is_scored, ret_plan, reterr);
    bool is_or = node->kind == LEDE_QUERY_OR;
    struct lede_plan *group =
        lede_plan_new(planner, is_or ? LEDE_PLAN_OR : LEDE_PLAN_AND, node->child_count);
    if (!group)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < node->child_count; i++) {
        const struct lede_query_node *child = node->children[i];
        struct lede_plan *operand = NULL;
        enum lede_status st =
            plan_candidates(planner, child, fields & (child->fields ? child->fields : fields),
                factor * child->weight, is_scored, &operand, reterr);
        if (st != LEDE_OK)
            return st;
        add_child(group, operand);
    }
    group->wanted_count = group->child_count;
    *ret_plan = group;
    return LEDE_OK;
}

static enum lede_status plan_proximity(struct lede_planner *planner,
    const struct lede_query_node *node, double factor, bool is_scored, struct lede_plan **ret_plan,
    struct lede_error *reterr)
{
    struct lede_plan *candidates = NULL;
    bool before = planner->phrases_as_words;
    planner->phrases_as_words = true;
    enum lede_status st =
        plan_candidates(planner, node, node->fields, factor, is_scored, &candidates, reterr);
    planner->phrases_as_words = before;
    return st == LEDE_OK ? give(verified(planner, candidates, node, node->fields), ret_plan, reterr)
                         : st;
}

/* ---- Groups ---- */

enum lede_status lede_plan_range(struct lede_planner *planner, uint32_t slot, int64_t first,
    int64_t last, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *plan = lede_plan_new_leaf(planner, LEDE_PLAN_RANGE);
    if (!plan)
        return lede_fail_memory(reterr);
    plan->slot = slot;
    plan->first = first;
    plan->last = last;
    *ret_plan = plan;
    return LEDE_OK;
}

/* A document without the value is in no range. */
static enum lede_status plan_dates(struct lede_planner *planner, const struct lede_query_node *node,
    struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *any = lede_plan_new(planner, LEDE_PLAN_OR, LEDE_FIELD_COUNT);
    for (int id = 0; any && id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        struct lede_plan *range = NULL;
        if (!(node->fields & LEDE_FIELD_BIT(id)) || field->kind != LEDE_KIND_DATE)
            continue;
        enum lede_status st = lede_plan_range(
            planner, field->slot, node->first_utc_s, node->last_utc_s, &range, reterr);
        if (st != LEDE_OK)
            return st;
        add_child(any, range);
    }
    return give(any, ret_plan, reterr);
}

/* Children that must not match are taken away from what the others leave. */
static enum lede_status plan_conjunction(struct lede_planner *planner,
    const struct lede_query_node *node, double factor, bool is_scored, struct lede_plan **ret_plan,
    struct lede_error *reterr)
{
    struct lede_plan *group = lede_plan_new(planner, LEDE_PLAN_AND, node->child_count + 1);
    if (!group)
        return lede_fail_memory(reterr);
    for (int excludes = 0; excludes < 2; excludes++) {
        for (size_t i = 0; i < node->child_count; i++) {
            const struct lede_query_node *child = node->children[i];
            struct lede_plan *plan = NULL;
            bool is_not = child->kind == LEDE_QUERY_NOT;
            if (is_not != (excludes == 1) || child->kind == LEDE_QUERY_ALL)
                continue;
            enum lede_status st = lede_plan_node(planner, is_not ? child->children[0] : child,
                factor, is_scored && !is_not, &plan, reterr);
            if (st != LEDE_OK)
                return st;
            add_child(group, plan);
        }
        if (excludes == 0 && group->child_count == 0) {
            struct lede_plan *all = lede_plan_new(planner, LEDE_PLAN_ALL, 0);
            if (!all)
                return lede_fail_memory(reterr);
            add_child(group, all);
        }
        group->wanted_count = excludes == 0 ? group->child_count : group->wanted_count;
    }
    *ret_plan = group;
    return LEDE_OK;
}

static enum lede_status plan_negation(struct lede_planner *planner,
    const struct lede_query_node *node, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *group = lede_plan_new(planner, LEDE_PLAN_AND, 2);
    struct lede_plan *all = lede_plan_new(planner, LEDE_PLAN_ALL, 0);
    struct lede_plan *unwanted = NULL;
    if (!group || !all)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_plan_node(planner, node->children[0], 1, false, &unwanted, reterr);
    if (st != LEDE_OK)
        return st;
    add_child(group, all);
    add_child(group, unwanted);
    group->wanted_count = 1;
    *ret_plan = group;
    return LEDE_OK;
}

double lede_plan_all_documents(const struct lede_planner *planner)
{
    return planner->statistics ? planner->statistics->documents
                               : lede_index_document_count(planner->index);
}

enum lede_status lede_plan_count_word(const struct lede_planner *planner,
    const struct lede_query_word *word, uint64_t *ret_documents, struct lede_error *reterr)
{
    uint32_t documents = 0;
    enum lede_status st = LEDE_OK;
    if (!planner->statistics)
        st = lede_index_word_documents(planner->index,
            LEDE_FIELD_BIT(LEDE_FIELD_BODY) | LEDE_FIELD_BIT(LEDE_FIELD_TITLE), word->word,
            word->word_size, &documents, reterr);
    *ret_documents =
        planner->statistics ? lede_statistics_of_word(planner->statistics, word) : documents;
    return st;
}

/* Beside other words a frequent function word finds documents, but says nothing of which is
 * better. */
enum lede_status lede_plan_is_weak(struct lede_planner *planner, const struct lede_query_node *node,
    bool *ret_weak, struct lede_error *reterr)
{
    uint64_t documents = 0;
    *ret_weak = false;
    if (node->kind != LEDE_QUERY_WORD ||
        !lede_word_is_function(node->words[0].word, node->words[0].word_size))
        return LEDE_OK;
    enum lede_status st = lede_plan_count_word(planner, &node->words[0], &documents, reterr);
    *ret_weak = (double)documents >= floor(lede_plan_all_documents(planner) / WEAK_SHARE);
    return st;
}

enum lede_status lede_plan_are_weak(struct lede_planner *planner,
    const struct lede_query_node *node, bool *ret_weak, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    *ret_weak = true;
    for (size_t i = 0; st == LEDE_OK && *ret_weak && i < node->child_count; i++)
        st = lede_plan_is_weak(planner, node->children[i], ret_weak, reterr);
    return st;
}

static enum lede_status plan_disjunction(struct lede_planner *planner,
    const struct lede_query_node *node, double factor, bool is_scored, struct lede_plan **ret_plan,
    struct lede_error *reterr)
{
    struct lede_plan *group = lede_plan_new(planner, LEDE_PLAN_OR, node->child_count);
    if (!group)
        return lede_fail_memory(reterr);
    bool all_weak = true;
    enum lede_status st = LEDE_OK;
    if (is_scored)
        st = lede_plan_are_weak(planner, node, &all_weak, reterr);
    for (size_t i = 0; st == LEDE_OK && i < node->child_count; i++) {
        struct lede_plan *child = NULL;
        bool is_weak = false;
        if (!all_weak)
            st = lede_plan_is_weak(planner, node->children[i], &is_weak, reterr);
        if (st == LEDE_OK)
            st = lede_plan_node(
                planner, node->children[i], factor, is_scored && !is_weak, &child, reterr);
        if (st != LEDE_OK)
            return st;
        add_child(group, child);
    }
    *ret_plan = group;
    return st;
}

/* A document gets what the word gives it, or where it has none of its spellings of one word, what
 * those of several give: it scores as one word, not as many. */
static enum lede_status plan_one_word(struct lede_planner *planner,
    const struct lede_query_node *node, double factor, bool is_scored, struct lede_plan **ret_plan,
    struct lede_error *reterr)
{
    const struct lede_query_node *word = node->children[0];
    struct lede_plan *group = lede_plan_new(planner, LEDE_PLAN_OR, node->child_count);
    if (!group)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < node->child_count; i++) {
        struct lede_plan *spelling = NULL, *taken = NULL;
        enum lede_status st =
            lede_plan_node(planner, node->children[i], factor, is_scored, &spelling, reterr);
        bool is_other = is_scored && i > 0 && word->kind == LEDE_QUERY_WORD;
        if (st == LEDE_OK && is_other)
            st = lede_plan_node(planner, word, 1, false, &taken, reterr);
        if (st != LEDE_OK)
            return st;
        if (taken) {
            struct lede_plan *without = lede_plan_new(planner, LEDE_PLAN_AND, 2);
            if (!without)
                return lede_fail_memory(reterr);
            add_child(without, spelling);
            add_child(without, taken);
            without->wanted_count = 1;
            spelling = without;
        }
        add_child(group, spelling);
    }
    *ret_plan = group;
    return LEDE_OK;
}

static enum lede_status plan_maybe(struct lede_planner *planner, const struct lede_query_node *node,
    double factor, bool is_scored, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *wanted = NULL, *raises = NULL;
    enum lede_status st =
        lede_plan_node(planner, node->children[0], factor, is_scored, &wanted, reterr);
    *ret_plan = wanted;
    if (st != LEDE_OK || !is_scored)
        return st;
    st = lede_plan_node(planner, node->children[1], factor, true, &raises, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_plan *maybe = lede_plan_new(planner, LEDE_PLAN_MAYBE, 2);
    if (!maybe)
        return lede_fail_memory(reterr);
    add_child(maybe, wanted);
    add_child(maybe, raises);
    *ret_plan = maybe;
    return LEDE_OK;
}

static enum lede_status plan_kind(struct lede_planner *planner, const struct lede_query_node *node,
    double factor, bool is_scored, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    switch (node->kind) {
    case LEDE_QUERY_ALL:
        return give(lede_plan_new(planner, LEDE_PLAN_ALL, 0), ret_plan, reterr);
    case LEDE_QUERY_DATES:
        return plan_dates(planner, node, ret_plan, reterr);
    case LEDE_QUERY_LENGTH:
        return lede_plan_range(
            planner, LEDE_SLOT_LENGTH, node->first_words, node->last_words, ret_plan, reterr);
    case LEDE_QUERY_AND:
        return plan_conjunction(planner, node, factor, is_scored, ret_plan, reterr);
    case LEDE_QUERY_OR:
        if (node->is_one_word)
            return plan_one_word(planner, node, factor, is_scored, ret_plan, reterr);
        return plan_disjunction(planner, node, factor, is_scored, ret_plan, reterr);
    case LEDE_QUERY_NOT:
        return plan_negation(planner, node, ret_plan, reterr);
    case LEDE_QUERY_MAYBE:
        return plan_maybe(planner, node, factor, is_scored, ret_plan, reterr);
    default:
        break;
    }
    /* Where a leaf stands in the lead alone, places tell. */
    if (lede_query_is_proximity(node->kind) || node->lead)
        return plan_proximity(planner, node, factor, is_scored, ret_plan, reterr);
    return plan_leaf(planner, node, node->fields, factor, is_scored, ret_plan, reterr);
}

/* The plan of an equal node; NULL: there is none. Unscored plans of one query or another differ in
 * nothing but their nodes. */
static struct lede_plan *find_shared(
    const struct lede_planner *planner, const struct lede_query_node *node)
{
    for (size_t i = 0; i < planner->shared_count; i++) {
        if (lede_query_equal(planner->shared[i]->node, node))
            return planner->shared[i];
    }
    return NULL;
}

enum lede_status lede_plan_node(struct lede_planner *planner, const struct lede_query_node *node,
    double factor, bool is_scored, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_plan *plan = planner->shares ? find_shared(planner, node) : NULL;
    if (plan)
        return give(plan, ret_plan, reterr);
    enum lede_status st = plan_kind(planner, node, factor * node->weight, is_scored, &plan, reterr);
    if (st != LEDE_OK)
        return st;
    if (!plan->node)
        plan->node = node;
    if (planner->shares && plan->node == node) {
        if (!LEDE_ARENA_RESERVE(planner->arena, planner->shared, planner->shared_capacity,
                planner->shared_count + 1))
            return lede_fail_memory(reterr);
        planner->shared[planner->shared_count++] = plan;
    }
    return give(plan, ret_plan, reterr);
}
