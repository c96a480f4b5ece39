/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenAPI description: the file of server/web, with the parameters of the table of
 * search_params.h put in. */
#ifndef LEDE_API_OPENAPI_H
#define LEDE_API_OPENAPI_H

#include "lede/http.h"
#include "search_params.h"

struct lede_api_route {
    struct lede_http_route http;
    enum lede_param_taker taker; /* of search_params.h: what its query, or its body, may name */
};

/* Append the whole description. Status: OK; ENOMEM; EINTERNAL the file does not describe a
 * route. */
LEDE_CHECKED enum lede_status lede_openapi_write(const struct lede_api_route *routes, size_t count,
    struct lede_buffer *out, struct lede_error *reterr);

#endif
