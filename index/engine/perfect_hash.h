/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Different numbers for a document's terms, without the terms.
 *
 * Terms are hashed into small buckets; a bucket's displacement is the first number with which the
 * hashes of its terms all come to slots that are still free, the fullest bucket first. Only
 * displacements are kept, about two bits a term, so a term that is not of the document gets some
 * term's slot: ask for terms that are known to be there. (Belazzougui, Botelho, Dietzfelbinger,
 * "Hash, displace, and compress", 2009.) */
#ifndef LEDE_ENGINE_PERFECT_HASH_H
#define LEDE_ENGINE_PERFECT_HASH_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lede
{

constexpr unsigned SLOT_BITS_MAX = 26; /* more terms than a document may have bytes */

inline size_t bucket_of(uint64_t hash, size_t buckets)
{
    return (hash & UINT32_MAX) * buckets >> 32;
}

/* slot_bits  slots: 2^slot_bits   displacement  of the hash's bucket */
inline uint32_t slot_of(uint64_t hash, uint32_t displacement, unsigned slot_bits)
{
    uint64_t mixed = hash + displacement * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return slot_bits == 0 ? 0 : static_cast<uint32_t>(mixed >> (64 - slot_bits));
}

struct PerfectHash {
    unsigned slot_bits = 0;
    std::vector<uint32_t> displacements; /* by bucket */

    /* Find displacements for terms of these hashes. Returns false where two are equal, or too much
     * would have to be tried. */
    bool build(const std::vector<uint64_t> &hashes);

  private:
    bool place_all(const std::vector<uint64_t> &grouped, const std::vector<uint32_t> &first_of);
};

} // namespace lede
#endif
