/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans are kept sorted by their first position, then by their last, each once; a node's are made
 * from its children's. Of two spans the left one is that which ends before the other begins, so
 * every pair that counts has one left and one right span. */
#include "lede/spans.h"

#include <stdlib.h>
#include <string.h>

struct spans {
    struct lede_span *items;
    size_t count;
    size_t capacity;
    uint32_t longest; /* last - first */
};

struct evaluation {
    const struct lede_span_text *text;
    struct lede_arena *arena;
    bool failed; /* no memory */
};

/* ---- Lists ---- */

static void spans_add(
    struct evaluation *evaluation, struct spans *spans, uint32_t first, uint32_t last)
{
    if (!LEDE_ARENA_RESERVE(evaluation->arena, spans->items, spans->capacity, spans->count + 1)) {
        evaluation->failed = true;
        return;
    }
    spans->items[spans->count++] = (struct lede_span){first, last};
}

static int compare(const void *a, const void *b)
{
    const struct lede_span *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->last < y->last ? -1 : x->last > y->last;
}

static void sort_spans(struct spans *spans)
{
    size_t unique = 0;
    bool sorted = true;
    for (size_t i = 1; i < spans->count && sorted; i++)
        sorted = compare(&spans->items[i - 1], &spans->items[i]) < 0;
    if (!sorted)
        qsort(spans->items, spans->count, sizeof(*spans->items), compare);
    spans->longest = 0;
    for (size_t i = 0; i < spans->count; i++) {
        struct lede_span span = spans->items[i];
        if (unique > 0 && compare(&spans->items[unique - 1], &span) == 0)
            continue;
        if (span.last - span.first > spans->longest)
            spans->longest = span.last - span.first;
        spans->items[unique++] = span;
    }
    spans->count = unique < LEDE_SPANS_MAX ? unique : LEDE_SPANS_MAX;
}

