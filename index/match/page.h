/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hits may be, where that is less than what matches: documents that are named, and what comes
 * after a hit in an order by date. */
#ifndef LEDE_MATCH_PAGE_H
#define LEDE_MATCH_PAGE_H

#include "column.h"
#include "window.h"

struct lede_page {
    const struct lede_search *search;
    const struct lede_search_after *after; /* NULL: from the first */
    uint64_t *named; /* documents of only_ids in the part; NULL: all may be hits */
    uint64_t bits[LEDE_WINDOW_WORDS];
};

void lede_page_init(struct lede_page *page, const struct lede_search *search);
/* Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_page_open_part(
    struct lede_page *page, struct lede_index *index, size_t part, struct lede_error *reterr);
/* What of a window's matches may be hits.
 * moments   of the part; NULL where `after` is NULL
 * ret_bits  NULL: nothing may; valid until the next call
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_page_narrow(struct lede_page *page,
    const struct lede_window *window, const uint64_t *matches,
    const struct lede_number_column *moments, const uint64_t **ret_bits, struct lede_error *reterr);
void lede_page_done(struct lede_page *page);

#endif
