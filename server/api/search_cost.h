/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What will a search take? A guess before it runs, so that dear ones need not be begun where cheap
 * ones wait. */
#ifndef LEDE_API_SEARCH_COST_H
#define LEDE_API_SEARCH_COST_H

#include "search_run.h"

/* About how many milliseconds of a processor a search takes: by how many documents have its words,
 * by what patterns may stand for, by where words have to stand, and by how many hits are shown and
 * counted how. Costs some microseconds: nothing is read but the lexicon, which is in memory. The
 * factors were fitted to tests/bench/classes.txt; its order is what counts.
 * run  prepared; its query is parsed */
double lede_search_cost_ms(struct lede_api_worker *worker, const struct lede_search_run *run);

#endif
