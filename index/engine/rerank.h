/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words typed side by side that stand side by side: the best matches, in a better order. */
#ifndef LEDE_ENGINE_RERANK_H
#define LEDE_ENGINE_RERANK_H

#include "index.h"
#include "lede/query.h"
#include "place_reader.h"

#include <xapian.h>

#include <vector>

namespace lede
{

/* So many best matches by BM25 are ordered anew; what is behind them stays. Reading positions of
 * every match would cost ten times the match. */
constexpr Xapian::doccount RERANK_MAX = 100;

/* The score for nearness of neighbouring words of a query: for each pair of neighbours and the
 * field where they stand nearest, the smaller of their inverse document frequencies over the square
 * of the distance. (The square: Rasolofo, Savoy, "Term proximity scoring for keyword-based
 * retrieval systems", 2003.) */
class Nearness
{
  public:
    /* root  borrowed; only words beside each other at the top of the tree count */
    Nearness(struct lede_index *index, const struct lede_query_node *root);
    bool any() const
    {
        return !pairs_.empty();
    }
    /* Of each of the documents, whatever their order; those that the deadline leaves no time for
     * get 0. */
    std::vector<double> scores(const std::vector<Xapian::docid> &documents, Deadline *deadline);
    /* What no score exceeds. */
    double most() const;

  private:
    struct Pair {
        const struct lede_query_node *first;
        const struct lede_query_node *second;
        double weight; /* the smaller inverse document frequency */
    };
    void add_pair(const struct lede_query_node *a, const struct lede_query_node *b);
    double frequency_weight(const struct lede_query_node *leaf) const;
    unsigned nearest(PlaceReader &places, Xapian::docid docid, const Pair &pair) const;
    double score(PlaceReader &places, Xapian::docid docid) const;

    struct lede_index *index_;
    const struct lede_query_node *root_;
    std::vector<Pair> pairs_;
};

} // namespace lede
#endif
