/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of a part (lede/engine.h, "Where words stand") in memory, shared by all threads: read at
 * their first use, kept by the cache.
 *
 * Places are kept in four bytes each, less where the chunk of documents begins that they stand in.
 * A chunk has LEDE_CHUNK_DOCUMENTS, fewer where their words would be more than four bytes count.
 * What every sixty-fourth place has is kept as bits, one a place: they take eight bytes for each
 * that is set at most, and joining such lists looks at 64 places at once. */
#ifndef LEDE_MATCH_PLACE_LISTS_H
#define LEDE_MATCH_PLACE_LISTS_H

#include "kept.h"

#define LEDE_CHUNK_DOCUMENTS (UINT32_C(1) << 16)

struct lede_place_chunk {
    uint32_t first_document;
    uint64_t begin; /* the end of the document before */
};

/* Of a field: where its documents end. */
struct lede_place_ends {
    struct lede_kept_item item;
    uint32_t documents;              /* those behind it do not have the field */
    uint32_t longest;                /* places of a document */
    uint32_t *ends;                  /* by document, from 1 on, in its chunk */
    struct lede_place_chunk *chunks; /* one more than there are: behind the last */
    size_t chunk_count;
};

#define LEDE_PLACES_A_BIT 64 /* a word that stands at one of so many, or more, is bits */
#define LEDE_PLACE_NONE UINT32_MAX

/* A list of one field; ascending in each chunk. */
struct lede_place_list {
    struct lede_kept_item item;
    uint32_t *places; /* NULL: they are bits, or none */
    size_t *begins;   /* by chunk of the field, and where the last one ends: numbers of places */
    uint64_t *bits;   /* NULL: they are numbers */
    size_t *chunks;   /* where a chunk's bits begin, and where the last one's end */
    size_t count;     /* of places */
};

#define LEDE_PLACES_WALKED 128 /* in a step; what is farther is guessed */

/* From a place before the target on to a later one before it: where it would be if places were
 * spread evenly, and back from there. */
static inline size_t lede_place_guess(
    const uint32_t *places, size_t at, size_t end, uint32_t target)
{
    uint32_t last = places[end - 1];
    if (last < target)
        return end - 1;
    uint64_t left = (uint64_t)(target - places[at]) * (end - 1 - at);
    size_t guess = at + (size_t)(left / (last - places[at]));
    for (size_t back = 8; places[guess] >= target; back *= 4)
        guess = guess - at > back ? guess - back : at;
    return guess;
}

/* The number of the first place >= target, from `at` on; `end` if there is none: in steps that
 * double, then by halves. */
static inline size_t lede_place_advance(
    const uint32_t *places, size_t at, size_t end, uint32_t target)
{
    size_t step = 1;
    if (at >= end || places[at] >= target)
        return at;
    while (at + step < end && places[at + step] < target) {
        at += step;
        step *= 2;
        if (step == LEDE_PLACES_WALKED)
            at = lede_place_guess(places, at, end, target);
    }
    size_t low = at + 1, high = at + step < end ? at + step : end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle] < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The chunk's bits; bit 0 stands for place 0. Words without any follow the last one, for all that a
 * phrase may ask for behind it. */
static inline const uint64_t *lede_place_list_bits(const struct lede_place_list *list, size_t chunk)
{
    return list->bits + list->chunks[chunk];
}

/* The first place >= target of a chunk; LEDE_PLACE_NONE: there is none.
 * at  number of a place of the chunk before which all are < target, or just behind it; moved on */
static inline uint32_t lede_place_list_next(
    const struct lede_place_list *list, size_t chunk, size_t *at, uint32_t target)
{
    if (!list->bits) {
        size_t end = list->begins[chunk + 1];
        *at = lede_place_advance(list->places, *at, end, target);
        return *at < end ? list->places[*at] : LEDE_PLACE_NONE;
    }
    const uint64_t *bits = lede_place_list_bits(list, chunk);
    size_t word = target / 64, words = list->chunks[chunk + 1] - list->chunks[chunk];
    uint64_t rest = word < words ? bits[word] & UINT64_MAX << (target % 64) : 0;
    while (rest == 0 && ++word < words)
        rest = bits[word];
    return rest == 0 ? LEDE_PLACE_NONE : (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rest);
}

/* Find or read them, and hold them: lede_kept_let_go(&ends->item). A field that no document has
 * gives no documents, a list that there is not no places.
 * Status: OK; EIO; ECORRUPT; ENOMEM. Threads: one an index. */
LEDE_CHECKED enum lede_status lede_place_ends_get(struct lede_index *index, size_t part,
    enum lede_field_id field, struct lede_place_ends **ret_ends, struct lede_error *reterr);
/* kind  but ENDS   stem  of a word; else NULL   ends  of the field */
LEDE_CHECKED enum lede_status lede_place_list_get(struct lede_index *index, size_t part,
    enum lede_place_kind kind, enum lede_field_id field, const char *stem,
    const struct lede_place_ends *ends, struct lede_place_list **ret_list,
    struct lede_error *reterr);
/* Where any of a word's stems stands: the one kind of list that may be bits. */
LEDE_CHECKED enum lede_status lede_place_list_of_word(struct lede_index *index, size_t part,
    enum lede_field_id field, const struct lede_query_word *word,
    const struct lede_place_ends *ends, struct lede_place_list **ret_list,
    struct lede_error *reterr);
/* What the key of something kept here names is read. */
LEDE_CHECKED enum lede_status lede_places_read_again(
    struct lede_index *index, size_t part, const char *key, size_t size, struct lede_error *reterr);

#endif
