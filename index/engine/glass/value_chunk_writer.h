/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a slot in the postlist table: value_store.h has the format. */
#ifndef LEDE_ENGINE_GLASS_VALUE_CHUNK_WRITER_H
#define LEDE_ENGINE_GLASS_VALUE_CHUNK_WRITER_H

#include "table_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lede::glass
{

constexpr size_t VALUE_CHUNK_BYTES =
    2000; /* Xapian's own; one ends with the value that reaches it */

struct ValueStatistics {
    uint32_t document_count = 0;
    std::string least;
    std::string greatest;
};
/* What a slot's statistics say. */
std::string statistics_tag(const ValueStatistics &statistics);

/* Add a value to a chunk. gap  documents between it and the one before; -1: it is the first */
void append_value(std::string &chunk, int64_t gap, std::string_view value);

class ValueChunkWriter
{
  public:
    explicit ValueChunkWriter(TableWriter &table) : table_(table)
    {
    }
    /* key  without a document: 00 D8 and the slot */
    void begin(std::string_view key);
    /* document  greater than the one before */
    void add(uint32_t document, std::string_view value);
    void end();

  private:
    void write();

    TableWriter &table_;
    std::string key_;
    std::string chunk_; /* under way */
    uint32_t first_document_ = 0;
    uint32_t last_document_ = 0;
};

} // namespace lede::glass
#endif
