/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a page ended, as text that goes into an address and comes back. */
#ifndef LEDE_API_CURSOR_H
#define LEDE_API_CURSOR_H

#include "params.h"

enum lede_cursor_kind {
    LEDE_CURSOR_HIT, /* date orders: behind this hit; holds for ever */
    LEDE_CURSOR_SET, /* any other order: a place in a set that the server keeps for a while */
};

struct lede_cursor {
    enum lede_cursor_kind kind;
    uint64_t search;         /* lede_cursor_search() of the search that it continues */
    int64_t published_utc_s; /* HIT */
    const char *id;          /* HIT */
    uint64_t frozen_set;     /* SET */
    uint32_t position;       /* SET */
};

#define LEDE_CURSOR_BYTES_MAX 512

/* Append the cursor's text: hexadecimal digits. */
void lede_cursor_write(const struct lede_cursor *cursor, struct lede_buffer *out);
/* Read one that lede_cursor_write() wrote. arena: for its id. Status: OK; EINPUT with hint;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_cursor_read(const char *text, size_t size,
    struct lede_arena *arena, struct lede_cursor *ret_cursor, struct lede_error *reterr);
/* A hash of what a search asks for, whatever the order of its parameters and however long its pages
 * are.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_cursor_search(
    const struct lede_params *params, uint64_t *ret_search);

#endif
