/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many words each document of a segment has, in memory. */
#ifndef LEDE_MATCH_LENGTHS_H
#define LEDE_MATCH_LENGTHS_H

#include "kept.h"

struct lede_lengths {
    struct lede_kept_item item;
    uint64_t *exists;   /* bit d: there is a document d; last_document / 64 + 1 words */
    uint32_t lengths[]; /* by document; last_document + 1 */
};

/* Find or read them, and hold them; lede_kept_let_go(&lengths->item).
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. Threads: one an index. */
LEDE_CHECKED enum lede_status lede_lengths_get(struct lede_index *index, size_t part,
    struct lede_lengths **ret_lengths, struct lede_error *reterr);

#endif
