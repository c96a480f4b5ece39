/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segment is being matched? A match spy is told a document's number in its segment, and not
 * the segment. */
#ifndef LEDE_ENGINE_SEGMENT_SOURCE_H
#define LEDE_ENGINE_SEGMENT_SOURCE_H

#include "index.h"

#include <xapian.h>

namespace lede
{

/* What matches `query`, with the number of the segment in *ret_current while a spy sees a document
 * of it. Index and ret_current outlive the query. */
Xapian::Query noting_segment(
    const Xapian::Query &query, const struct lede_index *index, Xapian::docid *ret_current);

} // namespace lede
#endif
