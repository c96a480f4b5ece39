/* Xapian keeps the best of each value and says nothing exact of the others. */
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

Xapian::Query copies_of_stories(const Xapian::Query &matches, const struct lede_search_result &result)
{
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

/* Counts documents by value and, below it, by source. */
class CopyCounter::Spy : public Xapian::MatchSpy
{
  public:
    explicit Spy(Xapian::valueno slot) : slot_(slot)
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
        if (slot_ == LEDE_SLOT_SOURCE)
            return;
        std::string source = document.get_value(LEDE_SLOT_SOURCE);
        if (!source.empty())
            found->second.sources[source]++;
    }
    Copies of(const std::string &value) const
    {
        Copies copies = copies_.at(value);
        if (slot_ == LEDE_SLOT_SOURCE && copies.count > 0)
            copies.sources[value] = copies.count;
        return copies;
    }
    bool is_empty() const
    {
        return copies_.empty();
    }

  private:
    Xapian::valueno slot_;
    std::unordered_map<std::string, Copies> copies_;
};

bool is_collapsed(const struct lede_search &search)
{
    return search.collapse_slot != LEDE_SLOT_NONE && search.collapse_slot != LEDE_SLOT_PUBLISHED;
}

CopyCounter::CopyCounter(const struct lede_search &search, struct lede_search_result *result)
    : search_(search), result_(result), spy_(std::make_unique<Spy>(search.collapse_slot))
{
    for (size_t i = 0; i < result->hit_count; i++) {
        if (result->hits[i].collapse_key[0])
            spy_->add_value(result->hits[i].collapse_key);
    }
}

CopyCounter::~CopyCounter() = default;

bool CopyCounter::counts_all_matches() const
{
    return search_.collapse_slot != LEDE_SLOT_STORY && !spy_->is_empty();
}

void CopyCounter::attach(Xapian::Enquire &enquire)
{
    enquire.add_matchspy(spy_.get());
}

void CopyCounter::count_stories(const Xapian::Database &database, const Xapian::Query &matches)
{
    if (spy_->is_empty())
        return;
    Xapian::Enquire enquire(database);
    enquire.set_query(copies_of_stories(matches, *result_));
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.add_matchspy(spy_.get());
    enquire.get_mset(0, 0, database.get_doccount());
}

void CopyCounter::write(const Xapian::Database &database)
{
    struct lede_arena *arena = &result_->arena;
    for (size_t i = 0; i < result_->hit_count; i++) {
        struct lede_hit *hit = &result_->hits[i];
        if (hit->collapse_key[0]) {
            Copies copies = spy_->of(hit->collapse_key);
            hit->collapse_count = std::max<uint32_t>(copies.count, 1);
            copy_sources(copies.sources, search_.facet_values, hit, arena);
            continue;
        }
        std::string source = database.get_document(hit->docid).get_value(LEDE_SLOT_SOURCE);
        hit->collapse_count = 1;
        copy_sources(source.empty() ? Counts() : Counts{{source, 1}}, search_.facet_values, hit, arena);
    }
}

} // namespace lede
