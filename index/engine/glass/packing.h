/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The glass format's numbers and keys, as bytes.
 *
 * Facts: Xapian 1.4, common/pack.h. Each function writes at `out`, where there is room, and returns
 * the byte behind. */
#ifndef LEDE_ENGINE_GLASS_PACKING_H
#define LEDE_ENGINE_GLASS_PACKING_H

#include "file_error.h"

#include <cstdint>
#include <cstring>
#include <string_view>
namespace lede::glass
{

constexpr size_t UINT32_BYTES_MAX = 5; /* of a packed number */
constexpr size_t UINT64_BYTES_MAX = 10;
constexpr size_t DOCID_BYTES_MAX = 5; /* of a sortable one */
constexpr size_t KEY_BYTES_MAX = 255;
constexpr size_t TERM_BYTES_MAX = 245;

/* Seven bits a byte, least significant first; the high bit says that more follow. */
inline char *put_uint(char *out, uint64_t number)
{
    while (number >= 0x80) {
        *out++ = static_cast<char>(number | 0x80);
        number >>= 7;
    }
    *out++ = static_cast<char>(number);
    return out;
}

/* The last thing of a key: no length, least significant byte first, 0 is nothing. */
inline char *put_uint_last(char *out, uint32_t number)
{
    for (; number != 0; number >>= 8)
        *out++ = static_cast<char>(number);
    return out;
}

/* Sorts as the numbers do: two bytes below 2^15; then the count of leading ones says how many bytes
 * more there are. */
inline char *put_docid(char *out, uint32_t docid)
{
    unsigned size = docid < UINT32_C(1) << 15   ? 2
                    : docid < UINT32_C(1) << 22 ? 3
                    : docid < UINT32_C(1) << 29 ? 4
                                                : 5;
    for (unsigned i = size; i-- > 0; docid >>= 8)
        out[i] = static_cast<char>(docid);
    out[0] = static_cast<char>(static_cast<unsigned char>(out[0]) | (0xFF00U >> (size - 2) & 0xFF));
    return out + size;
}

/* Throws DamagedError where there is not just one. */
inline uint32_t get_docid(std::string_view bytes)
{
    auto first = static_cast<unsigned char>(bytes.empty() ? '\xFF' : bytes[0]);
    unsigned ones = first < 0x80 ? 0 : first < 0xC0 ? 1 : first < 0xE0 ? 2 : 3;
    if (bytes.size() != ones + 2)
        throw DamagedError("a key has no document's number");
    uint64_t docid = first & (0xFFU >> (ones + 1));
    for (size_t i = 1; i < bytes.size(); i++)
        docid = docid << 8 | static_cast<unsigned char>(bytes[i]);
    return static_cast<uint32_t>(docid);
}

/* A term as the beginning of a key: zero bytes are followed by 0xFF, so that a zero alone can end
 * it. */
inline size_t escaped_size(std::string_view term)
{
    size_t size = term.size();
    for (char c : term)
        size += c == '\0';
    return size;
}
inline char *put_escaped(char *out, std::string_view term)
{
    if (memchr(term.data(), 0, term.size()) == nullptr) {
        memcpy(out, term.data(), term.size());
        return out + term.size();
    }
    for (char c : term) {
        *out++ = c;
        if (c == '\0')
            *out++ = '\xFF';
    }
    return out;
}

} // namespace lede::glass
#endif
