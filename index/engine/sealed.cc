/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment that never changes again, for looking ids up. */
#include "deletions.h"
#include "forward_file.h"
#include "guard.h"
#include "metadata.h"
#include "open_segment.h"
#include "stored_text.h"

#include <cstring>
#include <memory>
#include <string>

struct lede_sealed {
    Xapian::Database database;
    uint64_t revision = 0;
    uint32_t analysis = 0;
};

extern "C" enum lede_status lede_sealed_open(
    const char *path, struct lede_sealed **ret_sealed, struct lede_error *reterr)
{
    return lede::guarded(reterr, "opening a sealed segment", [&] {
        auto sealed = std::make_unique<lede_sealed>();
        sealed->database = lede::open_segment(path);
        enum lede_status status = lede::check_metadata(sealed->database, path, reterr);
        if (status != LEDE_OK)
            return status;
        std::shared_ptr<const lede::ForwardFile> positions = lede::ForwardFile::open(path);
        if (positions) /* whether it is whole */
            positions->check_count(sealed->database.get_lastdocid());
        sealed->revision = lede::read_revision(sealed->database);
        sealed->analysis = lede::read_analysis(sealed->database);
        *ret_sealed = sealed.release();
        return LEDE_OK;
    });
}

extern "C" void lede_sealed_free(struct lede_sealed *sealed)
{
    delete sealed;
}

extern "C" uint32_t lede_sealed_document_count(const struct lede_sealed *sealed)
{
    uint32_t count = 0;
    (void)lede::guarded(nullptr, "counting documents", [&] {
        count = sealed->database.get_doccount();
        return LEDE_OK;
    });
    return count;
}

extern "C" uint32_t lede_sealed_last_document(const struct lede_sealed *sealed)
{
    uint32_t last = 0;
    (void)lede::guarded(nullptr, "counting documents", [&] {
        last = sealed->database.get_lastdocid();
        return LEDE_OK;
    });
    return last;
}

extern "C" uint64_t lede_sealed_revision(const struct lede_sealed *sealed)
{
    return sealed->revision;
}

extern "C" uint32_t lede_sealed_analysis(const struct lede_sealed *sealed)
{
    return sealed->analysis;
}

extern "C" enum lede_status lede_sealed_find(const struct lede_sealed *sealed, const char *id,
    size_t id_size, const struct lede_deleted *deleted, uint32_t *ret_docid,
    unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede::guarded(reterr, "looking up a document", [&] {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
        Xapian::PostingIterator posting = sealed->database.postlist_begin(term);
        Xapian::PostingIterator end = sealed->database.postlist_end(term);
        while (posting != end && lede::is_deleted(*deleted, *posting))
            ++posting;
        if (posting == end) {
            *ret_docid = 0;
            return LEDE_OK;
        }
        if (*posting > sealed->database.get_lastdocid())
            return lede_fail(
                reterr, LEDE_ECORRUPT, "an id leads to document %u, which is none", *posting);
        std::string digest = sealed->database.get_document(*posting).get_value(LEDE_SLOT_DIGEST);
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
    return lede::guarded(reterr, "fetching a document", [&] {
        std::string stored = lede::stored_text(sealed->database, docid);
        lede_buffer_append(ret_stored, stored.data(), stored.size());
        return lede_buffer_status(ret_stored) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
    });
}

extern "C" enum lede_status lede_sealed_visit_ids(const struct lede_sealed *sealed,
    void (*visit)(void *context, const char *term, size_t size), void *context,
    struct lede_error *reterr)
{
    return lede::guarded(reterr, "listing ids", [&] {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string prefix(buffer, lede_schema_id_term("", 0, buffer));
        Xapian::TermIterator end = sealed->database.allterms_end(prefix);
        for (Xapian::TermIterator term = sealed->database.allterms_begin(prefix); term != end;
             ++term) {
            std::string name = *term;
            visit(context, name.data(), name.size());
        }
        return LEDE_OK;
    });
}
