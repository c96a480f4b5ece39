/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "count_table.h"

#include "lede/number.h"

#include <new>

namespace lede
{

namespace
{
constexpr size_t SLOTS_MIN = 64;
}

CountTable::CountTable() : slots_(SLOTS_MIN, 0)
{
}

CountTable::~CountTable()
{
    lede_arena_done(&arena_);
}

void CountTable::grow()
{
    std::vector<uint32_t> slots(slots_.size() * 2, 0);
    size_t mask = slots.size() - 1;
    for (size_t i = 0; i < entries_.size(); i++) {
        size_t slot = entries_[i].hash & mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & mask;
        slots[slot] = static_cast<uint32_t>(i + 1);
    }
    slots_.swap(slots);
}

uint32_t CountTable::add(std::string_view text, uint32_t count)
{
    if (last_ < entries_.size() && entries_[last_].text == text) {
        entries_[last_].count += count;
        return last_;
    }
    auto hash = static_cast<uint32_t>(lede_hash64(text.data(), text.size()));
    size_t mask = slots_.size() - 1;
    size_t slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
        Entry &known = entries_[slots_[slot] - 1];
        if (known.hash == hash && known.text == text) {
            known.count += count;
            last_ = slots_[slot] - 1;
            return last_;
        }
    }
    const char *copy = lede_arena_copy(&arena_, text.data(), text.size());
    if (!copy)
        throw std::bad_alloc();
    last_ = static_cast<uint32_t>(entries_.size());
    entries_.push_back({std::string_view(copy, text.size()), hash, count});
    slots_[slot] = last_ + 1;
    if (entries_.size() * 2 > slots_.size())
        grow();
    return last_;
}

} // namespace lede
