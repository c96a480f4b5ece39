/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /replication: what a copy asks of the archive that it follows, and what a copy says of itself.
 *
 * The body of GET /replication/log: u32 magic "LDL1", u32 reserved 0, u64 next, u64 shown, u64
 * revision (struct lede_log_piece), little endian; then frames as they lie in the journal. Nobody
 * waits: where there is nothing new the answer says so, and the copy asks again. */
#include "endpoints.h"
#include "json_out.h"
#include "lede/number.h"
#include "lede/replica.h"
#include "lede/time.h"
#include "negotiation.h"
#include "params.h"
#include "problem.h"
#include "worker.h"

#include <string.h>

#define PART_BYTES_MAX ((int64_t)8 << 20)
#define OCTETS "application/octet-stream"

static void reply_json(struct lede_http_reply *reply, int status)
{
    reply->status = status;
    reply->media_type = "application/json";
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

/* A log that is not kept from there on, or another one, is no fault of the request. */
static void reply_failure(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error)
{
    if (error->status == LEDE_ENOTFOUND && error->param[0])
        lede_reply_problem(reply, request, lede_problem_named("unknown-parameter"), error);
    else if (error->status == LEDE_EINPUT)
        lede_reply_problem(reply, request, lede_problem_named("invalid-parameter"), error);
    else if (error->status == LEDE_EPRECONDITION)
        lede_reply_problem(reply, request, lede_problem_named("other-history"), error);
    else if (error->status == LEDE_EUNSUPPORTED)
        lede_reply_problem(reply, request, lede_problem_named("not-a-source"), error);
    else
        lede_reply_problem(reply, request, lede_problem_of(error->status), error);
}

/* ---- What is said ---- */

static void write_follower(
    void *context, const char *name, uint64_t behind_bytes, int64_t seen_ago_s)
{
    struct lede_buffer *out = context;
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "name", name);
    lede_json_member_uint(out, "behind_bytes", behind_bytes);
    lede_json_member_uint(out, "seen_ago_s", seen_ago_s > 0 ? (uint64_t)seen_ago_s : 0);
    lede_buffer_append_char(out, '}');
}

void lede_replication_write_copy(const struct lede_api *api, struct lede_buffer *out)
{
    struct lede_follow_state state = {0};
    if (!api->settings.following || !lede_store_is_copy(api->store))
        return;
    lede_follow_state_read(api->settings.following, &state);
    lede_json_member_string(out, "source", state.source);
    lede_json_member_bool(out, "connected", state.is_connected);
    lede_json_key(out, "behind_s");
    if (state.current_ns == 0)
        lede_buffer_append_string(out, "null");
    else
        lede_buffer_append_format(
            out, "%.3f", (double)(lede_time_monotonic_ns() - state.current_ns) / 1e9);
    if (state.fault[0])
        lede_append_told(out, "fault", state.fault);
}

static void write_copy(const struct lede_api *api, struct lede_buffer *out)
{
    char history[LEDE_HISTORY_SIZE];
    uint64_t position = 0, revision = 0;
    lede_store_copied_to(api->store, history, &position, &revision);
    lede_json_member_string(out, "role", "copy");
    lede_json_member_string(out, "history", history);
    lede_json_member_uint(out, "position", position);
    lede_json_member_uint(out, "revision", revision);
    lede_replication_write_copy(api, out);
}

static enum lede_status write_source(
    struct lede_api *api, struct lede_buffer *out, struct lede_error *reterr)
{
    struct lede_log_place place;
    enum lede_status st = lede_store_log_place(api->store, &place, reterr);
    if (st != LEDE_OK)
        return st;
    lede_json_member_string(out, "role", "source");
    lede_json_member_string(out, "history", place.history);
    lede_json_member_uint(out, "position", place.synced);
    lede_json_member_uint(out, "revision", place.revision);
    lede_json_key(out, "followers");
    lede_buffer_append_char(out, '[');
    lede_store_visit_followers(api->store, write_follower, out);
    lede_buffer_append_char(out, ']');
    return LEDE_OK;
}

