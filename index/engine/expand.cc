/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words come from the dictionary of each segment, from the pattern's literal beginning on; the most
 * frequent are kept by one partial sort. */
#include "expand.h"

#include "count_table.h"
#include "lede/encoding.h"
#include "lede/names.h"

#include <algorithm>

namespace lede
{

namespace
{

constexpr uint32_t NOT_TAKEN = UINT32_MAX;

bool comes_first(const CountTable::Entry &a, const CountTable::Entry &b)
{
    return a.count != b.count ? a.count > b.count : a.text < b.text;
}

/* What every word that matches begins with; of a name one of several letters. */
std::vector<std::string> literal_beginnings(const struct lede_query_node *leaf)
{
    std::string word(leaf->words[0].word, leaf->words[0].word_size);
    if (leaf->kind == LEDE_QUERY_PREFIX)
        return {word};
    if (leaf->kind == LEDE_QUERY_WILDCARD)
        return {word.substr(0, word.find_first_of("*?"))};
    std::vector<std::string> literals = {word.substr(0, lede_utf8_size(word.data(), word.size()))};
    const char *initials = leaf->name_fold ? lede_name_initials(leaf->name_fold) : "";
    for (; *initials; initials++) {
        if (*initials != word[0])
            literals.emplace_back(1, *initials);
    }
    return literals;
}

/* For each word that was found, its index among those taken, or NOT_TAKEN. */
std::vector<uint32_t> choose(const std::vector<CountTable::Entry> &found)
{
    std::vector<uint32_t> order(found.size());
    for (size_t i = 0; i < order.size(); i++)
        order[i] = static_cast<uint32_t>(i);
    size_t taken = std::min<size_t>(order.size(), LEDE_EXPANSION_TERMS_MAX);
    if (taken < order.size())
        std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(taken),
            order.end(), [&](uint32_t a, uint32_t b) { return comes_first(found[a], found[b]); });
    std::vector<uint32_t> place(found.size(), NOT_TAKEN);
    for (size_t i = 0; i < taken; i++)
        place[order[i]] = static_cast<uint32_t>(i);
    return place;
}

} // namespace

PatternWords expand(const std::vector<Xapian::Database> &segments, Dictionary &dictionary,
    const std::string &lead, const struct lede_query_node *leaf, struct lede_deadline *deadline)
{
    CountTable found;
    PatternWords words;
    std::vector<std::vector<uint32_t>> seen(segments.size());
    std::vector<std::string> literals = literal_beginnings(leaf);
    size_t scanned = 0;
    for (size_t i = 0; i < seen.size() && !words.scan_ended; i++) {
        auto visit = [&](std::string_view word, Xapian::doccount documents) {
            if (scanned++ == LEDE_EXPANSION_SCAN_MAX)
                return false;
            if (lede_query_pattern_matches(leaf, word.data(), word.size()))
                seen[i].push_back(found.add(word, documents));
            return true;
        };
        for (const std::string &literal : literals)
            words.scan_ended = words.scan_ended ||
                               !dictionary.visit(i, segments[i], lead, literal, deadline, visit);
    }
    std::vector<uint32_t> place = choose(found.entries());
    words.terms.resize(std::min<size_t>(place.size(), LEDE_EXPANSION_TERMS_MAX));
    words.left_out = static_cast<uint32_t>(place.size() - words.terms.size());
    for (size_t i = 0; i < place.size(); i++)
        if (place[i] != NOT_TAKEN)
            words.terms[place[i]] = lead + std::string(found.entries()[i].text);
    words.in_segments.resize(seen.size());
    for (size_t i = 0; i < seen.size(); i++)
        for (uint32_t word : seen[i])
            if (place[word] != NOT_TAKEN)
                words.in_segments[i].push_back(place[word]);
    return words;
}

} // namespace lede
