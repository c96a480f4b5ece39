/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A candidate has a node's words somewhere. Field by field its stretch of places is looked at in
 * the list of each word, from where the candidate before has left off: a phrase begins with its
 * rarest word and asks the others for the numbers beside it; what lies farther apart is decided by
 * lede/spans.h, once each operand has a place in the field.
 *
 * Patterns, exact words and capitals have no lists: for those the stored text is read, and only
 * where a field has the node's other words. It is read for all words of a part without places. */
#include "places.h"

#include "matched.h"
#include "place_near.h"
#include "place_rows.h"
#include "place_spans.h"

#include <string.h>

/* Looking at a document takes as long as so many places of a join; and where its spans are made. */
#define PLACES_PER_DOCUMENT 64
#define PLACES_PER_DOCUMENT_OF_SPANS 400

/* ---- Phrases and words by their lists ---- */

static bool is_list_empty(const struct lede_places *places, const struct place_word *word)
{
    return word->fields[places->field].list->count == 0;
}

/* Put the words of a leaf into their order; false: one stands nowhere in the field. */
static bool order_words(struct lede_places *places, const struct lede_query_node *leaf)
{
    struct place_word *first = lede_places_find_word(places, leaf, 0); /* the others follow */
    for (size_t i = 0; i < leaf->word_count; i++) {
        struct place_word *word = &first[i];
        size_t count = word->fields[places->field].list->count, at = i;
        if (is_list_empty(places, word))
            return false;
        for (; at > 0 && places->rarest_first[at - 1]->fields[places->field].list->count > count;
             at--)
            places->rarest_first[at] = places->rarest_first[at - 1];
        places->rarest_first[at] = word;
    }
    return true;
}

/* Where the places end that count for a leaf. */
static uint32_t leaf_end(struct lede_places *places, const struct lede_query_node *leaf)
{
    uint32_t lead;
    bool ends_early =
        leaf->lead && places->field == LEDE_FIELD_BODY &&
        lede_place_cursor_first(&places->by_field[places->field].leads, &places->stretch, &lead);
    return ends_early ? lead : places->stretch.end;
}

/* Do the words of a leaf stand in a row in the document, by order_words()? */
static bool has_row(struct lede_places *places, const struct lede_query_node *leaf)
{
    const struct lede_place_stretch *stretch = &places->stretch;
    uint32_t end = leaf_end(places, leaf), words = (uint32_t)leaf->word_count;
    uint32_t behind = (uint32_t)places->rarest_first[0]->index;
    struct lede_place_cursor *rarest = &places->rarest_first[0]->fields[places->field];
    uint32_t place = lede_place_cursor_next(rarest, stretch, stretch->begin + 1 + behind);
    if (end - stretch->begin <= words)
        return false;
    while (place < end && end - (place - behind) >= words) {
        uint32_t matching = 1;
        while (matching < words) {
            struct place_word *other = places->rarest_first[matching];
            uint32_t wanted = place - behind + (uint32_t)other->index;
            if (lede_place_cursor_next(&other->fields[places->field], stretch, wanted) != wanted)
                break;
            matching++;
        }
        if (matching == words)
            return true;
        place = lede_place_cursor_next(rarest, stretch, place + 1);
    }
    return false;
}

/* ---- Windows ---- */

static uint32_t document_of(uint32_t first_document, size_t word, uint64_t bit)
{
    return first_document + (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bit);
}

/* Move the documents of a window that have the row in a field from `bits` to `found`. */
static void find_rows(struct lede_places *places, enum lede_field_id id, uint32_t first_document,
    uint64_t *bits, uint64_t *found, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        for (uint64_t rest = bits[i]; rest; rest &= rest - 1) {
            uint64_t bit = rest & -rest;
            if (lede_deadline_has_passed(places->deadline))
                return;
            if (!lede_places_begin_document(places, id, document_of(first_document, i, bit)) ||
                !has_row(places, places->node))
                continue;
            bits[i] &= ~bit;
            found[i] |= bit;
        }
    }
}

/* The same by joining the lists, where that costs less than looking at each document.
 * Returns whether it was done. */
