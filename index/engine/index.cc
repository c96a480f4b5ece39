/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several segments are read as one database; a document's number in it is (number in its segment -
 * 1) * segments + segment + 1. */
#include "index.h"

#include "deletions.h"
#include "guard.h"
#include "metadata.h"
#include "open_segment.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

namespace
{

void read_figures(struct lede_index *index)
{
    std::vector<lede::SegmentState> states;
    uint32_t deleted = 0;
    for (size_t i = 0; i < index->segments.size(); i++) {
        states.push_back({index->parts[i].uuid, lede::read_revision(index->segments[i])});
        index->revision = std::max(index->revision, states[i].revision);
        deleted += index->parts[i].deleted.count;
    }
    uint32_t count = index->segments.empty() ? 0 : index->combined.get_doccount();
    index->deleted_count = deleted;
    index->kept_count = count;
    index->document_count = count - std::min(count, deleted);
    index->dictionary.open(std::move(states));
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
    lede::IndexPart part = {named.path, {}, named.deleted};
    ptrdiff_t kept = find_part(earlier, named.path);
    if (kept >= 0) {
        part.uuid = earlier->parts[static_cast<size_t>(kept)].uuid;
        index->forward_files[part.uuid] = earlier->forward_files.at(part.uuid);
        add_segment(index, earlier->segments[static_cast<size_t>(kept)], std::move(part));
        return LEDE_OK;
    }
    Xapian::Database segment = lede::open_segment(named.path);
    enum lede_status status = lede::check_metadata(segment, named.path, reterr);
    if (status != LEDE_OK)
        return status;
    part.uuid = segment.get_uuid();
    auto positions = lede::ForwardFile::open_shared(named.path);
    if (positions)
        positions->check_count(segment.get_lastdocid());
    index->forward_files[part.uuid] = std::move(positions);
    add_segment(index, segment, std::move(part));
    return LEDE_OK;
}

/* The living document behind an id's term, numbered as in index->combined; 0 if there is none. */
Xapian::docid living_document(const struct lede_index *index, const std::string &id_term)
{
    Xapian::PostingIterator end = index->combined.postlist_end(id_term);
    auto parts = static_cast<Xapian::docid>(index->parts.size());
    for (Xapian::PostingIterator posting = index->combined.postlist_begin(id_term); posting != end;
         ++posting) {
        const lede::IndexPart &part = index->parts[(*posting - 1) % parts];
        if (!lede::is_deleted(part.deleted, (*posting - 1) / parts + 1))
            return *posting;
    }
    return 0;
}

} // namespace

extern "C" enum lede_status lede_index_open_segments(const struct lede_index_segment *segments,
    size_t count, const struct lede_index *earlier, struct lede_index **ret_index,
    struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening an index", [&] {
        auto index = std::make_unique<lede_index>();
        for (size_t i = 0; i < count; i++) {
            enum lede_status status = open_segment(index.get(), segments[i], earlier, reterr);
            if (status != LEDE_OK)
                return status;
        }
        read_figures(index.get());
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
            segments.push_back({paths[i], {}});
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

extern "C" enum lede_status lede_index_get(struct lede_index *index, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede::guarded(reterr, "fetching a document", [&] {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
        Xapian::docid docid = index->segments.empty() ? 0 : living_document(index, term);
        if (docid == 0)
            return lede_fail(
                reterr, LEDE_ENOTFOUND, "no document '%.*s'", static_cast<int>(id_size), id);
        Xapian::Document document = index->combined.get_document(docid);
        std::string digest = document.get_value(LEDE_SLOT_DIGEST);
        std::string stored = index->text_of(docid, document);
        if (digest.size() != 16)
            return lede_fail(reterr, LEDE_ECORRUPT, "document '%.*s' has no digest",
                static_cast<int>(id_size), id);
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

size_t lede::number_of_part(const struct lede_index *index, const Xapian::Database &segment)
{
    std::string uuid = segment.get_uuid();
    auto part = std::find_if(index->parts.begin(), index->parts.end(),
        [&uuid](const IndexPart &candidate) { return candidate.uuid == uuid; });
    return static_cast<size_t>(part - index->parts.begin());
}
