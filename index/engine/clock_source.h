/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deadline, inside the match.
 *
 * A posting source that has every document and weight 0, and has none once the deadline has passed.
 * AND'ed to a query it ends the match there and keeps what was found. A MatchDecider could only
 * reject the rest one by one, after the work of finding it; and it is asked after a phrase's
 * positions were compared, where this is asked before.
 *
 * It lives in this process only: a stock remote server does not know the class, so that remote
 * segments need their own time limit. */
#ifndef LEDE_ENGINE_CLOCK_SOURCE_H
#define LEDE_ENGINE_CLOCK_SOURCE_H

#include <xapian.h>

#include <cstdint>

namespace lede
{

/* One search's deadline; outlives the query. */
struct Deadline {
    uint64_t monotonic_ns = 0; /* 0: none */
    uint32_t calls = 0;
    bool passed = false;

    /* Looks at the clock every so often only. Once passed, it stays so. */
    bool has_passed();
    /* Looks at the clock now: for work of which one step may take a millisecond. */
    bool has_passed_now();
    /* Whether reading so many postings may take until the deadline. Generous: false means a search
     * that asks no clock. */
    bool can_come_within(uint64_t postings) const;
};

/* `query`, until the deadline. deadline->monotonic_ns == 0: the query as it is. */
Xapian::Query until_deadline(const Xapian::Query &query, Deadline *deadline);

} // namespace lede
#endif
