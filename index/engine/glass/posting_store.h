/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The postings of a segment in memory: a hash table of terms, a growing chain of bytes a term.
 *
 * A posting here is
 *   (documents since the term's last << 1 | has wdf) · wdf
 * as packed numbers. */
#ifndef LEDE_ENGINE_GLASS_POSTING_STORE_H
#define LEDE_ENGINE_GLASS_POSTING_STORE_H

#include "byte_chains.h"
#include "lede/buffer.h"
#include "lede/table.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lede::glass
{

/* One cache line: a term is found, and its chain is extended, by one look at memory; only longer
 * terms lie elsewhere. */
struct alignas(64) PostingTerm {
    static constexpr size_t INLINE_BYTES = 20;

    char head[INLINE_BYTES]; /* zeros behind the term */
    uint32_t note;           /* the caller's; 0 at first */
    const char *text;        /* of longer terms: all of it */
    uint32_t size;
    uint32_t document_count;
    uint32_t last_document;
    uint32_t wdf_sum; /* modulo 2^32, as Xapian's collection frequency is */
    ByteChain postings;

    /* Valid until a term is added. */
    std::string_view view() const
    {
        return {text ? text : head, size};
    }
};

struct Posting {
    uint32_t document;
    uint32_t wdf;
};

class PostingStore
{
  public:
    PostingStore();
    ~PostingStore();
    PostingStore(const PostingStore &) = delete;
    PostingStore &operator=(const PostingStore &) = delete;

    /* hash  lede::hash_of() of the term. Returns the term's number. Throws std::bad_alloc. */
    uint32_t find_or_add(std::string_view term, uint32_t hash);
    /* This hash is looked for soon; then, once its slot is here, very soon. */
    void prefetch_slot(uint32_t hash) const
    {
        __builtin_prefetch(&table_.slots[hash & table_.mask]);
    }
    void prefetch_term(uint32_t hash) const
    {
        uint64_t slot = table_.slots[hash & table_.mask];
        if (slot != 0)
            __builtin_prefetch(&terms_[(slot & UINT32_MAX) - 1]);
    }
    /* Something is added to this term soon. */
    void prefetch_end(uint32_t number) const
    {
        chains_.prefetch_end(terms_[number].postings);
    }
    /* document  greater than the term's last one. Throws std::bad_alloc. */
    void add(uint32_t term, uint32_t document, uint32_t wdf);

    size_t term_count() const
    {
        return terms_.size();
    }
    const PostingTerm &term(uint32_t number) const
    {
        return terms_[number];
    }
    uint32_t *note_of(uint32_t number)
    {
        return &terms_[number].note;
    }
    size_t memory_bytes() const;
    /* The numbers of all terms, terms bytewise ascending. */
    std::vector<uint32_t> sorted() const;
    /* All of a term's chain, put together in `ret_bytes`. */
    void read(const PostingTerm &term, std::string &ret_bytes) const
    {
        chains_.read(term.postings, ret_bytes);
    }

  private:
    std::vector<PostingTerm> terms_;
    struct lede_table table_ = {}; /* never empty, so that a slot can be fetched ahead */
    struct lede_arena texts_ = {};
    ByteChains chains_;
};

/* Walks a chain's bytes. */
class PostingReader
{
  public:
    explicit PostingReader(std::string_view bytes)
        : place_(bytes.data()), end_(bytes.data() + bytes.size())
    {
    }
    /* Returns false at the end. */
    bool next(Posting &ret_posting);

  private:
    const char *place_;
    const char *end_;
    uint32_t document_ = 0;
};

} // namespace lede::glass
#endif
