/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a value of a parameter is read: what rows of search_param_table.c name. */
#ifndef LEDE_API_PARAM_READERS_H
#define LEDE_API_PARAM_READERS_H

#include "search_params.h"

struct lede_param_reading {
    struct lede_search_params *out;
    int64_t now_utc_s;
    struct lede_filter_values *filter_values; /* of the filter that is being read */
};

/* Each is a lede_param_reader. Status: OK; EINPUT and ELIMIT with what was expected; ENOMEM. */
LEDE_CHECKED enum lede_status lede_param_read_choice(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_collapse(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_facet(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_in(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_highlight(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_integer(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_boolean(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_timeout(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_recency(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_after(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_before(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_time_zone(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_q(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_facet_query(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_mark(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_cursor(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_field(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_id(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_key(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_filter_value(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_param_read_story(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);

#endif