/* Index of the first span that begins at `first` or later. */
static size_t first_from(const struct spans *spans, uint32_t first)
{
    size_t low = 0, high = spans->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spans->items[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t positions_from(const struct lede_positions *positions, uint32_t from)
{
    size_t low = 0, high = positions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (positions->items[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool contains(const struct spans *spans, struct lede_span span)
{
    return bsearch(&span, spans->items, spans->count, sizeof(span), compare) != NULL;
}

/* ---- Leaves ---- */

static bool has_position(const struct lede_positions *positions, uint32_t position)
{
    size_t at = positions_from(positions, position);
    return at < positions->count && positions->items[at] == position;
}

static struct spans leaf_spans(struct evaluation *evaluation, const struct lede_query_node *leaf)
{
    struct spans spans = {0};
    const struct lede_span_text *text = evaluation->text;
    struct lede_positions words[LEDE_QUERY_PHRASE_WORDS_MAX];
    if (!(leaf->fields & LEDE_FIELD_BIT(text->field)) ||
        leaf->word_count > LEDE_QUERY_PHRASE_WORDS_MAX)
        return spans;
    for (size_t i = 0; i < leaf->word_count; i++) {
        if (!text->positions(text->context, leaf, i, &words[i])) {
            evaluation->failed = true;
            return spans;
        }
        if (words[i].count == 0)
            return spans;
    }
    bool is_lead = leaf->lead && text->field == LEDE_FIELD_BODY && text->paragraphs.count > 0;
    uint32_t end = is_lead ? text->paragraphs.items[0] : UINT32_MAX;
    for (size_t i = 0; i < words[0].count && spans.count < LEDE_SPANS_MAX; i++) {
        uint32_t first = words[0].items[i];
        size_t matching = 1;
        while (matching < leaf->word_count &&
               has_position(&words[matching], first + (uint32_t)matching))
            matching++;
        uint32_t last = first + (uint32_t)leaf->word_count - 1;
        if (matching == leaf->word_count && last < end)
            spans_add(evaluation, &spans, first, last);
    }
    sort_spans(&spans);
    return spans;
}

/* ---- Pairs ---- */

/* What keeps the two together: a distance, or the unit of text. */
struct proximity {
    uint32_t distance;                  /* 0: units */
    const struct lede_positions *units; /* where they begin, but the first */
    bool ordered;
};

static struct proximity proximity_of(
    const struct evaluation *evaluation, const struct lede_query_node *node)
{
    struct proximity proximity = {.ordered = node->kind == LEDE_QUERY_ADJACENT};
    if (node->kind == LEDE_QUERY_SENTENCE || node->kind == LEDE_QUERY_NOT_SENTENCE)
        proximity.units = &evaluation->text->sentences;
    else if (node->kind == LEDE_QUERY_PARAGRAPH || node->kind == LEDE_QUERY_NOT_PARAGRAPH)
        proximity.units = &evaluation->text->paragraphs;
    else
        proximity.distance = node->number;
    return proximity;
}

/* Where the unit ends that holds the position: where the next begins. */
static uint32_t unit_end(const struct proximity *proximity, uint32_t position)
{
    size_t next = positions_from(proximity->units, position + 1);
    return next < proximity->units->count ? proximity->units->items[next] : UINT32_MAX;
}

static uint32_t unit_start(const struct proximity *proximity, uint32_t position)
{
    size_t next = positions_from(proximity->units, position + 1);
    return next > 0 ? proximity->units->items[next - 1] : 0;
}

/* The last position at which a span to the right of `left` may begin. */
static uint32_t last_start(const struct proximity *proximity, struct lede_span left)
{
    if (proximity->distance > 0)
        return left.last + proximity->distance;
    uint32_t end = unit_end(proximity, left.first);
    return end > left.last ? end - 1 : left.last; /* across units nothing is in reach */
}

static bool is_pair(
    const struct proximity *proximity, struct lede_span left, struct lede_span right)
{
    uint32_t last = last_start(proximity, left);
    return right.first > left.last && right.first <= last &&
           (proximity->distance > 0 || right.last <= last);
}

/* Call visit with each pair of a left and a right span, until it returns false. */
static void visit_pairs(const struct proximity *proximity, const struct spans *lefts,
    const struct spans *rights,
    bool (*visit)(void *context, struct lede_span left, struct lede_span right), void *context)
{
    for (size_t i = 0; i < lefts->count; i++) {
        struct lede_span left = lefts->items[i];
        uint32_t last = last_start(proximity, left);
        for (size_t k = first_from(rights, left.last + 1);
             k < rights->count && rights->items[k].first <= last; k++) {
            if (is_pair(proximity, left, rights->items[k]) &&
                !visit(context, left, rights->items[k]))
                return;
        }
    }
}

struct joined_pairs {
    struct evaluation *evaluation;
    struct spans *joined;
    bool any_is_enough;
};

static bool join_pair(void *context, struct lede_span left, struct lede_span right)
{
    struct joined_pairs *pairs = context;
    if (pairs->joined->count >= 4 * (size_t)LEDE_SPANS_MAX)
        sort_spans(pairs->joined);
    spans_add(pairs->evaluation, pairs->joined, left.first, right.last);
    return !pairs->any_is_enough && !pairs->evaluation->failed;
}

static struct spans node_spans(struct evaluation *evaluation, const struct lede_query_node *node);

static struct spans pair_spans(
    struct evaluation *evaluation, const struct lede_query_node *node, bool any_is_enough)
{
    struct spans joined = {0};
    struct joined_pairs pairs = {evaluation, &joined, any_is_enough};
    if (!(node->fields & LEDE_FIELD_BIT(evaluation->text->field)))
        return joined;
    struct spans first = node_spans(evaluation, node->children[0]);
    if (first.count == 0)
        return joined;
    struct spans second = node_spans(evaluation, node->children[1]);
    struct proximity proximity = proximity_of(evaluation, node);
    visit_pairs(&proximity, &first, &second, join_pair, &pairs);
    if (!proximity.ordered && !(any_is_enough && joined.count > 0))
        visit_pairs(&proximity, &second, &first, join_pair, &pairs);
    sort_spans(&joined);
    return joined;
}

/* Has the left span a partner among `rights`? All pairs count, so the first found is enough. */
static bool has_right(
    const struct proximity *proximity, struct lede_span left, const struct spans *rights)
{
    uint32_t last = last_start(proximity, left);
    for (size_t k = first_from(rights, left.last + 1);
         k < rights->count && rights->items[k].first <= last; k++) {
        if (is_pair(proximity, left, rights->items[k]))
            return true;
    }
    return false;
}

static bool has_left(
    const struct proximity *proximity, struct lede_span right, const struct spans *lefts)
{
    uint32_t before = proximity->distance + lefts->longest;
    uint32_t from = proximity->distance == 0 ? unit_start(proximity, right.first)
                                             : (right.first > before ? right.first - before : 0);
    for (size_t k = first_from(lefts, from);
         k < lefts->count && lefts->items[k].first < right.first; k++) {
        if (is_pair(proximity, lefts->items[k], right))
            return true;
    }
    return false;
}

/* ---- What stands apart ---- */

/* Does one of `others`, which are sorted by where they begin, share a position with the span? */
static bool is_overlapped(struct lede_span span, const struct spans *others)
{
    uint32_t from = span.first > others->longest ? span.first - others->longest : 0;
    for (size_t k = first_from(others, from);
         k < others->count && others->items[k].first <= span.last; k++) {
        if (others->items[k].last >= span.first)
            return true;
    }
    return false;
}

/* Spans of the first child that no span of the second is near. */
static struct spans apart_spans(struct evaluation *evaluation, const struct lede_query_node *node)
{
    struct spans apart = {0};
    if (!(node->fields & LEDE_FIELD_BIT(evaluation->text->field)))
        return apart;
    struct spans wanted = node_spans(evaluation, node->children[0]);
    struct spans others = {0};
    if (wanted.count > 0)
        others = node_spans(evaluation, node->children[1]);
    struct proximity proximity = proximity_of(evaluation, node);
    for (size_t i = 0; i < wanted.count; i++) {
        struct lede_span span = wanted.items[i];
        if (!is_overlapped(span, &others) && !has_right(&proximity, span, &others) &&
            !has_left(&proximity, span, &others))
            spans_add(evaluation, &apart, span.first, span.last);
    }
    sort_spans(&apart);
    return apart;
}

static struct spans node_spans(struct evaluation *evaluation, const struct lede_query_node *node)
{
    struct spans spans = {0};
    if (lede_query_is_text_leaf(node->kind))
        return leaf_spans(evaluation, node);
    if (node->kind != LEDE_QUERY_OR && node->kind != LEDE_QUERY_ATLEAST)
        return lede_query_is_apart(node->kind)       ? apart_spans(evaluation, node)
               : lede_query_is_proximity(node->kind) ? pair_spans(evaluation, node, false)
                                                     : spans;
    for (size_t i = 0; i < node->child_count; i++) {
        struct spans child = node_spans(evaluation, node->children[i]);
        for (size_t k = 0; k < child.count; k++)
            spans_add(evaluation, &spans, child.items[k].first, child.items[k].last);
    }
    sort_spans(&spans);
    return spans;
}

enum lede_status lede_spans_count(const struct lede_query_node *node,
    const struct lede_span_text *text, struct lede_arena *arena, size_t *ret_count)
{
    struct evaluation evaluation = {.text = text, .arena = arena};
    bool is_pair_node = lede_query_is_proximity(node->kind) && node->kind != LEDE_QUERY_ATLEAST &&
                        !lede_query_is_apart(node->kind);
    struct spans spans =
        is_pair_node ? pair_spans(&evaluation, node, true) : node_spans(&evaluation, node);
    if (evaluation.failed)
        return LEDE_ENOMEM;
    *ret_count = node->kind == LEDE_QUERY_ATLEAST ? spans.count : spans.count > 0;
    return LEDE_OK;
}

/* ---- What takes part ---- */

struct visitor {
    struct evaluation evaluation;
    void (*visit)(void *context, const struct lede_query_node *leaf, struct lede_span span);
    void *context;
};

struct accepted_pairs {
    struct evaluation *evaluation;
    const struct spans *accepted;
    struct spans *lefts;
    struct spans *rights;
};

static bool add_if_accepted(void *context, struct lede_span left, struct lede_span right)
{
    struct accepted_pairs *pairs = context;
    if (!contains(pairs->accepted, (struct lede_span){left.first, right.last}))
        return true;
    spans_add(pairs->evaluation, pairs->lefts, left.first, left.last);
    spans_add(pairs->evaluation, pairs->rights, right.first, right.last);
    return !pairs->evaluation->failed;
}

static void find_pairs(struct evaluation *evaluation, const struct proximity *proximity,
    const struct spans *lefts, const struct spans *rights, const struct spans *accepted,
    struct spans *ret_lefts, struct spans *ret_rights)
{
    struct accepted_pairs pairs = {evaluation, accepted, ret_lefts, ret_rights};
    if (accepted) {
        visit_pairs(proximity, lefts, rights, add_if_accepted, &pairs);
        return;
    }
    for (size_t i = 0; i < lefts->count; i++) {
        if (has_right(proximity, lefts->items[i], rights))
            spans_add(evaluation, ret_lefts, lefts->items[i].first, lefts->items[i].last);
    }
    for (size_t i = 0; i < rights->count; i++) {
        if (has_left(proximity, rights->items[i], lefts))
            spans_add(evaluation, ret_rights, rights->items[i].first, rights->items[i].last);
    }
}

static void visit_node(
    struct visitor *visitor, const struct lede_query_node *node, const struct spans *accepted);

static void visit_pair(
    struct visitor *visitor, const struct lede_query_node *node, const struct spans *accepted)
{
    struct evaluation *evaluation = &visitor->evaluation;
    struct spans first = node_spans(evaluation, node->children[0]);
    struct spans second = node_spans(evaluation, node->children[1]);
    struct proximity proximity = proximity_of(evaluation, node);
    struct spans firsts = {0}, seconds = {0};
    if (!(node->fields & LEDE_FIELD_BIT(evaluation->text->field)))
        return;
    find_pairs(evaluation, &proximity, &first, &second, accepted, &firsts, &seconds);
    if (!proximity.ordered)
        find_pairs(evaluation, &proximity, &second, &first, accepted, &seconds, &firsts);
    sort_spans(&firsts);
    sort_spans(&seconds);
    visit_node(visitor, node->children[0], &firsts);
    visit_node(visitor, node->children[1], &seconds);
}

/* accepted  spans of the node that take part; NULL: all of them */
static void visit_node(
    struct visitor *visitor, const struct lede_query_node *node, const struct spans *accepted)
{
    if (visitor->evaluation.failed || (accepted && accepted->count == 0))
        return;
    if (lede_query_is_text_leaf(node->kind)) {
        struct spans spans = leaf_spans(&visitor->evaluation, node);
        for (size_t i = 0; i < spans.count; i++) {
            if (!accepted || contains(accepted, spans.items[i]))
                visitor->visit(visitor->context, node, spans.items[i]);
        }
    } else if (node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_ATLEAST) {
        for (size_t i = 0; i < node->child_count; i++)
            visit_node(visitor, node->children[i], accepted);
    } else if (lede_query_is_apart(node->kind)) {
        struct spans apart = apart_spans(&visitor->evaluation, node);
        size_t count = 0;
        for (size_t i = 0; i < apart.count; i++) {
            if (!accepted || contains(accepted, apart.items[i]))
                apart.items[count++] = apart.items[i];
        }
        apart.count = count;
        visit_node(visitor, node->children[0], &apart);
    } else if (lede_query_is_proximity(node->kind)) {
        visit_pair(visitor, node, accepted);
    }
}

enum lede_status lede_spans_visit_leaves(const struct lede_query_node *node,
    const struct lede_span_text *text, struct lede_arena *arena,
    void (*visit)(void *context, const struct lede_query_node *leaf, struct lede_span span),
    void *context)
{
    struct visitor visitor = {
        .evaluation = {.text = text, .arena = arena}, .visit = visit, .context = context};
    visit_node(&visitor, node, NULL);
    return visitor.evaluation.failed ? LEDE_ENOMEM : LEDE_OK;
}
