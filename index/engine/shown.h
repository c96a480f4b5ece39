/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which documents of a segment may be shown at a moment? One by one, for who looks at few: searches
 * leave the hidden ones out by their query (compile.cc). */
#ifndef LEDE_ENGINE_SHOWN_H
#define LEDE_ENGINE_SHOWN_H

#include "index.h"

#include <xapian.h>

namespace lede
{

class Shown
{
  public:
    /* number  of the segment; the index outlives this. Throws what Xapian throws. */
    Shown(const struct lede_index *index, size_t number, int64_t now_utc_s);

    /* Not deleted, not withheld, not embargoed, not expired. Ask in ascending order. */
    bool has(Xapian::docid docid);

  private:
    bool is_hidden_by_clock(Xapian::docid docid) const;

    const Xapian::Database &segment_;
    const struct lede_deleted &deleted_;
    int64_t now_utc_s_;
    Xapian::PostingIterator withheld_;
    Xapian::PostingIterator watched_; /* what has an embargo or an expiry */
};

} // namespace lede
#endif
