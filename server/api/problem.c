/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "problem.h"

#include "json_out.h"
#include "lede/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum lede_status status; /* LEDE_OK: only by name */
    struct lede_problem problem;
} problems[] = {
    {LEDE_EINPUT, {"invalid-request", "The request could not be understood", 400}},
    {LEDE_OK, {"invalid-parameter", "A parameter has an invalid value", 400}},
    {LEDE_OK, {"unknown-parameter", "A parameter is not known", 400}},
    {LEDE_OK, {"bad-cursor", "The search cannot be continued there", 400}},
    {LEDE_OK, {"query-syntax", "The query could not be understood", 400}},
    {LEDE_OK, {"malformed-json", "The body is not the JSON that was expected", 400}},
    {LEDE_OK, {"malformed-body", "The body is not what its format expects", 400}},
    {LEDE_EINVALID, {"invalid-document", "The document is not valid", 422}},
    {LEDE_OK, {"unauthorized", "It is not known who asks", 401}},
    {LEDE_OK, {"forbidden", "This is not allowed", 403}},
    {LEDE_EREADONLY, {"read-only", "This server takes no writes", 403}},
    {LEDE_ENOTFOUND, {"not-found", "There is no such thing", 404}},
    {LEDE_OK, {"method-not-allowed", "This path knows other methods", 405}},
    {LEDE_OK, {"not-acceptable", "The answer has no such format", 406}},
    {LEDE_OK, {"too-slow", "The body came too slowly", 408}},
    {LEDE_EEXISTS, {"already-exists", "A document of this id exists", 409}},
    {LEDE_OK, {"log-gone", "The log is not kept from there on", 410}},
    {LEDE_OK, {"other-history", "The log is another one", 409}},
    {LEDE_OK, {"not-a-source", "This server cannot be followed", 409}},
    {LEDE_OK, {"not-a-copy", "This server follows none", 409}},
    {LEDE_OK, {"other-peer", "The other server is of another version", 409}},
    {LEDE_OK, {"not-a-node", "This server is no node of a cluster", 409}},
    {LEDE_OK, {"other-content", "Something else is there", 409}},
    {LEDE_EPRECONDITION, {"precondition-failed", "The stored document is another version", 412}},
    {LEDE_OK, {"confirmation-failed", "Another number of documents matches", 412}},
    {LEDE_ELIMIT, {"too-large", "The body or document is too large", 413}},
    {LEDE_OK, {"uri-too-long", "The address is too long", 414}},
    {LEDE_EMEDIATYPE,
        {"unsupported-media-type", "The media type or encoding is not supported", 415}},
    {LEDE_OK, {"misdirected", "Another server is meant", 421}},
    {LEDE_OK, {"too-many-requests", "This client asks for too much at once", 429}},
    {LEDE_OK, {"headers-too-large", "The headers are too large", 431}},
    {LEDE_EUNSUPPORTED, {"not-implemented", "This is not implemented", 501}},
    {LEDE_OK, {"http-version", "The version of HTTP is not supported", 505}},
    {LEDE_EBUSY, {"busy", "The server is busy", 503}},
    {LEDE_ESTOPPED, {"stopping", "The server is stopping", 503}},
    {LEDE_ETIMEOUT, {"timeout", "The time ran out", 503}},
    {LEDE_ENOSPC, {"no-space", "There is no room on the disk", 507}},
    {LEDE_EIO, {"io-error", "The store could not be read or written", 500}},
    {LEDE_ECORRUPT, {"corrupt", "Stored data is damaged", 500}},
    {LEDE_EVERSION, {"other-version", "Stored data is of another version", 500}},
    {LEDE_ENOMEM, {"no-memory", "There is no memory left", 503}},
    {LEDE_EINTERNAL, {"internal-error", "Lede has a bug", 500}},
};

