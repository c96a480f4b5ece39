/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands where in a B-tree's blocks: table_writer.h tells it. */
#ifndef LEDE_ENGINE_GLASS_BLOCK_FORMAT_H
#define LEDE_ENGINE_GLASS_BLOCK_FORMAT_H

#include <cstddef>
#include <cstdint>

namespace lede::glass
{

constexpr size_t LEVEL_AT = 4;
constexpr size_t FREE_AT = 5; /* between the directory and the items; in all */
constexpr size_t DIRECTORY_END_AT = 9;
constexpr size_t HEADER_BYTES = 11;
constexpr size_t DIRECTORY_ENTRY_BYTES = 2;
constexpr size_t ITEM_SIZE_BYTES = 2;
constexpr size_t KEY_SIZE_BYTES = 1;
constexpr size_t COMPONENT_BYTES = 2;
constexpr size_t BLOCK_NUMBER_BYTES = 4;

/* In an item's first byte; what is left is of its size. */
enum ItemFlag : unsigned { ITEM_COMPRESSED = 0x80, ITEM_LAST = 0x40, ITEM_FIRST = 0x20 };
constexpr unsigned ITEM_SIZE_MASK = 0x1FFF;

inline void put_big_endian16(char *out, size_t number)
{
    out[0] = static_cast<char>(number >> 8);
    out[1] = static_cast<char>(number);
}
inline void put_big_endian32(char *out, uint32_t number)
{
    put_big_endian16(out, number >> 16);
    put_big_endian16(out + 2, number & 0xFFFF);
}
inline uint32_t get_big_endian16(const char *bytes)
{
    return static_cast<uint32_t>(static_cast<unsigned char>(bytes[0])) << 8 |
           static_cast<unsigned char>(bytes[1]);
}
inline uint32_t get_big_endian32(const char *bytes)
{
    return get_big_endian16(bytes) << 16 | get_big_endian16(bytes + 2);
}

} // namespace lede::glass
#endif
