/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a writer of our own: Xapian's gathers postings in maps of maps and moves them into B-trees in
 * the order of the terms, many times over; that is four fifths of the time it takes. Built
 * bottom-up from sorted terms each block is written once, and is full. */
#include "builder_sink.h"

#include "metadata.h"
#include "positions_store.h"
#include "segment_writer.h"
#include "text_packer.h"

#include <cstdlib>
#include <cstring>
#include <map>

namespace lede
{

namespace
{

class GlassSink : public BuilderSink
{
  public:
    explicit GlassSink(const std::string &directory)
        : directory_(directory), writer_(directory), positions_file_(directory),
          texts_([this](uint32_t document, std::string_view frame, bool is_compressed) {
              writer_.add_data(document, frame, is_compressed);
          })
    {
    }
    void add(const struct lede_entry &entry) override
    {
        uint32_t document = writer_.add(entry.terms, entry.values);
        positions_.add(entry, writer_.term_notes());
        if (!entry.stored.empty())
            texts_.add(document, entry.stored);
    }
    size_t memory_bytes() const override
    {
        return writer_.memory_bytes() + positions_.memory_bytes() + texts_.memory_bytes();
    }
    void finish(uint64_t revision) override
    {
        texts_.finish();
        std::map<std::string, std::string> metadata = texts_.metadata();
        for (const auto &[key, value] : metadata)
            write_dictionary_file(directory_, key, value);
        metadata[METADATA_FORMAT] = FORMAT;
        metadata[METADATA_ANALYSIS] = std::to_string(LEDE_ANALYSIS_VERSION);
        metadata[METADATA_REVISION] = std::to_string(revision);
        positions_.write_fields(positions_file_);
        writer_.finish(metadata, [&](uint32_t note, std::string_view term) {
            positions_.write_term(positions_file_, note, term);
        });
        positions_file_.finish();
    }

  private:
    std::string directory_;
    glass::SegmentWriter writer_;
    PositionsStore positions_;
    PositionsWriter positions_file_;
    TextPacker texts_;
};

/* Xapian gathers postings in maps of maps, moved to the tables after so many documents (10,000
 * unless told otherwise). On news of 2 KB storing goes 1.7 times faster when the maps stay within
 * the processor's caches. Xapian reads the number from the environment alone, which may only be
 * changed before threads start: so it is done as the program is loaded, for the whole process, and
 * what the operator set stays. */
constexpr char FLUSH_DOCUMENTS[] = "500";

__attribute__((constructor)) void set_flush_threshold()
{
    if (sink_kind() == SinkKind::XAPIAN)
        setenv("XAPIAN_FLUSH_THRESHOLD", FLUSH_DOCUMENTS, 0);
}

class XapianSink : public BuilderSink
{
  public:
    explicit XapianSink(const std::string &directory)
        : database_(directory, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS |
                                   Xapian::DB_NO_TERMLIST | Xapian::DB_NO_SYNC),
          positions_file_(directory)
    {
        write_first_metadata(database_);
        database_.begin_transaction(false);
    }
    void add(const struct lede_entry &entry) override
    {
        std::vector<uint32_t *> notes;
        for (size_t i = 0; i < entry.terms.term_count(); i++)
            notes.push_back(&notes_.emplace(entry.terms.sorted(i).view(), 0).first->second);
        database_.add_document(document_of(entry));
        positions_.add(entry, notes);
        memory_bytes_ += entry.terms.term_count() * BYTES_PER_TERM;
    }
    size_t memory_bytes() const override
    {
        return memory_bytes_ + positions_.memory_bytes();
    }
    void finish(uint64_t revision) override
    {
        database_.set_metadata(METADATA_REVISION, std::to_string(revision));
        database_.commit_transaction();
        database_.commit();
        database_.close();
        positions_.write_fields(positions_file_);
        for (const auto &[term, note] : notes_)
            positions_.write_term(positions_file_, note, term);
        positions_file_.finish();
    }

  private:
    static constexpr size_t BYTES_PER_TERM = 160; /* that Xapian's maps take of a posting, about */

    Xapian::WritableDatabase database_;
    PositionsStore positions_;
    PositionsWriter positions_file_;
    std::map<std::string, uint32_t, std::less<>> notes_; /* of terms, for the positions */
    size_t memory_bytes_ = 0;
};

} // namespace

bool writes_our_format(const char *version)
{
    return strncmp(version, "1.4.", 4) == 0;
}

SinkKind sink_kind()
{
    return writes_our_format(Xapian::version_string()) ? SinkKind::GLASS : SinkKind::XAPIAN;
}

std::unique_ptr<BuilderSink> make_sink(SinkKind kind, const std::string &directory)
{
    if (kind == SinkKind::GLASS)
        return std::make_unique<GlassSink>(directory);
    return std::make_unique<XapianSink>(directory);
}

} // namespace lede
