/* Words typed side by side that stand side by side: the best matches, in a better order. */
#ifndef LEDE_ENGINE_RERANK_H
#define LEDE_ENGINE_RERANK_H

#include "lede/query.h"

#include <xapian.h>

#include <string>
#include <vector>

namespace lede
{

/* So many best matches by BM25 are ordered anew; what is behind them stays. Reading positions of every match would cost ten times the match. */
constexpr Xapian::doccount RERANK_MAX = 100;

/* The score for nearness of neighbouring words of a query: for each pair of neighbours and the field where they stand nearest, the smaller
 * of their inverse document frequencies over the square of the distance. (The square: Rasolofo, Savoy, "Term proximity scoring for
 * keyword-based retrieval systems", 2003.) */
class Nearness
{
  public:
    /* root  borrowed; only words beside each other at the top of the tree count */
    Nearness(const Xapian::Database &database, const struct lede_query_node *root);
    bool any() const
    {
        return !pairs_.empty();
    }
    double score(Xapian::docid docid) const;

  private:
    struct Word {
        std::vector<std::string> terms; /* that the archive has, by field: prefix + stem */
    };
    struct Pair {
        std::vector<std::pair<Word, Word>> fields;
        double weight; /* the smaller inverse document frequency */
    };
    void add_pair(const struct lede_query_node *a, const struct lede_query_node *b);
    double frequency_weight(const struct lede_query_node *leaf) const;
    std::vector<Xapian::termpos> positions(Xapian::docid docid, const Word &word) const;
    unsigned distance(Xapian::docid docid, const Word &a, const Word &b) const;

    const Xapian::Database &database_;
    std::vector<Pair> pairs_;
};

} // namespace lede
#endif
