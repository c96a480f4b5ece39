/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the archive and a document have of a word. */
#include "index.h"
#include "reading.h"

#include <algorithm>
#include <set>
#include <string>

namespace
{

constexpr enum lede_field_id TEXT_FIELDS[] = {
    LEDE_FIELD_TITLE, LEDE_FIELD_SUMMARY, LEDE_FIELD_BODY};

/* A word that no field has twice may be in one document or in several. */
uint32_t count_lone(const Xapian::Database &database, const char *stem)
{
    std::set<Xapian::docid> documents;
    for (enum lede_field_id field : TEXT_FIELDS) {
        std::string term = lede_field_at(field)->prefix + std::string(stem);
        documents.insert(database.postlist_begin(term), database.postlist_end(term));
    }
    return static_cast<uint32_t>(documents.size());
}

uint32_t count_documents(const Xapian::Database &database, const char *stem)
{
    uint32_t most = 0;
    for (enum lede_field_id field : TEXT_FIELDS)
        most =
            std::max(most, database.get_termfreq(lede_field_at(field)->prefix + std::string(stem)));
    return most == 1 ? count_lone(database, stem) : most;
}

} // namespace

extern "C" enum lede_status lede_index_stem_documents(
    struct lede_index *index, const char *stem, uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "counting a word", [&] {
        *ret_documents = index->segments.empty() ? 0 : count_documents(index->combined, stem);
        return LEDE_OK;
    });
}
