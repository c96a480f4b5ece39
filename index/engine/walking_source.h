/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What posting sources that walk from document to document share: where they stand, and how many
 * documents they may have. */
#ifndef LEDE_ENGINE_WALKING_SOURCE_H
#define LEDE_ENGINE_WALKING_SOURCE_H

#include <xapian.h>

namespace lede
{

class WalkingSource : public Xapian::PostingSource
{
  public:
    Xapian::doccount get_termfreq_min() const override
    {
        return count_;
    }
    Xapian::doccount get_termfreq_est() const override
    {
        return count_;
    }
    Xapian::doccount get_termfreq_max() const override
    {
        return count_;
    }
    Xapian::docid get_docid() const override
    {
        return docid_;
    }
    void next(double) override
    {
        move_to(docid_ + 1);
    }
    void skip_to(Xapian::docid docid, double) override
    {
        if (docid > docid_)
            move_to(docid);
    }

  protected:
    /* Before the first document of `count`, as init() has to. */
    void start(Xapian::doccount count)
    {
        count_ = count;
        docid_ = 0;
    }
    /* To the first one at `docid` or behind it, in docid_; or to where at_end() is true. */
    virtual void move_to(Xapian::docid docid) = 0;

    Xapian::docid docid_ = 0;

  private:
    Xapian::doccount count_ = 0;
};

} // namespace lede
#endif
