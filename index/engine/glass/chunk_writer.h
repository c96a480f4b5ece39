/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of (document, number) in the postlist table: a term's postings with their wdf, and the
 * lengths of all documents.
 *
 * A list is cut into chunks of about 2,000 bytes. Key of the first: the term (of lengths: 00 E0).
 * Of the others: that, a zero (lengths: none), the chunk's first document. A chunk: '1' if it is
 * the last, else '0' · last document less the first · first number · then document less the one
 * before less 1 · number … Before the first chunk stand: documents · sum of numbers (lengths: 0 and
 * 0) · first document less 1. Facts: Xapian 1.4, glass_postlist.cc. */
#ifndef LEDE_ENGINE_GLASS_CHUNK_WRITER_H
#define LEDE_ENGINE_GLASS_CHUNK_WRITER_H

#include "table_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lede::glass
{

class ChunkWriter
{
  public:
    explicit ChunkWriter(TableWriter &table) : table_(table)
    {
    }
    /* key    of the first chunk count, sum what the first chunk says of the list
     * parts  what stands between that key and the number of a chunk's first document in the other
     *        keys */
    void begin(std::string_view key, std::string_view parts, uint32_t count, uint32_t sum);
    /* document  greater than the one before. */
    void add(uint32_t document, uint32_t number);
    /* At least one document was added. */
    void end();

  private:
    void write(bool is_last);

    TableWriter &table_;
    std::string key_; /* with the parts behind it, once the first chunk is written */
    std::string parts_;
    std::string entries_; /* of the chunk under way */
    std::string tag_;
    uint32_t count_ = 0;
    uint32_t sum_ = 0;
    uint32_t first_document_ = 0;
    uint32_t last_document_ = 0;
    bool is_first_chunk_ = true;
};

} // namespace lede::glass
#endif
