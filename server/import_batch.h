/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents on their way to a server: lines of NDJSON that are posted together, and where each came
 * from. */
#ifndef LEDE_IMPORT_BATCH_H
#define LEDE_IMPORT_BATCH_H

#include "http_client.h"
#include "import_report.h"

#define LEDE_IMPORT_BATCH_BYTES ((size_t)32 << 20) /* posted when it has so many */

struct lede_import_batch_line {
    const char *file; /* borrowed */
    uint64_t line;
    size_t start; /* in the body */
};

struct lede_import_batch {
    struct lede_buffer body;
    struct lede_import_batch_line *lines;
    size_t count;
    size_t capacity;
    uint64_t file_bytes_before; /* of the files, read before this batch began */
    uint64_t file_bytes;        /* read by its end */
    uint64_t started_ns;        /* when its first line came; 0: empty */
    size_t post_bytes_max;      /* what the server takes at once, as far as known; 0: all */
};

/* Batches are initialised by zeroing. */
void lede_import_batch_done(struct lede_import_batch *batch);
/* Add the JSON text of one document; line breaks between its tokens become spaces. file: borrowed
 * until the batch is posted.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_import_batch_add(struct lede_import_batch *batch,
    const char *file, uint64_t line, const char *text, size_t size, struct lede_error *reterr);
/* Post it, wait for the answer, count it and tell its rejects; the batch is empty then. A server
 * that is busy or does not answer is asked again for a minute, which is said on standard error.
 * What is too large for it is posted in halves, down to one line, which is rejected. After a
 * failure the report knows the first line without an answer.
 * Status: OK, also where documents were rejected; EIO, EINPUT, EBUSY, ENOSPC what the server or the
 * connection said; ENOMEM. */
LEDE_CHECKED enum lede_status lede_import_batch_post(struct lede_import_batch *batch,
    struct lede_http_client *client, struct lede_import_report *report, struct lede_error *reterr);

#endif
