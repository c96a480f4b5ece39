/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage that its own checksum vouches for: the parts of a segment are changed at random, within
 * what Lede reads itself, and whatever is kept beside them to prove them is made anew. */
#ifndef TEST_ENGINE_DAMAGE_SEGMENT_H
#define TEST_ENGINE_DAMAGE_SEGMENT_H

#include "segment_parts.h"

#include <cstdint>
#include <string>

class Random
{
  public:
    explicit Random(uint64_t seed) : state_(seed * 2 + 1)
    {
        below(2);
    }
    uint32_t below(uint32_t limit)
    {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<uint32_t>((state_ >> 33) % limit);
    }
    uint32_t between(uint32_t first, uint32_t last)
    {
        return first + below(last - first + 1);
    }
    /* What a length, a count or a number must not be. */
    uint32_t absurd();
    std::string noise(size_t size);

  private:
    uint64_t state_;
};

/* Do one to three kinds of harm, the first of them by its number, whatever that is. Returns what
 * was done, in words. */
std::string damage(SegmentParts &parts, Random &random, uint64_t number);
/* Give every text a frame of its own, compressed with a dictionary of the segment. */
void compress_texts(SegmentParts &parts);

#endif
