/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deletions.h"

namespace lede
{

namespace
{

constexpr Xapian::docid WORD_BITS = 64;

} // namespace

Xapian::docid next_deleted(const struct lede_deleted &deleted, Xapian::docid docid)
{
    if (docid >= deleted.bit_count)
        return deleted.bit_count;
    size_t words = (static_cast<size_t>(deleted.bit_count) + WORD_BITS - 1) / WORD_BITS;
    size_t at = docid / WORD_BITS;
    uint64_t word = deleted.bits[at] >> (docid % WORD_BITS) << (docid % WORD_BITS);
    while (word == 0 && ++at < words)
        word = deleted.bits[at];
    if (word == 0)
        return deleted.bit_count;
    return static_cast<Xapian::docid>(at * WORD_BITS + static_cast<size_t>(__builtin_ctzll(word)));
}

} // namespace lede
