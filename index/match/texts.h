/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stored texts of hits, kept: what was shown lately is shown again without a read. */
#ifndef LEDE_MATCH_TEXTS_H
#define LEDE_MATCH_TEXTS_H

#include "lede/match.h"

/* Fill in a hit's id and stored text: from what is kept, or as lede_index_read_document() reads
 * them.
 * arena  gets both   Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. Threads: one per index. */
LEDE_CHECKED enum lede_status lede_text_read(struct lede_index *index, size_t part,
    uint32_t document, struct lede_arena *arena, struct lede_hit *hit, struct lede_error *reterr);

#endif
