/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matcher asks `check` for each candidate that the query's other parts left over: document
 * numbers pass through unseen. */
#include "clock_source.h"

#include "lede/time.h"
#include "walking_source.h"

namespace lede
{

namespace
{

constexpr uint32_t CALLS_PER_LOOK = 256;

/* A posting takes some 10 to 50 ns to read, weigh and count on a machine of 2020; twenty times that
 * is assumed. */
constexpr uint64_t POSTING_NS_AT_WORST = 1000;

class ClockSource : public WalkingSource
{
  public:
    explicit ClockSource(Deadline *deadline) : deadline_(deadline)
    {
    }

    bool check(Xapian::docid docid, double) override
    {
        skip_to(docid, 0);
        return true;
    }
    bool at_end() const override
    {
        return docid_ > last_;
    }
    ClockSource *clone() const override
    {
        return new ClockSource(deadline_);
    }
    void init(const Xapian::Database &database) override
    {
        start(database.get_doccount());
        last_ = database.get_lastdocid();
    }

  private:
    /* Numbers of deleted documents are passed, too: the other side of the AND never has them. */
    void move_to(Xapian::docid docid) override
    {
        docid_ = deadline_->has_passed() ? last_ + 1 : docid;
    }

    Deadline *deadline_;
    Xapian::docid last_ = 0;
};

} // namespace

bool Deadline::has_passed()
{
    return calls++ % CALLS_PER_LOOK == 0 ? has_passed_now() : passed;
}

bool Deadline::has_passed_now()
{
    if (!passed && monotonic_ns != 0)
        passed = lede_time_monotonic_ns() >= monotonic_ns;
    return passed;
}

bool Deadline::can_come_within(uint64_t postings) const
{
    uint64_t now_ns = lede_time_monotonic_ns();
    return monotonic_ns != 0 &&
           (now_ns >= monotonic_ns || postings >= (monotonic_ns - now_ns) / POSTING_NS_AT_WORST);
}

Xapian::Query until_deadline(const Xapian::Query &query, Deadline *deadline)
{
    if (deadline->monotonic_ns == 0 || query.empty())
        return query;
    Xapian::Query clock((new ClockSource(deadline))->release());
    return Xapian::Query(Xapian::Query::OP_FILTER, query, clock);
}

} // namespace lede
