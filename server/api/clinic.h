/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why was nothing found, and what would find something?
 *
 * Every clause of the query and every filter is counted alone; then changes are tried from the
 * smallest to the largest, each as the text that a client would send, until three find something.
 * Counts are by the clock of the search, and exact but where "gte" is said (LEDE_COUNTED_ENOUGH):
 * who is told of a change that finds ten thousand does not ask how many more. */
#ifndef LEDE_API_CLINIC_H
#define LEDE_API_CLINIC_H

#include "search_run.h"

/* Put the member `clinic` of the answer's `query` into run->clinic, where a search that wanted hits
 * found nothing and was not timed out; else nothing. Adds its time to run->took_ms.
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_clinic_run(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);

#endif
