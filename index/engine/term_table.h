/* The terms of one document, collected, then sorted once.
 *
 * Xapian::Document looks a term up in a std::map for every posting; a document has several postings a term.
 * Here a posting costs one probe of an open-addressing table. Once sealed the table is what an entry holds: terms
 * bytewise ascending, each with its positions ascending. */
#ifndef LEDE_ENGINE_TERM_TABLE_H
#define LEDE_ENGINE_TERM_TABLE_H

#include "lede/buffer.h"

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
    uint32_t position_count; /* 0: without positions */
    uint32_t first_posting;  /* the table's own: index of its first position */
    uint32_t last_posting;

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
    /* One occurrence of a term. Positions of a term must come in ascending order; the same one twice is noted once. */
    void add_posting(uint32_t term, uint32_t position, uint32_t wdf);
    size_t term_count() const
    {
        return terms_.size();
    }

    /* Sort; what finding needed is freed. */
    void seal();
    /* Add a term without positions and with wdf 0 to a sealed table; one that is there changes nothing. */
    void insert_sealed(std::string_view term);
    /* The i-th term of a sealed table. */
    const Term &sorted(size_t i) const
    {
        return terms_[order_[i]];
    }
    /* Call visit(position) for each of a term's. */
    template <typename Visit> void visit_positions(const Term &term, Visit &&visit) const
    {
        for (uint32_t i = term.first_posting; i != NO_POSTING; i = postings_[i].next)
            visit(postings_[i].position);
    }

    /* For what else belongs to the document. Throws std::bad_alloc. */
    const char *copy(std::string_view bytes);

  private:
    struct Posting {
        uint32_t position;
        uint32_t next; /* index of the term's next one */
    };
    static constexpr uint32_t NO_POSTING = UINT32_MAX;

    uint32_t add(std::string_view term, uint32_t hash);
    void grow();

    struct lede_arena arena_ = {};
    std::vector<Term> terms_;
    std::vector<Posting> postings_;
    std::vector<uint32_t> slots_; /* term number + 1; 0: free */
    std::vector<uint32_t> order_; /* term numbers, terms ascending; filled by seal() */
    size_t mask_;
};

} // namespace lede
#endif
