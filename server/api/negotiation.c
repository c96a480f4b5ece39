/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "negotiation.h"

#include "lede/time.h"
#include "params.h"
#include "problem.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- If-None-Match ---- */

static const char *without_weakness(const char *etag)
{
    return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool lede_request_knows(const struct lede_http_request *request, const char *etag)
{
    const char *known = lede_http_request_header(request, "If-None-Match");
    if (!known)
        return false;
    /* With its quotes a tag is found as a whole: no other tag of the list can contain it. */
    return strcmp(known, "*") == 0 || strstr(known, without_weakness(etag)) != NULL;
}

bool lede_request_has_since(const struct lede_http_request *request, int64_t utc_s)
{
    const char *since = lede_http_request_header(request, "If-Modified-Since");
    int64_t since_utc_s = 0;
    return since && !lede_http_request_header(request, "If-None-Match") &&
           lede_time_parse(since, strlen(since), &since_utc_s, NULL, NULL) == LEDE_OK &&
           since_utc_s >= utc_s;
}

/* ---- Accept ---- */

/* How closely a range of Accept names a type: 3 by name, 2 `application/` and a star, 1 two stars,
 * 0 not at all. */
static int closeness(const char *range, size_t size, const char *media_type)
{
    const char *slash = strchr(media_type, '/');
    size_t head = slash ? (size_t)(slash - media_type) + 1 : 0;
    if (size == strlen(media_type) && strncasecmp(range, media_type, size) == 0)
        return 3;
    if (size == head + 1 && range[head] == '*' && strncasecmp(range, media_type, head) == 0)
        return 2;
    return size == 3 && memcmp(range, "*/*", 3) == 0 ? 1 : 0;
}

/* Do a range's parameters, up to the comma, say `q=0`? */
static bool is_refused(const char *parameters, size_t size)
{
    for (size_t i = 0; i + 3 < size; i++) {
        bool begins = strncasecmp(parameters + i, ";q=", 3) == 0 ||
                      strncasecmp(parameters + i, " q=", 3) == 0;
        if (begins)
            return strspn(parameters + i + 3, "0.") == strcspn(parameters + i + 3, " \t;,");
    }
    return false;
}

bool lede_request_accepts(const struct lede_http_request *request, const char *media_type)
{
    const char *at = lede_http_request_header(request, "Accept");
    int closest = 0;
    bool accepted = at == NULL;
    while (at && *at) {
        at += strspn(at, " \t,");
        size_t name_size = strcspn(at, " \t;,");
        size_t item_size = strcspn(at, ",");
        int close = closeness(at, name_size, media_type);
        if (close > closest) {
            closest = close;
            accepted = !is_refused(at + name_size, item_size - name_size);
        }
        at += item_size;
    }
    return accepted;
}

/* ---- No parameters ---- */

bool lede_refuse_parameters(const struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const no_names[] = {NULL};
    struct lede_error error = {0};
    struct lede_params params = {0};
    enum lede_status st = lede_params_from_query(request, &params, &error);
    if (st == LEDE_OK)
        st = lede_params_check_names(&params, no_names, &error);
    lede_params_done(&params);
    if (st == LEDE_OK)
        return false;
    const struct lede_problem *problem = lede_problem_of(st);
    lede_reply_problem(reply, request,
        st == LEDE_ENOTFOUND ? lede_problem_named("unknown-parameter") : problem, &error);
    return true;
}

void lede_request_origin(const struct lede_http_request *request, char ret_origin[LEDE_ORIGIN_SIZE])
{
    const char *host = lede_http_request_header(request, "Host");
    snprintf(ret_origin, LEDE_ORIGIN_SIZE, "%s://%.250s%s",
        lede_http_request_is_secure(request) ? "https" : "http", host ? host : "127.0.0.1",
        lede_http_request_prefix(request));
}
