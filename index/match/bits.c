/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "matched.h"

LEDE_FOR_EACH_PROCESSOR
uint32_t lede_count_bits(const uint64_t *bits, size_t words)
{
    uint32_t count = 0;
    for (size_t w = 0; w < words; w++)
        count += (uint32_t)__builtin_popcountll(bits[w]);
    return count;
}
