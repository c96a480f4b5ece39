/* Which words of the archive begin so? */
#ifndef LEDE_ENGINE_EXPAND_H
#define LEDE_ENGINE_EXPAND_H

#include "clock_source.h"

#include <xapian.h>

#include <string>
#include <vector>

namespace lede
{

/* Expands prefixes of one query. Xapian's own OP_WILDCARD chooses by each shard's frequencies and cannot say
 * that it cut. */
class PrefixExpander
{
  public:
    PrefixExpander(const Xapian::Database &database, Deadline *deadline)
        : database_(database), deadline_(deadline)
    {
    }

    /* The terms that begin with `start`: at most LEDE_EXPANSION_TERMS_MAX, those of most documents, of which
     * bytewise first ones. Looks at LEDE_EXPANSION_SCAN_MAX terms at most, and stops at the deadline. */
    std::vector<std::string> expand(const std::string &start);
    /* Some expansion left terms out. */
    bool was_cut() const
    {
        return cut_;
    }

    /* How often the words of the last expansion stand in documents, in all. */
    uint64_t postings() const
    {
        return postings_;
    }

  private:
    const Xapian::Database &database_;
    Deadline *deadline_;
    bool cut_ = false;
    uint64_t postings_ = 0;
};

} // namespace lede
#endif
