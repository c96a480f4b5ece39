/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coming back to what the disk has: at the start, and after any failure behind the journal. */
#ifndef LEDE_STORE_RECOVERY_H
#define LEDE_STORE_RECOVERY_H

#include "write_steps.h"

/* Load the segments that the disk lists, replay the journal, commit, write the list. Where it fails
 * the writer is broken, and the next group tries again; what is committed can be read all the same.
 * Status: OK; EIO; ENOSPC; ECORRUPT; EVERSION; ENOMEM. */
LEDE_CHECKED enum lede_status lede_writer_recover(
    struct lede_writer *writer, struct lede_error *reterr);

/* Add what an operation of a journal says. What is no document is set aside, with its reason, and
 * the others go on. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_batch_add_journalled(struct lede_batch *batch,
    const struct lede_writer *writer, char kind, const char *bytes, size_t size,
    struct lede_error *reterr);
/* Set aside what was applied while replaying and failed alone. Status: as above. */
LEDE_CHECKED enum lede_status lede_writer_set_failed_aside(
    const struct lede_writer *writer, const struct lede_batch *batch, struct lede_error *reterr);

#endif
