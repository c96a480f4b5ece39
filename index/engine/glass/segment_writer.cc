/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_writer.h"

#include "chunk_writer.h"
#include "packing.h"

#include <algorithm>
#include <utility>

namespace lede::glass
{

namespace
{

/* On news of 2 KB the lowest level already makes no more bytes than zlib's usual one, and higher
 * ones one in a hundred less. */
constexpr int DEFLATE_LEVEL = 1;
constexpr int DEFLATE_NOT = 0;
constexpr size_t COMPRESSED_BYTES_MIN = 19; /* as the version file says */
/* Postings of the terms that come next are asked for ahead: the store is larger than the
 * processor's caches. */
constexpr size_t SLOTS_AHEAD = 12;
constexpr size_t TERMS_AHEAD = 6;

const std::string METADATA_PREFIX("\0\xC0", 2);
const std::string LENGTHS_KEY("\0\xE0", 2);
const std::string TERM_END("\0", 1);

std::string document_key(uint32_t document)
{
    char key[DOCID_BYTES_MAX];
    return {key, static_cast<size_t>(put_docid(key, document) - key)};
}

} // namespace

bool term_fits(std::string_view term)
{
    /* a zero ends the term */
    constexpr size_t ESCAPED_BYTES_MAX = KEY_BYTES_MAX - 1 - DOCID_BYTES_MAX;
    if (term.empty() || term.size() > TERM_BYTES_MAX)
        return false;
    return term.size() * 2 <= ESCAPED_BYTES_MAX || escaped_size(term) <= ESCAPED_BYTES_MAX;
}

SegmentWriter::SegmentWriter(std::string directory)
    : directory_(std::move(directory)), deflater_(DEFLATE_LEVEL), storer_(DEFLATE_NOT)
{
}

size_t SegmentWriter::memory_bytes() const
{
    return postings_.memory_bytes() + values_.memory_bytes() + lengths_.size() * sizeof(uint32_t);
}

void SegmentWriter::find_terms(const TermTable &terms)
{
    size_t count = terms.term_count();
    numbers_.resize(count);
    for (size_t i = 0; i < count; i++) {
        if (i + SLOTS_AHEAD < count)
            postings_.prefetch_slot(terms.sorted(i + SLOTS_AHEAD).hash);
        if (i + TERMS_AHEAD < count)
            postings_.prefetch_term(terms.sorted(i + TERMS_AHEAD).hash);
        const Term &term = terms.sorted(i);
        numbers_[i] = postings_.find_or_add(term.view(), term.hash);
        postings_.prefetch_end(numbers_[i]);
    }
}

uint32_t SegmentWriter::add_terms(const TermTable &terms)
{
    find_terms(terms);
    uint32_t length = 0;
    for (size_t i = 0; i < numbers_.size(); i++) {
        const Term &term = terms.sorted(i);
        length += term.wdf;
        postings_.add(numbers_[i], statistics_.document_count, term.wdf);
        statistics_.wdf_greatest = std::max(statistics_.wdf_greatest, term.wdf);
    }
    return length;
}

void SegmentWriter::note_length(uint32_t length)
{
    lengths_.push_back(length);
    statistics_.length_sum += length;
    statistics_.length_greatest = std::max(statistics_.length_greatest, length);
    if (length > 0 && (statistics_.length_least == 0 || length < statistics_.length_least))
        statistics_.length_least = length;
}

uint32_t SegmentWriter::add(const TermTable &terms, const std::vector<EntryValue> &values)
{
    statistics_.document_count++;
    statistics_.last_document++;
    note_length(add_terms(terms));
    for (const EntryValue &value : values)
        values_.add(statistics_.document_count, value.slot, value.bytes);
    return statistics_.document_count;
}

const std::vector<uint32_t *> &SegmentWriter::term_notes()
{
    notes_.clear();
    for (uint32_t number : numbers_)
        notes_.push_back(postings_.note_of(number));
    return notes_;
}

void SegmentWriter::add_data(uint32_t document, std::string_view data, bool is_compressed)
{
    if (!docdata_)
        docdata_ = std::make_unique<TableWriter>(directory_ + "/docdata.glass");
    std::string key = document_key(document);
    std::string_view deflated;
    if (data.size() < COMPRESSED_BYTES_MIN)
        docdata_->add(key, data, false);
    /* Xapian's compaction tries to deflate what is not deflated, at each merge: so it is, as it
     * stands. */
    else if (is_compressed)
        docdata_->add(key, storer_.wrap(data), true);
    else if (deflater_.compress(data, deflated))
        docdata_->add(key, deflated, true);
    else
        docdata_->add(key, data, false);
}

void SegmentWriter::write_postings(TableWriter &postlist, const VisitTerm &visit)
{
    ChunkWriter chunks(postlist);
    std::string bytes;
    std::string key;
    for (uint32_t number : postings_.sorted()) {
        const PostingTerm &term = postings_.term(number);
        postings_.read(term, bytes);
        key.resize(escaped_size(term.view()));
        put_escaped(key.data(), term.view());
        chunks.begin(key, TERM_END, term.document_count, term.wdf_sum);
        PostingReader reader(bytes);
        for (Posting posting; reader.next(posting);)
            chunks.add(posting.document, posting.wdf);
        chunks.end();
        if (visit)
            visit(term.note, term.view());
    }
}

void SegmentWriter::finish(
    const std::map<std::string, std::string> &metadata, const VisitTerm &visit)
{
    TableWriter postlist(directory_ + "/postlist.glass");
    for (const auto &[key, value] : metadata)
        postlist.add(METADATA_PREFIX + key, value);
    values_.write_statistics(postlist);
    values_.write_chunks(postlist);
    if (!lengths_.empty()) {
        ChunkWriter chunks(postlist);
        chunks.begin(LENGTHS_KEY, {}, 0, 0);
        for (size_t i = 0; i < lengths_.size(); i++)
            chunks.add(static_cast<uint32_t>(i + 1), lengths_[i]);
        chunks.end();
    }
    write_postings(postlist, visit);
    TableRoot roots[TABLE_COUNT];
    TableWriter *tables[TABLE_COUNT] = {};
    tables[TABLE_POSTLIST] = &postlist;
    tables[TABLE_DOCDATA] = docdata_.get();
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (tables[i])
            roots[i] = tables[i]->finish();
    for (TableWriter *table : tables)
        if (table)
            table->close();
    write_version_file(directory_, roots, statistics_);
}

} // namespace lede::glass
