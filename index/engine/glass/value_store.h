/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a segment's documents, gathered by slot, and written to the postlist table.
 *
 * Of each slot: chunks of about 2,000 bytes, key 00 D8 · slot · first document, tag: size · value,
 * then document less the one before less 1 · size · value …; and statistics, key 00 D0 · slot (its
 * bytes alone), tag: documents · size · least value · the greatest value, unless it is the same.
 * Facts: Xapian 1.4, glass_values.h, glass_values.cc. */
#ifndef LEDE_ENGINE_GLASS_VALUE_STORE_H
#define LEDE_ENGINE_GLASS_VALUE_STORE_H

#include "value_chunk_writer.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lede::glass
{

class ValueStore
{
  public:
    /* value  not empty   document  greater than the slot's last one */
    void add(uint32_t document, uint32_t slot, std::string_view value);
    size_t memory_bytes() const
    {
        return memory_bytes_;
    }
    /* These two in this order: their keys follow each other so. */
    void write_statistics(TableWriter &table) const;
    void write_chunks(TableWriter &table) const;

  private:
    struct Chunk {
        uint32_t first_document;
        std::string bytes;
    };
    struct Slot {
        std::vector<Chunk> chunks;
        uint32_t last_document = 0;
        ValueStatistics statistics;
    };

    std::map<uint32_t, Slot> slots_;
    size_t memory_bytes_ = 0;
};

} // namespace lede::glass
#endif
