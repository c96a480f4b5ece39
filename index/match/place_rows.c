/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers go on from document to document with a free one between, so that no row goes over an end:
 * a row is a number in one list and its neighbours in the others, and which document it is in is
 * asked only then. */
#include "place_rows.h"

#include <stdbool.h>

/* The documents of a chunk that are in the window. Returns whether there are any. */
static bool find_range(const struct lede_place_ends *ends, size_t chunk, uint32_t first_document,
    size_t bitmap_words, uint32_t *ret_first, uint32_t *ret_last)
{
    uint64_t end = (uint64_t)first_document + bitmap_words * 64;
    uint32_t first = ends->chunks[chunk].first_document;
    uint64_t behind = ends->chunks[chunk + 1].first_document;
    *ret_first = first > first_document ? first : first_document;
    *ret_last = (uint32_t)((behind < end ? behind : end) - 1);
    if (*ret_last > ends->documents)
        *ret_last = ends->documents;
    return *ret_first > 0 && *ret_first <= *ret_last;
}

size_t lede_place_rows_cost(const struct lede_place_ends *ends, const struct lede_place_list *list,
    uint32_t first_document, size_t bitmap_words)
{
    size_t cost = 0;
    uint32_t first, last;
    for (size_t chunk = 0; chunk < ends->chunk_count; chunk++) {
        if (find_range(ends, chunk, first_document, bitmap_words, &first, &last))
            cost += list->begins[chunk + 1] - list->begins[chunk];
    }
    return cost;
}

/* Are the others where the row wants them? Their places ascend with `first`.
 * ret_ended  one of them has no more */
static bool is_row(
    struct lede_row_word *words, size_t word_count, size_t chunk, uint32_t first, bool *ret_ended)
{
    for (size_t i = 1; i < word_count; i++) {
        const struct lede_place_list *list = words[i].list;
        size_t end = list->begins[chunk + 1];
        words[i].at = lede_place_advance(list->places, words[i].at, end, first + words[i].offset);
        *ret_ended = words[i].at == end;
        if (*ret_ended || list->places[words[i].at] != first + words[i].offset)
            return false;
    }
    return true;
}

static void join_chunk(const struct lede_place_ends *ends, size_t chunk,
    struct lede_row_word *words, size_t word_count, uint32_t first, uint32_t last,
    uint32_t first_document, const uint64_t *bits, uint64_t *found)
{
    const struct lede_place_list *rarest = words[0].list;
    uint32_t begin = first == ends->chunks[chunk].first_document ? 0 : ends->ends[first - 1];
    uint32_t document = first;
    bool has_ended = false;
    for (size_t i = 0; i < word_count; i++) {
        const struct lede_place_list *list = words[i].list;
        words[i].at = lede_place_advance(
            list->places, list->begins[chunk], list->begins[chunk + 1], begin + 1);
    }
    size_t end = rarest->begins[chunk + 1];
    for (size_t at = words[0].at; at < end && !has_ended; at++) {
        uint32_t place = rarest->places[at];
        if (place >= ends->ends[last])
            return;
        if (place - begin <= words[0].offset ||
            !is_row(words, word_count, chunk, place - words[0].offset, &has_ended))
            continue;
        while (ends->ends[document] <= place)
            document++;
        uint32_t bit = document - first_document;
        found[bit / 64] |= bits[bit / 64] & (UINT64_C(1) << (bit % 64));
    }
}

void lede_place_rows_join(const struct lede_place_ends *ends, struct lede_row_word *words,
    size_t word_count, uint32_t first_document, const uint64_t *bits, uint64_t *found,
    size_t bitmap_words)
{
    uint32_t first, last;
    for (size_t chunk = 0; chunk < ends->chunk_count; chunk++) {
        if (find_range(ends, chunk, first_document, bitmap_words, &first, &last))
            join_chunk(ends, chunk, words, word_count, first, last, first_document, bits, found);
    }
}
