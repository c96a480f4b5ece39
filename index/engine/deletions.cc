/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deletions.h"

namespace lede
{

namespace
{

constexpr Xapian::docid WORD_BITS = 64;

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

Xapian::docid next_deleted(const struct lede_deleted &deleted, Xapian::docid docid)
{
    if (docid >= deleted.bit_count)
        return deleted.bit_count;
    size_t words = (static_cast<size_t>(deleted.bit_count) + WORD_BITS - 1) / WORD_BITS;
    size_t at = docid / WORD_BITS;
    uint64_t word = deleted.bits[at] >> (docid % WORD_BITS) << (docid % WORD_BITS);
    while (word == 0 && ++at < words)
        word = deleted.bits[at];
    if (word == 0)
        return deleted.bit_count;
    return static_cast<Xapian::docid>(at * WORD_BITS + static_cast<size_t>(__builtin_ctzll(word)));
}

Xapian::Query without_deleted(const Xapian::Query &query, const struct lede_index *index)
{
    if (index->deleted_count == 0 || query.empty())
        return query;
    Xapian::Query deleted((new DeletedSource(index))->release());
    return Xapian::Query(Xapian::Query::OP_AND_NOT, query, deleted);
}

Xapian::docid living_document(const struct lede_index *index, const std::string &id_term)
{
    Xapian::PostingIterator end = index->combined.postlist_end(id_term);
    auto parts = static_cast<Xapian::docid>(index->parts.size());
    for (Xapian::PostingIterator posting = index->combined.postlist_begin(id_term); posting != end;
         ++posting) {
        const IndexPart &part = index->parts[(*posting - 1) % parts];
        if (!is_deleted(part.deleted, (*posting - 1) / parts + 1))
            return *posting;
    }
    return 0;
}

} // namespace lede
