/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The best matches by relevance, equal ones newest first, then by id: an order that no merge of
 * segments changes. */
#ifndef LEDE_ENGINE_RANKED_H
#define LEDE_ENGINE_RANKED_H

#include "lede/query.h"

#include <xapian.h>

#include <string>
#include <vector>

namespace lede
{

struct Ranked {
    Xapian::docid docid;
    double weight; /* as it was matched */
    double score;  /* that it is ordered by */
    std::string collapse_key;
};

/* Do its words give documents different scores? Patterns and bounds give every document the
 * same. */
bool is_told_apart(const struct lede_query_node *node);

enum class Ties {
    FEW,      /* equal scores are seldom */
    MANY,     /* they are not */
    COLLAPSED /* the enquiry has a collapse key: equal ones at the end are as Xapian has them */
};

/* Match and rank.
 * database     that enquire searches
 * enquire      has the query, and spies, which see each document once; its order is changed
 * count        matches wanted, from the best one on
 * check        as for Enquire::get_mset()
 * ties         which equal scores to expect
 * ret_order    at most `count`
 * Returns what the match found, for its counts. */
Xapian::MSet rank(const Xapian::Database &database, Xapian::Enquire &enquire,
    Xapian::doccount count, Xapian::doccount check, enum Ties ties, std::vector<Ranked> *ret_order);

} // namespace lede
#endif
