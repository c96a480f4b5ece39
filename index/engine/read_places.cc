/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of a part, as C asks for them. */
#include "guard.h"
#include "index.h"
#include "positions_file.h"

#include <string>

extern "C" bool lede_index_has_places(const struct lede_index *index, size_t part)
{
    return index->opened[part]->positions != nullptr;
}

namespace
{

/* Thrown where a visit ends what is read. */
struct Ended {
    enum lede_status status;
};

std::string places_key(enum lede_place_kind kind, const struct lede_field *field, const char *stem)
{
    switch (kind) {
    case LEDE_PLACES_ENDS:
        return lede::key_of(lede::PLACES_ENDS, field->prefix);
    case LEDE_PLACES_LEADS:
        return lede::key_of(lede::PLACES_LEADS, field->prefix);
    case LEDE_PLACES_PARAGRAPHS:
        return lede::key_of(lede::PLACES_PARAGRAPHS, field->prefix);
    case LEDE_PLACES_SENTENCES:
        return lede::key_of(lede::PLACES_SENTENCES, field->prefix);
    default:
        return std::string(field->prefix) + stem;
    }
}

} // namespace

extern "C" enum lede_status lede_index_read_places(struct lede_index *index, size_t part,
    enum lede_place_kind kind, enum lede_field_id field, const char *stem,
    enum lede_status (*visit)(
        void *context, const uint64_t *places, size_t count, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    const lede::PositionsFile *file = index->opened[part]->positions.get();
    if (!file || !lede_field_at(field)->prefix)
        return LEDE_OK;
    return lede::guarded(reterr, "reading where words stand", [&] {
        try {
            file->visit(places_key(kind, lede_field_at(field), stem),
                [&](const uint64_t *places, size_t count) {
                    enum lede_status status = visit(context, places, count, reterr);
                    if (status != LEDE_OK)
                        throw Ended{status};
                });
            return LEDE_OK;
        } catch (const Ended &ended) {
            return ended.status;
        }
    });
}
