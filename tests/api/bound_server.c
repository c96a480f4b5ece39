/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The API with a hook that does what the request's own headers say, for test_authorize.py:
 *
 *   X-Rights: search read   it has these rights; 403 without the one that is needed
 *   X-Filter: source:AP     it is bound to this filter
 *   no X-Rights             401
 *
 * usage: bound_server DIRECTORY; prints the port, and ends when its standard input does. */
#include "lede/api.h"

#include <stdio.h>
#include <string.h>

static const char *const right_names[] = {"none", "search", "read", "write", "delete", "admin"};

static enum lede_verdict authorize(void *context, const struct lede_http_request *request,
    const struct lede_http_route *route, enum lede_right right, struct lede_grant *ret_grant)
{
    (void)context;
    (void)route;
    const char *rights = lede_http_request_header(request, "X-Rights");
    const char *filter = lede_http_request_header(request, "X-Filter");
    if (filter)
        lede_buffer_append_string(&ret_grant->filter, filter);
    if (right == LEDE_RIGHT_NONE)
        return LEDE_ALLOWED;
    if (!rights)
        return LEDE_UNKNOWN_CALLER;
    return strstr(rights, right_names[right]) ? LEDE_ALLOWED : LEDE_FORBIDDEN;
}

static int fail(const struct lede_error *error)
{
    fprintf(stderr, "%s\n", error->message);
    return 1;
}

int main(int argc, char **argv)
{
    struct lede_error error;
    struct lede_store *store = NULL;
    struct lede_http_server *server = NULL;
    struct lede_api api;
    struct lede_store_options store_options = {.directory = argc > 1 ? argv[1] : ""};
    struct lede_api_settings settings = {
        .authorize = authorize, .document_cache_bytes = 1 << 20, .answer_cache_bytes = 1 << 20};
    if (lede_store_open(&store_options, &store, &error) != LEDE_OK ||
        lede_api_init(&api, store, &settings, &error) != LEDE_OK)
        return fail(&error);
    struct lede_http_options options = {.address = "127.0.0.1",
        .io_threads = 1,
        .pool_threads = {1, 1, 1},
        .queue_length = 16,
        .connections_max = 64,
        .idle_timeout_s = 60,
        .request_timeout_s = 60,
        .header_bytes_max = 16384,
        .uri_bytes_max = 8192,
        .context = &api,
        .worker_new = lede_api_worker_new,
        .worker_free = lede_api_worker_free,
        .refuse = lede_api_refuse};
    options.routes = lede_api_routes(&api, &options.route_count);
    if (lede_http_server_new(&options, &server, &error) != LEDE_OK)
        return fail(&error);
    printf("%u\n", (unsigned)lede_http_server_port(server));
    fflush(stdout);
    while (getchar() != EOF)
        ;
    lede_http_server_stop(server, 1000);
    lede_http_server_free(server);
    lede_api_done(&api);
    lede_store_close(store);
    return 0;
}
