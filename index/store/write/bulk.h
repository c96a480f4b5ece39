/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bulks; lede/store.h has what can be done with one. */
#ifndef LEDE_STORE_BULK_H
#define LEDE_STORE_BULK_H

#include "writer.h"

/* As lede_bulk_new(), lede_store_write(), by a store's writer. */
LEDE_CHECKED enum lede_status lede_writer_bulk_new(struct lede_writer *writer,
    const struct lede_bulk_options *options, struct lede_bulk **ret_bulk,
    struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_writer_write(struct lede_writer *writer,
    struct lede_write *write, enum lede_write_outcome *ret_outcome, unsigned char ret_digest[16],
    uint64_t *ret_revision, struct lede_error *reterr);
/* It came from another node of a cluster, and is sent to none. */
void lede_bulk_stay(struct lede_bulk *bulk);
/* What it was made with. */
const struct lede_bulk_options *lede_bulk_options_of(const struct lede_bulk *bulk);

#endif
