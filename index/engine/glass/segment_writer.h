/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A glass database made in one pass: documents go in, numbered 1, 2, 3 …; what is on the disk then
 * is an ordinary Xapian database, without term lists (Xapian::DB_NO_TERMLIST): nothing is deleted
 * from it by Xapian.
 *
 * Stored texts are written as they come; postings and values are gathered and written when it is
 * finished. The version file is written last: until then the directory holds no database. */
#ifndef LEDE_ENGINE_GLASS_SEGMENT_WRITER_H
#define LEDE_ENGINE_GLASS_SEGMENT_WRITER_H

#include "deflater.h"
#include "entry_value.h"
#include "posting_store.h"
#include "table_writer.h"
#include "term_table.h"
#include "value_store.h"
#include "version_file.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lede::glass
{

/* Can it stand in the format's keys? */
bool term_fits(std::string_view term);

class SegmentWriter
{
  public:
    /* directory  exists and is empty. Throws FileError, std::bad_alloc, as all here. */
    explicit SegmentWriter(std::string directory);

    /* Add a document and return its number. terms  sealed, each term_fits(); borrowed for the call,
     *     as all else After an exception it is of no use any more. */
    uint32_t add(const TermTable &terms, const std::vector<EntryValue> &values);
    /* Its data, then or later; documents ascending. is_compressed: deflating it would gain
     * nothing. */
    void add_data(uint32_t document, std::string_view data, bool is_compressed);
    uint32_t document_count() const
    {
        return statistics_.document_count;
    }
    size_t memory_bytes() const;
    /* Each term of the segment has a number of the caller's, 0 at first. Of the terms that were
     * added last; valid until others are. */
    const std::vector<uint32_t *> &term_notes();
    using VisitTerm = std::function<void(uint32_t note, std::string_view term)>;
    /* Write everything, and close the files, unsynced. metadata: no value is empty. Once.
     * visit  called with each term, bytewise ascending */
    void finish(const std::map<std::string, std::string> &metadata, const VisitTerm &visit = {});

  private:
    uint32_t add_terms(const TermTable &terms);
    /* Fills numbers_: the store's terms, in the order of the document's. */
    void find_terms(const TermTable &terms);
    void note_length(uint32_t length);
    void write_postings(TableWriter &postlist, const VisitTerm &visit);

    std::string directory_;
    DatabaseStatistics statistics_;
    PostingStore postings_;
    ValueStore values_;
    std::vector<uint32_t> lengths_; /* by document less 1 */
    Deflater deflater_;
    Deflater storer_;
    std::unique_ptr<TableWriter> docdata_; /* made with the first document that has any */
    std::vector<uint32_t> numbers_;        /* of one document's terms */
    std::vector<uint32_t *> notes_;        /* the same */
};

} // namespace lede::glass
#endif
