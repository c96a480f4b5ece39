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

/* The number of the document with this id. Status: OK; ENOTFOUND. */
enum lede_status find_document(const struct lede_index *index, const char *id, size_t id_size,
    Xapian::docid *ret_docid, struct lede_error *reterr)
{
    char buffer[LEDE_SCHEMA_TERM_MAX + 1];
    std::string term(buffer, lede_schema_id_term(id, id_size, buffer));
    *ret_docid = index->segments.empty() ? 0 : living_document(index, term);
    return *ret_docid != 0 ? LEDE_OK
                           : lede_fail(reterr, LEDE_ENOTFOUND, "no document '%.*s'",
                                 static_cast<int>(id_size), id);
}

} // namespace

extern "C" enum lede_status lede_index_get(struct lede_index *index, const char *id, size_t id_size,
    struct lede_buffer *ret_stored, unsigned char ret_digest[16], struct lede_error *reterr)
{
    return lede::reading(index, reterr, "fetching a document", [&] {
        Xapian::docid docid = 0;
        enum lede_status status = find_document(index, id, id_size, &docid, reterr);
        if (status != LEDE_OK)
            return status;
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

extern "C" enum lede_status lede_index_get_story(struct lede_index *index, const char *id,
    size_t id_size, char ret_key[LEDE_STORY_KEY_DIGITS + 1], struct lede_error *reterr)
{
    return lede::reading(index, reterr, "fetching a story", [&] {
        Xapian::docid docid = 0;
        enum lede_status status = find_document(index, id, id_size, &docid, reterr);
        if (status != LEDE_OK)
            return status;
        std::string key = index->combined.get_document(docid).get_value(LEDE_SLOT_STORY);
        bool is_one = key.size() == LEDE_STORY_KEY_DIGITS;
        memcpy(ret_key, is_one ? key.c_str() : "", is_one ? key.size() + 1 : 1);
        return LEDE_OK;
    });
}
