/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deciding what stands where: phrases, proximity, the lead.
 *
 * A posting source that has the documents in which a phrase, a node of proximity or a leaf of the
 * lead is satisfied. It is FILTERed onto a query that finds every candidate, and looks at those one
 * by one: at the positions of their words, and, for patterns, exact words and capitals, which have
 * none, at the stored text. It lives in this process only: a stock remote server does not know the
 * class. */
#ifndef LEDE_ENGINE_PROXIMITY_H
#define LEDE_ENGINE_PROXIMITY_H

#include "clock_source.h"
#include "forward_file.h"
#include "lede/query.h"
#include "lede/text.h"

#include <xapian.h>

namespace lede
{

/* Can the node be decided by the positions of stems alone? */
bool has_positions(const struct lede_query_node *node);

/* The documents of `candidates` that satisfy `node` in some of the fields.
 * node, files, deadline, analyzer  borrowed as long as the query lives; the analyzer is for stored
 *                                  texts */
Xapian::Query verified(const Xapian::Query &candidates, const struct lede_query_node *node,
    lede_field_set fields, const ForwardFiles &files, Deadline *deadline,
    struct lede_analyzer *analyzer);

} // namespace lede
#endif
