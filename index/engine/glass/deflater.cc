/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deflater.h"

#include <libdeflate.h>

#include <new>

namespace lede::glass
{

Deflater::Deflater(int level) : compressor_(libdeflate_alloc_compressor(level))
{
    if (!compressor_)
        throw std::bad_alloc();
}

Deflater::~Deflater()
{
    libdeflate_free_compressor(compressor_);
}

bool Deflater::compress(std::string_view bytes, std::string_view &ret_compressed)
{
    if (bytes.size() < 2)
        return false;
    if (room_.size() < bytes.size())
        room_.resize(bytes.size());
    size_t size = libdeflate_deflate_compress(
        compressor_, bytes.data(), bytes.size(), room_.data(), bytes.size() - 1);
    ret_compressed = {room_.data(), size};
    return size > 0;
}

std::string_view Deflater::wrap(std::string_view bytes)
{
    size_t most = libdeflate_deflate_compress_bound(compressor_, bytes.size());
    if (room_.size() < most)
        room_.resize(most);
    size_t size = libdeflate_deflate_compress(
        compressor_, bytes.data(), bytes.size(), room_.data(), room_.size());
    return {room_.data(), size};
}

} // namespace lede::glass
