/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elasticsearch's queries as a query of Lede and its filters.
 *
 * What is composed is text of Lede's language, which the API's inner calls parse. No value steps
 * out of its place: of a client's words only letters, digits and harmless signs are written, in
 * quotes or each parsed alone before (query_text.h). Exact values do not go through the language
 * but become filters, which hold for the whole search: so they stand where all of a search must
 * satisfy them, and are refused elsewhere. */
#ifndef LEDE_ELASTIC_QUERY_H
#define LEDE_ELASTIC_QUERY_H

#include "translated.h"

/* Translate a query.
 * query      NULL: match_all
 * now_utc_s  what `now` is
 * ret_query  zeroed; to be freed with lede_elastic_query_done(), on failure too
 * Status: OK; EINPUT what is wrong in it; EUNSUPPORTED what is not offered, with what instead;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_query_read(struct lede_api_worker *worker,
    const json_t *query, int64_t now_utc_s, struct elastic_query *ret_query,
    struct lede_error *reterr);

#endif
