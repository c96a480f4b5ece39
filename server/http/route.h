/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which handler serves this method and path? */
#ifndef LEDE_HTTP_ROUTE_H
#define LEDE_HTTP_ROUTE_H

#include "lede/buffer.h"
#include "lede/http.h"

struct lede_http_match {
    const struct lede_http_route *route; /* NULL: none; see allow */
    /* the {parameters}' segments, decoded, in the arena; NULL behind the last */
    const char *parameters[LEDE_HTTP_PATH_PARAMETERS_MAX];
    size_t parameter_sizes[LEDE_HTTP_PATH_PARAMETERS_MAX];
    /* without a route: methods that the path does have, "GET, HEAD, PUT, OPTIONS"; "" where there
     * is no such path. "*" is the server itself */
    char allow[96];
};

/* Find the route of a request. A path is compared segment by segment, each decoded on its own, so
 * that %2F belongs to its segment; an empty segment never is a parameter.
 * path, path_size  borrowed, as sent, without the query; starts with '/'
 * Status: OK, found or not; EINPUT malformed encoding (reterr->param names the parameter where it
 * is in one); ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_route_match(const struct lede_http_route *routes,
    size_t route_count, const char *method, const char *path, size_t path_size,
    struct lede_arena *arena, struct lede_http_match *ret_match, struct lede_error *reterr);

#endif
