/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term_facts.h"

namespace lede
{

namespace
{
constexpr size_t FACTS_MAX = 4096; /* then all are forgotten; some 400 KB */
}

std::optional<Xapian::doccount> TermFacts::known(const std::string &term) const
{
    auto found = facts_.find(term);
    return found == facts_.end() ? std::nullopt : std::make_optional(found->second);
}

Xapian::doccount TermFacts::find(
    const std::vector<Xapian::Database> &segments, const std::string &term)
{
    auto known = facts_.find(term);
    if (known != facts_.end())
        return known->second;
    Xapian::doccount documents = 0;
    for (const Xapian::Database &segment : segments)
        documents += segment.get_termfreq(term);
    if (facts_.size() >= FACTS_MAX)
        facts_.clear();
    facts_[term] = documents;
    return documents;
}

} // namespace lede
