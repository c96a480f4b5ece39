/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term_facts.h"

#include "lede/number.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lede
{

TermFacts::Fact *TermFacts::places_of(std::string_view term) const
{
    return &facts_[lede_hash64(term.data(), term.size()) % (FACTS / PLACES) * PLACES];
}

bool TermFacts::known(std::string_view term, uint32_t *ret_documents)
{
    std::lock_guard<std::mutex> hold(mutex_);
    if (!facts_ || term.size() > TERM_MAX)
        return false;
    Fact *places = places_of(term);
    for (size_t i = 0; i < PLACES && places[i].has_term; i++) {
        if (places[i].size != term.size() || memcmp(places[i].term, term.data(), term.size()) != 0)
            continue;
        *ret_documents = places[i].documents;
        if (i > 0)
            std::swap(places[i], places[i - 1]);
        return true;
    }
    return false;
}

void TermFacts::note(std::string_view term, uint32_t documents)
{
    std::lock_guard<std::mutex> hold(mutex_);
    if (!facts_)
        facts_.reset(static_cast<Fact *>(calloc(FACTS, sizeof(Fact))));
    if (!facts_ || term.size() > TERM_MAX)
        return;
    Fact *places = places_of(term);
    std::move_backward(places, places + PLACES - 1, places + PLACES);
    places[0].documents = documents;
    places[0].has_term = 1;
    places[0].size = static_cast<uint8_t>(term.size());
    memcpy(places[0].term, term.data(), term.size());
}

} // namespace lede
