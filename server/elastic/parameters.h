/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Query parameters of an address. */
#ifndef LEDE_ELASTIC_PARAMETERS_H
#define LEDE_ELASTIC_PARAMETERS_H

#include "lede/http.h"

/* Whose parameters a request has: lede_elastic_check_parameters(). */
enum elastic_taker {
    ELASTIC_TAKER_NONE,
    ELASTIC_TAKER_SEARCH,
    ELASTIC_TAKER_MSEARCH,
    ELASTIC_TAKER_COUNT,
    ELASTIC_TAKER_SCROLL,
    ELASTIC_TAKER_PIT,
    ELASTIC_TAKER_GET,
    ELASTIC_TAKER_WRITE,
    ELASTIC_TAKER_BULK,
    ELASTIC_TAKER_INDEX,
    ELASTIC_TAKER_CAT,
    ELASTIC_TAKER_HEALTH,
    ELASTIC_TAKER_FIELDS,
};

/* A query parameter; NULL: absent. */
const char *lede_elastic_parameter(const struct lede_http_request *request, const char *name);
/* A parameter that is a truth: `?name`, `?name=true`. */
bool lede_elastic_truth(const struct lede_http_request *request, const char *name);
/* Refuse what the taker does not take. Status: OK; EINPUT with a message. */
LEDE_CHECKED enum lede_status lede_elastic_check_parameters(
    const struct lede_http_request *request, enum elastic_taker taker, struct lede_error *reterr);

#endif
