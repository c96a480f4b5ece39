/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers go on from document to document with a free one between, so that no row goes over an end:
 * a row is a number in one list and its neighbours in the others, and which document it is in is
 * asked only then.
 *
 * Stretch by stretch the rarest word's places are taken for rows; each other word, the next rarest
 * first, keeps those that have it where it has to stand. Where the rarest is bits all others are
 * too, and 64 places are joined at once. */
#include "place_rows.h"

#include "place_bits.h"

#include <string.h>

#define ROWS_MAX 2048 /* taken at once */
#define ROW_WORDS 512 /* of bits, joined at once */
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
        if (!lede_place_find_range(ends, chunk, first_document, bitmap_words, &first, &last))
            continue;
        size_t rarest = words[0].list->begins[chunk + 1] - words[0].list->begins[chunk];
        for (size_t i = 0; i < word_count; i++) {
            const struct lede_place_list *list = words[i].list;
            size_t count = list->begins[chunk + 1] - list->begins[chunk];
            size_t most = list->bits ? rarest : PLACES_A_SEARCH * rarest;
            if (words[0].list->bits)
                most = list->chunks[chunk + 1] - list->chunks[chunk];
            cost += count < most ? count : most;
        }
    }
    return cost;
}

/* Keep the rows that have the word where it has to stand. */
static void keep_rows(struct rows *rows, struct lede_row_word *word, size_t chunk)
{
    size_t kept = 0;
    if (word->list->bits) {
        const uint64_t *bits = lede_place_list_bits(word->list, chunk);
        for (size_t i = 0; i < rows->count; i++) {
            uint32_t first = rows->firsts[i];
            rows->firsts[kept] = first;
            kept += lede_place_bits_have(bits, first + word->offset);
        }
        rows->count = kept;
        return;
    }
    const uint32_t *places = word->list->places;
    uint32_t origin = rows->firsts[0] + word->offset;
    size_t chunk_end = word->list->begins[chunk + 1];
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
            kept += lede_place_bits_have(rows->bits.words, bit);
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

/* What is joined: some documents of a chunk, and the window's bits of them. */
struct range {
    const struct lede_place_ends *ends;
    size_t chunk;
    uint32_t document; /* where the join is */
    uint32_t last;
    uint32_t first_document; /* of the window */
    const uint64_t *bits;
    uint64_t *found;
};

/* Note the document of a row; rows come in their order. */
static inline void note_row(struct range *range, uint32_t first)
{
    while (range->ends->ends[range->document] <= first)
        range->document++;
    uint32_t bit = range->document - range->first_document;
    range->found[bit / 64] |= range->bits[bit / 64] & (UINT64_C(1) << (bit % 64));
}

static void join_numbers(
    struct range *range, struct lede_row_word *words, size_t word_count, uint32_t begin)
{
    struct rows rows;
    struct lede_row_word *rarest = &words[0];
    const struct lede_place_list *list = rarest->list;
    size_t chunk = range->chunk, chunk_end = list->begins[chunk + 1];
    for (size_t i = 0; i < word_count; i++)
        words[i].at = words[i].list->begins[chunk];
    rarest->at =
        lede_place_advance(list->places, rarest->at, chunk_end, begin + 1 + rarest->offset);
    size_t end =
        lede_place_advance(list->places, rarest->at, chunk_end, range->ends->ends[range->last]);
    while (rarest->at < end) {
        rarest->at = take_rows(&rows, rarest, end);
        for (size_t i = 1; i < word_count && rows.count > 0; i++)
            keep_rows(&rows, &words[i], chunk);
        for (size_t i = 0; i < rows.count; i++)
            note_row(range, rows.firsts[i]);
    }
}

/* Keep the rows whose word stands `offset` places behind them.
 * words  of the word's list from where the rows begin, and one more */
static void keep_words(uint64_t *rows, const uint64_t *words, uint32_t offset, size_t count)
{
    unsigned shift = offset % 64;
    words += offset / 64;
    for (size_t i = 0; shift == 0 && i < count; i++)
        rows[i] &= words[i];
    for (size_t i = 0; shift > 0 && i < count; i++)
        rows[i] &= words[i] >> shift | words[i + 1] << (64 - shift);
}

static void join_bits(
    struct range *range, const struct lede_row_word *words, size_t word_count, uint32_t begin)
{
    uint64_t rows[ROW_WORDS];
    uint32_t end = range->ends->ends[range->last];
    size_t last = (size_t)end / 64 + 1;
    for (size_t from = begin / 64; from < last; from += ROW_WORDS) {
        size_t count = last - from < ROW_WORDS ? last - from : ROW_WORDS;
        memset(rows, 0xFF, count * sizeof(*rows));
        for (size_t i = 0; i < word_count; i++)
            keep_words(rows, lede_place_list_bits(words[i].list, range->chunk) + from,
                words[i].offset, count);
        if (from == begin / 64)
            rows[0] &= UINT64_MAX << (begin % 64);
        for (size_t i = 0; i < count; i++) {
            for (; rows[i] != 0; rows[i] &= rows[i] - 1) {
                uint32_t first = (uint32_t)((from + i) * 64) + (uint32_t)__builtin_ctzll(rows[i]);
                if (first >= end)
                    return;
                note_row(range, first);
            }
        }
    }
}

void lede_place_rows_join(const struct lede_place_ends *ends, struct lede_row_word *words,
    size_t word_count, uint32_t first_document, const uint64_t *bits, uint64_t *found,
    size_t bitmap_words)
{
    for (size_t chunk = 0; chunk < ends->chunk_count; chunk++) {
        struct range range = {.ends = ends,
            .chunk = chunk,
            .first_document = first_document,
            .bits = bits,
            .found = found};
        if (!lede_place_find_range(
                ends, chunk, first_document, bitmap_words, &range.document, &range.last))
            continue;
        bool is_first = range.document == ends->chunks[chunk].first_document;
        uint32_t begin = is_first ? 0 : ends->ends[range.document - 1];
        if (words[0].list->bits)
            join_bits(&range, words, word_count, begin);
        else
            join_numbers(&range, words, word_count, begin);
    }
}
