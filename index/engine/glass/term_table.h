/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terms of one document, collected, then sorted once.
 *
 * Xapian::Document looks a term up in a std::map for every occurrence; a document has several a
 * term. Here that costs one probe of an open-addressing table. Once sealed the table is what an
 * entry holds: terms bytewise ascending. */
#ifndef LEDE_ENGINE_TERM_TABLE_H
#define LEDE_ENGINE_TERM_TABLE_H

#include "entry_places.h"
#include "lede/buffer.h"
#include "lede/table.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace lede
{

/* The hash that terms are found by, here and in a segment's own table. */
uint32_t hash_of(std::string_view term);

struct Term {
    const char *text; /* in the table's arena */
    uint32_t size;
    uint32_t hash; /* hash_of() */
    uint32_t wdf;
    EntryPlaces places;

    std::string_view view() const
    {
        return {text, size};
    }
};

class TermTable
{
  public:
    /* postings_expected  a guess; the table grows */
    explicit TermTable(size_t postings_expected);
    ~TermTable();
    TermTable(const TermTable &) = delete;
    TermTable &operator=(const TermTable &) = delete;

    /* The term's number, added where it is new. Numbers stay until seal(). */
    uint32_t find_or_add(std::string_view term);
    void add_occurrence(uint32_t term, uint32_t wdf)
    {
        terms_[term].wdf += wdf;
    }
    /* Bytes are borrowed as long as the table. */
    void set_places(uint32_t term, const EntryPlaces &places)
    {
        terms_[term].places = places;
    }
    /* Of an unsealed table; the bytes stay as long as the table. */
    std::string_view view(uint32_t term) const
    {
        return terms_[term].view();
    }
    size_t term_count() const
    {
        return terms_.size();
    }

    /* Sort; what finding needed is freed. */
    void seal();
    /* Add a term with wdf 0 to a sealed table; one that is there changes nothing. */
    void insert_sealed(std::string_view term);
    /* The i-th term of a sealed table. */
    const Term &sorted(size_t i) const
    {
        return terms_[order_[i]];
    }
    /* For what else belongs to the document. Throws std::bad_alloc. */
    const char *copy(std::string_view bytes);

  private:
    uint32_t add(std::string_view term, uint32_t hash);

    struct lede_arena arena_ = {};
    std::vector<Term> terms_;
    struct lede_table table_ = {}; /* of term numbers; freed by seal() */
    std::vector<uint32_t> order_;  /* term numbers, terms ascending; filled by seal() */
};

} // namespace lede
#endif
