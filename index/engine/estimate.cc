/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents does a search find, about?
 *
 * Segments are matched one after the other, the largest first, until enough was counted; a frequent
 * word is so looked up in one segment instead of all. What was not looked at is taken to be like
 * what was. */
#include "compile.h"
#include "index.h"
#include "reading.h"

#include <algorithm>
#include <cmath>

namespace
{

/* Counts matches, and ends the match when there are enough or time is up. Without it Xapian walks
 * every posting of a boolean query, however few documents are wanted; a posting source in the
 * query, as the deadline's, is asked before what excludes. */
class MatchCounter : public Xapian::MatchDecider
{
  public:
    MatchCounter(uint32_t enough, lede::Deadline *deadline) : enough_(enough), deadline_(deadline)
    {
    }

    bool operator()(const Xapian::Document &document) const override
    {
        last_ = document.get_docid();
        if (++count_ >= enough_ || deadline_->has_passed())
            throw Enough();
        return true;
    }

    /* Run the match. Returns whether it saw all. */
    bool run(Xapian::Enquire &enquire)
    {
        try {
            enquire.get_mset(0, 1, enough_, nullptr, this);
            return true;
        } catch (const Enough &) {
            return false;
        }
    }

    uint32_t count() const
    {
        return count_;
    }
    Xapian::docid last() const
    {
        return last_;
    }

  private:
    struct Enough {
    };

    mutable uint32_t count_ = 0;
    mutable Xapian::docid last_ = 0; /* counted */
    uint32_t enough_;
    lede::Deadline *deadline_;
};

class Estimate
{
  public:
    Estimate(struct lede_index *index, const struct lede_search &search, uint32_t count_to)
        : index_(index), search_(search), enough_(std::max<uint32_t>(count_to, 1))
    {
        /* Counting needs no weights. */
        search_.sort = LEDE_SORT_NEWEST;
        deadline_.monotonic_ns = search.deadline_monotonic_ns;
        limit_.monotonic_ns = search.deadline_monotonic_ns;
    }

    void run()
    {
        lede::CompiledSearch compiled = lede::compile_search(index_, search_, &deadline_);
        for (size_t number : lede::largest_first(index_)) {
            if (!count_segment(index_->segments[number], compiled))
                return;
        }
        is_exact_ = true;
    }

    uint32_t count() const
    {
        if (is_exact_ || seen_ <= 0)
            return count_;
        double estimate = std::fmin(count_ * (index_->kept_count / seen_), index_->kept_count);
        return std::max(count_, static_cast<uint32_t>(std::lround(estimate)));
    }
    bool is_exact() const
    {
        return is_exact_;
    }

  private:
    /* Returns whether to go on. */
    bool count_segment(const Xapian::Database &segment, const lede::CompiledSearch &compiled)
    {
        Xapian::Enquire enquire(segment);
        if (!compiled.needs_weights)
            enquire.set_weighting_scheme(Xapian::BoolWeight());
        enquire.set_query(compiled.query);
        MatchCounter counter(enough_ - count_, &limit_);
        bool all = counter.run(enquire) && !deadline_.passed;
        count_ += counter.count();
        double share = all ? 1 : static_cast<double>(counter.last()) / segment.get_lastdocid();
        seen_ += share * segment.get_doccount();
        return all;
    }

    struct lede_index *index_;
    struct lede_search search_;
    uint32_t enough_;
    lede::Deadline deadline_; /* the query's */
    lede::Deadline limit_;    /* the counter's */
    uint32_t count_ = 0;
    double seen_ = 0; /* documents, that matched or not */
    bool is_exact_ = false;
};

} // namespace

extern "C" enum lede_status lede_index_estimate(struct lede_index *index,
    const struct lede_search *search, uint32_t count_to, uint32_t *ret_count, bool *ret_exact,
    struct lede_error *reterr)
{
    return lede::reading(index, reterr, "estimating a count", [&] {
        Estimate estimate(index, *search, count_to);
        estimate.run();
        *ret_count = estimate.count();
        *ret_exact = estimate.is_exact();
        return LEDE_OK;
    });
}
