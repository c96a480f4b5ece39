/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terms lie in one array and their texts in one arena, so that a term costs no allocation of its
 * own. */
#include "term_table.h"

#include "lede/number.h"

#include <algorithm>
#include <new>

namespace lede
{

namespace
{
/* In news a distinct term (stem or word) comes per two postings or so. */
constexpr size_t POSTINGS_PER_TERM = 2;

/* Orders as the bytes do, as far as it goes: shorter terms are padded with zeros. */
uint64_t leading_bytes(std::string_view term)
{
    uint64_t order = 0;
    for (size_t i = 0; i < sizeof(order); i++)
        order = order << 8 | (i < term.size() ? static_cast<unsigned char>(term[i]) : 0U);
    return order;
}

/* What a sort moves: the first eight bytes settle most comparisons. */
struct SortKey {
    uint64_t order;
    uint32_t term;
};
} // namespace

uint32_t hash_of(std::string_view term)
{
    return static_cast<uint32_t>(lede_hash64(term.data(), term.size()));
}

TermTable::TermTable(size_t postings_expected)
{
    terms_.reserve(postings_expected);
    if (lede_table_reserve(&table_, postings_expected / POSTINGS_PER_TERM + 1) != LEDE_OK)
        throw std::bad_alloc();
}

TermTable::~TermTable()
{
    lede_table_done(&table_);
    lede_arena_done(&arena_);
}

const char *TermTable::copy(std::string_view bytes)
{
    const char *text = lede_arena_copy(&arena_, bytes.data(), bytes.size());
    if (!text)
        throw std::bad_alloc();
    return text;
}

uint32_t TermTable::add(std::string_view term, uint32_t hash)
{
    const char *text = copy(term);
    terms_.push_back({text, static_cast<uint32_t>(term.size()), hash, 0, {}});
    return static_cast<uint32_t>(terms_.size() - 1);
}

uint32_t TermTable::find_or_add(std::string_view term)
{
    uint32_t hash = hash_of(term);
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&table_, &probe))
        if (terms_[probe.number].view() == term)
            return probe.number;
    if (lede_table_reserve(&table_, terms_.size() + 1) != LEDE_OK)
        throw std::bad_alloc();
    uint32_t number = add(term, hash);
    lede_table_add(&table_, hash, number);
    return number;
}

void TermTable::seal()
{
    std::vector<SortKey> keys;
    keys.reserve(terms_.size());
    for (const Term &term : terms_)
        keys.push_back({leading_bytes(term.view()), static_cast<uint32_t>(keys.size())});
    std::sort(keys.begin(), keys.end(), [this](const SortKey &a, const SortKey &b) {
        if (a.order != b.order)
            return a.order < b.order;
        return terms_[a.term].view() < terms_[b.term].view();
    });
    order_.reserve(terms_.size());
    for (const SortKey &key : keys)
        order_.push_back(key.term);
    lede_table_done(&table_);
}

void TermTable::insert_sealed(std::string_view term)
{
    auto place = std::lower_bound(
        order_.begin(), order_.end(), term, [this](uint32_t number, std::string_view wanted) {
            return terms_[number].view() < wanted;
        });
    if (place != order_.end() && terms_[*place].view() == term)
        return;
    auto index = place - order_.begin();
    uint32_t number = add(term, hash_of(term));
    order_.insert(order_.begin() + index, number);
}

} // namespace lede
