/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /backup: the store into a directory of the server's own choosing, under a name of the
 * client's. */
#include "endpoints.h"
#include "json_out.h"
#include "lede/care.h"
#include "lede/time.h"
#include "problem.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_BYTES_MAX 100

static bool is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return name && name[0] && name[0] != '.' && strlen(name) <= NAME_BYTES_MAX &&
           strspn(name, allowed) == strlen(name);
}

/* {"name": "nightly"}, and nothing else. */
static enum lede_status read_name(
    const struct lede_http_request *request, char **ret_name, struct lede_error *reterr)
{
    json_auto_t *object = NULL;
    const char *key;
    json_t *value;
    enum lede_status st = lede_request_object(request, "the name of a backup", &object, reterr);
    if (st != LEDE_OK)
        return st;
    json_object_foreach (object, key, value) {
        if (strcmp(key, "name") == 0)
            continue;
        st = lede_fail(reterr, LEDE_ENOTFOUND, "unknown parameter '%.60s'; expected name", key);
        lede_error_param(reterr, key);
        return st;
    }
    const char *name = json_string_value(json_object_get(object, "name"));
    if (!is_name(name)) {
        st = lede_fail(reterr, LEDE_EINPUT,
            "name: expected 1 to %d letters, digits, dots, dashes and underscores, no dot first",
            NAME_BYTES_MAX);
        lede_error_param(reterr, "name");
        return st;
    }
    *ret_name = strdup(name);
    return *ret_name ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status back_up(const struct lede_api *api, const char *name,
    struct lede_backup_stats *ret_stats, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *path = NULL;
    if (asprintf(&path, "%s/%s", api->settings.backup_directory, name) < 0)
        return lede_fail_memory(reterr);
    return lede_store_backup(api->store, path, true, ret_stats, reterr);
}

static void write_answer(struct lede_buffer *out, const char *name,
    const struct lede_backup_stats *stats, double took_ms)
{
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "name", name);
    lede_json_member_uint(out, "revision", stats->revision);
    lede_json_member_uint(out, "documents", stats->documents);
    lede_json_member_uint(out, "segments", stats->segments);
    lede_json_member_uint(out, "segments_kept", stats->segments_kept);
    lede_json_member_uint(out, "bytes_copied", stats->bytes_copied);
    lede_json_member_uint(out, "bytes_linked", stats->bytes_linked);
    lede_json_member_decimal(out, "took_ms", took_ms, 1);
    lede_buffer_append_string(out, "}\n");
}

static const struct lede_problem *problem_of(
    enum lede_status status, const struct lede_error *error)
{
    if (status == LEDE_ENOTFOUND)
        return lede_problem_named("unknown-parameter");
    if (status == LEDE_EINPUT && error->param[0])
        return lede_problem_named("invalid-parameter");
    if (status == LEDE_EEXISTS)
        return lede_problem_named("other-content");
    return lede_problem_of(status);
}

void lede_endpoint_backup(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    LEDE_CLEANUP(lede_freep) char *name = NULL;
    struct lede_backup_stats stats = {0};
    struct lede_error error = {0};
    uint64_t started = lede_time_monotonic_ns();
    if (!worker->api->settings.backup_directory) {
        (void)lede_fail(&error, LEDE_EUNSUPPORTED, "this server has no place for backups");
        lede_error_hint(&error, "name a directory in its settings: backups in [store]");
        lede_reply_problem(reply, request, lede_problem_named("forbidden"), &error);
        return;
    }
    enum lede_status st = read_name(request, &name, &error);
    if (st == LEDE_OK)
        st = back_up(worker->api, name, &stats, &error);
    if (st != LEDE_OK) {
        lede_reply_problem(reply, request, problem_of(st, &error), &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/json";
    write_answer(&reply->body, name, &stats, (double)(lede_time_monotonic_ns() - started) / 1e6);
}
