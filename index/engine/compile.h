/* The tree of a query, and what a search adds to it, as a Xapian::Query. */
#ifndef LEDE_ENGINE_COMPILE_H
#define LEDE_ENGINE_COMPILE_H

#include "clock_source.h"
#include "index.h"
#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

/* index     what is searched: absent terms are left out, patterns are expanded
 * deadline  borrowed as long as the query lives
 * ret_cuts  the patterns that stood for too many words
 * Never shared between threads. Throws what Xapian throws. */
Xapian::Query compile_search(struct lede_index *index, const struct lede_search &search, Deadline *deadline,
    std::vector<struct lede_expansion_cut> *ret_cuts);
/* One node alone, with no filters: what the search's query holds for it. */
Xapian::Query compile_clause(
    struct lede_index *index, const struct lede_query_node *clause, Deadline *deadline);

} // namespace lede
#endif
