/* SPDX-License-Identifier: GPL-2.0-or-later */
/* _bulk: lines of actions, each but delete with a line of its document behind it.
 *
 * All lines are read before the first is written, so a body whose actions cannot be read has
 * changed nothing. What is wrong in a document is told of its item alone. */
#include "answer.h"
#include "authorize.h"
#include "elastic.h"
#include "figures.h"
#include "writes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 100000
#define UPSERTS_MAX 256 /* under way at the same time */

struct item {
    enum elastic_op op;
    const char *id;     /* of the action, or made; in the arena; NULL: not known yet */
    const char *source; /* the document's line */
    size_t source_size;
    json_t *upsert; /* of an update that is under way */
    json_t *error;  /* why it failed */
    int http_status;
    enum lede_write_outcome outcome;
};

struct elastic_bulk {
    struct lede_api_worker *worker;
    struct lede_http_request *request;
    struct lede_http_reply *reply;
    struct item *items;
    size_t count, capacity;
    struct lede_bulk *bulk;
    size_t upserts[UPSERTS_MAX]; /* items under way that have one */
    size_t upsert_count;
    struct lede_arena arena;
    bool may_delete, knows_may_delete;
};

static void bulk_done(struct elastic_bulk *bulk)
{
    for (size_t i = 0; i < bulk->count; i++) {
        json_decref(bulk->items[i].upsert);
        json_decref(bulk->items[i].error);
    }
    free(bulk->items);
    lede_bulk_free(bulk->bulk);
    lede_arena_done(&bulk->arena);
}

/* ---- Lines ---- */

/* The next line that is not empty; NULL: there is none. */
static const char *next_line(const char **at, const char *end, size_t *ret_size)
{
    while (*at < end) {
        const char *start = *at;
        const char *stop = memchr(start, '\n', (size_t)(end - start));
        *at = stop ? stop + 1 : end;
        stop = stop ? stop : end;
        *ret_size = (size_t)(stop - start);
        if (strspn(start, " \t\r") < *ret_size)
            return start;
    }
    return NULL;
}

static enum lede_status read_action(
    struct elastic_bulk *bulk, const json_t *action, struct item *item, struct lede_error *reterr)
{
    /* rsyslog still sends a _type, which Elasticsearch 7 passed over */
    static const char *const known[] = {"_index", "_id", "_type", "op_type", "routing",
        "require_alias", "retry_on_conflict", "pipeline", NULL};
    const char *name = NULL;
    json_t *about = NULL;
    enum elastic_op op = ELASTIC_INDEX;
    /* winston-elasticsearch counts its own attempts there */
    size_t keys = json_object_size(action) - (json_object_get(action, "attempts") != NULL);
    if (!json_is_object(action) || keys != 1)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected an action such as {\"index\": {\"_id\": \"1\"}}");
    while (op <= ELASTIC_DELETE && !json_object_get(action, lede_elastic_op_name(op)))
        op++;
    if (op > ELASTIC_DELETE)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected one of the actions index, create, update, delete");
    name = lede_elastic_op_name(op);
    about = json_object_get(action, name);
    enum lede_status st = lede_elastic_check_keys(about, known, name, reterr);
    const json_t *pipeline = json_object_get(about, "pipeline");
    if (st == LEDE_OK && pipeline && !json_is_null(pipeline))
        return lede_fail(
            reterr, LEDE_EINPUT, "pipeline: there are none, a shipper's filters do it");
    if (st == LEDE_OK)
        st = lede_elastic_check_index(
            bulk->request, json_string_value(json_object_get(about, "_index")), reterr);
    const json_t *id = json_object_get(about, "_id");
    const char *text = json_string_value(id);
    char digits[24];
    if (json_is_integer(id)) { /* Elasticsearch takes a number for its digits */
        snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(id));
        text = digits;
    }
    if (st == LEDE_OK && id && !json_is_null(id) && !text)
        return lede_fail(reterr, LEDE_EINPUT, "_id: expected text");
    if (st == LEDE_OK && !text && op >= ELASTIC_UPDATE)
        return lede_fail(reterr, LEDE_EINPUT, "%s: expected an _id", name);
    const char *type = json_string_value(json_object_get(about, "op_type"));
    if (type && op == ELASTIC_INDEX && strcmp(type, "create") == 0)
        op = ELASTIC_CREATE;
    else if (type && strcmp(type, lede_elastic_op_name(op)) != 0)
        return lede_fail(reterr, LEDE_EINPUT, "op_type: expected 'index' or 'create'");
    item->op = op;
    item->id = text ? lede_arena_copy(&bulk->arena, text, strlen(text)) : NULL;
    return st == LEDE_OK && text && !item->id ? lede_fail_memory(reterr) : st;
}

