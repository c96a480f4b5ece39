/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of a query, and what a search adds to it, as a Xapian::Query. */
#ifndef LEDE_ENGINE_COMPILE_H
#define LEDE_ENGINE_COMPILE_H

#include "clock_source.h"
#include "index.h"
#include "lede/engine.h"

#include <xapian.h>

#include <memory>

namespace lede
{

struct CompiledSearch {
    Xapian::Query query;
    std::vector<struct lede_expansion_cut> cuts; /* the patterns that stood for too many words */
    bool needs_weights; /* it must be matched with weights, also where only a count is wanted */
    std::unique_ptr<Deadline> unbounded; /* what the restriction looks at; lives with the query */
};

/* index     what is searched: absent terms are left out, patterns are expanded
 * deadline  borrowed as long as the query lives
 * Never shared between threads. Throws what Xapian throws. */
CompiledSearch compile_search(
    struct lede_index *index, const struct lede_search &search, Deadline *deadline);

/* A clause of a search alone, with no filters: what the search's query holds for it. */
struct CompiledClause {
    const struct lede_query_node *clause;
    Xapian::Query query;
};
/* The leaves, and what stands near something, in the order of the tree; without what is
 * excluded. */
std::vector<CompiledClause> compile_clauses(
    struct lede_index *index, const struct lede_query_node *root, Deadline *deadline);
/* One node, for counting what may be shown. restriction: as lede_search.restriction; it must not be
 * cut by the deadline. */
Xapian::Query compile_unscored(struct lede_index *index, const struct lede_query_node *node,
    const struct lede_query *restriction, int64_t now_utc_s, Deadline *deadline);

} // namespace lede
#endif
