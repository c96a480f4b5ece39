/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents have a term: asked several times a search, for the same words by one search
 * after the other. */
#ifndef LEDE_ENGINE_TERM_FACTS_H
#define LEDE_ENGINE_TERM_FACTS_H

#include <xapian.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace lede
{

struct TermFact {
    Xapian::doccount documents;
    /* In one of the segments Xapian may read it wrongly where its weight is not asked for: see
     * term_source.h. */
    bool is_misread;
};

/* Facts of one revision. */
class TermFacts
{
  public:
    const TermFact &find(const std::vector<Xapian::Database> &segments, const std::string &term);

  private:
    std::unordered_map<std::string, TermFact> facts_;
};

} // namespace lede
#endif