void lede_endpoint_replication(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    enum lede_status st = LEDE_OK;
    if (lede_refuse_parameters(request, reply))
        return;
    lede_buffer_append_char(&reply->body, '{');
    if (lede_store_is_copy(worker->api->store))
        write_copy(worker->api, &reply->body);
    else
        st = write_source(worker->api, &reply->body, &error);
    lede_buffer_append_string(&reply->body, "}\n");
    if (st == LEDE_OK)
        reply_json(reply, 200);
    else
        reply_failure(reply, request, &error);
}

/* ---- The log ---- */

/* A whole number that has to be there, or has a value where it is not. */
static enum lede_status read_number(const struct lede_params *params, const char *name, int64_t max,
    bool is_needed, int64_t *ret_number, struct lede_error *reterr)
{
    const struct lede_param *param = NULL;
    enum lede_status st = lede_params_single(params, name, &param, reterr);
    if (st == LEDE_OK && !param && is_needed)
        st = lede_fail(reterr, LEDE_EINPUT, "expected a number");
    if (st == LEDE_OK && param)
        st = lede_parse_int64(param->value, param->size, 0, max, ret_number, reterr);
    return st == LEDE_EINPUT ? lede_param_blame(reterr, name) : st;
}

static enum lede_status take_params(const struct lede_http_request *request,
    const char *const *names, struct lede_params *params, struct lede_error *reterr)
{
    enum lede_status st = lede_params_from_query(request, params, reterr);
    return st == LEDE_OK ? lede_params_check_names(params, names, reterr) : st;
}

static enum lede_status read_text(const struct lede_params *params, const char *name,
    const char **ret_text, struct lede_error *reterr)
{
    const struct lede_param *param = NULL;
    enum lede_status st = lede_params_single(params, name, &param, reterr);
    if (st == LEDE_OK && !param) {
        (void)lede_fail(reterr, LEDE_EINPUT, "expected a value");
        return lede_param_blame(reterr, name);
    }
    if (st == LEDE_OK)
        *ret_text = param->value;
    return st;
}

static void write_piece(struct lede_buffer *out, const struct lede_log_piece *piece)
{
    static const uint32_t magic[] = {LEDE_LOG_PIECE_MAGIC, 0};
    uint64_t numbers[] = {piece->next, piece->shown, piece->revision};
    lede_buffer_append(out, magic, sizeof(magic));
    lede_buffer_append(out, numbers, sizeof(numbers));
    lede_buffer_append(out, piece->frames.data, piece->frames.size);
}

void lede_endpoint_replication_log(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const names[] = {"follower", "history", "from", NULL};
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    LEDE_CLEANUP(lede_params_done) struct lede_params params = {0};
    LEDE_CLEANUP(lede_log_piece_done) struct lede_log_piece piece = {0};
    const char *follower = NULL, *history = NULL;
    int64_t from = 0;
    enum lede_status st = take_params(request, names, &params, &error);
    if (st == LEDE_OK)
        st = read_text(&params, "follower", &follower, &error);
    if (st == LEDE_OK)
        st = read_text(&params, "history", &history, &error);
    if (st == LEDE_OK)
        st = read_number(&params, "from", INT64_MAX, true, &from, &error);
    if (st == LEDE_OK)
        st = lede_store_log_read(
            worker->api->store, follower, history, (uint64_t)from, &piece, &error);
    if (st == LEDE_ENOTFOUND && !error.param[0]) {
        lede_reply_problem(reply, request, lede_problem_named("log-gone"), &error);
        return;
    }
    if (st != LEDE_OK) {
        reply_failure(reply, request, &error);
        return;
    }
    write_piece(&reply->body, &piece);
    reply->status = 200;
    reply->media_type = OCTETS;
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

/* ---- Snapshots ---- */

static void write_file(void *context, const char *name, uint64_t bytes)
{
    struct lede_buffer *out = context;
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "name", name);
    lede_json_member_uint(out, "bytes", bytes);
    lede_buffer_append_char(out, '}');
}

