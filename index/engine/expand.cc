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

/* Of each word that was found: is it taken? */
std::vector<bool> choose(const std::vector<CountTable::Entry> &found, size_t max)
{
    std::vector<uint32_t> order(found.size());
    for (size_t i = 0; i < order.size(); i++)
        order[i] = static_cast<uint32_t>(i);
    size_t taken = std::min<size_t>(order.size(), max);
    if (taken < order.size())
        std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(taken),
            order.end(), [&](uint32_t a, uint32_t b) { return comes_first(found[a], found[b]); });
    std::vector<bool> is_taken(found.size(), false);
    for (size_t i = 0; i < taken; i++)
        is_taken[order[i]] = true;
    return is_taken;
}

/* The same where others have chosen. */
std::vector<bool> take_chosen(
    const std::vector<CountTable::Entry> &found, const struct lede_pattern_choice *choice)
{
    std::vector<bool> is_taken(found.size(), false);
    const char *const *end = choice->words + choice->count;
    for (size_t i = 0; i < found.size(); i++) {
        std::string_view text = found[i].text;
        const char *const *at = std::lower_bound(
            choice->words, end, text, [](const char *word, std::string_view other) {
                return std::string_view(word) < other;
            });
        is_taken[i] = at != end && text == *at;
    }
    return is_taken;
}

/* Words of all segments, and for each segment which. */
struct Found {
    CountTable words, terms;
    std::vector<uint32_t> word_of; /* by term: its word */
    std::vector<std::vector<uint32_t>> seen;
    bool scan_ended = false;
};

void find_words(const std::vector<Xapian::Database> &segments, Dictionary &dictionary,
    const std::string &lead, const struct lede_query_node *leaf, struct lede_deadline *deadline,
    Found *found)
{
    std::vector<std::string> literals = literal_beginnings(leaf);
    size_t scanned = 0;
    found->seen.resize(segments.size());
    for (size_t i = 0; i < found->seen.size() && !found->scan_ended; i++) {
        auto visit = [&](std::string_view word, Xapian::doccount documents) {
            if (scanned++ == LEDE_EXPANSION_SCAN_MAX)
                return false;
            std::string_view folded = folded_word(word);
            if (!lede_query_pattern_matches(leaf, folded.data(), folded.size()))
                return true;
            uint32_t term = found->terms.add(word, documents);
            uint32_t number = found->words.add(folded, documents);
            if (term == found->word_of.size())
                found->word_of.push_back(number);
            found->seen[i].push_back(term);
            return true;
        };
        for (const std::string &literal : literals)
            found->scan_ended = found->scan_ended ||
                                !dictionary.visit(i, segments[i], lead, literal, deadline, visit);
    }
}

} // namespace

PatternCounts count_words(const std::vector<Xapian::Database> &segments, Dictionary &dictionary,
    const std::string &lead, const struct lede_query_node *leaf, size_t max,
    struct lede_deadline *deadline)
{
    Found found;
    PatternCounts counts;
    find_words(segments, dictionary, lead, leaf, deadline, &found);
    const std::vector<CountTable::Entry> &words = found.words.entries();
    std::vector<bool> is_taken = choose(words, max);
    for (size_t i = 0; i < words.size(); i++) {
        if (is_taken[i])
            counts.words.emplace_back(words[i].text, words[i].count);
    }
    counts.left_out = static_cast<uint32_t>(words.size() - counts.words.size());
    counts.scan_ended = found.scan_ended;
    return counts;
}

PatternWords expand(const std::vector<Xapian::Database> &segments, Dictionary &dictionary,
    const std::string &lead, const struct lede_query_node *leaf,
    const struct lede_pattern_choice *choice, struct lede_deadline *deadline)
{
    Found found;
    PatternWords words;
    find_words(segments, dictionary, lead, leaf, deadline, &found);
    const std::vector<uint32_t> &word_of = found.word_of;
    const std::vector<std::vector<uint32_t>> &seen = found.seen;
    std::vector<bool> is_taken = choice && choice->words
                                     ? take_chosen(found.words.entries(), choice)
                                     : choose(found.words.entries(), LEDE_EXPANSION_TERMS_MAX);
    words.scan_ended = found.scan_ended;
    words.used = static_cast<uint32_t>(std::count(is_taken.begin(), is_taken.end(), true));
    words.left_out = static_cast<uint32_t>(is_taken.size() - words.used);
    std::vector<uint32_t> place(word_of.size());
    for (size_t i = 0; i < word_of.size(); i++) {
        place[i] = static_cast<uint32_t>(words.terms.size());
        if (is_taken[word_of[i]])
            words.terms.push_back(lead + std::string(found.terms.entries()[i].text));
    }
    words.in_segments.resize(seen.size());
    for (size_t i = 0; i < seen.size(); i++)
        for (uint32_t term : seen[i])
            if (is_taken[word_of[term]])
                words.in_segments[i].push_back(place[term]);
    return words;
}

} // namespace lede
