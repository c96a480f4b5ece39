/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clause's scores are those of its own query for the hits: the statistics that it is weighted by
 * are the archive's, so it gives alone what it gives in the whole. One search a clause, however
 * many the hits. */
#include "arena.h"
#include "compile.h"
#include "deleted_source.h"
#include "ranking.h"
#include "reading.h"

#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

namespace
{

using Xapian::Query;

class Explainer
{
  public:
    Explainer(struct lede_index *index, const struct lede_search &search,
        const struct lede_hit *hits, size_t hit_count, struct lede_explanation *explanation)
        : index_(index), search_(search), explanation_(explanation)
    {
        deadline_.monotonic_ns = search.deadline_monotonic_ns;
        std::vector<Query> ids;
        for (size_t i = 0; i < hit_count; i++) {
            char term[LEDE_SCHEMA_TERM_MAX + 1];
            ids.emplace_back(
                std::string(term, lede_schema_id_term(hits[i].id, strlen(hits[i].id), term)));
            place_[hits[i].docid] = i;
        }
        these_ = Query(Query::OP_OR, ids.begin(), ids.end());
    }

    void run()
    {
        auto clauses = lede::compile_clauses(index_, lede_query_root(search_.query), &deadline_);
        struct lede_arena *arena = &explanation_->arena;
        explanation_->clauses =
            lede::arena_array<const struct lede_query_node *>(arena, clauses.size());
        explanation_->clause_count = clauses.size();
        auto *hits = lede::arena_array<struct lede_hit_explanation>(arena, place_.size());
        for (size_t i = 0; i < place_.size(); i++)
            hits[i].shares = lede::arena_array<struct lede_clause_share>(arena, clauses.size());
        for (size_t clause = 0; clause < clauses.size(); clause++) {
            explanation_->clauses[clause] = clauses[clause].clause;
            visit(clauses[clause].query, [&](size_t hit, double score) {
                hits[hit].shares[clause] = {true, score};
            });
        }
        if (is_scored() && search_.recency_half_life_s > 0) {
            Query everything{std::string()};
            visit(lede::prefer_recent(everything, search_.recency_half_life_s, search_.now_utc_s),
                [&](size_t hit, double score) { hits[hit].recency = score; });
        }
        explanation_->hits = hits;
        explanation_->hit_count = deadline_.passed ? 0 : place_.size();
    }

  private:
    bool is_scored() const
    {
        return search_.sort == LEDE_SORT_RELEVANCE;
    }

    /* Each hit that the query finds, with its score. */
    template <typename Visit> void visit(const Query &query, Visit &&visit_hit)
    {
        if (deadline_.has_passed_now() || query.empty())
            return;
        Xapian::Enquire enquire(index_->combined);
        enquire.set_query(Query(Query::OP_FILTER, lede::without_deleted(query, index_), these_));
        enquire.set_weighting_scheme(lede::ranking());
        Xapian::MSet found = enquire.get_mset(0, static_cast<Xapian::doccount>(place_.size()));
        for (Xapian::MSetIterator match = found.begin(); match != found.end(); ++match) {
            auto place = place_.find(*match);
            if (place != place_.end())
                visit_hit(place->second, is_scored() ? match.get_weight() : 0);
        }
    }

    struct lede_index *index_;
    const struct lede_search &search_;
    struct lede_explanation *explanation_;
    lede::Deadline deadline_;
    std::unordered_map<Xapian::docid, size_t> place_;
    Query these_;
};

} // namespace

extern "C" enum lede_status lede_index_explain(struct lede_index *index,
    const struct lede_search *search, const struct lede_hit *hits, size_t hit_count,
    struct lede_explanation *ret_explanation, struct lede_error *reterr)
{
    struct lede_explanation explanation = {};
    enum lede_status status = lede::reading(index, reterr, "explaining a score", [&] {
        if (!index->segments.empty() && hit_count > 0)
            Explainer(index, *search, hits, hit_count, &explanation).run();
        return LEDE_OK;
    });
    if (status == LEDE_OK)
        *ret_explanation = explanation;
    else
        lede_explanation_done(&explanation);
    return status;
}

extern "C" void lede_explanation_done(struct lede_explanation *explanation)
{
    if (!explanation)
        return;
    lede_arena_done(&explanation->arena);
    *explanation = {};
}

extern "C" enum lede_status lede_index_clause_documents(struct lede_index *index,
    const struct lede_query_node *clause, const struct lede_query *restriction, int64_t now_utc_s,
    uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "counting a clause", [&] {
        uint32_t documents = 0;
        if (!index->segments.empty()) {
            lede::Deadline none;
            Xapian::Enquire enquire(index->combined);
            enquire.set_query(lede::compile_unscored(index, clause, restriction, now_utc_s, &none));
            enquire.set_weighting_scheme(Xapian::BoolWeight());
            documents = enquire.get_mset(0, 0, index->kept_count).get_matches_estimated();
        }
        *ret_documents = documents;
        return LEDE_OK;
    });
}
