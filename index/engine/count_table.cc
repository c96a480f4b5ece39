/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "count_table.h"

#include "lede/number.h"

#include <new>

namespace lede
{

CountTable::~CountTable()
{
    lede_table_done(&table_);
    lede_arena_done(&arena_);
}

uint32_t CountTable::add(std::string_view text, uint32_t count)
{
    if (last_ < entries_.size() && entries_[last_].text == text) {
        entries_[last_].count += count;
        return last_;
    }
    uint64_t hash = lede_hash64(text.data(), text.size());
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&table_, &probe)) {
        if (entries_[probe.number].text != text)
            continue;
        entries_[probe.number].count += count;
        last_ = probe.number;
        return last_;
    }
    if (lede_table_reserve(&table_, entries_.size() + 1) != LEDE_OK)
        throw std::bad_alloc();
    const char *copy = lede_arena_copy(&arena_, text.data(), text.size());
    if (!copy)
        throw std::bad_alloc();
    last_ = static_cast<uint32_t>(entries_.size());
    entries_.push_back({std::string_view(copy, text.size()), count});
    lede_table_add(&table_, hash, last_);
    return last_;
}

} // namespace lede
