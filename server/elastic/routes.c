/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of routes, and which request to the page's address is one of ours. */
#include "answer.h"
#include "elastic.h"
#include "negotiation.h"

#include <stdlib.h>
#include <string.h>

#define QUERY_BODY_MAX ((size_t)1 << 20)
#define MANY_BODY_MAX ((size_t)16 << 20)
#define BULK_BODY_MAX ((size_t)100 << 20) /* as http.max_content_length is by default */
#define DOCUMENT_BODY_MAX (LEDE_DOCUMENT_BYTES_MAX * 2)

#define ROUTE(method, path, pool, handler, body_max, right)                                        \
    {                                                                                              \
        {method, path, pool, lede_elastic_##handler, body_max, false}, LEDE_RIGHT_##right,         \
            LEDE_TAKER_NONE, lede_elastic_show_problem                                             \
    }
#define READ(method, path, handler, body_max, right)                                               \
    ROUTE(method, path, LEDE_POOL_READ, handler, body_max, right)
#define WRITE(method, path, handler, body_max, right)                                              \
    ROUTE(method, path, LEDE_POOL_WRITE, handler, body_max, right)
#define TELL(path, handler, right) ROUTE("GET", path, LEDE_POOL_OPS, handler, 0, right)
/* Clients send a body with GET as with POST. */
#define EITHER(path, handler, body_max, right)                                                     \
    READ("GET", path, handler, body_max, right), READ("POST", path, handler, body_max, right)

/* `{index}` alone would be any path of one segment: it is the archive's own name. */
#define OWN_NAME "/{index}"

static const struct lede_api_route rows[] = {
    TELL("/", root, NONE),
    TELL(OWN_NAME, describe, SEARCH),
    WRITE("PUT", OWN_NAME, index_create, QUERY_BODY_MAX, WRITE),
    TELL("/_license", license, NONE),
    TELL("/_cluster/health", health, SEARCH),
    TELL("/_cluster/health/{index}", health, SEARCH),
    READ("GET", "/_cat/indices", cat_indices, 0, SEARCH),
    READ("GET", "/_cat/indices/{index}", cat_indices, 0, SEARCH),
    TELL("/_mapping", mapping, SEARCH),
    TELL("/{index}/_mapping", mapping, SEARCH),
    EITHER("/_field_caps", field_caps, QUERY_BODY_MAX, SEARCH),
    EITHER("/{index}/_field_caps", field_caps, QUERY_BODY_MAX, SEARCH),
    EITHER("/_refresh", refresh, 0, SEARCH),
    EITHER("/{index}/_refresh", refresh, 0, SEARCH),
    EITHER("/_search", search, QUERY_BODY_MAX, SEARCH),
    EITHER("/{index}/_search", search, QUERY_BODY_MAX, SEARCH),
    EITHER("/_msearch", msearch, MANY_BODY_MAX, SEARCH),
    EITHER("/{index}/_msearch", msearch, MANY_BODY_MAX, SEARCH),
    EITHER("/_count", count, QUERY_BODY_MAX, SEARCH),
    EITHER("/{index}/_count", count, QUERY_BODY_MAX, SEARCH),
    EITHER("/_search/scroll", scroll, QUERY_BODY_MAX, SEARCH),
    READ("DELETE", "/_search/scroll", scroll_delete, QUERY_BODY_MAX, SEARCH),
    READ("POST", "/{index}/_pit", pit, 0, SEARCH),
    READ("DELETE", "/_pit", pit_delete, QUERY_BODY_MAX, SEARCH),
    WRITE("POST", "/_bulk", bulk, BULK_BODY_MAX, WRITE),
    WRITE("PUT", "/_bulk", bulk, BULK_BODY_MAX, WRITE),
    WRITE("POST", "/{index}/_bulk", bulk, BULK_BODY_MAX, WRITE),
    WRITE("PUT", "/{index}/_bulk", bulk, BULK_BODY_MAX, WRITE),
    EITHER("/_mget", mget, QUERY_BODY_MAX, READ),
    EITHER("/{index}/_mget", mget, QUERY_BODY_MAX, READ),
    READ("GET", "/{index}/_doc/{id}", document_get, 0, READ),
    READ("GET", "/{index}/_source/{id}", source_get, 0, READ),
    WRITE("PUT", "/{index}/_doc/{id}", document_index, DOCUMENT_BODY_MAX, WRITE),
    WRITE("POST", "/{index}/_doc/{id}", document_index, DOCUMENT_BODY_MAX, WRITE),
    WRITE("POST", "/{index}/_doc", document_index, DOCUMENT_BODY_MAX, WRITE),
    WRITE("PUT", "/{index}/_create/{id}", document_create, DOCUMENT_BODY_MAX, WRITE),
    WRITE("POST", "/{index}/_create/{id}", document_create, DOCUMENT_BODY_MAX, WRITE),
    WRITE("POST", "/{index}/_update/{id}", document_update, DOCUMENT_BODY_MAX, WRITE),
    WRITE("DELETE", "/{index}/_doc/{id}", document_delete, 0, DELETE),
};

_Static_assert(LEDE_COUNT_OF(rows) <= LEDE_ROUTES_MAX / 2, "the api has room for its routes");

/* The page is HTML for whoever may take it; clients and shippers take JSON, or say nothing. */
static const struct lede_api_route *instead(
    const struct lede_api_interface *interface, const struct lede_http_request *request)
{
    const struct lede_http_parameter *unused = NULL;
    if (strcmp(lede_http_request_path(request), "/") != 0)
        return NULL;
    bool is_silent = !lede_http_request_header(request, "Accept") &&
                     lede_http_request_parameters(request, &unused) == 0;
    return is_silent || !lede_request_accepts(request, "text/html") ? &interface->routes[0] : NULL;
}

static enum lede_status make_routes(struct lede_elastic *elastic, struct lede_error *reterr)
{
    size_t size = strlen(elastic->names[0]);
    char *own = lede_arena_alloc(&elastic->arena, size + 2);
    elastic->routes = lede_arena_alloc(&elastic->arena, sizeof(rows));
    if (!own || !elastic->routes)
        return lede_fail_memory(reterr);
    own[0] = '/';
    memcpy(own + 1, elastic->names[0], size + 1);
    memcpy(elastic->routes, rows, sizeof(rows));
    for (size_t i = 0; i < LEDE_COUNT_OF(rows); i++) {
        if (strcmp(rows[i].http.path, OWN_NAME) == 0)
            elastic->routes[i].http.path = own;
    }
    elastic->interface = (struct lede_api_interface){.routes = elastic->routes,
        .route_count = LEDE_COUNT_OF(rows),
        .instead = instead,
        .context = elastic};
    return LEDE_OK;
}

enum lede_status lede_elastic_new(
    const char *indices, struct lede_elastic **ret_elastic, struct lede_error *reterr)
{
    struct lede_elastic *elastic = calloc(1, sizeof(*elastic));
    if (!elastic)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_elastic_read_names(elastic, indices, reterr);
    if (st == LEDE_OK)
        st = make_routes(elastic, reterr);
    if (st == LEDE_OK)
        *ret_elastic = elastic;
    else
        lede_elastic_free(elastic);
    return st;
}

void lede_elastic_free(struct lede_elastic *elastic)
{
    if (!elastic)
        return;
    lede_arena_done(&elastic->arena);
    free(elastic);
}

const struct lede_api_interface *lede_elastic_interface(const struct lede_elastic *elastic)
{
    return &elastic->interface;
}
