/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches with filters, dates, facets and a histogram, and what they must count. */
#ifndef LEDE_TESTS_COUNTS_H
#define LEDE_TESTS_COUNTS_H

#include "corpus.h"
#include "lede/match.h"
#include "reading.h"

#define WANTED_FILTERS_MAX 3
#define WANTED_VALUES_MAX 2

/* A search, and the memory that it points into. */
struct wanted {
    struct lede_search search;
    struct lede_filter filters[WANTED_FILTERS_MAX];
    const char *values[WANTED_FILTERS_MAX][2 * WANTED_VALUES_MAX];
};

/* A search for the query with what else chance puts in. Pointers go into `wanted`: do not copy
 * it. */
void wanted_init(struct wanted *wanted, const struct lede_query *query, int64_t now_utc_s,
    struct chance *chance);
/* Must it find this document? */
bool wanted_has(const struct wanted *wanted, const struct reading *reading);
/* Compare facets and histogram with counts over the chosen readings; fails the test where they
 * differ. */
void counts_check(const struct wanted *wanted, const struct reading *readings, const bool *chosen,
    size_t count, const struct lede_search_result *result);

#endif
