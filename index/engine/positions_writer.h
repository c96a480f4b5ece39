/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the file of positions (positions_file.h), of lists or of other such files. */
#ifndef LEDE_ENGINE_POSITIONS_WRITER_H
#define LEDE_ENGINE_POSITIONS_WRITER_H

#include "output_file.h"
#include "place_list.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

/* Throws glass::FileError, std::bad_alloc. Holds one entry in memory, and a key a block. */
class PositionsWriter
{
  public:
    /* directory  of the segment; it has no such file yet */
    explicit PositionsWriter(const std::string &directory);
    /* The list of this key comes now; keys bytewise ascending, each once. */
    void begin(std::string_view key);
    void add(uint64_t place)
    {
        list_.add(place);
        end_entry_if_full();
    }
    /* As PlaceListWriter. */
    bool add_block(PlaceListReader &reader, int64_t shift)
    {
        bool is_added = list_.add_block(reader, shift);
        end_entry_if_full();
        return is_added;
    }
    /* The list's last place so far; 0: it has none. */
    uint64_t last() const
    {
        return list_.last();
    }
    /* The list is all there; one without places leaves nothing. */
    void end();
    /* Nothing is synced. Once. */
    void finish();

  private:
    void end_entry_if_full();
    void write_entry();
    void end_block();

    glass::OutputFile file_;
    std::string key_;
    std::string key_before_; /* in this block; empty: the block is new */
    std::string entry_;      /* its head */
    size_t block_bytes_ = 0;
    std::string index_;
    std::string first_key_; /* of the block */
    PlaceListWriter list_;
};

struct PositionsSource {
    std::string directory;
    int64_t shift; /* document d is d + shift in the destination; sources come in that order */
};
/* Make the file of a segment that others were joined to. Where one of them has no such file, there
 * is none: its documents are read from their texts.
 * Throws as the classes above, and Xapian::DatabaseCorruptError. */
void join_positions(const std::vector<PositionsSource> &sources, const std::string &destination);

} // namespace lede
#endif
