/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What operators are told of a search that was answered: GET /queries, and the log of slow ones. */
#ifndef LEDE_API_SEARCH_TOLD_H
#define LEDE_API_SEARCH_TOLD_H

#include "search_run.h"

/* Tell of a search that has been answered, before it is freed. Nothing is told of one that another
 * worker begins anew, and of pages behind the first one none is counted as a question. */
void lede_search_tell(struct lede_api_worker *worker, const struct lede_search_run *run);

#endif
