/* The tree of a query, and what a search adds to it, as a Xapian::Query. */
#ifndef LEDE_ENGINE_COMPILE_H
#define LEDE_ENGINE_COMPILE_H

#include "clock_source.h"
#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

/* database   what is searched: absent terms are left out, prefixes are expanded
 * ret_prefix_cut  set where a prefix stood for more than LEDE_EXPANSION_TERMS_MAX words, else unchanged
 * Never shared between threads. Throws what Xapian throws. */
Xapian::Query compile_search(const Xapian::Database &database, const struct lede_search &search,
    Deadline *deadline, bool *ret_prefix_cut);
/* One node alone, with no filters: what the search's query holds for it. */
Xapian::Query compile_clause(const Xapian::Database &database, const struct lede_query_node *clause);

} // namespace lede
#endif
