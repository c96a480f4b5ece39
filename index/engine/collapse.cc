/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xapian keeps the best of each story and says nothing exact of the others. */
#include "collapse.h"

#include "arena.h"

#include <algorithm>
#include <unordered_map>

namespace lede
{

namespace
{

using Counts = std::unordered_map<std::string, uint32_t>;

struct Copies {
    uint32_t count = 0;
    Counts sources;
};

Xapian::Query copies_of_stories(
    const Xapian::Query &matches, const struct lede_search_result &result)
{
    std::vector<Xapian::Query> stories;
    for (size_t i = 0; i < result.hit_count; i++) {
        if (result.hits[i].collapse_key[0])
            stories.emplace_back(LEDE_TERM_STORY + std::string(result.hits[i].collapse_key));
    }
    Xapian::Query any(Xapian::Query::OP_OR, stories.begin(), stories.end());
    return Xapian::Query(Xapian::Query::OP_FILTER, matches, any);
}

/* Counts documents by story and, below it, by source. */
class CopyCounter : public Xapian::MatchSpy
{
  public:
    void operator()(const Xapian::Document &document, double) override
    {
        Copies &copies = copies_[document.get_value(LEDE_SLOT_STORY)];
        copies.count++;
        std::string source = document.get_value(LEDE_SLOT_SOURCE);
        if (!source.empty())
            copies.sources[source]++;
    }
    const Copies &of(const std::string &story)
    {
        return copies_[story];
    }

  private:
    std::unordered_map<std::string, Copies> copies_;
};

} // namespace

bool is_collapsed(const struct lede_search &search)
{
    return search.collapse_slot != LEDE_SLOT_NONE && search.collapse_slot != LEDE_SLOT_PUBLISHED;
}

bool is_collapsed_by_field(const struct lede_search &search)
{
    return is_collapsed(search) && search.collapse_slot != LEDE_SLOT_STORY;
}

void write_sources(
    SourceCounts sources, size_t limit, struct lede_hit *hit, struct lede_arena *arena)
{
    std::sort(sources.begin(), sources.end(), [](const auto &a, const auto &b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    sources.resize(std::min(sources.size(), limit));
    hit->collapse_sources = arena_array<struct lede_facet_value>(arena, sources.size());
    for (const auto &source : sources)
        hit->collapse_sources[hit->collapse_source_count++] = {
            arena_text(arena, source.first), source.second};
}

void write_single(
    const Xapian::Database &database, struct lede_hit *hit, size_t limit, struct lede_arena *arena)
{
    std::string source = database.get_document(hit->docid).get_value(LEDE_SLOT_SOURCE);
    hit->collapse_count = 1;
    write_sources(source.empty() ? SourceCounts() : SourceCounts{{source, 1}}, limit, hit, arena);
}

void write_story_copies(const Xapian::Database &database, const Xapian::Query &matches,
    const struct lede_search &search, struct lede_search_result *result)
{
    CopyCounter counter;
    Xapian::Enquire enquire(database);
    enquire.set_query(copies_of_stories(matches, *result));
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.add_matchspy(&counter);
    enquire.get_mset(0, 0, database.get_doccount());
    for (size_t i = 0; i < result->hit_count; i++) {
        struct lede_hit *hit = &result->hits[i];
        if (!hit->collapse_key[0]) {
            write_single(database, hit, search.facet_values, &result->arena);
            continue;
        }
        const Copies &copies = counter.of(hit->collapse_key);
        hit->collapse_count = std::max<uint32_t>(copies.count, 1);
        write_sources(SourceCounts(copies.sources.begin(), copies.sources.end()),
            search.facet_values, hit, &result->arena);
    }
}

} // namespace lede
