/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query of Elasticsearch as what Lede searches for. */
#ifndef LEDE_ELASTIC_TRANSLATED_H
#define LEDE_ELASTIC_TRANSLATED_H

#include "worker.h"

#include <jansson.h>

#define ELASTIC_DEPTH_MAX 16    /* of queries in queries, and of aggregations */
#define ELASTIC_FILTERS_MAX 64  /* of one search */
#define ELASTIC_VALUES_MAX 1024 /* of a terms query */
#define ELASTIC_IDS_MAX 1000    /* of an ids query */

struct elastic_query {
    struct lede_buffer text; /* empty: everything */
    bool is_nothing;         /* no document satisfies it */
    struct lede_filter filters[ELASTIC_FILTERS_MAX];
    size_t filter_count;
    const char *const *ids; /* only these; NULL: all */
    size_t id_count;
    double half_life_s; /* of recency; 0: off */
    struct lede_arena arena;
};

void lede_elastic_query_done(struct elastic_query *query);
/* What satisfies two queries, as a third. ret_query: as above; borrows of both. Status: OK; ELIMIT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_query_both(const struct elastic_query *a,
    const struct elastic_query *b, struct elastic_query *ret_query, struct lede_error *reterr);

#endif
