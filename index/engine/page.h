/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the matches may a page show, and in what order? */
#ifndef LEDE_ENGINE_PAGE_H
#define LEDE_ENGINE_PAGE_H

#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

/* Moment of publication, then id: an order that no replacement and no segment changes. */
class MomentThenId : public Xapian::KeyMaker
{
  public:
    std::string operator()(const Xapian::Document &document) const override;
};

/* `query` without the document exclude_id. */
Xapian::Query without_excluded(const Xapian::Query &query, const struct lede_search &search);
/* What of `query` comes after after_hit and is among only_ids. */
Xapian::Query narrowed_to_page(const Xapian::Query &query, const struct lede_search &search);
bool is_narrowed(const struct lede_search &search);
/* Fill in the ids of hits, at once: one pass over the ids of the index. Memory is the result's
 * arena. */
void read_ids(const Xapian::Database &database, struct lede_search_result *result);

} // namespace lede
#endif
