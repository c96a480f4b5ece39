/* Xapian keeps the best of each value and says nothing exact of the others. They are counted by one more match, over the copies of
 * the page's hits: of stories, which have terms, over those alone; of a field's values over everything that matches. */
#include "collapse.h"

#include "arena.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lede
{

namespace
{

using Counts = std::unordered_map<std::string, uint32_t>;

struct Copies {
    uint32_t count = 0;
    Counts sources;
};

/* Counts documents by value and, below it, by source. */
class CopySpy : public Xapian::MatchSpy
{
  public:
    explicit CopySpy(Xapian::valueno slot) : slot_(slot)
    {
    }
    void add_value(const std::string &value)
    {
        copies_[value];
    }
    void operator()(const Xapian::Document &document, double) override
    {
        auto found = copies_.find(document.get_value(slot_));
        if (found == copies_.end())
            return;
        found->second.count++;
        std::string source = document.get_value(LEDE_SLOT_SOURCE);
        if (!source.empty())
            found->second.sources[source]++;
    }
    const Copies &of(const std::string &value) const
    {
        return copies_.at(value);
    }
    bool is_empty() const
    {
        return copies_.empty();
    }

  private:
    Xapian::valueno slot_;
    std::unordered_map<std::string, Copies> copies_;
};

Xapian::Query copies_of_hits(
    const Xapian::Query &matches, const struct lede_search &search, const struct lede_search_result &result)
{
    if (search.collapse_slot != LEDE_SLOT_STORY)
        return matches;
    std::vector<Xapian::Query> stories;
    for (size_t i = 0; i < result.hit_count; i++) {
        if (result.hits[i].collapse_key[0])
            stories.emplace_back(LEDE_TERM_STORY + std::string(result.hits[i].collapse_key));
    }
    Xapian::Query any(Xapian::Query::OP_OR, stories.begin(), stories.end());
    return Xapian::Query(Xapian::Query::OP_FILTER, matches, any);
}

void copy_sources(const Counts &sources, size_t limit, struct lede_hit *hit, struct lede_arena *arena)
{
    std::vector<std::pair<std::string, uint32_t>> order(sources.begin(), sources.end());
    std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    order.resize(std::min(order.size(), limit));
    hit->collapse_sources = arena_array<struct lede_facet_value>(arena, order.size());
    for (const auto &source : order)
        hit->collapse_sources[hit->collapse_source_count++] = {
            arena_text(arena, source.first), source.second};
}

} // namespace

bool is_collapsed(const struct lede_search &search)
{
    return search.collapse_slot != LEDE_SLOT_NONE && search.collapse_slot != LEDE_SLOT_PUBLISHED;
}

void count_copies(const Xapian::Database &database, const Xapian::Query &matches,
    const struct lede_search &search, struct lede_search_result *result)
{
    CopySpy spy(search.collapse_slot);
    for (size_t i = 0; i < result->hit_count; i++) {
        if (result->hits[i].collapse_key[0])
            spy.add_value(result->hits[i].collapse_key);
    }
    if (!spy.is_empty()) {
        Xapian::Enquire enquire(database);
        enquire.set_query(copies_of_hits(matches, search, *result));
        enquire.set_weighting_scheme(Xapian::BoolWeight());
        enquire.add_matchspy(&spy);
        enquire.get_mset(0, 0, database.get_doccount());
    }
    for (size_t i = 0; i < result->hit_count; i++) {
        struct lede_hit *hit = &result->hits[i];
        if (hit->collapse_key[0]) {
            const Copies &copies = spy.of(hit->collapse_key);
            hit->collapse_count = std::max<uint32_t>(copies.count, 1);
            copy_sources(copies.sources, search.facet_values, hit, &result->arena);
            continue;
        }
        std::string source = database.get_document(hit->docid).get_value(LEDE_SLOT_SOURCE);
        hit->collapse_count = 1;
        copy_sources(
            source.empty() ? Counts() : Counts{{source, 1}}, search.facet_values, hit, &result->arena);
    }
}

} // namespace lede
