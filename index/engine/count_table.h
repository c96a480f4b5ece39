/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting strings: what a map of strings would do, with one probe and no allocation for one that
 * is known. */
#ifndef LEDE_ENGINE_COUNT_TABLE_H
#define LEDE_ENGINE_COUNT_TABLE_H

#include "lede/buffer.h"
#include "lede/table.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace lede
{

class CountTable
{
  public:
    struct Entry {
        std::string_view text; /* in the table's memory */
        uint32_t count;
    };

    CountTable() = default;
    ~CountTable();
    CountTable(const CountTable &) = delete;
    CountTable &operator=(const CountTable &) = delete;

    /* Returns the index of its entry. */
    uint32_t add(std::string_view text, uint32_t count);
    /* In the order in which they were first seen. */
    const std::vector<Entry> &entries() const
    {
        return entries_;
    }

  private:
    struct lede_arena arena_ = {};
    std::vector<Entry> entries_;
    struct lede_table table_ = {};
    uint32_t last_ = 0; /* that was counted: neighbours are often alike */
};

} // namespace lede
#endif
