/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "posting_store.h"

#include "packing.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace lede::glass
{

namespace
{

constexpr size_t TERMS_FIRST = 1 << 13;

uint32_t get_uint32(const char *&place)
{
    uint32_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        auto byte = static_cast<unsigned char>(*place++);
        number |= static_cast<uint32_t>(byte & 0x7F) << shift;
        if (byte < 0x80)
            return number;
    }
}

uint64_t get_uint64(const char *&place)
{
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        auto byte = static_cast<unsigned char>(*place++);
        number |= static_cast<uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80)
            return number;
    }
}

/* Orders as the bytes do, as far as it goes. */
uint64_t leading_bytes(const PostingTerm &term)
{
    uint64_t order;
    memcpy(&order, term.head, sizeof(order));
    return __builtin_bswap64(order);
}

} // namespace

PostingStore::PostingStore()
{
    if (lede_table_reserve(&table_, TERMS_FIRST) != LEDE_OK)
        throw std::bad_alloc();
}

PostingStore::~PostingStore()
{
    lede_table_done(&table_);
    lede_arena_done(&texts_);
}

uint32_t PostingStore::find_or_add(std::string_view term, uint32_t hash)
{
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&table_, &probe))
        if (terms_[probe.number].view() == term)
            return probe.number;
    if (lede_table_reserve(&table_, terms_.size() + 1) != LEDE_OK)
        throw std::bad_alloc();
    PostingTerm added = {};
    added.size = static_cast<uint32_t>(term.size());
    memcpy(added.head, term.data(), std::min(term.size(), sizeof(added.head)));
    if (term.size() > sizeof(added.head)) {
        added.text = lede_arena_copy(&texts_, term.data(), term.size());
        if (!added.text)
            throw std::bad_alloc();
    }
    auto number = static_cast<uint32_t>(terms_.size());
    terms_.push_back(added);
    lede_table_add(&table_, hash, number);
    return number;
}

void PostingStore::add(uint32_t number, uint32_t document, uint32_t wdf)
{
    PostingTerm &term = terms_[number];
    char posting[UINT64_BYTES_MAX + UINT32_BYTES_MAX];
    uint64_t since = document - term.last_document;
    char *end = put_uint(posting, since << 1 | (wdf != 0 ? 1U : 0U));
    if (wdf != 0)
        end = put_uint(end, wdf);
    chains_.append(term.postings, posting, static_cast<size_t>(end - posting));
    term.last_document = document;
    term.document_count++;
    term.wdf_sum += wdf;
}

size_t PostingStore::memory_bytes() const
{
    return chains_.memory_bytes() + terms_.capacity() * sizeof(PostingTerm) +
           (table_.mask + 1) * sizeof(uint64_t) + texts_.used_bytes;
}

std::vector<uint32_t> PostingStore::sorted() const
{
    struct SortKey {
        uint64_t order;
        uint32_t term;
    };
    std::vector<SortKey> keys;
    keys.reserve(terms_.size());
    for (const PostingTerm &term : terms_)
        keys.push_back({leading_bytes(term), static_cast<uint32_t>(keys.size())});
    std::sort(keys.begin(), keys.end(), [this](const SortKey &a, const SortKey &b) {
        if (a.order != b.order)
            return a.order < b.order;
        return terms_[a.term].view() < terms_[b.term].view();
    });
    std::vector<uint32_t> numbers;
    numbers.reserve(keys.size());
    for (const SortKey &key : keys)
        numbers.push_back(key.term);
    return numbers;
}

bool PostingReader::next(Posting &ret_posting)
{
    if (place_ == end_)
        return false;
    uint64_t head = get_uint64(place_);
    document_ += static_cast<uint32_t>(head >> 1);
    ret_posting.document = document_;
    ret_posting.wdf = (head & 1) != 0 ? get_uint32(place_) : 0;
    return true;
}

} // namespace lede::glass
