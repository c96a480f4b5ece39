/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expand=feedback: what the first hits are about gives more to what is about the same. */
#ifndef LEDE_API_FEEDBACK_H
#define LEDE_API_FEEDBACK_H

#include "search_run.h"

#define LEDE_FEEDBACK_HITS 5
#define LEDE_FEEDBACK_WORDS_MAX 20

/* Where the parameters ask for it, and the order is by relevance: search for the first hits, take
 * their keywords, and let the search have them as `raising`. Half of the time that is left may go
 * into it; where that is not enough, the search stays as it is.
 * run  prepared; run->raising and run->search.search.raising are set
 * Status: as of lede_visible_search(). */
LEDE_CHECKED enum lede_status lede_feedback_find(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);

/* The query with its expansion as one: `+(oil OR price) opec^0.5 barrel^0.41`. Appended.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_feedback_print(
    const struct lede_search_run *run, struct lede_buffer *out);
/* `"expansion": [{"word": …, "weight": …}]` of `query`; nothing where there is none. */
LEDE_CHECKED enum lede_status lede_feedback_write(
    const struct lede_search_run *run, struct lede_buffer *out);

#endif
