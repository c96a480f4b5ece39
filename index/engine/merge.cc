/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several sealed segments become one.
 *
 * Joining copies whole segments and keeps their order, moving the document numbers of each source
 * by one amount, what is deleted beside a segment too. Leaving that out means making the segment
 * anew: rewrite.cc. */
#include "merge_output.h"

#include "guard.h"
#include "join.h"
#include "metadata.h"
#include "open_segment.h"
#include "positions_writer.h"
#include "rewrite.h"
#include "text_dictionary.h"

#include <cstdlib>
#include <filesystem>

namespace lede
{

Output::~Output()
{
    std::error_code ignored;
    if (!kept_)
        std::filesystem::remove_all(path_, ignored);
}

void join_segments(const std::vector<std::string> &sources, const std::string &destination,
    const Progress &progress, std::vector<int64_t> *ret_shifts)
{
    std::vector<glass::JoinSource> tables;
    std::vector<PositionsSource> positions;
    int64_t documents = 0;
    for (const std::string &source : sources) {
        Xapian::Database database(source, Xapian::DB_BACKEND_GLASS);
        Xapian::PostingIterator first = database.postlist_begin(std::string());
        bool is_empty = first == database.postlist_end(std::string());
        int64_t shift = is_empty ? documents : documents - (int64_t{*first} - 1);
        tables.push_back({source, shift});
        positions.push_back({source, shift});
        documents = is_empty ? documents : int64_t{database.get_lastdocid()} + shift;
        ret_shifts->push_back(shift);
    }
    std::filesystem::create_directory(destination);
    /* The segment holds what each source held at its own revision: the newest of them. All else is
     * one for all. */
    auto is_newer = [](std::string_view key, std::string_view before, std::string_view value) {
        return key == METADATA_REVISION &&
               (before.size() != value.size() ? before.size() < value.size() : before < value);
    };
    glass::join_databases(tables, destination, is_newer, [&] { progress.look(); });
    write_dictionary_files(destination);
    progress.look();
    join_positions(positions, destination);
}

} // namespace lede

namespace
{

enum lede_status join(struct lede_merge_source *sources, size_t count,
    const std::string &destination, const lede::Progress &progress, struct lede_error *reterr)
{
    std::vector<std::string> paths;
    std::vector<int64_t> shifts;
    uint64_t documents = 0;
    for (size_t i = 0; i < count; i++) {
        paths.emplace_back(sources[i].path);
        documents += lede::open_segment(sources[i].path).get_doccount();
    }
    lede::join_segments(paths, destination, progress, &shifts);
    for (size_t i = 0; i < count; i++)
        sources[i].ret_shift = shifts[i];
    if (Xapian::Database(destination).get_doccount() != documents)
        return lede_fail(reterr, LEDE_ECORRUPT, "merging lost documents");
    return LEDE_OK;
}

enum lede_status merge(struct lede_merge_source *sources, size_t count, const char *destination,
    const char *scratch, bool rewrite, lede::Progress &progress, struct lede_error *reterr)
{
    std::vector<Xapian::Database> opened;
    for (size_t i = 0; rewrite && i < count; i++)
        opened.push_back(lede::open_segment(sources[i].path));
    lede::Output output(destination);
    enum lede_status status = rewrite ? lede::rewrite_segments(sources, opened, output.path(),
                                            scratch, {}, progress, reterr)
                                      : join(sources, count, output.path(), progress, reterr);
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
