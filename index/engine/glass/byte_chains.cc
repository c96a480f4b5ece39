/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "byte_chains.h"

#include <algorithm>
#include <new>

namespace lede::glass
{

uint32_t ByteChains::new_slice(uint32_t size)
{
    if (BLOCK_BYTES - used_ < size + LINK_BYTES) {
        if (blocks_.size() >= UINT32_MAX >> BLOCK_BITS)
            throw std::bad_alloc();
        blocks_.push_back(std::unique_ptr<char[]>(new char[BLOCK_BYTES]));
        used_ = 0;
    }
    auto place = static_cast<uint32_t>((blocks_.size() - 1) << BLOCK_BITS) + used_;
    used_ += size + LINK_BYTES;
    return place;
}

void ByteChains::append_in_parts(ByteChain &chain, const char *bytes, size_t size)
{
    while (size > 0) {
        if (chain.end == chain.slice_end) {
            uint32_t slice_size = chain.slice_size == 0
                                      ? SLICE_BYTES_FIRST
                                      : std::min(chain.slice_size * 2, SLICE_BYTES_MAX);
            uint32_t slice = new_slice(slice_size);
            if (chain.slice_size == 0)
                chain.first_slice = slice;
            else
                memcpy(at(chain.slice_end), &slice, LINK_BYTES);
            chain.end = slice;
            chain.slice_end = slice + slice_size;
            chain.slice_size = slice_size;
        }
        size_t part = std::min<size_t>(size, chain.slice_end - chain.end);
        memcpy(at(chain.end), bytes, part);
        chain.end += static_cast<uint32_t>(part);
        bytes += part;
        size -= part;
    }
}

void ByteChains::read(const ByteChain &chain, std::string &ret_bytes) const
{
    ret_bytes.clear();
    uint32_t slice = chain.first_slice;
    for (uint32_t size = SLICE_BYTES_FIRST;; size = std::min(size * 2, SLICE_BYTES_MAX)) {
        if (slice + size == chain.slice_end) {
            ret_bytes.append(at(slice), chain.end - slice);
            return;
        }
        ret_bytes.append(at(slice), size);
        memcpy(&slice, at(slice + size), LINK_BYTES);
    }
}

} // namespace lede::glass
