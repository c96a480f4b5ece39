/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One search: compile, match, count, copy out. */
#include "arena.h"
#include "collapse.h"
#include "collapse_table.h"
#include "compile.h"
#include "deletions.h"
#include "facets.h"
#include "index.h"
#include "page.h"
#include "ranked.h"
#include "ranking.h"
#include "reading.h"
#include "rerank.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace
{

/* by_moment outlives the Enquire. */
void set_order(Xapian::Enquire &enquire, enum lede_sort sort, lede::MomentThenId *by_moment)
{
    /* Equal ranks come by number, so that pages do not overlap. */
    enquire.set_docid_order(Xapian::Enquire::ASCENDING);
    if (sort == LEDE_SORT_RELEVANCE) {
        enquire.set_weighting_scheme(lede::ranking());
        enquire.set_sort_by_relevance_then_value(LEDE_SLOT_PUBLISHED, true);
        return;
    }
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_sort_by_key(by_moment, sort == LEDE_SORT_NEWEST);
}

bool total_is_known(const Xapian::MSet &matches)
{
    return matches.get_matches_lower_bound() == matches.get_matches_upper_bound();
}

/* Ranking words side by side skips most matches; a count afterwards and that together cost a fifth
 * of ranking all. Comparing positions, intersecting lists or opening a thousand of them costs more
 * than weights do: that is not done twice. */
bool is_cheap_to_count(const struct lede_query_node *node)
{
    if (node->kind == LEDE_QUERY_OR)
        return std::all_of(node->children, node->children + node->child_count, is_cheap_to_count);
    return node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_ALL;
}

class Search
{
  public:
    Search(struct lede_index *index, const struct lede_search &search)
        : index_(index), search_(search), counters_(search)
    {
        deadline_.monotonic_ns = search.deadline_monotonic_ns;
    }

    ~Search()
    {
        lede_search_result_done(&result_);
    }
    Search(const Search &) = delete;
    Search &operator=(const Search &) = delete;

    enum lede_status run(struct lede_search_result *ret_result, struct lede_error *reterr)
    {
        lede::CompiledSearch compiled = lede::compile_search(index_, search_, &deadline_);
        copy_cuts(compiled.cuts);
        needs_weights_ = compiled.needs_weights;
        Xapian::Enquire enquire(index_->combined);
        Xapian::Query query = lede::without_excluded(compiled.query, search_);
        enquire.set_query(query);
        set_order(enquire, search_.sort, &by_moment_);
        if (counts_at_once())
            counters_.attach(enquire);
        Xapian::MSet matches;
        if (search_.limit == 0) {
            matches = count_all(enquire, counters_.any());
        } else if (lede::is_collapsed_by_field(search_)) {
            matches =
                lede::is_narrowed(search_) ? run_collapsed_apart(query) : run_collapsed(query);
        } else if (is_page_apart()) {
            run_page(query);
            if (lede::is_collapsed(search_) && !search_.match_only)
                lede::write_story_copies(index_->combined, query, search_, &result_);
            matches = count_all(enquire, counters_.any());
        } else if (search_.sort == LEDE_SORT_RELEVANCE) {
            matches = copy_ranked(enquire, check_at_least());
        } else if (is_first_of_order()) {
            matches = copy_first(enquire, query, check_at_least());
        } else {
            matches = enquire.get_mset(search_.offset, search_.limit, check_at_least());
            copy_hits(matches, matches.size());
        }
        note_total(enquire, matches);
        enum lede_status status = counters_.read(&result_, reterr);
        if (status != LEDE_OK)
            return status;
        result_.timed_out = deadline_.passed;
        result_.total_is_exact = result_.total_is_exact && !deadline_.passed;
        *ret_result = result_;
        result_ = {};
        return LEDE_OK;
    }

  private:
    /* One match for the page and the counts: an order by value looks at every match anyhow. A
     * ranked page of a query that is cheap to count leaves out what cannot enter it, and spies wait
     * for the count. */
    bool counts_at_once() const
    {
        return search_.sort != LEDE_SORT_RELEVANCE || search_.limit == 0 || is_page_apart() ||
               !is_cheap_to_count(lede_query_root(search_.query));
    }

    Xapian::doccount check_at_least() const
    {
        return counts_at_once() && !search_.no_total ? index_->kept_count : 0;
    }

    bool is_first_of_order() const
    {
        return search_.sort != LEDE_SORT_RELEVANCE && search_.offset == 0;
    }

    void set_counting(Xapian::Enquire &enquire) const
    {
        if (!needs_weights_)
            enquire.set_weighting_scheme(Xapian::BoolWeight());
        enquire.set_sort_by_relevance();
    }

    Xapian::MSet count_all(Xapian::Enquire &enquire, bool has_spies) const
    {
        set_counting(enquire);
        return enquire.get_mset(0, 0, has_spies ? index_->kept_count : 0);
    }

    /* It shows other documents than are counted. */
    bool is_page_apart() const
    {
        return lede::is_narrowed(search_) || lede::is_collapsed(search_);
    }

    /* A page that may show only some matches; what is counted is counted over all. Which of a
     * story's documents of one moment is shown must be the same on every page: so ids are compared
     * throughout where hits are collapsed. */
    void run_page(const Xapian::Query &query)
    {
        bool collapsed = lede::is_collapsed(search_);
        Xapian::Enquire enquire(index_->combined);
        enquire.set_query(lede::narrowed_to_page(query, search_));
        set_order(enquire, search_.sort, &by_moment_);
        if (collapsed)
            enquire.set_collapse_key(search_.collapse_slot);
        if (is_first_of_order() && !collapsed)
            copy_first(enquire, lede::narrowed_to_page(query, search_), 0);
        else if (search_.sort == LEDE_SORT_RELEVANCE && !search_.only_ids)
            copy_ranked(enquire, 0);
        else {
            Xapian::MSet matches = enquire.get_mset(search_.offset, search_.limit);
            copy_hits(matches, matches.size());
        }
    }

    /* counts  whether facets and histogram are of this match */
    Xapian::MSet match_all(const Xapian::Query &query, bool counts, lede::CollapseTable *table)
    {
        Xapian::Enquire enquire(index_->combined);
        enquire.set_query(table->watched(query));
        set_order(enquire, search_.sort, &by_moment_);
        enquire.set_sort_by_relevance();
        enquire.add_matchspy(table);
        if (counts)
            counters_.attach(enquire);
        return enquire.get_mset(0, 0, index_->kept_count);
    }

    void copy_collapsed(const lede::CollapseTable &table)
    {
        std::vector<lede::Ranked> order = table.first(&deadline_);
        copy_order(&order);
    }

    /* One match finds the page and counts. */
    Xapian::MSet run_collapsed(const Xapian::Query &query)
    {
        find_nearness();
        lede::CollapseTable table(index_, search_, ranked_count(), !search_.match_only);
        Xapian::MSet matches = match_all(query, true, &table);
        copy_collapsed(table);
        if (!search_.match_only)
            table.write_copies(&result_);
        return matches;
    }

    /* The page is of fewer documents than are counted. */
    Xapian::MSet run_collapsed_apart(const Xapian::Query &query)
    {
        if (!search_.only_ids)
            find_nearness();
        lede::CollapseTable page(index_, search_, ranked_count(), false);
        match_all(lede::narrowed_to_page(query, search_), false, &page);
        copy_collapsed(page);
        lede::CollapseTable all(index_, search_, 0, !search_.match_only);
        Xapian::MSet matches = match_all(query, true, &all);
        if (!search_.match_only)
            all.write_copies(&result_);
        return matches;
    }

    static bool is_better(const lede::Ranked &a, const lede::Ranked &b)
    {
        return a.score > b.score;
    }

    /* Call before ranked_count() and copy_order(), where nearness orders. */
    void find_nearness()
    {
        if (search_.sort != LEDE_SORT_RELEVANCE || search_.offset >= lede::RERANK_MAX)
            return;
        nearness_.emplace(index_, lede_query_root(search_.query));
        if (!nearness_->any())
            nearness_.reset();
    }

    Xapian::doccount ranked_count() const
    {
        Xapian::doccount wanted = search_.offset + search_.limit;
        return nearness_ ? std::max(wanted, lede::RERANK_MAX) : wanted;
    }

    /* Add nearness to the first matches, down to those that it could lift into the page. The order
     * of the others stays. */
    void add_nearness(std::vector<lede::Ranked> *order)
    {
        size_t count = std::min<size_t>(order->size(), lede::RERANK_MAX);
        size_t page_end = std::min<size_t>(count, search_.offset + search_.limit);
        std::vector<Xapian::docid> documents;
        for (size_t i = 0; i < count; i++) {
            const lede::Ranked &match = (*order)[i];
            if (i >= page_end && match.score + nearness_->most() < (*order)[page_end - 1].score)
                break;
            documents.push_back(match.docid);
        }
        std::vector<double> scores = nearness_->scores(documents, &deadline_);
        for (size_t i = 0; i < scores.size(); i++)
            (*order)[i].score += scores[i];
        std::stable_sort(
            order->begin(), order->begin() + static_cast<std::ptrdiff_t>(count), is_better);
    }

    /* The page of matches from the first on, the best of them in the order that nearness gives. */
    void copy_order(std::vector<lede::Ranked> *order)
    {
        if (nearness_)
            add_nearness(order);
        hits_max_ = order->size();
        result_.hits = lede::arena_array<struct lede_hit>(&result_.arena, hits_max_);
        for (size_t i = search_.offset; i < order->size() && i < search_.offset + search_.limit;
             i++)
            copy_hit((*order)[i]);
        if (search_.match_only)
            lede::read_ids(index_->combined, &result_);
    }

    /* Which of equal ones stands for a story is Xapian's to say, so it orders them there. */
    Xapian::MSet copy_ranked(Xapian::Enquire &enquire, Xapian::doccount check)
    {
        find_nearness();
        std::vector<lede::Ranked> order;
        lede::Ties ties = lede::is_told_apart(lede_query_root(search_.query)) ? lede::Ties::FEW
                                                                              : lede::Ties::MANY;
        if (lede::is_collapsed(search_))
            ties = lede::Ties::COLLAPSED;
        Xapian::MSet matches =
            lede::rank(index_->combined, enquire, ranked_count(), check, ties, &order);
        copy_order(&order);
        return matches;
    }

    void copy_cuts(const std::vector<struct lede_expansion_cut> &cuts)
    {
        result_.cuts = lede::arena_array<struct lede_expansion_cut>(&result_.arena, cuts.size());
        std::copy(cuts.begin(), cuts.end(), result_.cuts);
        result_.cut_count = cuts.size();
    }

    /* A key takes nearly twice as long as a value, so ids are compared only where they decide:
     * among the hits, and among the documents of the moment at which the page ends. */
    Xapian::MSet copy_first(
        Xapian::Enquire &enquire, const Xapian::Query &query, Xapian::doccount check)
    {
        enquire.set_sort_by_value(LEDE_SLOT_PUBLISHED, search_.sort == LEDE_SORT_NEWEST);
        Xapian::MSet matches = enquire.get_mset(0, search_.limit + 1, check);
        Xapian::doccount sure = std::min(matches.size(), search_.limit);
        std::string last = sure > 0 ? matches[sure - 1].get_sort_key() : std::string();
        bool is_cut = sure > 0 && sure < matches.size() && matches[sure].get_sort_key() == last;
        while (is_cut && sure > 0 && matches[sure - 1].get_sort_key() == last)
            sure--;
        copy_hits(matches, sure);
        if (is_cut) {
            Xapian::Query together(Xapian::Query::OP_VALUE_RANGE, LEDE_SLOT_PUBLISHED, last, last);
            Xapian::Enquire rest(index_->combined);
            rest.set_query(Xapian::Query(Xapian::Query::OP_FILTER, query, together));
            set_order(rest, search_.sort, &by_moment_);
            Xapian::MSet tied = rest.get_mset(0, search_.limit - sure);
            copy_hits(tied, tied.size());
        }
        sort_runs(matches, sure);
        return matches;
    }

    /* Hits of one moment by their ids; `count` of them came as in `matches`. */
    void sort_runs(const Xapian::MSet &matches, Xapian::doccount count)
    {
        bool newest = search_.sort == LEDE_SORT_NEWEST;
        for (Xapian::doccount start = 0; start < count;) {
            Xapian::doccount end = start + 1;
            while (end < count && matches[end].get_sort_key() == matches[start].get_sort_key())
                end++;
            std::sort(result_.hits + start, result_.hits + end,
                [newest](const struct lede_hit &a, const struct lede_hit &b) {
                    int order = strcmp(a.id, b.id);
                    return newest ? order > 0 : order < 0;
                });
            start = end;
        }
    }

    /* Append the first `count` of a page to the hits. */
    void copy_hits(const Xapian::MSet &matches, Xapian::doccount count)
    {
        if (!result_.hits) {
            hits_max_ = std::min(search_.limit, index_->document_count);
            result_.hits = lede::arena_array<struct lede_hit>(&result_.arena, hits_max_);
        }
        for (Xapian::MSetIterator match = matches.begin(); match != matches.end() && count-- > 0;
             ++match) {
            copy_hit({*match, match.get_weight(), match.get_weight(), match.get_collapse_key()});
        }
        if (search_.match_only)
            lede::read_ids(index_->combined, &result_);
    }

    void copy_hit(const lede::Ranked &match)
    {
        if (result_.hit_count == hits_max_)
            throw Xapian::DatabaseCorruptError("lists have more documents than their segments");
        struct lede_hit *hit = &result_.hits[result_.hit_count++];
        hit->docid = match.docid;
        hit->score = match.score;
        hit->nearness = match.score - match.weight;
        hit->stored = "";
        if (lede::is_collapsed(search_))
            hit->collapse_key = lede::arena_text(&result_.arena, match.collapse_key);
        if (search_.match_only)
            return;
        Xapian::Document document =
            index_->combined.get_document(match.docid, Xapian::DOC_ASSUME_VALID);
        std::string stored = index_->text_of(match.docid, document);
        hit->stored = lede::arena_text(&result_.arena, stored);
        hit->stored_size = stored.size();
        hit->id = lede::arena_text(&result_.arena, document.get_value(LEDE_SLOT_ID));
    }

    /* Where ranking skipped matches, they are counted by a second pass that computes no weights:
     * together cheaper than one that ranks all. */
    void note_total(Xapian::Enquire &enquire, const Xapian::MSet &ranked)
    {
        Xapian::MSet matches = ranked;
        bool spies_wait = counters_.any() && !counts_at_once();
        if ((spies_wait || !total_is_known(matches)) && !deadline_.passed && !search_.no_total) {
            set_counting(enquire);
            enquire.clear_matchspies();
            if (spies_wait)
                counters_.attach(enquire);
            matches = enquire.get_mset(0, 0, index_->kept_count);
        }
        result_.total = std::max(matches.get_matches_estimated(), ranked.get_matches_lower_bound());
        result_.total_is_exact = total_is_known(matches);
    }

    bool needs_weights_ = false;
    struct lede_index *index_;
    const struct lede_search &search_;
    lede::Counters counters_;
    lede::Deadline deadline_;
    lede::MomentThenId by_moment_;
    std::optional<lede::Nearness> nearness_; /* none: it orders nothing here */
    struct lede_search_result result_ = {};
    size_t hits_max_ = 0; /* there is room for */
};

} // namespace

extern "C" enum lede_status lede_index_search(struct lede_index *index,
    const struct lede_search *search, struct lede_search_result *ret_result,
    struct lede_error *reterr)
{
    return lede::reading(index, reterr, "searching", [&] {
        /* Xapian refuses to search no database at all. */
        if (index->segments.empty()) {
            *ret_result = {};
            ret_result->total_is_exact = true;
            return LEDE_OK;
        }
        Search run(index, *search);
        return run.run(ret_result, reterr);
    });
}

extern "C" void lede_search_result_done(struct lede_search_result *result)
{
    if (!result)
        return;
    lede_arena_done(&result->arena);
    *result = {};
}

extern "C" const char *lede_engine_library_version(void)
{
    return Xapian::version_string();
}
