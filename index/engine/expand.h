/* Which words of the archive does a pattern stand for? */
#ifndef LEDE_ENGINE_EXPAND_H
#define LEDE_ENGINE_EXPAND_H

#include "clock_source.h"
#include "lede/engine.h"

#include <xapian.h>

#include <string>
#include <vector>

namespace lede
{

/* Expands the patterns of one query. Xapian's own OP_WILDCARD chooses by each shard's frequencies, knows a star at the end only, and
 * cannot say that it cut. */
class PatternExpander
{
  public:
    PatternExpander(const Xapian::Database &database, Deadline *deadline)
        : database_(database), deadline_(deadline)
    {
    }

    /* The terms lead + word for each word of the archive that the leaf (PREFIX, WILDCARD, FUZZY) matches: at most
     * LEDE_EXPANSION_TERMS_MAX, those of most documents, of which bytewise first ones. Looks at LEDE_EXPANSION_SCAN_MAX terms
     * at most, and stops at the deadline. */
    std::vector<std::string> expand(const std::string &lead, const struct lede_query_node *leaf);
    /* What was left out so far, a leaf once. */
    const std::vector<struct lede_expansion_cut> &cuts() const
    {
        return cuts_;
    }

    /* How often the words of the last expansion stand in documents, in all. */
    uint64_t postings() const
    {
        return postings_;
    }

  private:
    void note_cut(const struct lede_query_node *leaf, size_t used, size_t left_out, bool scan_ended);

    const Xapian::Database &database_;
    Deadline *deadline_;
    std::vector<struct lede_expansion_cut> cuts_;
    uint64_t postings_ = 0;
};

} // namespace lede
#endif
