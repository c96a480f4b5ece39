/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term_facts.h"

namespace lede
{

namespace
{
constexpr size_t FACTS_MAX = 4096; /* then all are forgotten; some 400 KB */
}

const TermFact &TermFacts::find(
    const std::vector<Xapian::Database> &segments, const std::string &term)
{
    auto known = facts_.find(term);
    if (known != facts_.end())
        return known->second;
    TermFact fact = {0, false};
    for (const Xapian::Database &segment : segments) {
        Xapian::doccount documents = segment.get_termfreq(term);
        Xapian::doccount all = segment.get_doccount();
        fact.documents += documents;
        fact.is_misread =
            fact.is_misread || (documents == all && all != 0 && all != segment.get_lastdocid());
    }
    if (facts_.size() >= FACTS_MAX)
        facts_.clear();
    return facts_.emplace(term, fact).first->second;
}

} // namespace lede
