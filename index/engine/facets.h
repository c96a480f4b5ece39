/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what matched: values of filter fields, documents by time. */
#ifndef LEDE_ENGINE_FACETS_H
#define LEDE_ENGINE_FACETS_H

#include "calendar.h"
#include "count_table.h"
#include "lede/engine.h"

#include <xapian.h>

#include <deque>

namespace lede
{

/* Counts the values of one slot over all documents that are checked. Xapian's ValueCountMatchSpy
 * gives the same counts, from a map that takes several times as long; a stock remote server knows
 * that one only. */
class SlotCounter : public Xapian::MatchSpy
{
  public:
    explicit SlotCounter(Xapian::valueno slot) : slot_(slot)
    {
    }
    void operator()(const Xapian::Document &document, double) override;
    const std::vector<CountTable::Entry> &counts() const
    {
        return counts_.entries();
    }

  private:
    Xapian::valueno slot_;
    CountTable counts_;
};

/* The match spies of one search; they must outlive its Enquire. */
class Counters
{
  public:
    explicit Counters(const struct lede_search &search);
    bool any() const
    {
        return !spies_.empty();
    }
    void attach(Xapian::Enquire &enquire);
    /* Fill facets and buckets; memory is the result's arena. Status: OK; ELIMIT too many buckets.
     * Throws std::bad_alloc. */
    LEDE_CHECKED enum lede_status read(
        struct lede_search_result *ret_result, struct lede_error *reterr) const;

  private:
    struct Spy {
        Spy(const struct lede_field *counted, Xapian::valueno slot) : field(counted), counter(slot)
        {
        }
        const struct lede_field *field; /* NULL: the histogram's */
        SlotCounter counter;
    };
    struct Moment {
        int64_t utc_s;
        uint32_t count;
    };
    void read_facet(const Spy &spy, struct lede_search_result *ret_result) const;
    enum lede_status read_histogram(
        const Spy &spy, struct lede_search_result *ret_result, struct lede_error *reterr) const;
    enum lede_status read_moments(
        const Spy &spy, std::vector<Moment> *ret_moments, struct lede_error *reterr) const;

    const struct lede_search &search_;
    Calendar calendar_;
    bool by_days_;          /* the histogram counts whole days of UTC */
    std::deque<Spy> spies_; /* elements never move: Xapian keeps their addresses */
};

} // namespace lede
#endif
