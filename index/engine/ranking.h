/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes one match better than another; how well it does is told in
 * tests/relevance/README.md. */
#ifndef LEDE_ENGINE_RANKING_H
#define LEDE_ENGINE_RANKING_H

#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

/* BM25 with Lede's parameters. */
Xapian::BM25Weight ranking();

/* `query`, with newer documents preferred: 2^(-age / half-life) times RECENCY_SCORE is added to a
 * match's score. Documents of the future count as of now. Only built-in sources, which stock remote
 * servers have too.
 * half_life_s  > 0 */
Xapian::Query prefer_recent(const Xapian::Query &query, double half_life_s, int64_t now_utc_s);

} // namespace lede
#endif
