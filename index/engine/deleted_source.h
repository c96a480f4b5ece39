/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is deleted, as a source of postings. */
#ifndef LEDE_ENGINE_DELETED_SOURCE_H
#define LEDE_ENGINE_DELETED_SOURCE_H

#include "index.h"

#include <xapian.h>

namespace lede
{

/* `query`, without the index's deleted documents. The index outlives the query. */
Xapian::Query without_deleted(const Xapian::Query &query, const struct lede_index *index);

} // namespace lede
#endif
