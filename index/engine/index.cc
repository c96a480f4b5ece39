/* Several segments are read as one database; a document's number in it is (number in its segment - 1) *
 * segments + segment + 1. */
#include "index.h"

#include "guard.h"
#include "metadata.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

namespace
{

/* A writer that commits often can outrun the opening of a large index. */
constexpr int REFRESH_TRIES = 5;

void read_figures(struct lede_index *index)
{
    uint64_t revision = 0;
    for (const Xapian::Database &segment : index->segments)
        revision = std::max(revision, lede::read_revision(segment));
    uint32_t count = index->segments.empty() ? 0 : index->combined.get_doccount();
    index->revision = revision;
    index->document_count = count;
}

/* Returns whether anything may have changed. */
bool refresh(struct lede_index *index, bool reopen_first)
{
    bool changed = reopen_first && index->combined.reopen();
    for (int left = REFRESH_TRIES;; left--) {
        try {
            read_figures(index);
            return changed;
        } catch (const Xapian::DatabaseModifiedError &) {
            if (left == 0)
                throw;
            changed = index->combined.reopen() || changed;
        }
    }
}

enum lede_status open_segment(struct lede_index *index, const char *path, struct lede_error *reterr)
{
    Xapian::Database segment(path, Xapian::DB_BACKEND_GLASS);
    if (!lede::metadata_is_unwritten(segment)) {
        enum lede_status status = lede::check_metadata(segment, path, reterr);
        if (status != LEDE_OK)
            return status;
    }
    index->combined.add_database(segment);
    index->segments.push_back(segment);
    return LEDE_OK;
}

} // namespace

extern "C" enum lede_status lede_index_open(
    const char *const *paths, size_t count, struct lede_index **ret_index, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening an index", [&] {
        auto index = std::make_unique<lede_index>();
        for (size_t i = 0; i < count; i++) {
            enum lede_status status = open_segment(index.get(), paths[i], reterr);
            if (status != LEDE_OK)
                return status;
        }
        refresh(index.get(), false);
        *ret_index = index.release();
        return LEDE_OK;
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
        Xapian::PostingIterator posting = index->combined.postlist_begin(term);
        if (posting == index->combined.postlist_end(term))
            return lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'", static_cast<int>(id_size), id);
        Xapian::Document document = index->combined.get_document(*posting);
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
