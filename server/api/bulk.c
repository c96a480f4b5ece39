/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /documents: a stream of documents, indexed as they arrive, with errors by line.
 *
 * Where the stream pauses, the whole of it is put away, and another worker may go on with it. */
#include "authorize.h"
#include "endpoints.h"
#include "figures.h"
#include "json_out.h"
#include "lede/import.h"
#include "params.h"
#include "problem.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BULK_ERRORS_MAX 100   /* told in full; the rest is counted */
#define BULK_REPAIRED_MAX 100 /* the same of lines */
/* What came is committed after so long at the latest, whether the stream goes on or pauses. */
#define BULK_AGE_MS_MAX 250

struct bulk_request {
    struct lede_api_worker *worker; /* of this turn */
    struct lede_http_request *request;
    enum lede_write_kind op;
    bool atomic;
    bool durable;
    bool is_json; /* not one of the formats */
    uint64_t started_ns;
    struct lede_bulk *bulk;
    struct lede_charset_reader *reader;
    struct lede_splitter *splitter;
    uint64_t received;
    uint64_t outcomes[LEDE_FAILED + 1];
    uint64_t errors_told;
    uint64_t repaired;                 /* documents with U+FFFD for what was no UTF-8 */
    struct lede_buffer repaired_lines; /* the first of them, with commas between */
    struct lede_buffer errors;         /* JSON objects with commas between */
};

/* ---- Parameters ---- */

static enum lede_status read_choice_param(const struct lede_params *params, const char *name,
    const char *const *choices, size_t *ret_index, struct lede_error *reterr)
{
    const struct lede_param *param = NULL;
    enum lede_status st = lede_params_single(params, name, &param, reterr);
    if (st != LEDE_OK || !param)
        return st;
    for (size_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], param->value) == 0) {
            *ret_index = i;
            return LEDE_OK;
        }
    }
    (void)lede_fail(reterr, LEDE_EINPUT, "expected %s, %s%s%s, found '%.40s'", choices[0],
        choices[1], choices[2] ? " or " : "", choices[2] ? choices[2] : "", param->value);
    return lede_param_blame(reterr, name);
}

static enum lede_status read_params(struct bulk_request *bulk, struct lede_error *reterr)
{
    static const char *const names[] = {"wait", "atomic", "op", NULL};
    static const char *const waits[] = {"searchable", "durable", NULL};
    static const char *const truths[] = {"false", "true", NULL};
    static const char *const ops[] = {"index", "create", "delete", NULL};
    static const enum lede_write_kind kinds[] = {
        LEDE_WRITE_INDEX, LEDE_WRITE_CREATE, LEDE_WRITE_DELETE};
    struct lede_params params = {0};
    size_t wait = 0, atomic = 0, op = 0;
    enum lede_status st = lede_params_from_query(bulk->request, &params, reterr);
    if (st == LEDE_OK)
        st = lede_params_check_names(&params, names, reterr);
    if (st == LEDE_OK)
        st = read_choice_param(&params, "wait", waits, &wait, reterr);
    if (st == LEDE_OK)
        st = read_choice_param(&params, "atomic", truths, &atomic, reterr);
    if (st == LEDE_OK)
        st = read_choice_param(&params, "op", ops, &op, reterr);
    lede_params_done(&params);
    bulk->durable = wait == 1;
    bulk->atomic = atomic == 1;
    bulk->op = kinds[op];
    return st;
}

/* The media type of a format, as its table has it; NULL: it is none's. */
static const char *find_media_type(const struct lede_http_request *request)
{
    const struct lede_format *format = NULL;
    for (size_t i = 0; (format = lede_format_at(i)); i++) {
        const char *const *types = lede_format_media_types(format);
        for (size_t j = 0; types[j]; j++) {
            if (lede_request_is(request, types[j]))
                return types[j];
        }
    }
    return NULL;
}

/* Returns false for a media type that is no stream of documents.
 * ret_media_type  of a format, which the content decides on; NULL: it is JSON */
