/* The terms of one document, collected before Xapian sees them.
 *
 * Xapian::Document looks a term up in a std::map for every posting; a document has several postings a term.
 * Here a posting costs one probe of an open-addressing table, and each term enters the Xapian::Document once,
 * in order, with its positions ascending. */
#ifndef LEDE_ENGINE_TERM_TABLE_H
#define LEDE_ENGINE_TERM_TABLE_H

#include "lede/buffer.h"

#include <xapian.h>

#include <string_view>
#include <vector>

namespace lede
{

class TermTable
{
  public:
    /* postings_expected  a guess; the table grows */
    explicit TermTable(size_t postings_expected);
    ~TermTable();
    TermTable(const TermTable &) = delete;
    TermTable &operator=(const TermTable &) = delete;

    /* One occurrence. Positions of a term must come in ascending order. */
    void add_posting(std::string_view term, uint32_t position, uint32_t wdf);
    /* A term without positions and with wdf 0; a second time changes nothing. */
    void add_boolean(std::string_view term);
    /* Move everything into the document, terms bytewise ascending. */
    void emit(Xapian::Document &document);

  private:
    struct Term {
        const char *text; /* in the arena */
        uint32_t size;
        uint32_t hash;
        uint32_t wdf;
        uint64_t order;         /* the first eight bytes, big endian: settles most comparisons */
        uint32_t first_posting; /* index into postings_; NO_POSTING: none */
        uint32_t last_posting;
    };
    struct Posting {
        uint32_t position;
        uint32_t next; /* index of the term's next one */
    };
    static constexpr uint32_t NO_POSTING = UINT32_MAX;

    Term &find_or_add(std::string_view term);
    void grow();

    struct lede_arena arena_ = {};
    std::vector<Term> terms_;
    std::vector<Posting> postings_;
    std::vector<uint32_t> slots_; /* term index + 1; 0: free */
    size_t mask_;
};

} // namespace lede
#endif