static bool join_rows(struct lede_places *places, enum lede_field_id id, uint32_t first_document,
    const uint64_t *bits, uint64_t *found, size_t words)
{
    const struct lede_query_node *node = places->node;
    const struct lede_place_ends *ends = places->by_field[id].ends;
    size_t count = node->word_count;
    struct lede_row_word *row = lede_arena_calloc(&places->arena, count, sizeof(*row));
    if (!row || count < 2 || (node->lead && id == LEDE_FIELD_BODY))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct place_word *word = places->rarest_first[i];
        row[i] =
            (struct lede_row_word){.list = word->fields[id].list, .offset = (uint32_t)word->index};
    }
    if (lede_place_rows_cost(ends, row, count, first_document, words) >
        PLACES_PER_DOCUMENT * lede_count_bits(bits, words))
        return false;
    lede_place_rows_join(ends, row, count, first_document, bits, found, words);
    return true;
}

static enum lede_status filter_rows(struct lede_places *places, uint32_t first_document,
    uint64_t *bits, size_t words, struct lede_error *reterr)
{
    lede_arena_reset(&places->arena);
    uint64_t *found = lede_arena_calloc(&places->arena, words, sizeof(*found));
    if (!found)
        return lede_fail_memory(reterr);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (!lede_places_have_field(places, id))
            continue;
        enum lede_status status = lede_places_read_field(places, (enum lede_field_id)id, reterr);
        if (status != LEDE_OK)
            return status;
        if (order_words(places, places->node) &&
            !join_rows(places, (enum lede_field_id)id, first_document, bits, found, words))
            find_rows(places, (enum lede_field_id)id, first_document, bits, found, words);
    }
    memcpy(bits, found, words * sizeof(*bits));
    return LEDE_OK;
}

/* ---- Whatever else stands near ---- */

/* By field; NULL: not looked at. */
struct joins {
    struct lede_near *by_field[LEDE_FIELD_COUNT];
    struct lede_arena arena;
    uint64_t *found;
};

static void joins_done(struct joins *joins)
{
    lede_arena_done(&joins->arena);
}

static const struct lede_place_list *list_of(
    void *context, const struct lede_query_node *leaf, size_t word)
{
    struct lede_places *places = context;
    return lede_places_find_word(places, leaf, word)->fields[places->field].list;
}

/* ret_pays  whether lists can be joined, at less cost than looking at each document */
static enum lede_status prepare_joins(struct lede_places *places, uint32_t first_document,
    const uint64_t *bits, size_t words, struct joins *joins, bool *ret_pays,
    struct lede_error *reterr)
{
    size_t cost = 0, documents = lede_count_bits(bits, words);
    *ret_pays = false;
    if (places->needs_text || !places->has_lists)
        return LEDE_OK;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        struct lede_near **near = &joins->by_field[id];
        if (!lede_places_have_field(places, id))
            continue;
        places->field = (enum lede_field_id)id;
        if (lede_near_new(places->node, places->field, list_of, places, &joins->arena, near) !=
            LEDE_OK)
            return lede_fail_memory(reterr);
        if (!*near)
            return LEDE_OK;
        cost += lede_near_cost(*near, places->by_field[id].ends, first_document, words);
    }
    joins->found = lede_arena_calloc(&joins->arena, words, sizeof(*joins->found));
    if (!joins->found)
        return lede_fail_memory(reterr);
    *ret_pays = cost <= documents * (lede_places_are_pair(places) ? PLACES_PER_DOCUMENT
                                                                  : PLACES_PER_DOCUMENT_OF_SPANS);
    return LEDE_OK;
}

/* Is a document too long for a join in one of its fields? */
static bool is_long(struct lede_places *places, const struct joins *joins, uint32_t document)
{
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (joins->by_field[id] &&
            lede_places_begin_document(places, (enum lede_field_id)id, document) &&
            lede_near_is_long(joins->by_field[id], places->stretch.end - places->stretch.begin))
            return true;
    }
    return false;
}

