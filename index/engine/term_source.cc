/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term_source.h"

#include "walking_source.h"

namespace lede
{

namespace
{

class TermSource : public WalkingSource
{
  public:
    explicit TermSource(std::string term) : term_(std::move(term))
    {
    }

    bool at_end() const override
    {
        return posting_ == Xapian::PostingIterator();
    }
    TermSource *clone() const override
    {
        return new TermSource(term_);
    }
    void init(const Xapian::Database &database) override
    {
        database_ = database;
        posting_ = database_.postlist_begin(term_);
        start(database.get_termfreq(term_));
    }

  private:
    void move_to(Xapian::docid docid) override
    {
        if (at_end())
            return;
        posting_.skip_to(docid);
        docid_ = at_end() ? docid_ : *posting_;
    }

    std::string term_;
    Xapian::Database database_;
    Xapian::PostingIterator posting_;
};

} // namespace

Xapian::Query term_list(const std::string &term)
{
    return Xapian::Query((new TermSource(term))->release());
}

} // namespace lede
