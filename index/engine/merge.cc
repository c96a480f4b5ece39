/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several sealed segments become one.
 *
 * Xapian's compaction copies whole databases and keeps their order, moving the document numbers of
 * each source by one amount, what is deleted beside a segment too. Leaving that out means making
 * the segment anew: rewrite.cc. */
#include "merge_output.h"

#include "guard.h"
#include "metadata.h"
#include "noted_syncs.h"
#include "open_segment.h"
#include "positions_writer.h"
#include "rewrite.h"
#include "text_dictionary.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace lede
{

std::string Progress::resolve_duplicate_metadata(
    const std::string &key, size_t tag_count, const std::string tags[])
{
    if (key != METADATA_REVISION)
        return tags[0];
    return *std::max_element(
        tags, tags + tag_count, [](const std::string &a, const std::string &b) {
            return a.size() != b.size() ? a.size() < b.size() : a < b;
        });
}

Output::~Output()
{
    std::error_code ignored;
    if (!kept_)
        std::filesystem::remove_all(path_, ignored);
}

void compact(
    const std::vector<Xapian::Database> &sources, const std::string &path, Progress &progress)
{
    Xapian::Database together;
    for (const Xapian::Database &source : sources)
        together.add_database(source);
    NotedSyncs syncs;
    together.compact(path, Xapian::Compactor::FULL, 0, progress);
    syncs.expect_all(path);
    write_dictionary_files(path);
}

} // namespace lede

namespace
{

/* Say what compacting did to each source. Documents keep their order, so that the first of a source
 * is the one that follows the last of those before. */
enum lede_status find_shifts(const std::vector<Xapian::Database> &sources,
    const Xapian::Database &merged, std::vector<int64_t> *ret_shifts, struct lede_error *reterr)
{
    Xapian::PostingIterator document = merged.postlist_begin(std::string());
    Xapian::PostingIterator end = merged.postlist_end(std::string());
    for (size_t i = 0; i < sources.size(); i++) {
        Xapian::PostingIterator own = sources[i].postlist_begin(std::string());
        Xapian::PostingIterator own_end = sources[i].postlist_end(std::string());
        if (own == own_end)
            continue;
        if (document == end)
            return lede_fail(reterr, LEDE_ECORRUPT, "merging lost documents of segment %zu", i);
        int64_t shift = static_cast<int64_t>(*document) - static_cast<int64_t>(*own);
        (*ret_shifts)[i] = shift;
        for (; own != own_end; ++own, ++document) {
            if (document == end ||
                static_cast<int64_t>(*document) - static_cast<int64_t>(*own) != shift)
                return lede_fail(reterr, LEDE_ECORRUPT,
                    "merging moved the documents of segment %zu unevenly", i);
        }
    }
    if (document != end)
        return lede_fail(reterr, LEDE_ECORRUPT, "merging made documents that no segment has");
    return LEDE_OK;
}

enum lede_status join(struct lede_merge_source *sources,
    const std::vector<Xapian::Database> &opened, const std::string &destination,
    lede::Progress &progress, struct lede_error *reterr)
{
    std::vector<int64_t> shifts(opened.size(), 0);
    lede::compact(opened, destination, progress);
    enum lede_status status = find_shifts(opened, Xapian::Database(destination), &shifts, reterr);
    std::vector<lede::PositionsSource> positions;
    for (size_t i = 0; status == LEDE_OK && i < opened.size(); i++) {
        sources[i].ret_shift = shifts[i];
        positions.push_back({sources[i].path, shifts[i]});
    }
    progress.look();
    if (status == LEDE_OK)
        lede::join_positions(positions, destination);
    return status;
}

enum lede_status merge(struct lede_merge_source *sources, size_t count, const char *destination,
    const char *scratch, bool rewrite, lede::Progress &progress, struct lede_error *reterr)
{
    std::vector<Xapian::Database> opened;
    for (size_t i = 0; i < count; i++)
        opened.push_back(lede::open_segment(sources[i].path));
    lede::Output output(destination);
    enum lede_status status = rewrite ? lede::rewrite_segments(sources, opened, output.path(),
                                            scratch, {}, progress, reterr)
                                      : join(sources, opened, output.path(), progress, reterr);
    if (status == LEDE_OK)
        output.keep();
    return status;
}

} // namespace

extern "C" enum lede_status lede_segments_merge(struct lede_merge_source *sources, size_t count,
    const char *destination, const char *scratch, bool rewrite, bool (*may_go_on)(void *context),
    void *context, struct lede_error *reterr)
{
    return lede::guarded(reterr, "merging segments", [&] {
        lede::Progress progress(may_go_on, context);
        try {
            return merge(sources, count, destination, scratch, rewrite, progress, reterr);
        } catch (const lede::Interrupted &) {
            return lede_fail(reterr, LEDE_EBUSY, "merging segments was interrupted");
        }
    });
}

extern "C" uint32_t lede_merge_source_place(const struct lede_merge_source *source, uint32_t docid)
{
    if (!source->ret_kept)
        return static_cast<uint32_t>(docid + source->ret_shift);
    if (docid / 64 >= source->ret_kept_count)
        return 0;
    const struct lede_kept_documents &kept = source->ret_kept[docid / 64];
    uint64_t up_to_it = ~UINT64_C(0) >> (63 - docid % 64);
    bool is_kept = kept.bits >> (docid % 64) & 1;
    return is_kept ? kept.before + static_cast<uint32_t>(__builtin_popcountll(kept.bits & up_to_it))
                   : 0;
}

extern "C" void lede_merge_source_done(struct lede_merge_source *source)
{
    free(source->ret_kept);
    source->ret_kept = nullptr;
    source->ret_kept_count = 0;
}
