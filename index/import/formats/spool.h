/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream as a file that has no name: for libraries that seek, or cannot wait in the middle. */
#ifndef LEDE_IMPORT_SPOOL_H
#define LEDE_IMPORT_SPOOL_H

#include "format.h"

struct lede_spool {
    int fd; /* -1: none yet */
    uint64_t size;
    bool is_whole;
};
#define LEDE_SPOOL_EMPTY ((struct lede_spool){.fd = -1})

/* Read the stream to its end. After EAGAIN it is called again.
 * Status: OK; ELIMIT it is longer than bytes_max; EIO, ENOSPC of the temporary file; what read
 * gave. */
LEDE_CHECKED enum lede_status lede_spool_fill(struct lede_spool *spool,
    const struct lede_format_input *input, uint64_t bytes_max, struct lede_error *reterr);
void lede_spool_done(struct lede_spool *spool);

#endif
