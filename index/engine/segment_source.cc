/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A posting source that has every document and weight 0, and is asked for each candidate. Segments
 * are matched one after the other. */
#include "segment_source.h"

#include "walking_source.h"

namespace lede
{

namespace
{

class SegmentSource : public WalkingSource
{
  public:
    SegmentSource(const struct lede_index *index, Xapian::docid *current)
        : index_(index), current_(current)
    {
    }

    bool check(Xapian::docid docid, double) override
    {
        move_to(docid);
        return true;
    }
    bool at_end() const override
    {
        return docid_ > last_;
    }
    SegmentSource *clone() const override
    {
        return new SegmentSource(index_, current_);
    }
    void init(const Xapian::Database &database) override
    {
        start(database.get_doccount());
        last_ = database.get_lastdocid();
        number_ = static_cast<Xapian::docid>(number_of_part(index_, database));
    }

  private:
    void move_to(Xapian::docid docid) override
    {
        docid_ = docid;
        *current_ = number_;
    }

    const struct lede_index *index_;
    Xapian::docid *current_;
    Xapian::docid number_ = 0;
    Xapian::docid last_ = 0;
};

} // namespace

Xapian::Query noting_segment(
    const Xapian::Query &query, const struct lede_index *index, Xapian::docid *ret_current)
{
    *ret_current = 0;
    if (query.empty() || index->segments.size() == 1)
        return query;
    Xapian::Query source((new SegmentSource(index, ret_current))->release());
    return Xapian::Query(Xapian::Query::OP_FILTER, query, source);
}

} // namespace lede
