/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term_facts.h"

#include "lede/number.h"

#include <cstring>
#include <string>

namespace lede
{

bool TermFacts::known(std::string_view term, uint32_t *ret_documents) const
{
    if (!facts_ || term.size() > TERM_MAX)
        return false;
    const Fact &fact = facts_[lede_hash64(term.data(), term.size()) % FACTS];
    if (!fact.has_term || fact.size != term.size() ||
        memcmp(fact.term, term.data(), term.size()) != 0)
        return false;
    *ret_documents = fact.documents;
    return true;
}

uint32_t TermFacts::read(const std::vector<Xapian::Database> &segments, std::string_view term)
{
    std::string name(term);
    uint32_t documents = 0;
    for (const Xapian::Database &segment : segments)
        documents += segment.get_termfreq(name);
    /* Without memory it is read again the next time. */
    if (!facts_)
        facts_.reset(static_cast<Fact *>(calloc(FACTS, sizeof(Fact))));
    if (!facts_ || term.size() > TERM_MAX)
        return documents;
    Fact &fact = facts_[lede_hash64(term.data(), term.size()) % FACTS];
    fact.documents = documents;
    fact.has_term = 1;
    fact.size = static_cast<uint8_t>(term.size());
    memcpy(fact.term, term.data(), term.size());
    return documents;
}

} // namespace lede
