#include "term_source.h"

namespace lede
{

namespace
{

class TermSource : public Xapian::PostingSource
{
  public:
    explicit TermSource(std::string term) : term_(std::move(term))
    {
    }

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
        return *posting_;
    }
    void next(double) override
    {
        if (started_)
            ++posting_;
        started_ = true;
    }
    void skip_to(Xapian::docid docid, double) override
    {
        started_ = true;
        if (!at_end())
            posting_.skip_to(docid);
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
        count_ = database.get_termfreq(term_);
        posting_ = database_.postlist_begin(term_);
        started_ = false;
    }

  private:
    std::string term_;
    Xapian::Database database_;
    Xapian::PostingIterator posting_;
    Xapian::doccount count_ = 0;
    bool started_ = false;
};

} // namespace

Xapian::Query term_list(const std::string &term)
{
    return Xapian::Query((new TermSource(term))->release());
}

} // namespace lede
