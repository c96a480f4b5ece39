/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the body of a search asks for, checked. */
#ifndef LEDE_ELASTIC_BODY_H
#define LEDE_ELASTIC_BODY_H

#include "shown.h"

#define ELASTIC_SIZE_MAX LEDE_LIMIT_MAX
#define ELASTIC_FROM_MAX LEDE_OFFSET_MAX

struct elastic_body {
    struct elastic_query query;
    struct elastic_ask ask;
    struct elastic_showing showing;
    struct lede_search_after after;
    const json_t *aggregations; /* borrowed of the body; NULL: none */
    bool without_total;
    const char *pit; /* the id of `pit`; NULL: none */
    struct lede_arena arena;
};

/* A body with what the parameters of its address say, which goes before. Owner: the caller. NULL:
 * no memory. */
json_t *lede_elastic_with_parameters(const struct lede_http_request *request, const json_t *json);
/* Read a body.
 * request    of it
 * json       borrowed for as long as ret_body lives
 * now_utc_s  what `now` is
 * ret_body   zeroed; to be freed with lede_elastic_body_done(), on failure too
 * Status: OK; EINPUT; EUNSUPPORTED; ELIMIT; ENOTFOUND an index of another name; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_body_read(struct lede_api_worker *worker,
    const struct lede_http_request *request, const json_t *json, int64_t now_utc_s,
    struct elastic_body *ret_body, struct lede_error *reterr);
void lede_elastic_body_done(struct elastic_body *body);
/* `sort`, as of a body. Status: OK; EINPUT; EUNSUPPORTED. */
LEDE_CHECKED enum lede_status lede_elastic_read_sort(const json_t *sort, struct elastic_ask *ask,
    struct elastic_showing *showing, struct lede_error *reterr);
/* `from` or `size`. *ret_number: as it was where it is absent. Status: OK; EINPUT; ELIMIT. */
LEDE_CHECKED enum lede_status lede_elastic_read_count(const json_t *value, const char *name,
    uint32_t max, uint32_t *ret_number, struct lede_error *reterr);

#endif
