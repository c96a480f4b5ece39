/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several segments are read as one database; a document's number in it is (number in its segment -
 * 1) * segments + segment + 1. */
#include "index.h"

#include "guard.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

namespace
{

/* An empty index is of no revision. */
void read_figures(struct lede_index *index)
{
    std::vector<lede::SegmentState> states;
    uint32_t deleted = 0, count = 0;
    for (size_t i = 0; i < index->opened.size(); i++) {
        const lede::Segment &segment = *index->opened[i];
        states.push_back({segment.uuid, segment.revision});
        index->revision = std::max(index->revision, segment.revision);
        deleted += index->parts[i].deleted.count;
        count += segment.documents;
    }
    index->deleted_count = deleted;
    index->document_count = count - std::min(count, deleted);
    index->dictionary.open(std::move(states));
}

enum lede_status add_segment(
    struct lede_index *index, const struct lede_index_segment &named, struct lede_error *reterr)
{
    std::shared_ptr<lede::Segment> segment;
    enum lede_status status = index->pool->open(named.path, &segment, reterr);
    if (status != LEDE_OK)
        return status;
    index->parts.push_back({named.deleted, named.deleted_values});
    index->opened.push_back(std::move(segment));
    return LEDE_OK;
}

} // namespace

extern "C" enum lede_status lede_index_open_segments(const struct lede_engine *engine,
    const struct lede_index_segment *segments, size_t count, const struct lede_index *earlier,
    struct lede_index **ret_index, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening an index", [&] {
        auto index = std::make_unique<lede_index>();
        index->pool = !engine && earlier ? earlier->pool : lede::pool_of(engine);
        for (size_t i = 0; i < count; i++) {
            enum lede_status status = add_segment(index.get(), segments[i], reterr);
            if (status != LEDE_OK)
                return status;
        }
        read_figures(index.get());
        index->facts = index->pool->facts_of(index->opened);
        if (earlier)
            index->dictionary.inherit(earlier->dictionary);
        *ret_index = index.release();
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_open(const char *const *paths, size_t count,
    struct lede_index **ret_index, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening an index", [&] {
        std::vector<struct lede_index_segment> segments;
        for (size_t i = 0; i < count; i++)
            segments.push_back({paths[i], {}, nullptr});
        return lede_index_open_segments(
            nullptr, segments.data(), count, nullptr, ret_index, reterr);
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

extern "C" uint32_t lede_index_document_count(const struct lede_index *index)
{
    return index->document_count;
}

extern "C" uint64_t lede_index_revision(const struct lede_index *index)
{
    return index->revision;
}

extern "C" const char *lede_engine_library_version(void)
{
    return Xapian::version_string();
}
