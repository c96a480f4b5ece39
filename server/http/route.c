/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The route table is short, so it is walked. */
#include "route.h"

#include "decode.h"

#include <stdio.h>
#include <string.h>

/* The next segment of a path, without its slash; false at the end. */
static bool next_segment(
    const char **at, const char *end, const char **ret_segment, size_t *ret_size)
{
    if (*at >= end || **at != '/')
        return false;
    const char *start = *at + 1;
    const char *stop = memchr(start, '/', (size_t)(end - start));
    stop = stop ? stop : end;
    *ret_segment = start;
    *ret_size = (size_t)(stop - start);
    *at = stop;
    return true;
}

static void name_parameter(const char *pattern, size_t size, struct lede_error *reterr)
{
    if (reterr && reterr->status == LEDE_EINPUT)
        snprintf(reterr->param, sizeof(reterr->param), "%.*s", (int)(size - 2), pattern + 1);
}

/* Does this path fit the route? Fills the parameter where it does. */
static enum lede_status fits(const char *pattern, const char *path, size_t path_size,
    struct lede_arena *arena, struct lede_http_match *match, bool *ret_fits,
    struct lede_error *reterr)
{
    const char *pattern_end = pattern + strlen(pattern);
    const char *path_end = path + path_size;
    const char *wanted = NULL, *sent = NULL;
    size_t wanted_size = 0, sent_size = 0;
    *ret_fits = false;
    while (next_segment(&pattern, pattern_end, &wanted, &wanted_size)) {
        if (!next_segment(&path, path_end, &sent, &sent_size))
            return LEDE_OK;
        bool is_parameter = wanted_size > 2 && wanted[0] == '{';
        if (!is_parameter && sent_size == wanted_size && memcmp(sent, wanted, sent_size) == 0)
            continue;
        if (!is_parameter && !memchr(sent, '%', sent_size))
            return LEDE_OK;
        const char *decoded = NULL;
        size_t size = 0;
        enum lede_status st =
            lede_http_decode(sent, sent_size, false, arena, &decoded, &size, reterr);
        if (st == LEDE_EINPUT && !is_parameter)
            return LEDE_OK; /* equals no literal; another route may name it */
        if (st != LEDE_OK) {
            name_parameter(wanted, wanted_size, reterr);
            return st;
        }
        if (is_parameter ? size == 0 : size != wanted_size || memcmp(decoded, wanted, size) != 0)
            return LEDE_OK;
        if (is_parameter) {
            match->parameter = decoded;
            match->parameter_size = size;
        }
    }
    *ret_fits = path == path_end;
    return LEDE_OK;
}

static void allow_method(struct lede_http_match *match, const char *method)
{
    size_t used = strlen(match->allow);
    const char *more = strcmp(method, "GET") == 0 ? ", HEAD" : "";
    snprintf(match->allow + used, sizeof(match->allow) - used, "%s%s%s", used > 0 ? ", " : "",
        method, more);
}

enum lede_status lede_http_route_match(const struct lede_http_route *routes, size_t route_count,
    const char *method, const char *path, size_t path_size, struct lede_arena *arena,
    struct lede_http_match *ret_match, struct lede_error *reterr)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    struct lede_http_match match = {0};
    const char *served = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < route_count && !match.route; i++) {
        bool is_fit = false;
        enum lede_status st = fits(routes[i].path, path, path_size, arena, &match, &is_fit, reterr);
        if (st != LEDE_OK)
            return st;
        if (is_fit && strcmp(routes[i].method, served) == 0)
            match.route = &routes[i];
        else if (is_fit)
            allow_method(&match, routes[i].method);
    }
    if (match.allow[0] != '\0')
        allow_method(&match, "OPTIONS");
    bool is_server = path_size == 1 && path[0] == '*';
    for (size_t i = 0; is_server && i < LEDE_COUNT_OF(methods); i++)
        allow_method(&match, methods[i]);
    if (!match.route || !strchr(match.route->path, '{')) {
        match.parameter = NULL;
        match.parameter_size = 0;
    }
    *ret_match = match;
    return LEDE_OK;
}
