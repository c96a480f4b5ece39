/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of a list (place_lists.h) as bits: what others are held against when lists are joined. A
 * list that is numbers has some neighbouring ones set for the occasion: setting a bit a place of
 * both lists and asking for one costs a fifth of a search for each place, as long as one list is
 * not much longer than the other. */
#ifndef LEDE_MATCH_PLACE_BITS_H
#define LEDE_MATCH_PLACE_BITS_H

#include "place_lists.h"

#include <string.h>

#define LEDE_BITS_PLACES UINT32_C(32768) /* of one stretch: its bits stay in the first cache */
#define LEDE_BITS_MARGIN UINT32_C(64)    /* places on both sides, for what lies near */
#define LEDE_BITS_WORDS ((LEDE_BITS_PLACES + 2 * LEDE_BITS_MARGIN) / 64)

struct lede_place_bits {
    uint64_t words[LEDE_BITS_WORDS + 1]; /* one more, so that 64 bits can be taken anywhere */
};

/* Set the bits of a list's places from number `at` to `end`; bit 0 stands for `origin`. */
static inline void lede_place_bits_fill(
    struct lede_place_bits *bits, const uint32_t *places, size_t at, size_t end, uint32_t origin)
{
    memset(bits, 0, sizeof(*bits));
    for (; at < end; at++) {
        uint32_t bit = places[at] - origin;
        bits->words[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

static inline bool lede_place_bits_have(const uint64_t *words, uint32_t bit)
{
    return words[bit / 64] >> (bit % 64) & 1;
}

/* The 64 bits from one on, of words of which there is one behind those that are asked for. Those
 * before bit 0 are not set. */
static inline uint64_t lede_place_bits_from(const uint64_t *words, int64_t bit)
{
    if (bit < 0)
        return bit > -64 ? words[0] << -bit : 0;
    uint64_t low = words[bit / 64] >> (bit % 64);
    return bit % 64 == 0 ? low : low | words[bit / 64 + 1] << (64 - bit % 64);
}

#endif
