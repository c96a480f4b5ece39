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
constexpr size_t SLOTS_MIN = 64;
/* In news a distinct term (stem or word) comes per two postings or so; half of the slots stay
 * free. */
size_t slots_for(size_t postings)
{
    size_t slots = SLOTS_MIN;
    while (slots < postings * 2)
        slots *= 2;
    return slots;
}

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
    : slots_(slots_for(postings_expected), 0), mask_(slots_.size() - 1)
{
    terms_.reserve(postings_expected);
}

TermTable::~TermTable()
{
    lede_arena_done(&arena_);
}

void TermTable::grow()
{
    std::vector<uint32_t> slots(slots_.size() * 2, 0);
    size_t mask = slots.size() - 1;
    for (size_t i = 0; i < terms_.size(); i++) {
        size_t slot = terms_[i].hash & mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & mask;
        slots[slot] = static_cast<uint32_t>(i + 1);
    }
    slots_.swap(slots);
    mask_ = mask;
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
    terms_.push_back({text, static_cast<uint32_t>(term.size()), hash, 0});
    return static_cast<uint32_t>(terms_.size() - 1);
}

uint32_t TermTable::find_or_add(std::string_view term)
{
    uint32_t hash = hash_of(term);
    size_t slot = hash & mask_;
    while (slots_[slot] != 0) {
        const Term &known = terms_[slots_[slot] - 1];
        if (known.hash == hash && known.view() == term)
            return slots_[slot] - 1;
        slot = (slot + 1) & mask_;
    }
    uint32_t number = add(term, hash);
    slots_[slot] = number + 1;
    if (terms_.size() * 2 > slots_.size())
        grow();
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
    std::vector<uint32_t>().swap(slots_);
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
