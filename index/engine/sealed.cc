/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment that never changes again, for looking ids up. */
#include "deletions.h"
#include "guard.h"
#include "segment_pool.h"
#include "stored_text.h"
#include "value_counts.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>

struct lede_sealed {
    std::shared_ptr<lede::SegmentPool> pool;
    lede::Segments segment; /* one */
};

namespace
{

/* Run a body that is given a handle and returns a status; an exception becomes one. */
template <typename Body>
enum lede_status reading(const struct lede_sealed *sealed, struct lede_error *reterr,
    const char *what, Body &&body) noexcept
{
    return lede::guarded(reterr, what, [&] {
        lede::Handles handle = sealed->pool->lend(sealed->segment);
        enum lede_status status =
            lede::guarded(reterr, what, [&] { return body(std::as_const(handle[0])); });
        sealed->pool->give_back(sealed->segment, std::move(handle), status == LEDE_OK);
        return status;
    });
}

} // namespace

extern "C" enum lede_status lede_sealed_open(const struct lede_engine *engine, const char *path,
    struct lede_sealed **ret_sealed, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening a sealed segment", [&] {
        auto sealed = std::make_unique<lede_sealed>();
        sealed->pool = lede::pool_of(engine);
        sealed->segment.resize(1);
        enum lede_status status = sealed->pool->open(path, &sealed->segment[0], reterr);
        if (status == LEDE_OK)
            *ret_sealed = sealed.release();
        return status;
    });
}

extern "C" void lede_sealed_free(struct lede_sealed *sealed)
{
    delete sealed;
}

extern "C" uint32_t lede_sealed_document_count(const struct lede_sealed *sealed)
{
    return sealed->segment[0]->documents;
}

extern "C" uint32_t lede_sealed_last_document(const struct lede_sealed *sealed)
{
    return sealed->segment[0]->last_document;
}

extern "C" uint64_t lede_sealed_revision(const struct lede_sealed *sealed)
{
    return sealed->segment[0]->revision;
}

extern "C" uint32_t lede_sealed_analysis(const struct lede_sealed *sealed)
{
    return sealed->segment[0]->analysis;
}

extern "C" enum lede_status lede_sealed_find(const struct lede_sealed *sealed, const char *id,
    size_t id_size, const struct lede_deleted *deleted, uint32_t *ret_docid,
    unsigned char ret_digest[16], struct lede_error *reterr)
{
    return reading(sealed, reterr, "looking up a document", [&](const Xapian::Database &segment) {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
        Xapian::PostingIterator posting = segment.postlist_begin(term);
        Xapian::PostingIterator end = segment.postlist_end(term);
        while (posting != end && lede::is_deleted(*deleted, *posting))
            ++posting;
        if (posting == end) {
            *ret_docid = 0;
            return LEDE_OK;
        }
        if (*posting > sealed->segment[0]->last_document)
            return lede_fail(
                reterr, LEDE_ECORRUPT, "an id leads to document %u, which is none", *posting);
        std::string digest = segment.get_document(*posting).get_value(LEDE_SLOT_DIGEST);
        if (digest.size() != 16)
            return lede_fail(
                reterr, LEDE_ECORRUPT, "document %u of a segment has no digest", *posting);
        memcpy(ret_digest, digest.data(), 16);
        *ret_docid = *posting;
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_sealed_get(const struct lede_sealed *sealed, uint32_t docid,
    struct lede_buffer *ret_stored, struct lede_error *reterr)
{
    return reading(sealed, reterr, "fetching a document", [&](const Xapian::Database &segment) {
        std::string stored = lede::stored_text(segment, docid);
        lede_buffer_append(ret_stored, stored.data(), stored.size());
        return lede_buffer_status(ret_stored) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
    });
}

extern "C" enum lede_status lede_sealed_count_values(const struct lede_sealed *sealed,
    const struct lede_deleted *deleted, const struct lede_deleted *before,
    const struct lede_value_counts *counts_before, struct lede_value_counts **ret_counts,
    struct lede_error *reterr)
{
    return reading(sealed, reterr, "counting values", [&](const Xapian::Database &segment) {
        auto counts = std::make_unique<lede_value_counts>();
        if (counts_before)
            *counts = *counts_before;
        std::vector<Xapian::docid> documents = lede::deleted_since(*deleted, *before);
        for (const struct lede_field *field :
            {static_cast<const struct lede_field *>(nullptr), lede_field_at(LEDE_FIELD_LANGUAGE)})
            lede::count_terms(segment, lede::value_prefix(field), LEDE_VALUES_COUNTED_MAX,
                documents, &counts->by_term);
        *ret_counts = counts.release();
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_sealed_visit_ids(const struct lede_sealed *sealed,
    void (*visit)(void *context, const char *term, size_t size), void *context,
    struct lede_error *reterr)
{
    return reading(sealed, reterr, "listing ids", [&](const Xapian::Database &segment) {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string prefix(buffer, lede_schema_id_term("", 0, buffer));
        Xapian::TermIterator end = segment.allterms_end(prefix);
        for (Xapian::TermIterator term = segment.allterms_begin(prefix); term != end; ++term) {
            std::string name = *term;
            visit(context, name.data(), name.size());
        }
        return LEDE_OK;
    });
}
