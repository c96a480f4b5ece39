/* What the archive and a document have of a word. */
#include "guard.h"
#include "index.h"

#include <algorithm>
#include <string>

namespace
{

Xapian::doccount documents_of(const Xapian::Database &database, enum lede_field_id field, const char *stem)
{
    return database.get_termfreq(lede_field_at(field)->prefix + std::string(stem));
}

} // namespace

extern "C" enum lede_status lede_index_stem_documents(
    struct lede_index *index, const char *stem, uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede::guarded(reterr, "counting a word", [&] {
        uint32_t most = 0;
        for (enum lede_field_id field : {LEDE_FIELD_TITLE, LEDE_FIELD_SUMMARY, LEDE_FIELD_BODY}) {
            if (!index->segments.empty())
                most = std::max(most, documents_of(index->combined, field, stem));
        }
        *ret_documents = most;
        return LEDE_OK;
    });
}
