/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One hit for all documents with one value of a slot, and how many it stands for: what fields
 * (collapse_table.h) and stories share, and stories. */
#ifndef LEDE_ENGINE_COLLAPSE_H
#define LEDE_ENGINE_COLLAPSE_H

#include "lede/engine.h"

#include <xapian.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lede
{

using SourceCounts = std::vector<std::pair<std::string, uint32_t>>;

bool is_collapsed(const struct lede_search &search);
/* Stories are many and small, and have terms: Xapian skips most matches where it finds their best,
 * and only the copies of the page's are counted. A field has few values with many documents each,
 * so that all must be looked at. */
bool is_collapsed_by_field(const struct lede_search &search);

/* Fill in collapse_sources, in any order given. limit  values at most */
void write_sources(
    SourceCounts sources, size_t limit, struct lede_hit *hit, struct lede_arena *arena);
/* Fill in what a hit without a value stands for: itself. Throws what Xapian throws. */
void write_single(
    const Xapian::Database &database, struct lede_hit *hit, size_t limit, struct lede_arena *arena);
/* Fill in collapse_count and collapse_sources of hits that are collapsed by story, by a match over
 * their copies; memory is the result's arena.
 * matches  the search's query with its filters. Throws what Xapian throws. */
void write_story_copies(const Xapian::Database &database, const Xapian::Query &matches,
    const struct lede_search &search, struct lede_search_result *result);

} // namespace lede
#endif
