/* A slot holds all values of a document's field joined by LEDE_FACET_SEPARATOR, and a spy counts whole slots:
 * they are taken apart after counting, so that a document costs one look-up whatever it holds. */
#include "facets.h"

#include "arena.h"
#include "calendar.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lede
{

Counters::Counters(const struct lede_search &search) : search_(search)
{
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((search.facets & LEDE_FIELD_BIT(id)) && field->filter_letter && field->slot != LEDE_SLOT_NONE)
            spies_.emplace_back(field, field->slot);
    }
    if (search.histogram != LEDE_HISTOGRAM_NONE)
        spies_.emplace_back(nullptr, LEDE_SLOT_QUARTER_HOUR);
}

void Counters::attach(Xapian::Enquire &enquire)
{
    for (Spy &spy : spies_)
        enquire.add_matchspy(&spy.spy);
}

enum lede_status Counters::read(struct lede_search_result *ret_result, struct lede_error *reterr) const
{
    size_t facets = spies_.size() - (search_.histogram != LEDE_HISTOGRAM_NONE ? 1 : 0);
    ret_result->facets = arena_array<struct lede_facet>(&ret_result->arena, facets);
    for (const Spy &spy : spies_) {
        if (spy.field) {
            read_facet(spy, ret_result);
            continue;
        }
        enum lede_status status = read_histogram(spy, ret_result, reterr);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

void Counters::read_facet(const Spy &spy, struct lede_search_result *ret_result) const
{
    std::unordered_map<std::string, uint32_t> counts;
    for (Xapian::TermIterator value = spy.spy.values_begin(); value != spy.spy.values_end(); ++value) {
        std::string joined = *value;
        std::string_view rest(joined);
        while (!rest.empty()) {
            size_t end = std::min(rest.find(LEDE_FACET_SEPARATOR), rest.size());
            counts[std::string(rest.substr(0, end))] += value.get_termfreq();
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    using Count = std::pair<const std::string, uint32_t>;
    std::vector<const Count *> order;
    for (const Count &count : counts)
        order.push_back(&count);
    size_t kept = std::min<size_t>(order.size(), search_.facet_values);
    auto middle = order.begin() + static_cast<std::ptrdiff_t>(kept);
    std::partial_sort(order.begin(), middle, order.end(), [](const Count *a, const Count *b) {
        return a->second != b->second ? a->second > b->second : a->first < b->first;
    });
    struct lede_facet *facet = &ret_result->facets[ret_result->facet_count++];
    facet->field = spy.field->id;
    facet->values = arena_array<struct lede_facet_value>(&ret_result->arena, kept);
    for (facet->count = 0; facet->count < kept; facet->count++)
        facet->values[facet->count] = {
            arena_text(&ret_result->arena, order[facet->count]->first), order[facet->count]->second};
}

enum lede_status Counters::read_histogram(
    const Spy &spy, struct lede_search_result *ret_result, struct lede_error *reterr) const
{
    Calendar calendar(search_.time_zone);
    std::map<int64_t, uint32_t> counts;
    for (Xapian::TermIterator value = spy.spy.values_begin(); value != spy.spy.values_end(); ++value) {
        std::string quarter = *value;
        if (quarter.size() != 4)
            return lede_fail(reterr, LEDE_ECORRUPT, "a document's publication time cannot be read");
        unsigned char bytes[4];
        memcpy(bytes, quarter.data(), sizeof(bytes));
        counts[calendar.bucket_start(search_.histogram, lede_schema_decode_quarter_hour(bytes))] +=
            value.get_termfreq();
    }
    if (counts.empty())
        return LEDE_OK;
    std::vector<struct lede_bucket> buckets;
    int64_t last = counts.rbegin()->first;
    auto count = counts.begin();
    for (int64_t start = count->first; start <= last;) {
        if (buckets.size() == LEDE_BUCKETS_MAX)
            return lede_fail(reterr, LEDE_ELIMIT,
                "the histogram would have more than %d buckets: take a longer interval or a shorter time",
                LEDE_BUCKETS_MAX);
        struct lede_bucket bucket = {start, calendar.utc_offset_s(start), 0};
        int64_t next = calendar.next_bucket(search_.histogram, start);
        for (; count != counts.end() && count->first < next; ++count)
            bucket.count += count->second;
        buckets.push_back(bucket);
        start = next;
    }
    ret_result->buckets = arena_array<struct lede_bucket>(&ret_result->arena, buckets.size());
    std::copy(buckets.begin(), buckets.end(), ret_result->buckets);
    ret_result->bucket_count = buckets.size();
    return LEDE_OK;
}

} // namespace lede
