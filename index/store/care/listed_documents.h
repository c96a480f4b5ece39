/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a document of a segment that comes back may be by now: in the segments that are listed. */
#ifndef LEDE_STORE_LISTED_DOCUMENTS_H
#define LEDE_STORE_LISTED_DOCUMENTS_H

#include "findings.h"

struct lede_sealed_segment;

/* The segments that the manifest in memory lists, opened: all are whole. Zeroed is none. */
struct lede_listed_documents {
    struct lede_sealed_segment **segments; /* owned */
    size_t count;
    size_t capacity;
};

/* Status: as lede_sealed_open(). */
LEDE_CHECKED enum lede_status lede_listed_documents_open(const struct lede_check *check,
    struct lede_listed_documents *ret_listed, struct lede_error *reterr);
void lede_listed_documents_done(struct lede_listed_documents *listed);
/* Has one of them a document of this id? Status: as lede_sealed_find(). */
LEDE_CHECKED enum lede_status lede_listed_documents_find(const struct lede_listed_documents *listed,
    const char *id, size_t id_size, bool *ret_found, struct lede_error *reterr);
/* Add to the deletions those documents of a whole segment that are listed in another, too: they
 * were put again since. Status: as lede_sealed_find(). */
LEDE_CHECKED enum lede_status lede_listed_documents_leave_out(struct lede_check *check,
    const struct lede_listed_documents *listed, const struct lede_manifest_segment *entry,
    uint32_t *ret_left_out, struct lede_error *reterr);

#endif