static bool read_format(const struct lede_http_request *request,
    enum lede_import_format *ret_format, const char **ret_media_type)
{
    *ret_format = LEDE_IMPORT_AUTO;
    *ret_media_type = find_media_type(request);
    if (*ret_media_type)
        return true;
    *ret_format = LEDE_IMPORT_JSON;
    if (lede_request_is(request, "application/json") || lede_request_is_untyped(request))
        return true;
    *ret_format = LEDE_IMPORT_NDJSON;
    return lede_request_is(request, "application/x-ndjson") ||
           lede_request_is(request, "application/ndjson") ||
           lede_request_is(request, "application/jsonl");
}

/* ---- Lines ---- */

static void tell_error(
    struct bulk_request *bulk, uint64_t line, const char *id, const struct lede_error *error)
{
    struct lede_buffer *out = &bulk->errors;
    const char *type = NULL;
    int status = 0;
    lede_api_problem_of_line(error, bulk->is_json, &type, &status);
    bulk->outcomes[LEDE_FAILED]++;
    lede_figures_count_refused(bulk->worker->api, error->status);
    if (bulk->errors_told == BULK_ERRORS_MAX)
        return;
    bulk->errors_told++;
    if (out->size > 0)
        lede_buffer_append_char(out, ',');
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "line", line);
    if (id)
        lede_json_member_string(out, "id", id);
    lede_json_member_uint(out, "status", (uint64_t)status);
    lede_json_key(out, "type");
    lede_buffer_append_format(out, "\"/problems/%s\"", type);
    if (status >= 500)
        lede_append_told(out, "detail", error->message);
    else
        lede_json_member_string(out, "detail", error->message);
    if (error->pointer[0])
        lede_json_member_string(out, "pointer", error->pointer);
    if (error->has_position)
        lede_json_member_uint(out, "position", error->position);
    lede_buffer_append_char(out, '}');
}

static void on_result(void *context, const struct lede_write_result *result)
{
    struct bulk_request *bulk = context;
    if (result->outcome == LEDE_FAILED)
        tell_error(bulk, result->tag, result->id, result->error);
    else
        bulk->outcomes[result->outcome]++;
}

static void on_repaired(void *context, uint64_t line)
{
    struct bulk_request *bulk = context;
    if (bulk->repaired++ < BULK_REPAIRED_MAX)
        lede_buffer_append_format(&bulk->repaired_lines, "%s%llu",
            bulk->repaired_lines.size > 0 ? "," : "", (unsigned long long)line);
}

static enum lede_status add_item(
    struct bulk_request *bulk, const struct lede_import_item *item, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = lede_time_now_utc_s(),
        .detector = bulk->worker->detector,
        .bad_text = bulk->worker->api->settings.bad_text};
    bulk->received++;
    if (item->status == LEDE_OK)
        lede_http_request_progress(bulk->request);
    if (item->status == LEDE_OK)
        return lede_bulk_add_text(
            bulk->bulk, bulk->op, item->text, item->size, item->line, &context, reterr);
    tell_error(bulk, item->line, NULL, &item->error);
    return LEDE_OK;
}

static enum lede_status read_items(struct bulk_request *bulk, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK) {
        struct lede_import_item item;
        bool more = false;
        st = lede_splitter_next(bulk->splitter, &item, &more, reterr);
        if (st != LEDE_OK || !more)
            return st;
        st = add_item(bulk, &item, reterr);
    }
    return st;
}

/* ---- The answer ---- */

static int answer_status(const struct bulk_request *bulk)
{
    uint64_t failed = bulk->outcomes[LEDE_FAILED];
    if (failed > 0 && (bulk->atomic || failed == bulk->received))
        return 422;
    if (failed > 0)
        return 207;
    return bulk->durable ? 202 : 200;
}

