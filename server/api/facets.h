/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facets and the histogram of a search: what is counted beside the hits, and how it is told. */
#ifndef LEDE_API_FACETS_H
#define LEDE_API_FACETS_H

#include "search_run.h"

/* What the search of the hits does not count. */
struct lede_facets_apart {
    lede_field_set fields;
    enum lede_histogram histogram;
};

/* With facet_counts=disjunctive, take from the search what counts as if its own filter was not
 * there. Returns what that is. */
struct lede_facets_apart lede_facets_set_apart(struct lede_search_run *run);
/* Give it back to the search, and count it into run->result, by a search each that has no hits: the
 * lists that it needs are in memory by then. Past run->beside_ns_max what is not counted yet is
 * left out of the result, run->is_hurried.
 * Status: as of lede_visible_search(). */
/* As it was before they were set apart. */
void lede_facets_put_back(struct lede_search_run *run, const struct lede_facets_apart *apart);
LEDE_CHECKED enum lede_status lede_facets_count_apart(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_facets_apart *apart, struct lede_error *reterr);

/* Nothing was searched: say so of the time between the first match and the last. */
void lede_facets_of_nothing(struct lede_search_run *run);

/* Append the members `facets`, `facet_others` and `histogram`, those that were asked for. */
void lede_facets_write(struct lede_buffer *out, const struct lede_search_run *run);

#endif
