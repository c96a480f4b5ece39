/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slot holds all values of a document's field joined by LEDE_FACET_SEPARATOR, and a spy counts
 * whole slots: they are taken apart after counting, so that a document costs one look-up whatever
 * it holds. */
#include "facets.h"

#include "arena.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

void SlotCounter::operator()(const Xapian::Document &document, double)
{
    std::string value = document.get_value(slot_);
    if (!value.empty())
        counts_.add(value, 1);
}

Counters::Counters(const struct lede_search &search)
    : search_(search), calendar_(search.time_zone),
      by_days_(calendar_.is_utc() && search.histogram != LEDE_HISTOGRAM_HOUR)
{
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((search.facets & LEDE_FIELD_BIT(id)) && field->filter_letter &&
            field->slot != LEDE_SLOT_NONE)
            spies_.emplace_back(field, field->slot);
    }
    if (search.histogram != LEDE_HISTOGRAM_NONE)
        spies_.emplace_back(nullptr, by_days_ ? LEDE_SLOT_DAY : LEDE_SLOT_QUARTER_HOUR);
}

void Counters::attach(Xapian::Enquire &enquire)
{
    for (Spy &spy : spies_)
        enquire.add_matchspy(&spy.counter);
}

enum lede_status Counters::read(
    struct lede_search_result *ret_result, struct lede_error *reterr) const
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
    CountTable counts;
    for (const CountTable::Entry &slot : spy.counter.counts()) {
        std::string_view rest(slot.text);
        while (!rest.empty()) {
            size_t end = std::min(rest.find(LEDE_FACET_SEPARATOR), rest.size());
            counts.add(rest.substr(0, end), slot.count);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    std::vector<const CountTable::Entry *> order;
    for (const CountTable::Entry &entry : counts.entries())
        order.push_back(&entry);
    size_t kept = std::min<size_t>(order.size(), search_.facet_values);
    auto middle = order.begin() + static_cast<std::ptrdiff_t>(kept);
    std::partial_sort(order.begin(), middle, order.end(),
        [](const CountTable::Entry *a, const CountTable::Entry *b) {
            return a->count != b->count ? a->count > b->count : a->text < b->text;
        });
    struct lede_facet *facet = &ret_result->facets[ret_result->facet_count++];
    facet->field = spy.field->id;
    facet->values = arena_array<struct lede_facet_value>(&ret_result->arena, kept);
    for (facet->count = 0; facet->count < kept; facet->count++)
        facet->values[facet->count] = {
            arena_text(&ret_result->arena, std::string(order[facet->count]->text)),
            order[facet->count]->count};
}

/* The days or quarters of an hour that were counted, ascending. */
enum lede_status Counters::read_moments(
    const Spy &spy, std::vector<Moment> *ret_moments, struct lede_error *reterr) const
{
    unsigned char bytes[4];
    size_t size = by_days_ ? 3 : 4;
    for (const CountTable::Entry &entry : spy.counter.counts()) {
        if (entry.text.size() != size)
            return lede_fail(reterr, LEDE_ECORRUPT, "a document's publication time cannot be read");
        memcpy(bytes, entry.text.data(), size);
        int64_t utc_s =
            by_days_ ? lede_schema_decode_day(bytes) : lede_schema_decode_quarter_hour(bytes);
        ret_moments->push_back({utc_s, entry.count});
    }
    std::sort(ret_moments->begin(), ret_moments->end(),
        [](const Moment &a, const Moment &b) { return a.utc_s < b.utc_s; });
    return LEDE_OK;
}

/* The calendar is asked once a bucket, whatever was counted. */
enum lede_status Counters::read_histogram(
    const Spy &spy, struct lede_search_result *ret_result, struct lede_error *reterr) const
{
    std::vector<Moment> moments;
    std::vector<struct lede_bucket> buckets;
    enum lede_status status = read_moments(spy, &moments, reterr);
    if (status != LEDE_OK || moments.empty())
        return status;
    auto moment = moments.begin();
    int64_t start = calendar_.bucket_start(search_.histogram, moment->utc_s);
    while (moment != moments.end()) {
        if (buckets.size() == LEDE_BUCKETS_MAX)
            return lede_fail(reterr, LEDE_ELIMIT,
                "the histogram would have more than %d buckets: take a longer interval or a "
                "shorter time",
                LEDE_BUCKETS_MAX);
        struct lede_bucket bucket = {start, calendar_.utc_offset_s(start), 0};
        int64_t next = calendar_.next_bucket(search_.histogram, start);
        for (; moment != moments.end() && moment->utc_s < next; ++moment)
            bucket.count += moment->count;
        buckets.push_back(bucket);
        start = next;
    }
    ret_result->buckets = arena_array<struct lede_bucket>(&ret_result->arena, buckets.size());
    std::copy(buckets.begin(), buckets.end(), ret_result->buckets);
    ret_result->bucket_count = buckets.size();
    return LEDE_OK;
}

} // namespace lede
