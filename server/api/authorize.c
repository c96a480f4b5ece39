/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authorize.h"

#include "problem.h"

bool lede_request_is_allowed(const struct lede_http_request *request, enum lede_right right,
    struct lede_grant *ret_grant, struct lede_http_reply *reply)
{
    static const char *const names[] = {[LEDE_RIGHT_NONE] = "none",
        [LEDE_RIGHT_SEARCH] = "search",
        [LEDE_RIGHT_READ] = "read",
        [LEDE_RIGHT_WRITE] = "write",
        [LEDE_RIGHT_DELETE] = "delete",
        [LEDE_RIGHT_ADMIN] = "admin"};
    const struct lede_api *api = lede_http_request_context(request);
    const struct lede_api_settings *settings = &api->settings;
    struct lede_error error = {0};
    if (!settings->authorize)
        return true;
    enum lede_verdict verdict = settings->authorize(
        settings->authorize_context, request, lede_http_request_route(request), right, ret_grant);
    if (verdict == LEDE_ALLOWED && !ret_grant->filter.failed)
        return true;
    if (verdict == LEDE_ALLOWED) {
        (void)lede_fail_memory(&error);
        lede_reply_error(reply, request, &error);
        return false;
    }
    (void)lede_fail(&error, LEDE_EINPUT, "expected the right '%s'", names[right]);
    bool is_known = verdict == LEDE_FORBIDDEN;
    lede_reply_problem(
        reply, request, lede_problem_named(is_known ? "forbidden" : "unauthorized"), &error);
    if (!is_known)
        lede_http_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"lede\"");
    return false;
}