static void write_answer(
    struct bulk_request *bulk, uint64_t revision, struct lede_http_reply *reply)
{
    struct lede_buffer *out = &reply->body;
    reply->status = answer_status(bulk);
    reply->media_type = "application/json";
    /* Nothing of an atomic body is stored if one line failed. */
    bool stored = !(bulk->atomic && bulk->outcomes[LEDE_FAILED] > 0);
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "received", bulk->received);
    for (size_t i = 0; i <= LEDE_FAILED; i++)
        lede_json_member_uint(out, lede_outcome_name((enum lede_write_outcome)i),
            stored || i == LEDE_FAILED ? bulk->outcomes[i] : 0);
    lede_json_member_uint(out, "repaired", stored ? bulk->repaired : 0);
    if (stored && bulk->repaired > 0) {
        lede_json_key(out, "repaired_lines");
        lede_buffer_append_char(out, '[');
        lede_buffer_append(out, bulk->repaired_lines.data, bulk->repaired_lines.size);
        lede_buffer_append_char(out, ']');
    }
    lede_json_member_uint(out, "revision", revision);
    lede_json_member_decimal(
        out, "took_ms", (double)(lede_time_monotonic_ns() - bulk->started_ns) / 1e6, 1);
    lede_json_key(out, "errors");
    lede_buffer_append_char(out, '[');
    if (bulk->errors.size > 0)
        lede_buffer_append(out, bulk->errors.data, bulk->errors.size);
    lede_buffer_append_char(out, ']');
    lede_json_member_uint(out, "errors_omitted", bulk->outcomes[LEDE_FAILED] - bulk->errors_told);
    lede_buffer_append_string(out, "}\n");
    out->failed = out->failed || bulk->errors.failed || bulk->repaired_lines.failed;
}

static uint64_t current_revision(struct lede_api_worker *worker)
{
    struct lede_error unused;
    return lede_reader_refresh(worker->reader, &unused) == LEDE_OK
               ? lede_reader_revision(worker->reader)
               : 0;
}

/* The body ended: make it last, unless an atomic one has failed already. */
static enum lede_status finish(
    struct bulk_request *bulk, uint64_t *ret_revision, struct lede_error *reterr)
{
    *ret_revision = current_revision(bulk->worker);
    if (bulk->atomic && bulk->outcomes[LEDE_FAILED] > 0)
        return LEDE_OK;
    enum lede_status st = lede_bulk_finish(bulk->bulk, ret_revision, reterr);
    return bulk->atomic && st == LEDE_EINVALID ? LEDE_OK : st;
}

/* The client is too slow, or has gone, or the server stops, or is busy: what came is kept, but for
 * an atomic body. */
static enum lede_status finish_cut(struct bulk_request *bulk, struct lede_error *error)
{
    enum lede_status why = error->status;
    struct lede_error failed = {0};
    uint64_t revision = 0;
    if (!bulk->atomic && finish(bulk, &revision, &failed) != LEDE_OK) {
        *error = failed;
        return failed.status;
    }
    uint64_t kept = bulk->atomic ? 0 : bulk->received - bulk->outcomes[LEDE_FAILED];
    size_t used = strlen(error->message);
    snprintf(error->message + used, sizeof(error->message) - used,
        "; of the %llu documents that came %llu are kept", (unsigned long long)bulk->received,
        (unsigned long long)kept);
    return why;
}

/* One turn. Status: EAGAIN the body goes on. */
static enum lede_status run(
    struct bulk_request *bulk, uint64_t *ret_revision, struct lede_error *reterr)
{
    enum lede_status st = read_items(bulk, reterr);
    if (st == LEDE_EAGAIN || st == LEDE_OK)
        return st == LEDE_OK ? finish(bulk, ret_revision, reterr) : st;
    if (st == LEDE_ETIMEOUT || st == LEDE_ESTOPPED || st == LEDE_EBUSY)
        return finish_cut(bulk, reterr);
    if (st == LEDE_EINPUT && bulk->received > 0) {
        /* What came before the break in the body's syntax is kept, and the break told as one more
         * error. */
        bulk->received++;
        tell_error(bulk, lede_splitter_line(bulk->splitter), NULL, reterr);
        return finish(bulk, ret_revision, reterr);
    }
    return st;
}

static void reply_bulk_error(struct lede_http_reply *reply, const struct lede_http_request *request,
    bool is_json, const struct lede_error *error)
{
    const struct lede_problem *problem = lede_problem_of(error->status);
    if (error->status == LEDE_EINPUT)
        problem = lede_problem_named(error->param[0] ? "invalid-parameter"
                                     : is_json       ? "malformed-json"
                                                     : "malformed-body");
    if (error->status == LEDE_ENOTFOUND)
        problem = lede_problem_named("unknown-parameter");
    if (error->status == LEDE_ETIMEOUT)
        problem = lede_problem_named("too-slow");
    lede_reply_problem(reply, request, problem, error);
}

