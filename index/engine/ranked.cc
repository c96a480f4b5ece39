/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xapian's own order by relevance and then a value reads that value of every match, which costs
 * more than ranking does. Scores are seldom equal, so the value is read for equal ones alone. */
#include "ranked.h"

#include "lede/schema.h"
#include "page.h"
#include "ranking.h"

#include <algorithm>
#include <string>

namespace lede
{

namespace
{

/* Matches behind the last one wanted that may have its score, before Xapian has to sort. */
constexpr Xapian::doccount TIES_AHEAD = 50;

struct Tied {
    Ranked ranked;
    std::string published;
    std::string id;
};

bool comes_first(const Tied &a, const Tied &b)
{
    return a.published != b.published ? a.published > b.published : a.id < b.id;
}

using Place = std::vector<Ranked>::iterator;

void sort_tied(const Xapian::Database &database, Place begin, Place end)
{
    std::vector<Tied> tied;
    for (Place place = begin; place != end; ++place) {
        Xapian::Document document = database.get_document(place->docid, Xapian::DOC_ASSUME_VALID);
        tied.push_back(
            {*place, document.get_value(LEDE_SLOT_PUBLISHED), document.get_value(LEDE_SLOT_ID)});
    }
    std::sort(tied.begin(), tied.end(), comes_first);
    for (Tied &one : tied)
        *begin++ = std::move(one.ranked);
}

/* is_tied  a match with the one before, by their places in the order */
template <typename IsTied>
void sort_all_tied(
    const Xapian::Database &database, std::vector<Ranked> *order, const IsTied &is_tied)
{
    for (size_t begin = 0; begin < order->size();) {
        size_t end = begin + 1;
        while (end < order->size() && is_tied(end))
            end++;
        if (end - begin > 1)
            sort_tied(database, order->begin() + static_cast<std::ptrdiff_t>(begin),
                order->begin() + static_cast<std::ptrdiff_t>(end));
        begin = end;
    }
}

void read_order(const Xapian::MSet &matches, std::vector<Ranked> *ret_order)
{
    ret_order->clear();
    ret_order->reserve(matches.size());
    for (Xapian::MSetIterator match = matches.begin(); match != matches.end(); ++match)
        ret_order->push_back(
            {*match, match.get_weight(), match.get_weight(), match.get_collapse_key()});
}

/* The first `count` of the documents of a moment, by score and then by id. */
Xapian::MSet of_moment(const Xapian::Database &database, const Xapian::Enquire &enquire,
    const std::string &moment, Xapian::doccount count)
{
    Xapian::Query then(Xapian::Query::OP_VALUE_RANGE, LEDE_SLOT_PUBLISHED, moment, moment);
    MomentThenId by_id;
    Xapian::Enquire tied(database);
    tied.set_query(Xapian::Query(Xapian::Query::OP_FILTER, enquire.get_query(), then));
    tied.set_weighting_scheme(ranking());
    tied.set_sort_by_relevance_then_key(&by_id, false);
    return tied.get_mset(0, count);
}

/* By score, moment and id. Keys of them all would cost more than ranking does: so ids are read of
 * equal ones alone, and of the whole moment at which the order ends among equal ones. Collapsed
 * matches end there as Xapian has them. */
Xapian::MSet rank_by_moment(const Xapian::Database &database, Xapian::Enquire &enquire,
    Xapian::doccount count, Xapian::doccount check, bool is_whole, std::vector<Ranked> *ret_order)
{
    enquire.set_sort_by_relevance_then_value(LEDE_SLOT_PUBLISHED, true);
    Xapian::MSet matches = enquire.get_mset(0, count + 1, check);
    auto is_tied = [&matches](size_t at) {
        Xapian::MSetIterator before = matches[static_cast<Xapian::doccount>(at) - 1], one = before;
        ++one;
        return before.get_weight() == one.get_weight() &&
               before.get_sort_key() == one.get_sort_key();
    };
    read_order(matches, ret_order);
    if (matches.size() > count && count > 0 && is_whole && is_tied(count)) {
        size_t begin = count - 1;
        while (begin > 0 && is_tied(begin))
            begin--;
        double score = (*ret_order)[begin].score;
        std::vector<Ranked> tied;
        read_order(of_moment(database, enquire, matches[count - 1].get_sort_key(), count), &tied);
        ret_order->resize(begin);
        sort_all_tied(database, ret_order, is_tied);
        for (Ranked &one : tied) {
            if (one.score == score && ret_order->size() < count)
                ret_order->push_back(one);
        }
        return matches;
    }
    ret_order->resize(std::min<size_t>(count, ret_order->size()));
    sort_all_tied(database, ret_order, is_tied);
    return matches;
}

} // namespace

bool is_told_apart(const struct lede_query_node *node)
{
    switch (node->kind) {
    case LEDE_QUERY_NOT:
    case LEDE_QUERY_ALL:
    case LEDE_QUERY_DATES:
    case LEDE_QUERY_LENGTH:
    case LEDE_QUERY_PREFIX:
    case LEDE_QUERY_WILDCARD:
    case LEDE_QUERY_FUZZY:
        return false;
    default:
        return node->child_count == 0 ||
               std::any_of(node->children, node->children + node->child_count, is_told_apart);
    }
}

Xapian::MSet rank(const Xapian::Database &database, Xapian::Enquire &enquire,
    Xapian::doccount count, Xapian::doccount check, enum Ties ties, std::vector<Ranked> *ret_order)
{
    if (ties != Ties::FEW)
        return rank_by_moment(database, enquire, count, check, ties == Ties::MANY, ret_order);
    enquire.set_sort_by_relevance();
    Xapian::MSet matches = enquire.get_mset(0, count + TIES_AHEAD, check);
    read_order(matches, ret_order);
    if (matches.size() == count + TIES_AHEAD &&
        ret_order->back().score == (*ret_order)[count - 1].score) {
        enquire.clear_matchspies();
        rank_by_moment(database, enquire, count, 0, true, ret_order);
        return matches;
    }
    sort_all_tied(database, ret_order,
        [ret_order](size_t at) { return (*ret_order)[at - 1].score == (*ret_order)[at].score; });
    ret_order->resize(std::min<size_t>(count, ret_order->size()));
    return matches;
}

} // namespace lede
