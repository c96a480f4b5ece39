/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers go on from document to document with a free one between, so that no row goes over an end:
 * a row is a number in one list and its neighbours in the others, and which document it is in is
 * asked only then.
 *
 * Stretch by stretch the rarest word's places are taken for rows; each other word, the next rarest
 * first, keeps those that have it where it has to stand. */
#include "place_rows.h"

#include "place_bits.h"

#define ROWS_MAX 2048 /* taken at once */
/* From so many places of a word on for each row that is left, they are looked for one by one. */
#define PLACES_A_SEARCH 12

/* The rows of a stretch. */
struct rows {
    uint32_t firsts[ROWS_MAX]; /* places of the first word; ascending */
    size_t count;
    struct lede_place_bits bits;
};

bool lede_place_find_range(const struct lede_place_ends *ends, size_t chunk,
    uint32_t first_document, size_t bitmap_words, uint32_t *ret_first, uint32_t *ret_last)
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

size_t lede_place_rows_cost(const struct lede_place_ends *ends, const struct lede_row_word *words,
    size_t word_count, uint32_t first_document, size_t bitmap_words)
{
    size_t cost = 0;
    uint32_t first, last;
    for (size_t chunk = 0; chunk < ends->chunk_count; chunk++) {
        size_t rarest = 0;
        if (!lede_place_find_range(ends, chunk, first_document, bitmap_words, &first, &last))
            continue;
        for (size_t i = 0; i < word_count; i++) {
            const size_t *begins = words[i].list->begins;
            size_t count = begins[chunk + 1] - begins[chunk];
            if (i == 0)
                rarest = count;
            cost += count < PLACES_A_SEARCH * rarest ? count : PLACES_A_SEARCH * rarest;
        }
    }
    return cost;
}

/* Keep the rows that have the word where it has to stand. */
static void keep_rows(struct rows *rows, struct lede_row_word *word, size_t chunk)
{
    const uint32_t *places = word->list->places;
    uint32_t origin = rows->firsts[0] + word->offset;
    size_t chunk_end = word->list->begins[chunk + 1], kept = 0;
    size_t at = lede_place_advance(places, word->at, chunk_end, origin);
    size_t end =
        lede_place_advance(places, at, chunk_end, rows->firsts[rows->count - 1] + word->offset + 1);
    word->at = at;
    if (end - at > PLACES_A_SEARCH * rows->count) {
        for (size_t i = 0; i < rows->count; i++) {
            uint32_t wanted = rows->firsts[i] + word->offset;
            at = lede_place_advance(places, at, end, wanted);
            rows->firsts[kept] = rows->firsts[i];
            kept += at < end && places[at] == wanted;
        }
    } else {
        lede_place_bits_fill(&rows->bits, places, at, end, origin);
        for (size_t i = 0; i < rows->count; i++) {
            uint32_t bit = rows->firsts[i] + word->offset - origin;
            rows->firsts[kept] = rows->firsts[i];
            kept += lede_place_bits_have(&rows->bits, bit);
        }
    }
    rows->count = kept;
}

/* The rarest word's places of one stretch. Returns the number of the first one behind it. */
static size_t take_rows(struct rows *rows, const struct lede_row_word *rarest, size_t end)
{
    const uint32_t *places = rarest->list->places;
    size_t at = rarest->at;
    uint32_t origin = places[at];
    for (rows->count = 0; at < end && rows->count < ROWS_MAX; at++) {
        if (places[at] - origin >= LEDE_BITS_PLACES)
            break;
        rows->firsts[rows->count++] = places[at] - rarest->offset;
    }
    return at;
}

static void join_chunk(const struct lede_place_ends *ends, size_t chunk,
    struct lede_row_word *words, size_t word_count, uint32_t first, uint32_t last,
    uint32_t first_document, const uint64_t *bits, uint64_t *found)
{
    struct rows rows;
    struct lede_row_word *rarest = &words[0];
    const struct lede_place_list *list = rarest->list;
    uint32_t begin = first == ends->chunks[chunk].first_document ? 0 : ends->ends[first - 1];
    uint32_t document = first;
    size_t chunk_end = list->begins[chunk + 1];
    for (size_t i = 0; i < word_count; i++)
        words[i].at = words[i].list->begins[chunk];
    rarest->at =
        lede_place_advance(list->places, rarest->at, chunk_end, begin + 1 + rarest->offset);
    size_t end = lede_place_advance(list->places, rarest->at, chunk_end, ends->ends[last]);
    while (rarest->at < end) {
        rarest->at = take_rows(&rows, rarest, end);
        for (size_t i = 1; i < word_count && rows.count > 0; i++)
            keep_rows(&rows, &words[i], chunk);
        for (size_t i = 0; i < rows.count; i++) {
            while (ends->ends[document] <= rows.firsts[i])
                document++;
            uint32_t bit = document - first_document;
            found[bit / 64] |= bits[bit / 64] & (UINT64_C(1) << (bit % 64));
        }
    }
}

void lede_place_rows_join(const struct lede_place_ends *ends, struct lede_row_word *words,
    size_t word_count, uint32_t first_document, const uint64_t *bits, uint64_t *found,
    size_t bitmap_words)
{
    uint32_t first, last;
    for (size_t chunk = 0; chunk < ends->chunk_count; chunk++) {
        if (lede_place_find_range(ends, chunk, first_document, bitmap_words, &first, &last))
            join_chunk(ends, chunk, words, word_count, first, last, first_document, bits, found);
    }
}