const struct lede_problem *lede_problem_of(enum lede_status status)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(problems); i++) {
        if (problems[i].status == status && status != LEDE_OK)
            return &problems[i].problem;
    }
    return lede_problem_of(LEDE_EINTERNAL);
}

const struct lede_problem *lede_problem_named(const char *name)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(problems); i++) {
        if (strcmp(problems[i].problem.name, name) == 0)
            return &problems[i].problem;
    }
    return NULL;
}

void lede_api_problem_of_line(
    const struct lede_error *error, bool is_json, const char **ret_name, int *ret_http_status)
{
    const struct lede_problem *problem =
        error->status == LEDE_EINPUT
            ? lede_problem_named(is_json ? "malformed-json" : "malformed-body")
            : lede_problem_of(error->status);
    *ret_name = problem->name;
    *ret_http_status = problem->http_status;
}

void lede_append_told(struct lede_buffer *out, const char *name, const char *text)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer told = {0};
    while (*text) {
        size_t size = strcspn(text, "'"), quoted = 0;
        lede_buffer_append(&told, text, size);
        text += size;
        if (!*text)
            break;
        quoted = strcspn(text + 1, "'");
        size_t at = quoted;
        while (at > 0 && text[at] != '/')
            at--;
        lede_buffer_append_char(&told, '\'');
        lede_buffer_append(&told, text + 1 + at, quoted - at);
        text += 1 + quoted;
        if (*text == '\'')
            lede_buffer_append_char(&told, *text++);
    }
    out->failed = out->failed || told.failed;
    lede_json_member_string(out, name, told.data ? told.data : "");
}

void lede_reply_problem(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_problem *problem, const struct lede_error *error)
{
    char text[96];
    struct lede_buffer *out = &reply->body;
    lede_buffer_clear(out);
    reply->status = problem->http_status;
    reply->media_type = "application/problem+json";
    lede_buffer_append_char(out, '{');
    snprintf(text, sizeof(text), "/problems/%s", problem->name);
    lede_json_member_string(out, "type", text);
    lede_json_member_string(out, "title", problem->title);
    lede_json_member_uint(out, "status", (uint64_t)problem->http_status);
    if (error->message[0] && problem->http_status >= 500)
        lede_append_told(out, "detail", error->message);
    else if (error->message[0])
        lede_json_member_string(out, "detail", error->message);
    snprintf(text, sizeof(text), "/requests/%.64s", lede_http_request_id(request));
    lede_json_member_string(out, "instance", text);
    if (error->param[0])
        lede_json_member_string(out, "param", error->param);
    if (error->pointer[0])
        lede_json_member_string(out, "pointer", error->pointer);
    if (error->has_position)
        lede_json_member_uint(out, "position", error->position);
    if (error->hint[0])
        lede_json_member_string(out, "hint", error->hint);
    lede_buffer_append_string(out, "}\n");
    if (problem->http_status >= 500 && error->message[0]) {
        free(reply->reason);
        reply->reason = strdup(error->message);
    }
    if (problem->http_status == 503 || problem->http_status == 507)
        lede_http_reply_header(reply, "Retry-After", "%d", problem->http_status == 503 ? 1 : 30);
}

void lede_reply_error(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error)
{
    lede_reply_problem(reply, request, lede_problem_of(error->status), error);
}

static const struct lede_problem *problem_of_http(int status, bool has_param)
{
    if (status == 400 && has_param)
        return lede_problem_named("invalid-parameter");
    for (size_t i = 0; i < LEDE_COUNT_OF(problems); i++) {
        if (problems[i].problem.http_status == status)
            return &problems[i].problem;
    }
    return lede_problem_of(LEDE_EINTERNAL);
}

void lede_api_refuse(void *api, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply)
{
    (void)api;
    struct lede_error error;
    if (status == 204)
        return;
    (void)lede_fail(&error, LEDE_EINPUT, "%s", detail);
    if (param)
        lede_error_param(&error, param);
    lede_reply_problem(reply, request, problem_of_http(status, param != NULL), &error);
}