/* An index of another name is told of its item; all else ends the whole. */
static enum lede_status add_item(struct elastic_bulk *bulk, const char *line, size_t size,
    size_t number, struct lede_error *reterr)
{
    json_auto_t *action = NULL;
    if (bulk->count == ITEMS_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d actions", ITEMS_MAX);
    if (!LEDE_ARRAY_RESERVE(bulk->items, bulk->capacity, bulk->count + 1))
        return lede_fail_memory(reterr);
    struct item *item = &bulk->items[bulk->count++];
    *item = (struct item){.outcome = LEDE_FAILED};
    struct lede_error why = {0};
    enum lede_status st = lede_json_parse(line, size, &action, &why);
    if (st == LEDE_OK)
        st = read_action(bulk, action, item, &why);
    if (st == LEDE_ENOTFOUND) {
        item->error = lede_elastic_error(&why, &item->http_status);
        return item->error ? LEDE_OK : lede_fail_memory(reterr);
    }
    if (st != LEDE_OK) {
        (void)lede_fail(
            reterr, st, "Malformed action/metadata line [%zu]: %s", number, why.message);
        lede_error_hint(reterr, "%s", why.hint);
    }
    return st;
}

static enum lede_status read_items(
    struct elastic_bulk *bulk, const char *text, size_t size, struct lede_error *reterr)
{
    const char *at = text, *line = NULL;
    size_t line_size = 0, number = 0;
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK && (line = next_line(&at, text + size, &line_size))) {
        st = add_item(bulk, line, line_size, ++number, reterr);
        struct item *item = bulk->count > 0 ? &bulk->items[bulk->count - 1] : NULL;
        if (st != LEDE_OK || item->op == ELASTIC_DELETE)
            continue;
        item->source = next_line(&at, text + size, &item->source_size);
        number++;
        if (!item->source)
            return lede_fail(reterr, LEDE_EINPUT,
                "expected a document behind the action of line [%zu]", number - 1);
    }
    if (st == LEDE_OK && bulk->count == 0)
        return lede_fail(reterr, LEDE_EINPUT, "request body is required");
    return st;
}

/* ---- Writing ---- */

static enum lede_status fail_item(
    struct elastic_bulk *bulk, struct item *item, struct lede_error *why, struct lede_error *reterr)
{
    if (why->status == LEDE_ENOTFOUND)
        lede_error_param(why, "document");
    lede_figures_count_refused(bulk->worker->api, why->status);
    if (why->status == LEDE_ENOTFOUND && item->op == ELASTIC_DELETE)
        return LEDE_OK; /* which is no error: "not_found" */
    item->error = lede_elastic_error(why, &item->http_status);
    return item->error ? LEDE_OK : lede_fail_memory(reterr);
}

static void on_result(void *context, const struct lede_write_result *result)
{
    struct elastic_bulk *bulk = context;
    struct item *item = &bulk->items[result->tag];
    item->outcome = result->outcome;
    if (!item->id && result->id)
        item->id = lede_arena_copy(&bulk->arena, result->id, strlen(result->id));
    bool is_missing = result->outcome == LEDE_FAILED && result->error->status == LEDE_ENOTFOUND;
    if (is_missing && item->upsert)
        return; /* settle() makes it */
    if (result->outcome == LEDE_FAILED) {
        struct lede_error why = *result->error;
        (void)!fail_item(bulk, item, &why, NULL);
    }
    json_decref(item->upsert);
    item->upsert = NULL;
}

static enum lede_status begin(struct elastic_bulk *bulk, struct lede_error *reterr)
{
    struct lede_bulk_options options = {.on_result = on_result, .context = bulk};
    return lede_bulk_new(bulk->worker->api->store, &options, &bulk->bulk, reterr);
}

static enum lede_status finish(struct elastic_bulk *bulk, struct lede_error *reterr)
{
    enum lede_status st = lede_bulk_finish(bulk->bulk, NULL, reterr);
    lede_bulk_freep(&bulk->bulk);
    return st;
}

/* Updates whose document was not there become what their upsert says. Before another action of the
 * same id comes they have to be settled, so that it finds them. */
static enum lede_status settle(struct elastic_bulk *bulk, struct lede_error *reterr)
{
    enum lede_status st = finish(bulk, reterr);
    if (st == LEDE_OK)
        st = begin(bulk, reterr);
    for (size_t i = 0; st == LEDE_OK && i < bulk->upsert_count; i++) {
        struct item *item = &bulk->items[bulk->upserts[i]];
        struct lede_write write = {0};
        struct lede_error why = {0};
        if (!item->upsert)
            continue;
        enum lede_status made = lede_elastic_write_upsert(
            bulk->worker, item->id, LEDE_TAKE(&item->upsert), &write, &why);
        write.tag = bulk->upserts[i];
        if (made == LEDE_OK) {
            st = lede_bulk_add(bulk->bulk, &write, reterr);
        } else {
            lede_write_done(&write);
            st = fail_item(bulk, item, &why, reterr);
        }
    }
    bulk->upsert_count = 0;
    return st;
}

static bool has_to_settle(const struct elastic_bulk *bulk, const char *id)
{
    for (size_t i = 0; id && i < bulk->upsert_count; i++) {
        if (strcmp(bulk->items[bulk->upserts[i]].id, id) == 0)
            return true;
    }
    return bulk->upsert_count == UPSERTS_MAX;
}