static enum lede_status write_snapshot(struct lede_store *store,
    const struct lede_snapshot *snapshot, struct lede_buffer *out, struct lede_error *reterr)
{
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "id", snapshot->id);
    lede_json_member_string(out, "history", snapshot->place.history);
    lede_json_member_uint(out, "position", snapshot->place.synced);
    lede_json_member_uint(out, "revision", snapshot->place.revision);
    lede_json_member_uint(out, "documents", snapshot->documents);
    lede_json_key(out, "files");
    lede_buffer_append_char(out, '[');
    enum lede_status st = lede_store_snapshot_visit(store, snapshot->id, write_file, out, reterr);
    lede_buffer_append_string(out, "]}\n");
    return st;
}

void lede_endpoint_snapshots_post(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    struct lede_snapshot snapshot = {0};
    json_auto_t *object = NULL;
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = lede_request_object(request, "who follows", &object, &error);
    if (st != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    const char *follower = json_string_value(json_object_get(object, "follower"));
    if (!follower || json_object_size(object) != 1) {
        (void)lede_fail(&error, LEDE_EINPUT, "expected {\"follower\": \"a name\"}");
        st = LEDE_EINPUT;
    }
    if (st == LEDE_OK)
        st = lede_store_snapshot(worker->api->store, follower, &snapshot, &error);
    if (st == LEDE_OK)
        st = write_snapshot(worker->api->store, &snapshot, &reply->body, &error);
    if (st == LEDE_OK)
        reply_json(reply, 201);
    else
        reply_failure(reply, request, &error);
}

void lede_endpoint_snapshot_file(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const names[] = {"offset", "bytes", NULL};
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    LEDE_CLEANUP(lede_params_done) struct lede_params params = {0};
    int64_t offset = 0, bytes = PART_BYTES_MAX;
    enum lede_status st = take_params(request, names, &params, &error);
    if (st == LEDE_OK)
        st = read_number(&params, "offset", INT64_MAX, false, &offset, &error);
    if (st == LEDE_OK)
        st = read_number(&params, "bytes", PART_BYTES_MAX, false, &bytes, &error);
    if (st == LEDE_OK)
        st = lede_store_snapshot_read(worker->api->store,
            lede_http_request_path_parameter(request, 0, NULL),
            lede_http_request_path_parameter(request, 1, NULL), (uint64_t)offset, (size_t)bytes,
            &reply->body, &error);
    if (st != LEDE_OK) {
        reply_failure(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = OCTETS;
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

void lede_endpoint_snapshot_delete(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    if (lede_refuse_parameters(request, reply))
        return;
    lede_store_snapshot_drop(
        worker->api->store, lede_http_request_path_parameter(request, 0, NULL));
    reply->status = 204;
}

/* ---- Promoting ---- */

/* No body, or an empty object. */
static enum lede_status expect_no_members(
    const struct lede_http_request *request, struct lede_error *reterr)
{
    json_auto_t *object = NULL;
    size_t size = 0;
    (void)lede_http_request_body(request, &size);
    if (size == 0)
        return LEDE_OK;
    enum lede_status st = lede_request_object(request, "nothing", &object, reterr);
    if (st == LEDE_OK && json_object_size(object) > 0)
        st = lede_fail(reterr, LEDE_EINPUT, "expected no members");
    return st;
}

void lede_endpoint_promote(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = expect_no_members(request, &error);
    if (st != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    st = lede_store_promote(worker->api->store, &error);
    if (st == LEDE_EUNSUPPORTED)
        lede_reply_problem(reply, request, lede_problem_named("not-a-copy"), &error);
    else if (st != LEDE_OK)
        lede_reply_problem(reply, request, lede_problem_of(st), &error);
    else
        lede_endpoint_replication(context, request, reply);
}
