/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents have a term: asked for the same words by one search after the other. */
#ifndef LEDE_ENGINE_TERM_FACTS_H
#define LEDE_ENGINE_TERM_FACTS_H

#include <xapian.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lede
{

/* Facts of one revision. */
class TermFacts
{
  public:
    std::optional<Xapian::doccount> known(const std::string &term) const;
    Xapian::doccount find(const std::vector<Xapian::Database> &segments, const std::string &term);

  private:
    std::unordered_map<std::string, Xapian::doccount> facts_;
};

} // namespace lede
#endif