static bool may_delete(struct elastic_bulk *bulk)
{
    struct lede_grant grant = {0};
    /* What it says in the reply is written over by the answer. */
    if (!bulk->knows_may_delete)
        bulk->may_delete = lede_request_is_allowed(
            bulk->request, LEDE_RIGHT_DELETE, LEDE_TAKER_NONE, &grant, bulk->reply);
    bulk->knows_may_delete = true;
    lede_buffer_done(&grant.filters);
    return bulk->may_delete;
}

static enum lede_status read_write(struct elastic_bulk *bulk, const struct item *item,
    struct elastic_write *write, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    size_t replaced = 0;
    enum lede_status st = LEDE_OK;
    if (item->op != ELASTIC_DELETE)
        st = lede_json_parse_identified(item->source, item->source_size,
            bulk->worker->api->settings.bad_text, &json, &replaced, reterr);
    return st == LEDE_OK
               ? lede_elastic_write_read(bulk->worker, item->op, item->id, json, write, reterr)
               : st;
}

static enum lede_status write_item(
    struct elastic_bulk *bulk, size_t number, struct lede_error *reterr)
{
    struct item *item = &bulk->items[number];
    struct elastic_write write = {0};
    struct lede_error why = {0};
    if (item->error)
        return LEDE_OK;
    if (item->op == ELASTIC_DELETE && !may_delete(bulk)) {
        item->http_status = 403;
        item->error = json_pack("{s:s, s:s}", "type", "security_exception", "reason",
            "expected a key with the right 'delete'");
        return item->error ? LEDE_OK : lede_fail_memory(reterr);
    }
    enum lede_status st = has_to_settle(bulk, item->id) ? settle(bulk, reterr) : LEDE_OK;
    if (st != LEDE_OK)
        return st;
    if (read_write(bulk, item, &write, &why) == LEDE_OK) {
        write.write.tag = number;
        item->upsert = LEDE_TAKE(&write.upsert);
        if (item->upsert)
            bulk->upserts[bulk->upsert_count++] = number;
        st = lede_bulk_add(bulk->bulk, &write.write, reterr);
    } else {
        st = fail_item(bulk, item, &why, reterr);
    }
    lede_elastic_write_done(&write);
    return st;
}

static enum lede_status write_items(struct elastic_bulk *bulk, struct lede_error *reterr)
{
    enum lede_status st = begin(bulk, reterr);
    for (size_t i = 0; st == LEDE_OK && i < bulk->count; i++)
        st = write_item(bulk, i, reterr);
    if (st == LEDE_OK && bulk->upsert_count > 0)
        st = settle(bulk, reterr);
    return st == LEDE_OK ? finish(bulk, reterr) : st;
}

/* ---- The answer ---- */

static json_t *item_json(const struct elastic_bulk *bulk, const struct item *item)
{
    const char *index = lede_elastic_name(bulk->request);
    const char *id = item->id ? item->id : "";
    int http_status = 0;
    json_t *about = NULL;
    if (item->error) {
        http_status = item->http_status;
        about = json_pack("{s:s, s:s, s:O}", "_index", index, "_id", id, "error", item->error);
    } else {
        about = lede_elastic_written(index, id, item->op, item->outcome, &http_status);
    }
    if (!about || json_object_set_new(about, "status", json_integer(http_status)) != 0)
        return NULL;
    return json_pack("{s:o}", lede_elastic_op_name(item->op), about);
}

static void answer(
    const struct elastic_bulk *bulk, uint64_t started_ns, struct lede_http_reply *reply)
{
    json_auto_t *items = json_array();
    bool has_errors = false;
    for (size_t i = 0; items && i < bulk->count; i++) {
        has_errors = has_errors || bulk->items[i].error;
        if (json_array_append_new(items, item_json(bulk, &bulk->items[i])) != 0) {
            lede_elastic_reply(bulk->request, reply, 200, NULL);
            return;
        }
    }
    json_int_t took_ms = (json_int_t)((lede_time_monotonic_ns() - started_ns) / 1000000);
    lede_elastic_reply(bulk->request, reply, 200,
        json_pack("{s:I, s:b, s:O}", "took", took_ms, "errors", has_errors, "items", items));
}

void lede_elastic_bulk(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(bulk_done)
    struct elastic_bulk bulk = {.worker = context, .request = request, .reply = reply};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    struct lede_error error = {0};
    const char *text = NULL;
    size_t size = 0;
    uint64_t started_ns = lede_time_monotonic_ns();
    if (!lede_elastic_begin(request, ELASTIC_TAKER_BULK, reply))
        return;
    enum lede_status st = lede_elastic_text(request, &decoded, &text, &size, &error);
    if (st == LEDE_OK)
        st = read_items(&bulk, text, size, &error);
    if (st == LEDE_OK)
        st = write_items(&bulk, &error);
    if (st == LEDE_OK)
        answer(&bulk, started_ns, reply);
    else
        lede_elastic_fail(request, reply, &error);
}
