/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The documents of some terms in a segment, in memory: a document once, with the sum of its
 * frequencies.
 *
 * A list is cut into containers of LEDE_WINDOW_DOCUMENTS: sorted 16-bit numbers, or, from
 * LEDE_SPARSE_MAX on, a bitmap with ranks. (Chambi, Lemire, Kaser, Godin, "Better bitmap
 * performance with Roaring bitmaps", 2016.) Frequencies stand beside them in the order of
 * documents, a byte each: that is what CRoaring has no place for. */
#ifndef LEDE_MATCH_LIST_H
#define LEDE_MATCH_LIST_H

#include "kept.h"
#include "matched.h"

#define LEDE_SPARSE_MAX 4096 /* a bitmap of as many documents takes as much */
#define LEDE_RANK_WORDS 8    /* a rank for each so many words of a bitmap */
#define LEDE_FREQUENCY_LARGE 255

struct lede_container {
    uint32_t begin; /* its first posting, in the list */
    uint32_t count;
    uint32_t at; /* its first number, or its first word */
    bool is_dense;
};

/* A frequency that a byte does not hold. */
struct lede_large_frequency {
    uint32_t posting;
    uint32_t frequency;
};

struct lede_list {
    struct lede_kept_item item;
    uint32_t documents;
    uint32_t windows;
    struct lede_container *containers; /* by window */
    uint16_t *numbers;                 /* in their window */
    uint64_t *words;
    uint16_t *ranks; /* postings of the container before each LEDE_RANK_WORDS words */
    /* NULL: all are 0; LEDE_FREQUENCY_LARGE: in `large` */
    uint8_t *frequencies;
    struct lede_large_frequency *large; /* ascending */
    size_t large_count;
    uint32_t *term_documents; /* of each term that was asked for, in their order */
};

/* Words of the bitmap of a window: whole ranks, though documents may end before. */
uint32_t lede_window_words(uint32_t last_document, uint32_t window);
/* Of the bitmap of a part: LEDE_WINDOW_WORDS a window, but for the last one. */
size_t lede_bitmap_words(uint32_t last_document);

struct lede_term {
    const char *bytes;
    size_t size;
};
/* Find or read the list of terms, and hold it; lede_kept_let_go(&list->item).
 * terms  in the same order whenever the same are asked for; none gives an empty list
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. Threads: one an index. */
LEDE_CHECKED enum lede_status lede_list_get(struct lede_index *index, size_t part,
    const struct lede_term *terms, size_t count, struct lede_list **ret_list,
    struct lede_error *reterr);
/* The same of the terms that a kept list's key names. */
LEDE_CHECKED enum lede_status lede_list_read_again(
    struct lede_index *index, size_t part, const char *key, size_t size, struct lede_error *reterr);
static inline uint32_t lede_list_large_frequency(const struct lede_list *list, uint32_t posting)
{
    size_t low = 0, high = list->large_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->large[middle].posting < posting)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->large_count && list->large[low].posting == posting
               ? list->large[low].frequency
               : LEDE_FREQUENCY_LARGE;
}

static inline uint32_t lede_list_frequency(const struct lede_list *list, uint32_t posting)
{
    uint32_t frequency = list->frequencies ? list->frequencies[posting] : 0;
    return frequency < LEDE_FREQUENCY_LARGE ? frequency : lede_list_large_frequency(list, posting);
}

#endif
