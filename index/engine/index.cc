/* Several segments are read as one database; a document's number in it is (number in its segment - 1) *
 * segments + segment + 1. */
#include "index.h"

#include "deletions.h"
#include "guard.h"
#include "metadata.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

namespace
{

/* A writer that commits often can outrun the opening of a large index. */
constexpr int REFRESH_TRIES = 5;

void read_figures(struct lede_index *index)
{
    std::vector<uint64_t> revisions;
    uint32_t deleted = 0;
    for (const Xapian::Database &segment : index->segments)
        revisions.push_back(lede::read_revision(segment));
    for (const lede::IndexPart &part : index->parts)
        deleted += part.deleted.count;
    uint32_t count = index->segments.empty() ? 0 : index->combined.get_doccount();
    index->revision = revisions.empty() ? 0 : *std::max_element(revisions.begin(), revisions.end());
    index->deleted_count = deleted;
    index->kept_count = count;
    index->document_count = count - std::min(count, deleted);
    index->facts.forget();
    index->pattern_sets.forget();
    std::vector<lede::SegmentState> states;
    for (size_t i = 0; i < revisions.size(); i++)
        states.push_back({index->parts[i].uuid, revisions[i], !index->parts[i].is_live});
    index->dictionary.refresh(std::move(states));
}

/* Sealed segments never change. */
bool reopen_live(struct lede_index *index)
{
    bool changed = false;
    for (size_t i = 0; i < index->segments.size(); i++)
        changed = (index->parts[i].is_live && index->segments[i].reopen()) || changed;
    return changed;
}

/* Returns whether anything may have changed. */
bool refresh(struct lede_index *index, bool reopen_first)
{
    bool changed = reopen_first && reopen_live(index);
    for (int left = REFRESH_TRIES;; left--) {
        try {
            read_figures(index);
            return changed;
        } catch (const Xapian::DatabaseModifiedError &) {
            if (left == 0)
                throw;
            changed = reopen_live(index) || changed;
        }
    }
}

/* The handle that another index of the same thread has on the segment; -1 if there is none. */
ptrdiff_t find_part(const struct lede_index *index, const char *path)
{
    for (size_t i = 0; index && i < index->parts.size(); i++) {
        if (index->parts[i].path == path)
            return static_cast<ptrdiff_t>(i);
    }
    return -1;
}

void add_segment(struct lede_index *index, const Xapian::Database &segment, lede::IndexPart part)
{
    index->combined.add_database(segment);
    index->segments.push_back(segment);
    index->parts.push_back(std::move(part));
}

enum lede_status open_segment(struct lede_index *index, const struct lede_index_segment &named,
    const struct lede_index *earlier, struct lede_error *reterr)
{
    lede::IndexPart part = {named.path, {}, named.deleted, named.is_live};
    ptrdiff_t kept = find_part(earlier, named.path);
    if (kept >= 0) {
        Xapian::Database segment = earlier->segments[static_cast<size_t>(kept)];
        const lede::IndexPart &before = earlier->parts[static_cast<size_t>(kept)];
        /* One that was sealed since has had its last commit. */
        if (before.is_live)
            segment.reopen();
        part.uuid = before.uuid;
        add_segment(index, segment, std::move(part));
        return LEDE_OK;
    }
    Xapian::Database segment(named.path, Xapian::DB_BACKEND_GLASS);
    if (!lede::metadata_is_unwritten(segment)) {
        enum lede_status status = lede::check_metadata(segment, named.path, reterr);
        if (status != LEDE_OK)
            return status;
    }
    part.uuid = segment.get_uuid();
    add_segment(index, segment, std::move(part));
    return LEDE_OK;
}

} // namespace

extern "C" enum lede_status lede_index_open_segments(const struct lede_index_segment *segments, size_t count,
    const struct lede_index *earlier, struct lede_index **ret_index, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening an index", [&] {
        auto index = std::make_unique<lede_index>();
        for (size_t i = 0; i < count; i++) {
            enum lede_status status = open_segment(index.get(), segments[i], earlier, reterr);
            if (status != LEDE_OK)
                return status;
        }
        refresh(index.get(), false);
        if (earlier)
            index->dictionary.inherit(earlier->dictionary);
        *ret_index = index.release();
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_open(
    const char *const *paths, size_t count, struct lede_index **ret_index, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening an index", [&] {
        std::vector<struct lede_index_segment> segments;
        for (size_t i = 0; i < count; i++)
            segments.push_back({paths[i], true, {}});
        return lede_index_open_segments(segments.data(), count, nullptr, ret_index, reterr);
    });
}

extern "C" void lede_index_free(struct lede_index *index)
{
    delete index;
}

extern "C" void lede_index_freep(struct lede_index **index)
{
    lede_index_free(*index);
    *index = nullptr;
}

extern "C" enum lede_status lede_index_reopen(
    struct lede_index *index, bool *ret_changed, struct lede_error *reterr)
{
    return lede::guarded(reterr, "reopening an index", [&] {
        bool changed = !index->segments.empty() && refresh(index, true);
        if (ret_changed)
            *ret_changed = changed;
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_get(struct lede_index *index, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede::guarded(reterr, "fetching a document", [&] {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
        Xapian::docid docid = index->segments.empty() ? 0 : lede::living_document(index, term);
        if (docid == 0)
            return lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'", static_cast<int>(id_size), id);
        Xapian::Document document = index->combined.get_document(docid);
        std::string digest = document.get_value(LEDE_SLOT_DIGEST);
        std::string stored = document.get_data();
        if (digest.size() != 16)
            return lede_fail(
                reterr, LEDE_ECORRUPT, "document '%.*s' has no digest", static_cast<int>(id_size), id);
        lede_buffer_append(ret_stored, stored.data(), stored.size());
        if (lede_buffer_status(ret_stored) != LEDE_OK)
            return lede_fail_memory(reterr);
        if (ret_digest)
            memcpy(ret_digest, digest.data(), 16);
        return LEDE_OK;
    });
}

extern "C" uint32_t lede_index_document_count(const struct lede_index *index)
{
    return index->document_count;
}

extern "C" uint64_t lede_index_revision(const struct lede_index *index)
{
    return index->revision;
}

std::vector<size_t> lede::largest_first(const struct lede_index *index)
{
    std::vector<std::pair<Xapian::doccount, size_t>> order;
    for (size_t i = 0; i < index->segments.size(); i++) {
        Xapian::doccount count = index->segments[i].get_doccount();
        if (count > 0)
            order.emplace_back(count, i);
    }
    std::sort(order.begin(), order.end(), std::greater<>());
    std::vector<size_t> numbers;
    for (const auto &one : order)
        numbers.push_back(one.second);
    return numbers;
}
