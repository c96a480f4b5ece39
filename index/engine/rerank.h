/* Words typed side by side that stand side by side: the best matches, in a better order. */
#ifndef LEDE_ENGINE_RERANK_H
#define LEDE_ENGINE_RERANK_H

#include "index.h"
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
    Nearness(struct lede_index *index, const struct lede_query_node *root);
    bool any() const
    {
        return !pairs_.empty();
    }
    double score(Xapian::docid docid);
    /* What no score exceeds. */
    double most() const;

  private:
    struct Positions {
        std::vector<std::string> terms;     /* that the archive has */
        std::vector<Xapian::termpos> found; /* in `docid`, ascending */
        Xapian::docid docid = 0;            /* 0: none was read */
    };
    struct Word {
        const struct lede_query_node *leaf;
        std::vector<Positions> fields; /* by lede_field_id */
    };
    struct Pair {
        size_t first; /* in words_ */
        size_t second;
        double weight; /* the smaller inverse document frequency */
    };
    size_t add_word(const struct lede_query_node *leaf);
    void add_pair(const struct lede_query_node *a, const struct lede_query_node *b);
    double frequency_weight(const struct lede_query_node *leaf) const;
    const std::vector<Xapian::termpos> &read(Xapian::docid docid, size_t word, size_t field);
    unsigned nearest(Xapian::docid docid, const Pair &pair);

    struct lede_index *index_;
    std::vector<Word> words_;
    std::vector<Pair> pairs_;
};

} // namespace lede
#endif
