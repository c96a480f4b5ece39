/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole segment made at once: the contract, and what is on the disk before and after.
 *
 * Why a writer of our own: Xapian's gathers postings in maps of maps and moves them into B-trees in
 * the order of the terms, many times over; that is four fifths of the time it takes. Built
 * bottom-up from sorted terms each block is written once, and is full. */
#include "entry.h"
#include "guard.h"
#include "metadata.h"
#include "packing.h"
#include "positions_store.h"
#include "segment_writer.h"
#include "text_packer.h"

#include <cerrno>
#include <dirent.h>
#include <map>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace
{

/* The files of a segment. */
class Files
{
  public:
    explicit Files(const std::string &directory)
        : directory_(directory), tables_(directory), positions_file_(directory),
          texts_([this](uint32_t document, std::string_view frame, bool is_compressed) {
              tables_.add_data(document, frame, is_compressed);
          })
    {
    }
    void add(const struct lede_entry &entry)
    {
        uint32_t document = tables_.add(entry.terms, entry.values);
        positions_.add(entry, tables_.term_notes());
        if (!entry.stored.empty())
            texts_.add(document, entry.stored);
    }
    size_t memory_bytes() const
    {
        return tables_.memory_bytes() + positions_.memory_bytes() + texts_.memory_bytes();
    }
    void finish(uint64_t revision)
    {
        texts_.finish();
        std::map<std::string, std::string> metadata = texts_.metadata();
        for (const auto &[key, value] : metadata)
            lede::write_dictionary_file(directory_, key, value);
        metadata[lede::METADATA_FORMAT] = lede::FORMAT;
        metadata[lede::METADATA_ANALYSIS] = std::to_string(LEDE_ANALYSIS_VERSION);
        metadata[lede::METADATA_REVISION] = std::to_string(revision);
        positions_.write_fields(positions_file_);
        tables_.finish(metadata, [&](uint32_t note, std::string_view term) {
            positions_.write_term(positions_file_, note, term);
        });
        positions_file_.finish();
    }

  private:
    std::string directory_;
    lede::glass::SegmentWriter tables_;
    lede::PositionsStore positions_;
    lede::PositionsWriter positions_file_;
    lede::TextPacker texts_;
};

} // namespace

struct lede_builder {
    std::string path;
    std::unique_ptr<Files> files;
    uint32_t document_count = 0;
    bool closed = false; /* nothing more can be added */
    bool finished = false;
};

namespace
{

/* Remove a directory and the files in it; what is in the way stays. */
void remove_directory(const std::string &path)
{
    DIR *directory = opendir(path.c_str());
    if (!directory)
        return;
    while (const struct dirent *item = readdir(directory))
        (void)unlinkat(dirfd(directory), item->d_name, 0);
    closedir(directory);
    (void)rmdir(path.c_str());
}

/* Run a step that closes the builder unless it says otherwise. */
template <typename Body>
enum lede_status step_guarded(
    struct lede_builder *builder, struct lede_error *reterr, const char *what, Body &&body) noexcept
{
    if (builder->closed)
        return lede_fail(reterr, LEDE_EIO, "%s: it is finished, or an earlier step failed", what);
    builder->closed = true;
    return lede::guarded(reterr, what, body);
}

enum lede_status check_terms(const struct lede_entry &entry, struct lede_error *reterr)
{
    for (size_t i = 0; i < entry.terms.term_count(); i++) {
        const lede::Term &term = entry.terms.sorted(i);
        if (!lede::glass::term_fits(term.view()))
            return lede_fail(reterr, LEDE_ELIMIT,
                "a term of %u bytes, expected 1 to %zu, zeros counted twice", term.size,
                lede::glass::TERM_BYTES_MAX);
    }
    return LEDE_OK;
}

} // namespace

extern "C" enum lede_status lede_builder_new(
    const char *path, struct lede_builder **ret_builder, struct lede_error *reterr)
{
    if (mkdir(path, 0777) != 0)
        return errno == EEXIST ? lede_fail(reterr, LEDE_EEXISTS, "'%s' exists", path)
                               : lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", path);
    enum lede_status status = lede::guarded(reterr, "creating a segment", [&] {
        auto builder = std::make_unique<lede_builder>();
        builder->path = path;
        builder->files = std::make_unique<Files>(builder->path);
        *ret_builder = builder.release();
        return LEDE_OK;
    });
    if (status != LEDE_OK)
        remove_directory(path);
    return status;
}

extern "C" enum lede_status lede_builder_add(
    struct lede_builder *builder, const struct lede_entry *entry, struct lede_error *reterr)
{
    return step_guarded(builder, reterr, "adding a document to a segment", [&] {
        enum lede_status status = check_terms(*entry, reterr);
        if (status != LEDE_OK)
            return status;
        builder->files->add(*entry);
        builder->document_count++;
        builder->closed = false;
        return LEDE_OK;
    });
}

extern "C" size_t lede_builder_memory_bytes(const struct lede_builder *builder)
{
    return builder->files->memory_bytes();
}

extern "C" uint32_t lede_builder_document_count(const struct lede_builder *builder)
{
    return builder->document_count;
}

extern "C" enum lede_status lede_builder_finish(
    struct lede_builder *builder, uint64_t revision, struct lede_error *reterr)
{
    return step_guarded(builder, reterr, "finishing a segment", [&] {
        builder->files->finish(revision);
        builder->finished = true;
        return LEDE_OK;
    });
}

extern "C" void lede_builder_free(struct lede_builder *builder)
{
    if (!builder)
        return;
    builder->files.reset();
    if (!builder->finished)
        remove_directory(builder->path);
    delete builder;
}

extern "C" void lede_builder_freep(struct lede_builder **builder)
{
    lede_builder_free(*builder);
    *builder = nullptr;
}
