/* Counting what matched: values of filter fields, documents by time. */
#ifndef LEDE_ENGINE_FACETS_H
#define LEDE_ENGINE_FACETS_H

#include "lede/engine.h"

#include <xapian.h>

#include <deque>

namespace lede
{

/* The match spies of one search; they must outlive its Enquire. Xapian's own, which stock remote servers have
 * too. */
class Counters
{
  public:
    explicit Counters(const struct lede_search &search);
    bool any() const
    {
        return !spies_.empty();
    }
    void attach(Xapian::Enquire &enquire);
    /* Fill facets and buckets; memory is the result's arena. Status: OK; ELIMIT too many buckets. Throws
     * std::bad_alloc. */
    LEDE_CHECKED enum lede_status read(
        struct lede_search_result *ret_result, struct lede_error *reterr) const;

  private:
    struct Spy {
        Spy(const struct lede_field *counted, Xapian::valueno slot) : field(counted), spy(slot)
        {
        }
        const struct lede_field *field; /* NULL: the histogram's */
        Xapian::ValueCountMatchSpy spy;
    };
    void read_facet(const Spy &spy, struct lede_search_result *ret_result) const;
    enum lede_status read_histogram(
        const Spy &spy, struct lede_search_result *ret_result, struct lede_error *reterr) const;

    const struct lede_search &search_;
    std::deque<Spy> spies_; /* elements never move: Xapian keeps their addresses */
};

} // namespace lede
#endif
