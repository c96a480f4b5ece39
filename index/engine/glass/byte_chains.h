/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many strings of bytes that grow at their ends, all at once.
 *
 * A chain's slices double, so that a short one takes a few bytes and a long one few slices; all lie
 * in one arena and are freed together. */
#ifndef LEDE_ENGINE_GLASS_BYTE_CHAINS_H
#define LEDE_ENGINE_GLASS_BYTE_CHAINS_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace lede::glass
{

/* Zeroed: it is empty. */
struct ByteChain {
    uint32_t first_slice;
    uint32_t end;       /* where the next byte goes … */
    uint32_t slice_end; /* … unless it is here */
    uint32_t slice_size;
};

class ByteChains
{
  public:
    /* Throws std::bad_alloc. */
    void append(ByteChain &chain, const char *bytes, size_t size)
    {
        if (size > chain.slice_end - chain.end) {
            append_in_parts(chain, bytes, size);
            return;
        }
        memcpy(at(chain.end), bytes, size);
        chain.end += static_cast<uint32_t>(size);
    }
    /* All of a chain that is not empty, put together in `ret_bytes`. */
    void read(const ByteChain &chain, std::string &ret_bytes) const;
    /* Something is appended to this chain soon. */
    void prefetch_end(const ByteChain &chain) const
    {
        if (chain.slice_size != 0)
            __builtin_prefetch(at(chain.end - 1), 1);
    }
    size_t memory_bytes() const
    {
        return blocks_.size() * BLOCK_BYTES;
    }

  private:
    static constexpr unsigned BLOCK_BITS = 18;
    static constexpr uint32_t BLOCK_BYTES = UINT32_C(1) << BLOCK_BITS;
    static constexpr uint32_t SLICE_BYTES_FIRST = 8;
    static constexpr uint32_t SLICE_BYTES_MAX = 1024;
    static constexpr uint32_t LINK_BYTES = 4; /* behind each slice: where the next one is */

    char *at(uint32_t place)
    {
        return blocks_[place >> BLOCK_BITS].get() + (place & (BLOCK_BYTES - 1));
    }
    const char *at(uint32_t place) const
    {
        return blocks_[place >> BLOCK_BITS].get() + (place & (BLOCK_BYTES - 1));
    }
    uint32_t new_slice(uint32_t size);
    void append_in_parts(ByteChain &chain, const char *bytes, size_t size);

    std::vector<std::unique_ptr<char[]>> blocks_;
    uint32_t used_ = BLOCK_BYTES; /* of the last block */
};

} // namespace lede::glass
#endif
