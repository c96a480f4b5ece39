/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenAPI description: the file of server/web, with the parameters of the table of
 * search_params.h and the rights of the table of routes put in. */
#ifndef LEDE_API_OPENAPI_H
#define LEDE_API_OPENAPI_H

#include "endpoints.h"

/* Append the whole description. Status: OK; ENOMEM; EINTERNAL the file does not describe a
 * route. */
LEDE_CHECKED enum lede_status lede_openapi_write(const struct lede_api_route *routes, size_t count,
    struct lede_buffer *out, struct lede_error *reterr);

#endif
