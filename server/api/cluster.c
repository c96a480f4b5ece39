/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /cluster: how the cluster is, as this node sees it; and what other nodes ask of it: bytes, which
 * index/cluster reads and writes. */
#include "lede/cluster.h"
#include "endpoints.h"
#include "json_out.h"
#include "negotiation.h"
#include "problem.h"
#include "worker.h"

#include <string.h>

#define OCTETS "application/octet-stream"

static void write_copies(const struct lede_cluster_state *state, struct lede_buffer *out)
{
    lede_json_key(out, "copies");
    lede_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < state->copy_count; i++) {
        const struct lede_copy_state *copy = &state->copies[i];
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "node", copy->name);
        lede_json_member_bool(out, "live", copy->is_live);
        if (copy->is_known)
            lede_json_member_uint(out, "behind_bytes", copy->behind_bytes);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

static uint64_t distance(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static void write_state(
    struct lede_cluster_node *node, const struct lede_cluster_state *state, struct lede_buffer *out)
{
    lede_json_member_string(out, "cluster", lede_cluster_name(node));
    lede_json_member_string(out, "node", lede_cluster_node_name(node));
    lede_json_member_string(out, "role", lede_node_role_name(state->role));
    lede_json_key(out, "leader");
    if (state->leader[0])
        lede_json_string(out, state->leader, strlen(state->leader));
    else
        lede_buffer_append_string(out, "null");
    lede_json_member_uint(out, "term", (uint64_t)state->term);
    lede_json_member_bool(out, "takes_writes", state->may_write);
    lede_json_member_uint(out, "behind_bytes", distance(state->applied, state->committed));
    if (state->fault[0])
        lede_append_told(out, "fault", state->fault);
}

void lede_cluster_write_state(const struct lede_api *api, struct lede_buffer *out)
{
    struct lede_cluster_state state;
    if (!api->settings.cluster)
        return;
    lede_cluster_state(api->settings.cluster, &state);
    write_state(api->settings.cluster, &state, out);
}

bool lede_cluster_takes_writes(const struct lede_api *api)
{
    struct lede_cluster_state state;
    lede_cluster_state(api->settings.cluster, &state);
    return state.may_write;
}

/* Its node; false: there is none, and the reply says so. */
static bool find_node(const struct lede_api_worker *worker, const struct lede_http_request *request,
    struct lede_http_reply *reply, struct lede_cluster_node **ret_node)
{
    struct lede_error error = {0};
    *ret_node = worker->api->settings.cluster;
    if (*ret_node)
        return true;
    (void)lede_fail(&error, LEDE_EUNSUPPORTED, "this server is no node of a cluster");
    lede_reply_problem(reply, request, lede_problem_named("not-a-node"), &error);
    return false;
}

void lede_endpoint_cluster(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_cluster_node *node = NULL;
    struct lede_cluster_state state;
    struct lede_buffer *out = &reply->body;
    if (lede_refuse_parameters(request, reply) || !find_node(context, request, reply, &node))
        return;
    lede_cluster_state(node, &state);
    lede_buffer_append_char(out, '{');
    write_state(node, &state, out);
    lede_json_member_uint(out, "position", state.position);
    lede_json_member_uint(out, "committed", state.committed);
    lede_json_member_uint(out, "applied", state.applied);
    lede_json_member_uint(out, "revision", state.revision);
    lede_json_member_uint(out, "copies_wanted", state.copies_wanted);
    write_copies(&state, out);
    lede_buffer_append_string(out, "}\n");
    reply->status = 200;
    reply->media_type = "application/json";
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

/* ---- What other nodes ask ---- */

typedef enum lede_status (*taker)(struct lede_cluster_node *node, const char *request, size_t size,
    struct lede_buffer *answer, struct lede_error *reterr);

/* A 503 says that nothing was begun, so that the other node may ask elsewhere; whatever fails later
 * is no 503. */
static void answer(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply, taker take)
{
    struct lede_cluster_node *node = NULL;
    struct lede_error error = {0};
    size_t size = 0;
    if (lede_refuse_parameters(request, reply))
        return;
    if (!lede_request_is(request, OCTETS)) {
        (void)lede_fail(&error, LEDE_EMEDIATYPE, "expected Content-Type " OCTETS);
        lede_reply_error(reply, request, &error);
        return;
    }
    if (!find_node(context, request, reply, &node))
        return;
    const char *body = lede_http_request_body(request, &size);
    enum lede_status st = take(node, body ? body : "", size, &reply->body, &error);
    if (st == LEDE_OK) {
        reply->status = 200;
        reply->media_type = OCTETS;
        lede_http_reply_header(reply, "Cache-Control", "no-store");
        return;
    }
    lede_buffer_clear(&reply->body);
    if (st == LEDE_ETIMEOUT || st == LEDE_ENOMEM)
        st = LEDE_EIO;
    lede_reply_problem(reply, request, lede_problem_of(st), &error);
}

void lede_endpoint_cluster_frames(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(context, request, reply, lede_cluster_take_frames);
}

void lede_endpoint_cluster_log(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(context, request, reply, lede_cluster_read_log);
}

void lede_endpoint_cluster_writes(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(context, request, reply, lede_cluster_take_writes);
}