static void bulk_request_freep(struct bulk_request **bulk)
{
    if (!*bulk)
        return;
    lede_bulk_free((*bulk)->bulk);
    lede_splitter_free((*bulk)->splitter);
    lede_charset_reader_free((*bulk)->reader);
    lede_buffer_done(&(*bulk)->repaired_lines);
    lede_buffer_done(&(*bulk)->errors);
    free(*bulk);
    *bulk = NULL;
}

/* Everything that can be refused before a byte is read, and then what reads. */
static enum lede_status begin(struct lede_api_worker *worker, struct lede_http_request *request,
    enum lede_import_format format, const char *media_type, struct bulk_request **ret_bulk,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(bulk_request_freep) struct bulk_request *bulk = calloc(1, sizeof(*bulk));
    if (!bulk)
        return lede_fail_memory(reterr);
    bulk->request = request;
    bulk->started_ns = lede_time_monotonic_ns();
    enum lede_status st = read_params(bulk, reterr);
    struct lede_bulk_options options = {.atomic = bulk->atomic,
        .durable = bulk->durable,
        .on_result = on_result,
        .on_repaired = on_repaired,
        .context = bulk};
    if (st == LEDE_OK)
        st = lede_bulk_new(worker->api->store, &options, &bulk->bulk, reterr);
    char charset_text[LEDE_CHARSET_SIZE];
    const char *charset = lede_request_charset(request, charset_text);
    if (st == LEDE_OK)
        st = lede_charset_reader_new(
            charset, lede_http_request_read, request, &bulk->reader, reterr);
    struct lede_splitter_options splitting = {.format = format,
        .media_type = media_type,
        .charset_is_declared = charset != NULL,
        .read = lede_charset_reader_read,
        .context = bulk->reader};
    bulk->is_json = !media_type;
    if (st == LEDE_OK)
        st = lede_splitter_new(&splitting, &bulk->splitter, reterr);
    if (st == LEDE_OK)
        *ret_bulk = LEDE_TAKE(&bulk);
    return st;
}

/* op=delete needs another right than the route does. Returns false, the reply filled, without. */
static bool may_delete(const struct bulk_request *bulk, struct lede_http_reply *reply)
{
    struct lede_grant unused = {0};
    bool is_allowed =
        bulk->op != LEDE_WRITE_DELETE ||
        lede_request_is_allowed(bulk->request, LEDE_RIGHT_DELETE, LEDE_TAKER_NONE, &unused, reply);
    lede_buffer_done(&unused.filters);
    return is_allowed;
}

void lede_endpoint_bulk(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(bulk_request_freep)
    struct bulk_request *bulk = lede_http_request_state(request);
    struct lede_error error = {0};
    uint64_t revision = 0;
    enum lede_status st = LEDE_OK;
    enum lede_import_format format;
    const char *media_type = NULL;
    if (!bulk && !read_format(request, &format, &media_type)) {
        lede_api_refuse(NULL, request, 415,
            "expected Content-Type application/json or application/x-ndjson (curl: -H "
            "'Content-Type: application/x-ndjson'), or the media type of a format of news, such as "
            "application/rss+xml",
            NULL, reply);
        return;
    }
    if (!bulk) {
        st = begin(context, request, format, media_type, &bulk, &error);
        if (st == LEDE_OK && !may_delete(bulk, reply))
            return;
    }
    if (st == LEDE_OK) {
        bulk->worker = context;
        st = run(bulk, &revision, &error);
    }
    if (st == LEDE_EAGAIN) {
        lede_bulk_flush(bulk->bulk, lede_http_request_is_quiet(request) ? 0 : BULK_AGE_MS_MAX);
        size_t held = lede_splitter_trim(bulk->splitter) + lede_bulk_held_bytes(bulk->bulk);
        st = lede_http_request_keep(request, bulk, held, &error);
        if (st == LEDE_OK) {
            (void)LEDE_TAKE(&bulk);
            return;
        }
    }
    if (st == LEDE_OK)
        write_answer(bulk, revision, reply);
    else
        reply_bulk_error(reply, request, !bulk || bulk->is_json, &error);
}
