/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /keys: told, made, revoked. A key is told in one answer, that to the request that makes it. */
#include "endpoints.h"
#include "json_out.h"
#include "negotiation.h"
#include "problem.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>

/* Nobody keeps what these say. json  taken; NULL: there was no memory */
static void reply_json(struct lede_http_reply *reply, const struct lede_http_request *request,
    int status, json_t *json)
{
    struct lede_error error = {0};
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text) {
        (void)lede_fail_memory(&error);
        lede_reply_error(reply, request, &error);
        return;
    }
    reply->status = status;
    reply->media_type = "application/json";
    lede_buffer_append_format(&reply->body, "%s\n", text);
    lede_http_reply_header(reply, "Cache-Control", "no-store");
    free(text);
}

static void reply_failure(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error)
{
    const char *name = NULL;
    if (error->status == LEDE_ENOTFOUND && error->param[0])
        name = "unknown-parameter";
    else if (error->status == LEDE_EINPUT)
        name = error->param[0] ? "invalid-parameter" : "malformed-json";
    lede_reply_problem(
        reply, request, name ? lede_problem_named(name) : lede_problem_of(error->status), error);
}

/* The store of keys; NULL: there is none, and the reply says so. */
static struct lede_keys *keys_of(const struct lede_api_worker *worker,
    const struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    if (!worker->api->settings.keys) {
        (void)lede_fail(&error, LEDE_EUNSUPPORTED, "this server has no place for keys");
        lede_reply_error(reply, request, &error);
    }
    return worker->api->settings.keys;
}

void lede_endpoint_keys(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_keys *keys = keys_of(worker, request, reply);
    if (keys && !lede_refuse_parameters(request, reply))
        reply_json(reply, request, 200, lede_keys_list(keys));
}

/* From the first key on each request needs one: nobody should shut himself out. */
static enum lede_status check_first(
    struct lede_keys *keys, const json_t *wanted, struct lede_error *reterr)
{
    const json_t *rights = json_object_get(wanted, "rights");
    bool is_admin = lede_keys_are_required(keys);
    for (size_t i = 0; i < json_array_size(rights) && !is_admin; i++) {
        const char *name = json_string_value(json_array_get(rights, i));
        is_admin = name && strcmp(name, lede_right_name(LEDE_RIGHT_ADMIN)) == 0;
    }
    if (is_admin)
        return LEDE_OK;
    enum lede_status st = lede_fail(reterr, LEDE_EINPUT,
        "rights: expected admin in the first key: from then on every request needs one");
    lede_error_param(reterr, "rights");
    return st;
}

void lede_endpoint_keys_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    json_auto_t *wanted = NULL;
    json_t *made = NULL;
    struct lede_keys *keys = keys_of(worker, request, reply);
    if (!keys || lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = lede_request_object(request, "a key", &wanted, &error);
    if (st == LEDE_OK)
        st = check_first(keys, wanted, &error);
    if (st == LEDE_OK)
        st = lede_keys_make(keys, wanted, &made, &error);
    if (st == LEDE_OK)
        reply_json(reply, request, 201, made);
    else
        reply_failure(reply, request, &error);
}

void lede_endpoint_key_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    struct lede_keys *keys = keys_of(worker, request, reply);
    if (!keys || lede_refuse_parameters(request, reply))
        return;
    enum lede_status st =
        lede_keys_revoke(keys, lede_http_request_path_parameter(request, 0, NULL), &error);
    if (st == LEDE_OK)
        reply->status = 204;
    else
        reply_failure(reply, request, &error);
}
