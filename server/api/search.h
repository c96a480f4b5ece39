/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of a search as JSON, for /search and for the page. */
#ifndef LEDE_API_SEARCH_H
#define LEDE_API_SEARCH_H

#include "search_run.h"

/* Answer with what is kept, or with a search; on failure with its problem.
 * run    with its parameters and path alone
 * st     of reading them: the problem is answered if it is not OK
 * error  of that; overwritten */
void lede_search_answer(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, struct lede_search_run *run, enum lede_status st,
    struct lede_error *error);

/* The same where the client takes JSON, and 304 where it has that already. */
void lede_search_reply(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, struct lede_search_run *run, enum lede_status st,
    struct lede_error *error);

/* Make it a search for what is like a document. id: outlives the run. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_be_like(
    struct lede_search_run *run, const char *id, size_t size, struct lede_error *reterr);

#endif
