/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts become numbers at once: what is counted and compared per match are these. */
#include "collapse_table.h"

#include "arena.h"
#include "collapse.h"
#include "segment_source.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

namespace lede
{

namespace
{

struct Pair {
    uint32_t value;
    uint32_t source;
};

} // namespace

struct CollapseTable::Copies {
    uint32_t count = 0;
    SourceCounts sources;
};

CollapseTable::CollapseTable(
    const struct lede_index *index, const struct lede_search &search, size_t count, bool counts)
    : index_(index), search_(search), finds_(count > 0), counts_(counts), bests_(search, count)
{
}

Xapian::Query CollapseTable::watched(const Xapian::Query &query)
{
    return noting_segment(query, index_, &segment_);
}

void CollapseTable::operator()(const Xapian::Document &document, double weight)
{
    std::string text = document.get_value(search_.collapse_slot);
    uint32_t value = text.empty() ? VALUE_NONE : values_.add(text, 1);
    if (finds_) {
        auto segments = static_cast<Xapian::docid>(index_->segments.size());
        bests_.add(value, (document.get_docid() - 1) * segments + segment_ + 1, document, weight);
    }
    if (counts_ && value != VALUE_NONE && search_.collapse_slot != LEDE_SLOT_SOURCE)
        count_source(value, document);
}

void CollapseTable::count_source(uint32_t value, const Xapian::Document &document)
{
    std::string text = document.get_value(LEDE_SLOT_SOURCE);
    uint32_t source = text.empty() ? VALUE_NONE : sources_.add(text, 1);
    if (value == first_sources_.size())
        first_sources_.push_back({source, 0});
    if (source == VALUE_NONE)
        return;
    if (first_sources_[value].source == source) {
        first_sources_[value].count++;
        return;
    }
    Pair pair = {value, source};
    pairs_.add(std::string_view(reinterpret_cast<const char *>(&pair), sizeof(pair)), 1);
}

std::vector<Ranked> CollapseTable::first(Deadline *deadline) const
{
    std::vector<Ranked> order;
    for (const BestDocument &best : bests_.first(index_, deadline)) {
        std::string key =
            best.value == VALUE_NONE ? "" : std::string(values_.entries()[best.value].text);
        order.push_back({best.docid, best.score, best.score, key});
    }
    return order;
}

/* Of each hit. */
std::vector<CollapseTable::Copies> CollapseTable::copies_of(const struct lede_search_result &result)
{
    std::vector<Copies> copies(result.hit_count);
    std::unordered_map<uint32_t, size_t> hit_of;
    for (size_t i = 0; i < result.hit_count; i++) {
        const char *key = result.hits[i].collapse_key;
        if (!key[0])
            continue;
        uint32_t value = values_.add(key, 0);
        hit_of[value] = i;
        copies[i].count = values_.entries()[value].count;
        if (search_.collapse_slot == LEDE_SLOT_SOURCE)
            copies[i].sources.emplace_back(key, copies[i].count);
        else if (value < first_sources_.size() && first_sources_[value].count > 0)
            copies[i].sources.emplace_back(
                sources_.entries()[first_sources_[value].source].text, first_sources_[value].count);
    }
    for (const CountTable::Entry &entry : pairs_.entries()) {
        Pair pair;
        memcpy(&pair, entry.text.data(), sizeof(pair));
        auto found = hit_of.find(pair.value);
        if (found != hit_of.end())
            copies[found->second].sources.emplace_back(
                sources_.entries()[pair.source].text, entry.count);
    }
    return copies;
}

void CollapseTable::write_copies(struct lede_search_result *result)
{
    std::vector<Copies> copies = copies_of(*result);
    for (size_t i = 0; i < result->hit_count; i++) {
        struct lede_hit *hit = &result->hits[i];
        if (!hit->collapse_key[0]) {
            write_single(index_->combined, hit, search_.facet_values, &result->arena);
            continue;
        }
        hit->collapse_count = std::max<uint32_t>(copies[i].count, 1);
        write_sources(copies[i].sources, search_.facet_values, hit, &result->arena);
    }
}

} // namespace lede
