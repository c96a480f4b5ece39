/* Xapian's own order by relevance and then a value reads that value of every match, which costs more than ranking does. Scores are seldom equal, so the
 * value is read for equal ones alone. */
#include "ranked.h"

#include "lede/schema.h"

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
};

bool comes_first(const Tied &a, const Tied &b)
{
    if (a.published != b.published)
        return a.published > b.published;
    return a.ranked.docid < b.ranked.docid;
}

using Place = std::vector<Ranked>::iterator;

void sort_tied(const Xapian::Database &database, Place begin, Place end)
{
    std::vector<Tied> tied;
    for (Place place = begin; place != end; ++place)
        tied.push_back({*place,
            database.get_document(place->docid, Xapian::DOC_ASSUME_VALID).get_value(LEDE_SLOT_PUBLISHED)});
    std::sort(tied.begin(), tied.end(), comes_first);
    for (Tied &one : tied)
        *begin++ = one.ranked;
}

void sort_all_tied(const Xapian::Database &database, std::vector<Ranked> *order)
{
    for (Place begin = order->begin(); begin != order->end();) {
        Place end = begin + 1;
        while (end != order->end() && end->score == begin->score)
            ++end;
        if (end - begin > 1)
            sort_tied(database, begin, end);
        begin = end;
    }
}

void read_order(const Xapian::MSet &matches, std::vector<Ranked> *ret_order)
{
    ret_order->clear();
    ret_order->reserve(matches.size());
    for (Xapian::MSetIterator match = matches.begin(); match != matches.end(); ++match)
        ret_order->push_back({*match, match.get_weight(), match.get_weight(), match.get_collapse_key()});
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

Xapian::MSet rank(const Xapian::Database &database, Xapian::Enquire &enquire, Xapian::doccount count,
    Xapian::doccount check, bool told_apart, std::vector<Ranked> *ret_order)
{
    enquire.set_sort_by_relevance_then_value(LEDE_SLOT_PUBLISHED, true);
    if (!told_apart) {
        Xapian::MSet matches = enquire.get_mset(0, count, check);
        read_order(matches, ret_order);
        return matches;
    }
    enquire.set_sort_by_relevance();
    Xapian::MSet matches = enquire.get_mset(0, count + TIES_AHEAD, check);
    read_order(matches, ret_order);
    bool is_cut =
        matches.size() == count + TIES_AHEAD && ret_order->back().score == (*ret_order)[count - 1].score;
    if (is_cut) {
        enquire.clear_matchspies();
        enquire.set_sort_by_relevance_then_value(LEDE_SLOT_PUBLISHED, true);
        read_order(enquire.get_mset(0, count), ret_order);
        return matches;
    }
    sort_all_tied(database, ret_order);
    ret_order->erase(ret_order->begin() + std::min<size_t>(count, ret_order->size()), ret_order->end());
    return matches;
}

} // namespace lede
