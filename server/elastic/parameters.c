/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Query parameters, by one table: a name that is not in it is refused. */
#include "parameters.h"

#include <stdio.h>
#include <string.h>

#define BIT(taker) (1U << ELASTIC_TAKER_##taker)
#define ALL UINT32_MAX
#define SEARCHES (BIT(SEARCH) | BIT(MSEARCH) | BIT(COUNT) | BIT(PIT))
#define WRITES (BIT(WRITE) | BIT(BULK))

/* Those beside which nothing is said are read by their endpoints. */
static const struct {
    const char *name;
    uint32_t takers;
} rows[] = {
    {"pretty", ALL},
    {"filter_path", ALL},
    {"human", ALL},       /* numbers come as they are */
    {"error_trace", ALL}, /* there is none */
    /* one archive, on one machine, is always there */
    {"ignore_unavailable", SEARCHES | BIT(INDEX) | BIT(CAT) | BIT(FIELDS)},
    {"allow_no_indices", SEARCHES | BIT(INDEX) | BIT(CAT) | BIT(FIELDS)},
    {"expand_wildcards", SEARCHES | BIT(INDEX) | BIT(CAT) | BIT(FIELDS) | BIT(HEALTH)},
    {"ignore_throttled", SEARCHES},
    {"include_unmapped", BIT(FIELDS)},
    {"master_timeout", BIT(INDEX) | BIT(CAT) | BIT(HEALTH) | BIT(FIELDS)},
    {"local", BIT(INDEX) | BIT(CAT) | BIT(HEALTH)},
    {"preference", SEARCHES | BIT(GET)},
    {"routing", SEARCHES | BIT(GET) | WRITES},
    {"max_concurrent_shard_requests", SEARCHES},
    {"max_concurrent_searches", BIT(MSEARCH)},
    {"batched_reduce_size", SEARCHES},
    {"pre_filter_shard_size", SEARCHES},
    {"ccs_minimize_roundtrips", SEARCHES},
    {"request_cache", SEARCHES},
    {"realtime", BIT(GET)},
    /* what is answered lasts, and can be found */
    {"refresh", WRITES | BIT(GET)},
    {"wait_for_active_shards", WRITES | BIT(HEALTH) | BIT(INDEX)},
    {"timeout", ALL},
    {"wait_for_status", BIT(HEALTH)},
    {"wait_for_nodes", BIT(HEALTH)},
    {"level", BIT(HEALTH)},
    {"require_alias", WRITES},
    {"include_source_on_error", WRITES},
    {"list_executed_pipelines", BIT(BULK)},
    {"search_type", BIT(SEARCH) | BIT(MSEARCH)},
    {"q", BIT(SEARCH) | BIT(COUNT)},
    {"df", BIT(SEARCH) | BIT(COUNT)},
    {"default_operator", BIT(SEARCH) | BIT(COUNT)},
    {"lenient", BIT(SEARCH) | BIT(COUNT)},
    {"analyze_wildcard", BIT(SEARCH) | BIT(COUNT)},
    {"from", BIT(SEARCH)},
    {"size", BIT(SEARCH)},
    {"sort", BIT(SEARCH)},
    {"scroll", BIT(SEARCH) | BIT(SCROLL)},
    {"scroll_id", BIT(SCROLL)},
    {"keep_alive", BIT(PIT)},
    {"track_total_hits", BIT(SEARCH)},
    {"rest_total_hits_as_int", BIT(SEARCH) | BIT(MSEARCH) | BIT(SCROLL)},
    {"_source", BIT(SEARCH) | BIT(GET)},
    {"_source_includes", BIT(SEARCH) | BIT(GET)},
    {"_source_excludes", BIT(SEARCH) | BIT(GET)},
    {"op_type", BIT(WRITE)},
    {"format", BIT(CAT)},
    {"h", BIT(CAT)},
    {"v", BIT(CAT)},
    {"bytes", BIT(CAT)},
    {"fields", BIT(FIELDS)},
};

const char *lede_elastic_parameter(const struct lede_http_request *request, const char *name)
{
    const struct lede_http_parameter *parameters = NULL;
    size_t count = lede_http_request_parameters(request, &parameters);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parameters[i].name, name) == 0)
            return parameters[i].value;
    }
    return NULL;
}

bool lede_elastic_truth(const struct lede_http_request *request, const char *name)
{
    const char *value = lede_elastic_parameter(request, name);
    return value && strcmp(value, "false") != 0;
}

static bool is_taken(const char *name, enum elastic_taker taker)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].takers & 1U << taker;
    }
    return false;
}

enum lede_status lede_elastic_check_parameters(
    const struct lede_http_request *request, enum elastic_taker taker, struct lede_error *reterr)
{
    const struct lede_http_parameter *parameters = NULL;
    size_t count = lede_http_request_parameters(request, &parameters);
    for (size_t i = 0; i < count; i++) {
        if (is_taken(parameters[i].name, taker))
            continue;
        (void)lede_fail(reterr, LEDE_EINPUT,
            "request [%.80s] contains unrecognized parameter: [%.60s]",
            lede_http_request_path(request), parameters[i].name);
        lede_error_hint(reterr, "server/elastic/README.md has what is taken; see also Lede's own "
                                "/openapi.json");
        return LEDE_EINPUT;
    }
    return LEDE_OK;
}
