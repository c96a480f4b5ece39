/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page.h"

#include "arena.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace lede
{

namespace
{

using Xapian::Query;

constexpr size_t MOMENT_BYTES = 5;

std::string encode_moment(int64_t utc_s)
{
    int64_t clamped = std::min(std::max(utc_s, LEDE_TIME_MIN_UTC_S), LEDE_TIME_MAX_UTC_S);
    unsigned char moment[MOMENT_BYTES];
    lede_schema_encode_time(clamped, moment);
    return std::string(reinterpret_cast<const char *>(moment), sizeof(moment));
}

Query document_of(const char *id)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    return Query(std::string(term, lede_schema_id_term(id, strlen(id), term)));
}

/* What is published beyond the hit, or with it, less what is with it and not beyond by its id. */
Query beyond(const Query &query, const struct lede_search_after &hit, bool newest)
{
    std::string moment = encode_moment(hit.published_utc_s);
    Query from_there(newest ? Query::OP_VALUE_LE : Query::OP_VALUE_GE, LEDE_SLOT_PUBLISHED, moment);
    Query together(Query::OP_VALUE_RANGE, LEDE_SLOT_PUBLISHED, moment, moment);
    Query before(
        newest ? Query::OP_VALUE_GE : Query::OP_VALUE_LE, LEDE_SLOT_ID, std::string(hit.id));
    Query seen(Query::OP_OR, Query(Query::OP_AND, together, before), document_of(hit.id));
    return Query(Query::OP_AND_NOT, Query(Query::OP_FILTER, query, from_there), seen);
}

} // namespace

std::string MomentThenId::operator()(const Xapian::Document &document) const
{
    std::string key = document.get_value(LEDE_SLOT_PUBLISHED);
    key.resize(MOMENT_BYTES);
    key += document.get_value(LEDE_SLOT_ID);
    return key;
}

Query without_excluded(const Query &query, const struct lede_search &search)
{
    return search.exclude_id ? Query(Query::OP_AND_NOT, query, document_of(search.exclude_id))
                             : query;
}

bool is_narrowed(const struct lede_search &search)
{
    return (search.after_hit && search.sort != LEDE_SORT_RELEVANCE) || search.only_ids;
}

Query narrowed_to_page(const Query &query, const struct lede_search &search)
{
    Query narrowed = query;
    if (search.after_hit && search.sort != LEDE_SORT_RELEVANCE)
        narrowed = beyond(narrowed, *search.after_hit, search.sort == LEDE_SORT_NEWEST);
    if (search.only_ids) {
        std::vector<Query> ids;
        for (size_t i = 0; i < search.only_id_count; i++)
            ids.push_back(document_of(search.only_ids[i]));
        narrowed = Query(Query::OP_FILTER, narrowed, Query(Query::OP_OR, ids.begin(), ids.end()));
    }
    return narrowed;
}

void read_ids(const Xapian::Database &database, struct lede_search_result *result)
{
    std::vector<struct lede_hit *> order;
    for (size_t i = 0; i < result->hit_count; i++)
        order.push_back(&result->hits[i]);
    std::sort(order.begin(), order.end(),
        [](const struct lede_hit *a, const struct lede_hit *b) { return a->docid < b->docid; });
    Xapian::ValueIterator id = database.valuestream_begin(LEDE_SLOT_ID);
    Xapian::ValueIterator end = database.valuestream_end(LEDE_SLOT_ID);
    for (struct lede_hit *hit : order) {
        if (id != end && id.get_docid() < hit->docid)
            id.skip_to(hit->docid);
        bool found = id != end && id.get_docid() == hit->docid;
        hit->id = arena_text(&result->arena, found ? *id : std::string());
    }
}

} // namespace lede
