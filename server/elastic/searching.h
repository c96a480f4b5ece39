/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the body of a search to its answer. */
#ifndef LEDE_ELASTIC_SEARCHING_H
#define LEDE_ELASTIC_SEARCHING_H

#include "body.h"
#include "scroll_id.h"

/* Search, and make the answer.
 * body    borrowed
 * scroll  NULL: it is none
 * ret_json  owner: the caller
 * Status: as of lede_elastic_body_read(), lede_elastic_run(), lede_elastic_show_hits(). */
LEDE_CHECKED enum lede_status lede_elastic_search_answer(struct lede_api_worker *worker,
    const struct lede_http_request *request, const json_t *body,
    const struct elastic_scroll *scroll, json_t **ret_json, struct lede_error *reterr);

#endif