/* Decide the documents that are long, if there are any. */
static enum lede_status look_at_long(struct lede_places *places, const struct joins *joins,
    uint32_t first_document, const uint64_t *bits, size_t words, struct lede_error *reterr)
{
    bool any_is_long = false;
    enum lede_status status = LEDE_OK;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++)
        any_is_long =
            any_is_long || (joins->by_field[id] && lede_near_is_long(joins->by_field[id],
                                                       places->by_field[id].ends->longest));
    for (size_t i = 0; any_is_long && status == LEDE_OK && i < words; i++) {
        for (uint64_t rest = bits[i]; status == LEDE_OK && rest; rest &= rest - 1) {
            uint64_t bit = rest & -rest;
            uint32_t document = document_of(first_document, i, bit);
            bool matches = false;
            if (!is_long(places, joins, document))
                continue;
            if (!lede_deadline_has_passed(places->deadline))
                status = lede_places_look_at(places, document, &matches, reterr);
            joins->found[i] = matches ? joins->found[i] | bit : joins->found[i] & ~bit;
        }
    }
    return status;
}

static enum lede_status filter_each(struct lede_places *places, uint32_t first_document,
    uint64_t *bits, size_t words, struct lede_error *reterr)
{
    enum lede_status status = LEDE_OK;
    for (size_t i = 0; status == LEDE_OK && i < words; i++) {
        for (uint64_t rest = bits[i]; status == LEDE_OK && rest; rest &= rest - 1) {
            uint64_t bit = rest & -rest;
            bool matches = false;
            bool has_passed = places->needs_text || !places->has_lists
                                  ? lede_deadline_has_passed_now(places->deadline)
                                  : lede_deadline_has_passed(places->deadline);
            if (!has_passed)
                status = lede_places_look_at(
                    places, document_of(first_document, i, bit), &matches, reterr);
            if (!matches)
                bits[i] &= ~bit;
        }
    }
    return status;
}

enum lede_status lede_places_filter(struct lede_places *places, uint32_t first_document,
    uint64_t *bits, size_t words, struct lede_error *reterr)
{
    LEDE_CLEANUP(joins_done) struct joins joins = {0};
    bool is_row = places->node->kind == LEDE_QUERY_WORD || places->node->kind == LEDE_QUERY_PHRASE;
    bool pays = false;
    enum lede_status status = LEDE_OK;
    if (is_row && places->has_lists)
        return filter_rows(places, first_document, bits, words, reterr);
    for (int id = 0; status == LEDE_OK && id < LEDE_FIELD_COUNT; id++) {
        if (lede_places_have_field(places, id))
            status = lede_places_read_field(places, (enum lede_field_id)id, reterr);
    }
    if (status == LEDE_OK)
        status = prepare_joins(places, first_document, bits, words, &joins, &pays, reterr);
    if (status != LEDE_OK || !pays)
        return status == LEDE_OK ? filter_each(places, first_document, bits, words, reterr)
                                 : status;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (joins.by_field[id])
            lede_near_join(joins.by_field[id], places->by_field[id].ends, first_document, bits,
                joins.found, words, places->deadline);
    }
    status = look_at_long(places, &joins, first_document, bits, words, reterr);
    memcpy(bits, joins.found, words * sizeof(*bits));
    return status;
}

enum lede_status lede_places_turn_to(struct lede_places *places, enum lede_field_id field,
    uint32_t document, bool *ret_has_words, struct lede_error *reterr)
{
    enum lede_status status = lede_places_read_ends(places, field, reterr);
    if (status != LEDE_OK)
        return status;
    lede_arena_reset(&places->arena);
    *ret_has_words = lede_places_begin_document(places, field, document);
    return LEDE_OK;
}

enum lede_status lede_places_of_word(struct lede_places *places, const struct lede_query_node *leaf,
    size_t word, struct lede_positions *ret_positions, struct lede_error *reterr)
{
    *ret_positions = (struct lede_positions){0};
    return leaf->fields & LEDE_FIELD_BIT(places->field)
               ? lede_places_positions(places, leaf, word, ret_positions, reterr)
               : LEDE_OK;
}
