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

/* Is a segment as sent the literal of a pattern, perhaps percent-encoded? */
static enum lede_status is_literal(const char *wanted, size_t wanted_size, const char *sent,
    size_t sent_size, struct lede_arena *arena, bool *ret_is, struct lede_error *reterr)
{
    const char *decoded = NULL;
    size_t size = 0;
    *ret_is = sent_size == wanted_size && memcmp(sent, wanted, sent_size) == 0;
    if (*ret_is || !memchr(sent, '%', sent_size))
        return LEDE_OK;
    enum lede_status st = lede_http_decode(sent, sent_size, false, arena, &decoded, &size, reterr);
    if (st != LEDE_OK)
        return st == LEDE_EINPUT ? LEDE_OK : st; /* another route may name it */
    *ret_is = size == wanted_size && memcmp(decoded, wanted, size) == 0;
    return LEDE_OK;
}

/* Does this path fit the route? Fills the parameters where it does. */
static enum lede_status fits(const char *pattern, const char *path, size_t path_size,
    struct lede_arena *arena, struct lede_http_match *match, bool *ret_fits,
    struct lede_error *reterr)
{
    const char *pattern_end = pattern + strlen(pattern);
    const char *path_end = path + path_size;
    const char *wanted = NULL, *names[LEDE_HTTP_PATH_PARAMETERS_MAX];
    const char *sent = NULL, *values[LEDE_HTTP_PATH_PARAMETERS_MAX];
    size_t wanted_size = 0, name_sizes[LEDE_HTTP_PATH_PARAMETERS_MAX];
    size_t sent_size = 0, value_sizes[LEDE_HTTP_PATH_PARAMETERS_MAX];
    size_t count = 0;
    enum lede_status st = LEDE_OK;
    *ret_fits = false;
    while (next_segment(&pattern, pattern_end, &wanted, &wanted_size)) {
        bool is_it = next_segment(&path, path_end, &sent, &sent_size);
        bool is_parameter = wanted_size > 2 && wanted[0] == '{';
        if (is_it && !is_parameter)
            st = is_literal(wanted, wanted_size, sent, sent_size, arena, &is_it, reterr);
        if (st != LEDE_OK || !is_it || (is_parameter && sent_size == 0))
            return st;
        if (is_parameter && count < LEDE_HTTP_PATH_PARAMETERS_MAX) {
            names[count] = wanted;
            name_sizes[count] = wanted_size;
            values[count] = sent;
            value_sizes[count++] = sent_size;
        }
    }
    *ret_fits = path == path_end;
    for (size_t i = 0; *ret_fits && i < count; i++) {
        st = lede_http_decode(values[i], value_sizes[i], false, arena, &match->parameters[i],
            &match->parameter_sizes[i], reterr);
        if (st != LEDE_OK)
            name_parameter(names[i], name_sizes[i], reterr);
        if (st != LEDE_OK)
            return st;
    }
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
        memset(match.parameters, 0, sizeof(match.parameters));
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
    if (!match.route)
        memset(match.parameters, 0, sizeof(match.parameters));
    *ret_match = match;
    return LEDE_OK;
}
