/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deleted_source.h"

#include "deletions.h"

namespace lede
{

namespace
{

/* The deleted documents of whichever segment Xapian asks it for. */
class DeletedSource : public Xapian::PostingSource
{
  public:
    explicit DeletedSource(const struct lede_index *index) : index_(index)
    {
    }

    Xapian::doccount get_termfreq_min() const override
    {
        return deleted_.count;
    }
    Xapian::doccount get_termfreq_est() const override
    {
        return deleted_.count;
    }
    Xapian::doccount get_termfreq_max() const override
    {
        return deleted_.count;
    }
    Xapian::docid get_docid() const override
    {
        return docid_;
    }
    void next(double) override
    {
        docid_ = next_deleted(deleted_, docid_ + 1);
    }
    void skip_to(Xapian::docid docid, double) override
    {
        if (docid > docid_)
            docid_ = next_deleted(deleted_, docid);
    }
    bool at_end() const override
    {
        return docid_ >= deleted_.bit_count;
    }
    DeletedSource *clone() const override
    {
        return new DeletedSource(index_);
    }
    void init(const Xapian::Database &database) override
    {
        deleted_ = {};
        docid_ = 0;
        size_t number = number_of_part(index_, database);
        if (number < index_->parts.size() && index_->parts[number].deleted.count > 0)
            deleted_ = index_->parts[number].deleted;
    }

  private:
    const struct lede_index *index_;
    struct lede_deleted deleted_ = {};
    Xapian::docid docid_ = 0;
};

} // namespace

Xapian::Query without_deleted(const Xapian::Query &query, const struct lede_index *index)
{
    if (index->deleted_count == 0 || query.empty())
        return query;
    Xapian::Query deleted((new DeletedSource(index))->release());
    return Xapian::Query(Xapian::Query::OP_AND_NOT, query, deleted);
}

} // namespace lede
