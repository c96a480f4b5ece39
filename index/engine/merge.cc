/* Several sealed segments become one.
 *
 * Xapian's compaction copies whole databases and keeps their order, moving the document numbers of each source by one
 * amount. What is deleted beside a segment it copies too; leaving that out means deleting it from a copy, which leaves
 * holes in every table, and compacting the copy. */
#include "deletions.h"
#include "guard.h"
#include "metadata.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace
{

class Interrupted
{
};

class Progress : public Xapian::Compactor
{
  public:
    Progress(bool (*may_go_on)(void *context), void *context) : may_go_on_(may_go_on), context_(context)
    {
    }

    void set_status(const std::string &, const std::string &) override
    {
        look();
    }
    void look() const
    {
        if (may_go_on_ && !may_go_on_(context_))
            throw Interrupted();
    }
    /* The merged segment holds what each source held at its own revision: the newest of them. All else is one for all. */
    std::string resolve_duplicate_metadata(
        const std::string &key, size_t tag_count, const std::string tags[]) override
    {
        if (key != lede::METADATA_REVISION)
            return tags[0];
        return *std::max_element(tags, tags + tag_count, [](const std::string &a, const std::string &b) {
            return a.size() != b.size() ? a.size() < b.size() : a < b;
        });
    }

  private:
    bool (*may_go_on_)(void *context);
    void *context_;
};

/* A directory that goes again unless it is kept. */
class Output
{
  public:
    explicit Output(const char *path) : path_(path)
    {
    }
    ~Output()
    {
        std::error_code ignored;
        if (!kept_)
            std::filesystem::remove_all(path_, ignored);
    }
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;
    const std::string &path() const
    {
        return path_;
    }
    void keep()
    {
        kept_ = true;
    }

  private:
    std::string path_;
    bool kept_ = false;
};

void compact(const std::vector<Xapian::Database> &sources, const std::string &path, Progress &progress)
{
    Xapian::Database together;
    for (const Xapian::Database &source : sources)
        together.add_database(source);
    together.compact(path, Xapian::Compactor::FULL, 0, progress);
}

/* Add to each shift what compacting did to its source. Documents keep their order, so that the first of a source is the one that
 * follows the last of those before. */
enum lede_status add_shifts(const std::vector<Xapian::Database> &sources, const Xapian::Database &merged,
    std::vector<int64_t> *shifts, struct lede_error *reterr)
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
        (*shifts)[i] += shift;
        for (; own != own_end; ++own, ++document) {
            if (document == end || static_cast<int64_t>(*document) - static_cast<int64_t>(*own) != shift)
                return lede_fail(
                    reterr, LEDE_ECORRUPT, "merging moved the documents of segment %zu unevenly", i);
        }
    }
    if (document != end)
        return lede_fail(reterr, LEDE_ECORRUPT, "merging made documents that no segment has");
    return LEDE_OK;
}

/* Out of the copy goes what is deleted in the sources. */
void remove_deleted(const std::string &path, const struct lede_merge_source *sources,
    const std::vector<int64_t> &shifts, const Progress &progress)
{
    Xapian::WritableDatabase copy(path, Xapian::DB_OPEN | Xapian::DB_NO_SYNC);
    copy.begin_transaction(false);
    for (size_t i = 0; i < shifts.size(); i++) {
        const struct lede_deleted &deleted = sources[i].deleted;
        if (deleted.count == 0)
            continue;
        for (Xapian::docid docid = lede::next_deleted(deleted, 1); docid < deleted.bit_count;
             docid = lede::next_deleted(deleted, docid + 1)) {
            copy.delete_document(static_cast<Xapian::docid>(docid + shifts[i]));
            progress.look();
        }
    }
    copy.commit_transaction();
    copy.commit();
}

std::vector<Xapian::Database> open_sources(const struct lede_merge_source *sources, size_t count)
{
    std::vector<Xapian::Database> opened;
    for (size_t i = 0; i < count; i++)
        opened.emplace_back(sources[i].path, Xapian::DB_BACKEND_GLASS);
    return opened;
}

enum lede_status merge(struct lede_merge_source *sources, size_t count, const char *destination,
    const char *scratch, bool leave_out, Progress &progress, struct lede_error *reterr)
{
    std::vector<Xapian::Database> opened = open_sources(sources, count);
    std::vector<int64_t> shifts(count, 0);
    Output output(destination);
    Output copy(scratch);
    const std::string &first = leave_out ? copy.path() : output.path();
    compact(opened, first, progress);
    enum lede_status status = add_shifts(opened, Xapian::Database(first), &shifts, reterr);
    if (status == LEDE_OK && leave_out) {
        remove_deleted(first, sources, shifts, progress);
        std::vector<Xapian::Database> copies = {Xapian::Database(first)};
        std::vector<int64_t> moved = {0};
        compact(copies, output.path(), progress);
        status = add_shifts(copies, Xapian::Database(output.path()), &moved, reterr);
        for (int64_t &shift : shifts)
            shift += moved[0];
    }
    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        sources[i].ret_shift = shifts[i];
    output.keep();
    return LEDE_OK;
}

} // namespace

extern "C" enum lede_status lede_segments_merge(struct lede_merge_source *sources, size_t count,
    const char *destination, const char *scratch, bool leave_out, bool (*may_go_on)(void *context),
    void *context, struct lede_error *reterr)
{
    return lede::guarded(reterr, "merging segments", [&] {
        Progress progress(may_go_on, context);
        try {
            return merge(sources, count, destination, scratch, leave_out, progress, reterr);
        } catch (const Interrupted &) {
            return lede_fail(reterr, LEDE_EBUSY, "merging segments was interrupted");
        }
    });
}
