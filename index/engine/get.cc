/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One document, by its id. */
#include "deletions.h"
#include "reading.h"

#include <cstring>
#include <string>

namespace
{

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

extern "C" enum lede_status lede_index_get(struct lede_index *index, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede::reading(index, reterr, "fetching a document", [&] {
        char buffer[LEDE_SCHEMA_TERM_MAX + 1];
        std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
        Xapian::docid docid = index->segments.empty() ? 0 : living_document(index, term);
        if (docid == 0)
            return lede_fail(
                reterr, LEDE_ENOTFOUND, "no document '%.*s'", static_cast<int>(id_size), id);
        Xapian::Document document = index->combined.get_document(docid);
        std::string digest = document.get_value(LEDE_SLOT_DIGEST);
        std::string stored = lede::text_of_data(
            document.get_data(), index->segments[(docid - 1) % index->segments.size()]);
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
