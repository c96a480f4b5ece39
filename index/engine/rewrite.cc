/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents are read from their segments one after the other, made into entries as if they had just
 * arrived, and built into pieces of bounded memory, which are joined.
 *
 * So the result has no holes, and the terms that today's analysis makes, whichever made the
 * sources'. What arrived with a document stays: its text, its digest, which must be right, and its
 * story. */
#include "rewrite.h"

#include "deletions.h"
#include "entry.h"
#include "guard.h"
#include "metadata.h"
#include "stored_text.h"
#include "story_key.h"

#include "lede/number.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace lede
{

namespace
{

constexpr size_t DIGEST_BYTES = 16;

template <typename Type, void (*free_it)(Type *)> struct Free {
    void operator()(Type *thing) const
    {
        free_it(thing);
    }
};
template <typename Type, void (*free_it)(Type *)>
using Owned = std::unique_ptr<Type, Free<Type, free_it>>;
using OwnedAnalyzer = Owned<struct lede_analyzer, lede_analyzer_free>;
using OwnedBuilder = Owned<struct lede_builder, lede_builder_free>;
using OwnedDocument = Owned<struct lede_document, lede_document_free>;
using OwnedEntry = Owned<struct lede_entry, lede_entry_free>;

/* Segments in the making, in the order of their documents: those of a level hold more than those of
 * the one before, and come first. */
class Pieces
{
  public:
    Pieces(
        const char *directory, const RewriteLimits &limits, uint64_t revision, Progress &progress)
        : directory_(directory), limits_(limits), revision_(revision), progress_(progress)
    {
        std::filesystem::remove_all(directory_.path()); /* what a crash has left */
        std::filesystem::create_directory(directory_.path());
    }

    enum lede_status add(const struct lede_entry *entry, struct lede_error *reterr)
    {
        enum lede_status status = builder_ ? LEDE_OK : begin(reterr);
        if (status != LEDE_OK)
            return status;
        status = lede_builder_add(builder_.get(), entry, reterr);
        if (status == LEDE_OK &&
            lede_builder_memory_bytes(builder_.get()) >= limits_.piece_memory_bytes)
            status = end(reterr);
        return status;
    }

    /* What was added becomes one segment. */
    enum lede_status join(const std::string &destination, struct lede_error *reterr)
    {
        enum lede_status status = !builder_ && levels_.empty() ? begin(reterr) : LEDE_OK;
        if (status == LEDE_OK && builder_)
            status = end(reterr);
        if (status != LEDE_OK)
            return status;
        std::vector<std::string> all;
        for (auto level = levels_.rbegin(); level != levels_.rend(); ++level)
            all.insert(all.end(), level->begin(), level->end());
        if (all.size() == 1)
            std::filesystem::rename(all[0], destination);
        else
            join_pieces(all, destination);
        return LEDE_OK;
    }

  private:
    std::string next_path()
    {
        return directory_.path() + "/" + std::to_string(++made_);
    }

    enum lede_status begin(struct lede_error *reterr)
    {
        struct lede_builder *builder = nullptr;
        path_ = next_path();
        enum lede_status status = lede_builder_new(path_.c_str(), &builder, reterr);
        builder_.reset(builder);
        return status;
    }

    enum lede_status end(struct lede_error *reterr)
    {
        progress_.look();
        enum lede_status status = lede_builder_finish(builder_.get(), revision_, reterr);
        builder_.reset();
        if (status == LEDE_OK)
            place(0, path_);
        return status;
    }

    void place(size_t level, const std::string &path)
    {
        if (levels_.size() == level)
            levels_.emplace_back();
        levels_[level].push_back(path);
        if (levels_[level].size() < limits_.pieces_joined)
            return;
        std::vector<std::string> full = std::exchange(levels_[level], {});
        std::string joined = next_path();
        join_pieces(full, joined);
        for (const std::string &piece : full)
            std::filesystem::remove_all(piece);
        place(level + 1, joined);
    }

    void join_pieces(const std::vector<std::string> &paths, const std::string &destination)
    {
        std::vector<int64_t> shifts;
        join_segments(paths, destination, progress_, &shifts);
    }

    Output directory_;
    RewriteLimits limits_;
    uint64_t revision_;
    Progress &progress_;
    OwnedBuilder builder_;
    std::string path_; /* the builder's */
    unsigned made_ = 0;
    std::vector<std::vector<std::string>> levels_;
};

/* One source, read in the order of its documents. */
class SourceReader
{
  public:
    SourceReader(const Xapian::Database &segment, struct lede_analyzer *analyzer)
        : segment_(segment), analyzer_(analyzer),
          digests_(segment.valuestream_begin(LEDE_SLOT_DIGEST)),
          stories_(segment.valuestream_begin(LEDE_SLOT_STORY))
    {
    }

    /* docid  greater than the last one */
    enum lede_status read(Xapian::docid docid, OwnedEntry *ret_entry, struct lede_error *reterr)
    {
        std::string stored = stored_text(segment_, docid);
        std::string noted = value_at(digests_, docid);
        unsigned char digest[DIGEST_BYTES];
        lede_hash128(stored.data(), stored.size(), digest);
        if (noted.size() != DIGEST_BYTES || memcmp(noted.data(), digest, DIGEST_BYTES) != 0)
            return lede_fail(
                reterr, LEDE_ECORRUPT, "document %u of a segment is not what was stored", docid);
        struct lede_document *document = nullptr;
        struct lede_entry *entry = nullptr;
        enum lede_status status =
            lede_document_from_stored(stored.data(), stored.size(), &document, reterr);
        OwnedDocument owned_document(document);
        if (status == LEDE_OK)
            status = lede_entry_new_stored(
                document, stored.data(), stored.size(), digest, analyzer_, &entry, reterr);
        OwnedEntry owned_entry(entry);
        uint64_t story = story_of_key(value_at(stories_, docid));
        if (status == LEDE_OK && story != 0 && entry->has_sketch)
            status = lede_entry_set_story(entry, story, reterr);
        if (status == LEDE_OK)
            *ret_entry = std::move(owned_entry);
        return status;
    }

  private:
    const Xapian::Database &segment_;
    struct lede_analyzer *analyzer_;
    Xapian::ValueIterator digests_;
    Xapian::ValueIterator stories_;
};

using Kept = std::vector<struct lede_kept_documents>;

class Rewriter
{
  public:
    Rewriter(Pieces &pieces, const Progress &progress, struct lede_analyzer *analyzer)
        : pieces_(pieces), progress_(progress), analyzer_(analyzer)
    {
    }

    enum lede_status add(const Xapian::Database &segment, const struct lede_deleted &deleted,
        Kept *ret_kept, struct lede_error *reterr)
    {
        SourceReader reader(segment, analyzer_);
        Xapian::docid last = segment.get_lastdocid(), before = 0;
        Kept kept(last / 64 + 1);
        size_t counted = 0;
        Xapian::PostingIterator end = segment.postlist_end(std::string());
        for (auto document = segment.postlist_begin(std::string()); document != end; ++document) {
            progress_.look();
            if (*document <= before || *document > last)
                return lede_fail(
                    reterr, LEDE_ECORRUPT, "a segment's document %u is not in order", *document);
            before = *document;
            if (is_deleted(deleted, *document))
                continue;
            OwnedEntry entry;
            enum lede_status status = reader.read(*document, &entry, reterr);
            if (status == LEDE_OK)
                status = pieces_.add(entry.get(), reterr);
            if (status != LEDE_OK)
                return status;
            while (counted <= *document / 64)
                kept[counted++].before = count_;
            kept[*document / 64].bits |= UINT64_C(1) << (*document % 64);
            count_++;
        }
        *ret_kept = std::move(kept);
        return LEDE_OK;
    }

    uint32_t count() const
    {
        return count_;
    }

  private:
    Pieces &pieces_;
    const Progress &progress_;
    struct lede_analyzer *analyzer_;
    uint32_t count_ = 0; /* documents kept */
};

enum lede_status check_numbers(
    const std::string &path, uint32_t expected, struct lede_error *reterr)
{
    Xapian::Database made(path, Xapian::DB_BACKEND_GLASS);
    if (made.get_doccount() == expected && made.get_lastdocid() == expected)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_ECORRUPT,
        "merging made %u documents up to number %u, expected %u", made.get_doccount(),
        made.get_lastdocid(), expected);
}

/* To C's allocator, as the caller frees it. Throws std::bad_alloc, and has given nothing. */
void give_places(struct lede_merge_source *sources, const std::vector<Kept> &kept)
{
    std::vector<struct lede_kept_documents *> given(kept.size(), nullptr);
    for (size_t i = 0; i < kept.size(); i++) {
        size_t bytes = kept[i].size() * sizeof(struct lede_kept_documents);
        given[i] = static_cast<struct lede_kept_documents *>(malloc(bytes));
        if (!given[i]) {
            std::for_each(given.begin(), given.end(), free);
            throw std::bad_alloc();
        }
        memcpy(given[i], kept[i].data(), bytes);
    }
    for (size_t i = 0; i < kept.size(); i++) {
        sources[i].ret_kept = given[i];
        sources[i].ret_kept_count = static_cast<uint32_t>(kept[i].size());
    }
}

} // namespace

enum lede_status rewrite_segments(struct lede_merge_source *sources,
    const std::vector<Xapian::Database> &opened, const std::string &destination,
    const char *scratch, const RewriteLimits &limits, Progress &progress, struct lede_error *reterr)
{
    struct lede_analyzer *analyzer = nullptr;
    enum lede_status status = lede_analyzer_new(&analyzer, reterr);
    if (status != LEDE_OK)
        return status;
    OwnedAnalyzer owned_analyzer(analyzer);
    uint64_t revision = 0;
    for (const Xapian::Database &segment : opened)
        revision = std::max(revision, read_revision(segment));
    Pieces pieces(scratch, limits, revision, progress);
    Rewriter rewriter(pieces, progress, analyzer);
    std::vector<Kept> kept(opened.size());
    for (size_t i = 0; status == LEDE_OK && i < opened.size(); i++)
        status = rewriter.add(opened[i], sources[i].deleted, &kept[i], reterr);
    if (status == LEDE_OK)
        status = pieces.join(destination, reterr);
    if (status == LEDE_OK)
        status = check_numbers(destination, rewriter.count(), reterr);
    if (status == LEDE_OK)
        give_places(sources, kept);
    return status;
}

} // namespace lede
