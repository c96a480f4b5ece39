/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of places as bytes: numbers that ascend, each once, 1..PLACE_MAX.
 *
 * Blocks of up to PLACES_PER_BLOCK, one behind the other. A block:
 *   first place less the last one of the block before (of the first block: less 0) · count · and of
 *   two or more: parameter (a byte) · [last place less the first · bytes of the bits ·] the bits
 * What stands in brackets is of blocks with more than SHORT_BLOCK_PLACES: who joins lists copies
 * such a block without a look inside. The bits: of each place but the first the distance from the
 * one before, less 1, by an exponential Golomb code of the block's parameter, to the end of a byte.
 * Numbers are packed (bits.h).
 *
 * On news that is 1.4 bytes a place, where seven bits a byte take 1.7: the words of one text stand
 * close to each other, and those of the next text far away. (Teuhola, "A compression method for
 * clustered bit-vectors", 1978.) */
#ifndef LEDE_ENGINE_PLACE_LIST_H
#define LEDE_ENGINE_PLACE_LIST_H

#include "bits.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lede
{

constexpr uint32_t PLACES_PER_BLOCK = 1024;
constexpr uint32_t SHORT_BLOCK_PLACES = 128;
constexpr unsigned PLACE_BITS = 48;
constexpr uint64_t PLACE_MAX = (UINT64_C(1) << PLACE_BITS) - 1;

/* Walks the blocks of a list. */
class PlaceListReader
{
  public:
    /* bytes  borrowed   before  the last place of what the list goes on */
    PlaceListReader(std::string_view bytes, uint64_t before) : bytes_(bytes), last_(before)
    {
    }
    /* To the next block. Returns false at the end, and where the bytes are damaged. */
    bool next();
    bool failed() const
    {
        return failed_;
    }
    /* Of the block that next() found. */
    uint32_t count() const
    {
        return count_;
    }
    uint64_t first() const
    {
        return first_;
    }
    uint64_t last() const
    {
        return last_;
    }
    bool is_long() const
    {
        return count_ > SHORT_BLOCK_PLACES;
    }
    /* Of a long one: from its count on. */
    std::string_view body() const
    {
        return body_;
    }
    /* Its places, valid until the next call; NULL where they are damaged. */
    const uint64_t *places();

  private:
    bool read_header(BytesReader &reader);
    /* Returns the bytes that they take; 0: damaged. */
    size_t decode(std::string_view bits);
    bool fail()
    {
        failed_ = true;
        return false;
    }

    std::string_view bytes_;
    std::string_view body_;
    std::string_view bits_;
    uint64_t first_ = 0;
    uint64_t last_;
    uint32_t count_ = 0;
    unsigned parameter_ = 0;
    bool failed_ = false;
    bool is_decoded_ = false;
    uint64_t places_[PLACES_PER_BLOCK];
};

/* Makes the bytes of a list, block by block. */
class PlaceListWriter
{
  public:
    /* Forget everything. */
    void begin();
    /* place  greater than the last one, at most PLACE_MAX. */
    void add(uint64_t place)
    {
        if (pending_ == PLACES_PER_BLOCK)
            flush();
        places_[pending_++] = place;
    }
    /* The block that a reader stands at, moved. Returns false where it is damaged, or does not come
     * behind what was added. */
    bool add_block(PlaceListReader &reader, int64_t shift);
    /* Of what was added last; 0: nothing was. */
    uint64_t last() const
    {
        return pending_ > 0 ? places_[pending_ - 1] : last_;
    }
    /* Make a block of what waits for one. */
    void flush();
    /* What was flushed since begin(), or since it was taken last. */
    const std::string &bytes() const
    {
        return bytes_;
    }
    void take_bytes()
    {
        bytes_.clear();
    }

  private:
    unsigned parameter() const;
    size_t encode(unsigned parameter, char *bits) const;

    std::string bytes_;
    uint64_t last_ = 0; /* in bytes_ */
    uint32_t pending_ = 0;
    uint64_t places_[PLACES_PER_BLOCK];
};

} // namespace lede
#endif
