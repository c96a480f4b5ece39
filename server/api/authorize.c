/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authorize.h"

#include "endpoints.h"
#include "lede/time.h"
#include "problem.h"

#include <string.h>

/* What no filter can bind, see server/README.md. */
#define RIGHTS_WITHOUT_FILTER (LEDE_RIGHT_BIT(LEDE_RIGHT_WRITE) | LEDE_RIGHT_BIT(LEDE_RIGHT_ADMIN))

/* Of `Authorization`; NULL: there is none. room: what it may stand in; to be freed. */
static const char *key_of_header(const struct lede_http_request *request, struct lede_buffer *room)
{
    const char *value = lede_http_request_header(request, "Authorization");
    bool is_there = value && lede_key_of_authorization(value, room);
    return is_there && !room->failed ? room->data ? room->data : "" : NULL;
}

static const char *key_of_address(const struct lede_http_request *request)
{
    const struct lede_http_parameter *parameters = NULL;
    size_t count = lede_http_request_parameters(request, &parameters);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parameters[i].name, "key") == 0)
            return parameters[i].value;
    }
    return NULL;
}

/* A key in an address is read by others: it has to be one for that. */
static bool check_key(struct lede_keys *keys, const struct lede_http_request *request,
    enum lede_param_taker taker, bool *ret_has_key, struct lede_grant *grant)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer room = {0};
    const char *of_header = key_of_header(request, &room);
    const char *key = !of_header && taker == LEDE_TAKER_FEED ? key_of_address(request) : of_header;
    *ret_has_key = key != NULL;
    return key && lede_keys_check(keys, key, lede_time_now_utc_s(), grant) &&
           (of_header || grant->rights == LEDE_RIGHT_BIT(LEDE_RIGHT_FEED));
}

static void refuse_unknown(const struct lede_http_request *request, enum lede_right right,
    bool has_key, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    (void)lede_fail(&error, LEDE_EINPUT,
        has_key ? "expected a key with the right '%s': this one is not known here, or not any more"
                : "expected a key with the right '%s'",
        lede_right_name(right));
    lede_error_hint(&error, "Authorization: Bearer lede_...; lede key new makes one");
    lede_reply_problem(reply, request, lede_problem_named("unauthorized"), &error);
    lede_http_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"lede\"%s",
        has_key ? ", error=\"invalid_token\"" : "");
}

bool lede_request_is_allowed(const struct lede_http_request *request, enum lede_right right,
    enum lede_param_taker taker, struct lede_grant *ret_grant, struct lede_http_reply *reply)
{
    const struct lede_api *api = lede_http_request_context(request);
    struct lede_keys *keys = api->settings.keys;
    struct lede_error error = {0};
    bool has_key = false;
    uint32_t needed = LEDE_RIGHT_BIT(right);
    if (!keys || !lede_keys_are_required(keys)) {
        ret_grant->rights = UINT32_MAX;
        return true;
    }
    if (right == LEDE_RIGHT_NONE)
        return true;
    if (taker == LEDE_TAKER_FEED)
        needed |= LEDE_RIGHT_BIT(LEDE_RIGHT_FEED);
    if (!check_key(keys, request, taker, &has_key, ret_grant)) {
        refuse_unknown(request, right, has_key, reply);
        return false;
    }
    bool is_bound = ret_grant->filters.size > 0;
    if (ret_grant->rights & needed && !ret_grant->filters.failed &&
        !(is_bound && needed & RIGHTS_WITHOUT_FILTER))
        return true;
    if (ret_grant->filters.failed) {
        (void)lede_fail_memory(&error);
        lede_reply_error(reply, request, &error);
        return false;
    }
    (void)lede_fail(
        &error, LEDE_EINPUT, "expected a key with the right '%s'", lede_right_name(right));
    lede_reply_problem(reply, request, lede_problem_named("forbidden"), &error);
    return false;
}

static uint32_t quota_or(int64_t of_key, uint32_t of_settings)
{
    return of_key < 0 ? of_settings : (uint32_t)of_key;
}

bool lede_api_who(
    void *context, const struct lede_http_request *request, struct lede_http_client *ret_client)
{
    const struct lede_api *api = context;
    struct lede_key_quota quota = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer room = {0};
    if (lede_shard_is_allowed(api, request)) {
        /* it asks for many clients, who have limits of their own there */
        *ret_client = (struct lede_http_client){0};
        return true;
    }
    const char *key = key_of_header(request, &room);
    if (!key)
        key = key_of_address(request);
    if (!key || !api->settings.keys ||
        !lede_keys_quota(api->settings.keys, key, lede_time_now_utc_s(), &quota))
        return false;
    *ret_client = (struct lede_http_client){.who = quota.who,
        .requests_per_s_max = quota_or(quota.rate, api->settings.requests_per_key),
        .searches_max = quota_or(quota.searches, api->settings.searches_per_key)};
    return true;
}
