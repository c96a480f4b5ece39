/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a journal that another thread writes to: for those who follow it. */
#ifndef LEDE_STORE_JOURNAL_TAIL_H
#define LEDE_STORE_JOURNAL_TAIL_H

#include "journal.h"

/* Append whole frames, as they lie in the files, to a buffer.
 * directory   of the journal. A file that is used again meanwhile is told by its frames, each of
 *             which says its position.
 * from        where a frame begins, or those before it end
 * synced      frames that end behind it are none of ours
 * bytes_max   no frame is begun past it; the first one comes whatever its size
 * ret_next    where to go on
 * Status: OK, also where there is none yet; ENOTFOUND what stood there is not kept any more; EIO;
 * ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_journal_tail(const char *directory, uint64_t from,
    uint64_t synced, size_t bytes_max, struct lede_buffer *frames, uint64_t *ret_next,
    struct lede_error *reterr);

#endif
