/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many of some documents of a segment have each value, from the postings of its terms. */
#ifndef LEDE_ENGINE_VALUE_COUNTS_H
#define LEDE_ENGINE_VALUE_COUNTS_H

#include "lede/engine.h"

#include <xapian.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace lede
{

using TermCounts = std::unordered_map<std::string, uint32_t>;

/* What the terms of a filter field begin with; field NULL: of unknown keys. */
std::string value_prefix(const struct lede_field *field);
/* Is the field among those that are counted as documents are deleted? NULL: unknown keys are. */
bool is_counted(const struct lede_field *field);
/* Documents of `deleted` that are not in `before`, ascending. */
std::vector<Xapian::docid> deleted_since(
    const struct lede_deleted &deleted, const struct lede_deleted &before);
/* To the term behind `name`, where the iterator is. Incrementing it steps over every chunk of that
 * one's postings: the more documents, the longer. */
inline void next_term(Xapian::TermIterator &terms, const std::string &name)
{
    terms.skip_to(name + '\0');
}
/* Add how many of the documents, ascending, have each of the first `max` terms with the prefix. */
void count_terms(const Xapian::Database &segment, const std::string &prefix, size_t max,
    const std::vector<Xapian::docid> &documents, TermCounts *counts);

} // namespace lede

struct lede_value_counts {
    lede::TermCounts by_term;
};

#endif
