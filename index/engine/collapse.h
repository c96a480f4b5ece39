/* One hit for all documents with one value of a slot, and how many it stands for. */
#ifndef LEDE_ENGINE_COLLAPSE_H
#define LEDE_ENGINE_COLLAPSE_H

#include "lede/engine.h"

#include <xapian.h>

#include <memory>

namespace lede
{

bool is_collapsed(const struct lede_search &search);

/* Counts what the hits of a page stand for: copies among all that matches, not on the page alone. Of a field's values that is everything that
 * matches, so they are counted by the match that counts the total; stories have terms, and only their copies are matched. */
class CopyCounter
{
  public:
    /* result  has the page's hits, with their collapse_key; outlives this */
    CopyCounter(const struct lede_search &search, struct lede_search_result *result);
    ~CopyCounter();
    CopyCounter(const CopyCounter &) = delete;
    CopyCounter &operator=(const CopyCounter &) = delete;

    /* Whether to attach() to a match that sees everything, which this outlives; else count_stories() counts. */
    bool counts_all_matches() const;
    void attach(Xapian::Enquire &enquire);
    /* matches  the search's query with its filters. Throws what Xapian throws. */
    void count_stories(const Xapian::Database &database, const Xapian::Query &matches);
    /* Fill in collapse_count and collapse_sources of the hits; memory is the result's arena. */
    void write(const Xapian::Database &database);

  private:
    class Spy;

    const struct lede_search &search_;
    struct lede_search_result *result_;
    std::unique_ptr<Spy> spy_;
};

} // namespace lede
#endif
