/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "perfect_hash.h"

#include <algorithm>
#include <numeric>

namespace lede
{

namespace
{

constexpr size_t TERMS_PER_BUCKET = 3; /* more make hardly fewer bits, and many more tries */
constexpr uint32_t TRIES_MAX = 1 << 16;
constexpr unsigned WIDER_MAX = 2; /* times that the slots are doubled when tries run out */

/* Which slots are taken. */
class Slots
{
  public:
    explicit Slots(unsigned slot_bits) : words_((size_t(1) << slot_bits) / 64 + 1, 0)
    {
    }
    /* Take a free one. */
    bool take(uint32_t slot)
    {
        uint64_t bit = UINT64_C(1) << (slot % 64);
        bool is_free = (words_[slot / 64] & bit) == 0;
        words_[slot / 64] |= bit;
        return is_free;
    }
    void give_back(uint32_t slot)
    {
        words_[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    }

  private:
    std::vector<uint64_t> words_;
};

/* Buckets by their size, the fullest first; sorted by counting. */
std::vector<uint32_t> by_size(const std::vector<uint32_t> &first_of)
{
    size_t count = first_of.size() - 1;
    auto size_of = [&first_of](size_t bucket) { return first_of[bucket + 1] - first_of[bucket]; };
    uint32_t most = 0;
    for (size_t bucket = 0; bucket < count; bucket++)
        most = std::max(most, size_of(bucket));
    std::vector<uint32_t> next(most + 2, 0); /* by how many terms fewer than the most */
    for (size_t bucket = 0; bucket < count; bucket++)
        next[most - size_of(bucket) + 1]++;
    std::partial_sum(next.begin(), next.end(), next.begin());
    std::vector<uint32_t> order(count);
    for (size_t bucket = 0; bucket < count; bucket++)
        order[next[most - size_of(bucket)]++] = static_cast<uint32_t>(bucket);
    return order;
}

} // namespace

/* grouped  hashes by bucket   first_of  where a bucket's begin, and the end */
bool PerfectHash::place_all(
    const std::vector<uint64_t> &grouped, const std::vector<uint32_t> &first_of)
{
    Slots slots(slot_bits);
    for (uint32_t bucket : by_size(first_of)) {
        uint32_t begin = first_of[bucket], end = first_of[bucket + 1];
        uint32_t displacement = 0;
        for (; displacement < TRIES_MAX; displacement++) {
            uint32_t placed = begin;
            while (placed < end && slots.take(slot_of(grouped[placed], displacement, slot_bits)))
                placed++;
            if (placed == end)
                break;
            while (placed > begin)
                slots.give_back(slot_of(grouped[--placed], displacement, slot_bits));
        }
        if (displacement == TRIES_MAX)
            return false;
        displacements[bucket] = displacement;
    }
    return true;
}

bool PerfectHash::build(const std::vector<uint64_t> &hashes)
{
    size_t buckets = (hashes.size() + TERMS_PER_BUCKET - 1) / TERMS_PER_BUCKET;
    displacements.assign(buckets, 0);
    std::vector<uint32_t> first_of(buckets + 1, 0);
    for (uint64_t hash : hashes)
        first_of[bucket_of(hash, buckets) + 1]++;
    std::partial_sum(first_of.begin(), first_of.end(), first_of.begin());
    std::vector<uint32_t> next(first_of.begin(), first_of.end() - 1);
    std::vector<uint64_t> grouped(hashes.size());
    for (uint64_t hash : hashes)
        grouped[next[bucket_of(hash, buckets)]++] = hash;
    slot_bits = 0;
    while ((size_t(1) << slot_bits) < hashes.size())
        slot_bits++;
    for (unsigned wider = 0; wider <= WIDER_MAX && slot_bits <= SLOT_BITS_MAX;
         wider++, slot_bits++) {
        if (place_all(grouped, first_of))
            return true;
    }
    return false;
}

} // namespace lede
