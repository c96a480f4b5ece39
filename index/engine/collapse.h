/* One hit for all documents with one value of a slot, and how many it stands for. */
#ifndef LEDE_ENGINE_COLLAPSE_H
#define LEDE_ENGINE_COLLAPSE_H

#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

bool is_collapsed(const struct lede_search &search);
/* Fill in collapse_count and collapse_sources of the hits, whose collapse_key is set: of all that matches, not of the page alone.
 * matches  the search's query with its filters. Memory is the result's arena. Throws what Xapian throws. */
void count_copies(const Xapian::Database &database, const Xapian::Query &matches,
    const struct lede_search &search, struct lede_search_result *result);

} // namespace lede
#endif
