/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents that are deleted from sealed segments.
 *
 * A sealed segment's files never change, so that a replacement costs the same however large the
 * segment is, readers keep what they opened, and a merge reads a standing state. What was deleted
 * since stands in bitmaps beside it, and every search leaves those documents out. */
#ifndef LEDE_ENGINE_DELETIONS_H
#define LEDE_ENGINE_DELETIONS_H

#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

inline bool is_deleted(const struct lede_deleted &deleted, Xapian::docid docid)
{
    return docid < deleted.bit_count && (deleted.bits[docid / 64] >> (docid % 64) & 1);
}

/* The first deleted document from `docid` on; deleted.bit_count where there is none. */
Xapian::docid next_deleted(const struct lede_deleted &deleted, Xapian::docid docid);

} // namespace lede
#endif
