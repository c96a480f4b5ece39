/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protobuf's JSON leaves out what is zero, false or empty, so that a member that is missing is its
 * zero; one of another type is damage. */
#include "answers.h"

#include "lede/encoding.h"
#include "lede/model.h"
#include "lede/number.h"

#include <stdio.h>
#include <string.h>

static enum lede_status fail_answer(struct lede_error *reterr, const char *what)
{
    return lede_fail(reterr, LEDE_ECORRUPT, "etcd's answer is not understood: expected %s", what);
}

static enum lede_status parse(
    const char *text, size_t size, json_t **ret_json, struct lede_error *reterr)
{
    enum lede_status st = lede_json_parse(text, size, ret_json, reterr);
    if (st == LEDE_OK && !json_is_object(*ret_json)) {
        json_decref(*ret_json);
        *ret_json = NULL;
        return fail_answer(reterr, "a JSON object");
    }
    return st == LEDE_OK || st == LEDE_ENOMEM ? st : fail_answer(reterr, "a JSON object");
}

/* ---- Members ---- */

static bool get_number(const json_t *object, const char *name, int64_t *ret_number)
{
    const json_t *member = json_object_get(object, name);
    *ret_number = 0;
    if (!member)
        return true;
    if (json_is_integer(member)) {
        *ret_number = json_integer_value(member);
        return true;
    }
    return json_is_string(member) &&
           lede_parse_int64(json_string_value(member), json_string_length(member), INT64_MIN + 1,
               INT64_MAX, ret_number, NULL) == LEDE_OK;
}

/* Revisions, versions and counts. */
static bool get_count(const json_t *object, const char *name, int64_t *ret_number)
{
    return get_number(object, name, ret_number) && *ret_number >= 0;
}

static bool get_bool(const json_t *object, const char *name, bool *ret_value)
{
    const json_t *member = json_object_get(object, name);
    *ret_value = json_is_true(member);
    return !member || json_is_boolean(member);
}

static bool get_array(const json_t *object, const char *name, const json_t **ret_array)
{
    *ret_array = json_object_get(object, name);
    return !*ret_array || json_is_array(*ret_array);
}

static enum lede_status get_bytes(const json_t *object, const char *name, struct lede_arena *arena,
    const char **ret_bytes, size_t *ret_size, struct lede_error *reterr)
{
    const json_t *member = json_object_get(object, name);
    size_t size = json_string_length(member); /* 0 of what is no string */
    char *bytes = lede_arena_alloc(arena, lede_base64_room(size) + 1);
    if (!bytes)
        return lede_fail_memory(reterr);
    if ((member && !json_is_string(member)) ||
        !lede_base64_read(size > 0 ? json_string_value(member) : "", size, bytes, ret_size))
        return fail_answer(reterr, "base64");
    bytes[*ret_size] = '\0';
    *ret_bytes = bytes;
    return LEDE_OK;
}

static enum lede_status get_revision(
    const json_t *object, int64_t *ret_revision, struct lede_error *reterr)
{
    return get_count(json_object_get(object, "header"), "revision", ret_revision)
               ? LEDE_OK
               : fail_answer(reterr, "a revision");
}

static enum lede_status read_pair(const json_t *json, struct lede_arena *arena,
    struct lede_etcd_pair *ret_pair, struct lede_error *reterr)
{
    if (!json_is_object(json))
        return fail_answer(reterr, "a key and its value");
    enum lede_status st =
        get_bytes(json, "key", arena, &ret_pair->key, &ret_pair->key_size, reterr);
    if (st == LEDE_OK)
        st = get_bytes(json, "value", arena, &ret_pair->value, &ret_pair->value_size, reterr);
    if (st != LEDE_OK)
        return st;
    bool is_read = get_count(json, "create_revision", &ret_pair->create_revision) &&
                   get_count(json, "mod_revision", &ret_pair->mod_revision) &&
                   get_count(json, "version", &ret_pair->version) &&
                   get_number(json, "lease", &ret_pair->lease);
    return is_read ? LEDE_OK : fail_answer(reterr, "revisions of a key");
}

static enum lede_status read_pairs(const json_t *range, struct lede_arena *arena,
    struct lede_etcd_pairs *ret_pairs, struct lede_error *reterr)
{
    const json_t *array = NULL;
    if (!get_array(range, "kvs", &array) || !get_count(range, "count", &ret_pairs->total) ||
        !get_bool(range, "more", &ret_pairs->has_more))
        return fail_answer(reterr, "a range");
    size_t count = json_array_size(array);
    ret_pairs->items = lede_arena_calloc(arena, count + 1, sizeof(*ret_pairs->items));
    if (!ret_pairs->items)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        enum lede_status st =
            read_pair(json_array_get(array, i), arena, &ret_pairs->items[i], reterr);
        if (st != LEDE_OK)
            return st;
    }
    ret_pairs->count = count;
    return LEDE_OK;
}

/* ---- Errors ---- */

bool lede_etcd_read_refusal(const char *text, size_t size, struct lede_etcd_refusal *ret_refusal)
{
    json_auto_t *json = NULL;
    int64_t code = 0;
    if (parse(text, size, &json, NULL) != LEDE_OK)
        return false;
    /* Of a stream {"error": {"grpc_code": …, "message": …}}, else {"message": …, "code": …}. */
    const json_t *stream = json_object_get(json, "error");
    bool is_line = json_is_object(stream);
    const json_t *inner = is_line ? stream : json;
    const char *message = json_string_value(json_object_get(inner, "message"));
    if (!message)
        return false;
    if (!get_number(inner, is_line ? "grpc_code" : "code", &code) || code == 0)
        code = -1;
    ret_refusal->code = code;
    size_t length = strlen(message);
    length = length < sizeof(ret_refusal->message)
                 ? length
                 : lede_utf8_boundary(message, length, sizeof(ret_refusal->message) - 1);
    memcpy(ret_refusal->message, message, length);
    ret_refusal->message[length] = '\0';
    return true;
}

/* ---- Transactions and ranges ---- */

void lede_etcd_result_done(struct lede_etcd_result *result)
{
    lede_arena_done(&result->memory);
    *result = (struct lede_etcd_result){0};
}

static enum lede_status read_response(const json_t *json,
    const struct lede_etcd_operation *operation, struct lede_arena *arena,
    struct lede_etcd_response *ret_response, struct lede_error *reterr)
{
    static const char *const names[] = {"response_put", "response_delete_range", "response_range"};
    const json_t *inner = json_object_get(json, names[operation->kind]);
    if (!json_is_object(inner) || !get_count(inner, "deleted", &ret_response->deleted))
        return fail_answer(reterr, "a response of the operation's kind");
    if (operation->kind != LEDE_ETCD_RANGE)
        return LEDE_OK;
    return read_pairs(inner, arena, &ret_response->pairs, reterr);
}

enum lede_status lede_etcd_read_txn(const char *text, size_t size, const struct lede_etcd_txn *txn,
    struct lede_etcd_result *ret_result, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    const json_t *array = NULL;
    enum lede_status st = parse(text, size, &json, reterr);
    if (st == LEDE_OK)
        st = get_revision(json, &ret_result->revision, reterr);
    if (st != LEDE_OK)
        return st;
    if (!get_bool(json, "succeeded", &ret_result->succeeded) ||
        !get_array(json, "responses", &array))
        return fail_answer(reterr, "a transaction's end");
    size_t count = ret_result->succeeded ? txn->then_count : txn->otherwise_count;
    const struct lede_etcd_operation *asked = ret_result->succeeded ? txn->then : txn->otherwise;
    if (json_array_size(array) != count || ret_result->revision == 0)
        return fail_answer(reterr, "a response for each operation");
    ret_result->responses =
        lede_arena_calloc(&ret_result->memory, count + 1, sizeof(*ret_result->responses));
    if (!ret_result->responses)
        return lede_fail_memory(reterr);
    for (; ret_result->count < count; ret_result->count++) {
        size_t i = ret_result->count;
        st = read_response(json_array_get(array, i), &asked[i], &ret_result->memory,
            &ret_result->responses[i], reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

enum lede_status lede_etcd_read_range(const char *text, size_t size, struct lede_arena *arena,
    struct lede_etcd_pairs *ret_pairs, int64_t *ret_revision, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    enum lede_status st = parse(text, size, &json, reterr);
    if (st == LEDE_OK)
        st = get_revision(json, ret_revision, reterr);
    if (st == LEDE_OK && *ret_revision == 0)
        st = fail_answer(reterr, "a revision");
    return st == LEDE_OK ? read_pairs(json, arena, ret_pairs, reterr) : st;
}

/* ---- Leases ---- */

enum lede_status lede_etcd_read_lease(
    const char *text, size_t size, int64_t *ret_id, int64_t *ret_ttl_s, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    enum lede_status st = parse(text, size, &json, reterr);
    if (st != LEDE_OK)
        return st;
    const json_t *result = json_object_get(json, "result"); /* of a stream */
    const json_t *inner = result ? result : json;
    if (!get_number(inner, "ID", ret_id) || *ret_id == 0 || !get_number(inner, "TTL", ret_ttl_s) ||
        *ret_ttl_s > INT32_MAX)
        return fail_answer(reterr, "a lease");
    *ret_ttl_s = *ret_ttl_s > 0 ? *ret_ttl_s : 0;
    return LEDE_OK;
}

/* ---- Watches ---- */

void lede_etcd_line_done(struct lede_etcd_line *line)
{
    lede_arena_done(&line->memory);
    *line = (struct lede_etcd_line){0};
}

static enum lede_status read_event(const json_t *json, struct lede_arena *arena,
    struct lede_etcd_event *ret_event, struct lede_error *reterr)
{
    const char *type = json_string_value(json_object_get(json, "type"));
    enum lede_status st = read_pair(json_object_get(json, "kv"), arena, &ret_event->pair, reterr);
    if (st != LEDE_OK)
        return st;
    if ((type && strcmp(type, "DELETE") != 0 && strcmp(type, "PUT") != 0) ||
        ret_event->pair.mod_revision == 0)
        return fail_answer(reterr, "an event");
    ret_event->kind =
        type && !strcmp(type, "DELETE") ? LEDE_ETCD_EVENT_DELETE : LEDE_ETCD_EVENT_PUT;
    ret_event->revision = ret_event->pair.mod_revision;
    return LEDE_OK;
}

static enum lede_status read_events(
    const json_t *result, struct lede_etcd_line *ret_line, struct lede_error *reterr)
{
    const json_t *array = NULL;
    if (!get_array(result, "events", &array))
        return fail_answer(reterr, "events");
    size_t count = json_array_size(array);
    ret_line->events = lede_arena_calloc(&ret_line->memory, count + 1, sizeof(*ret_line->events));
    if (!ret_line->events)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        struct lede_etcd_event *event = &ret_line->events[i];
        enum lede_status st =
            read_event(json_array_get(array, i), &ret_line->memory, event, reterr);
        if (st != LEDE_OK)
            return st;
        if (i > 0 && event->revision < event[-1].revision)
            return fail_answer(reterr, "events in their order");
    }
    ret_line->count = count;
    return LEDE_OK;
}

enum lede_status lede_etcd_read_line(
    const char *text, size_t size, struct lede_etcd_line *ret_line, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    enum lede_status st = parse(text, size, &json, reterr);
    if (st != LEDE_OK)
        return st;
    const json_t *result = json_object_get(json, "result");
    if (!json_is_object(result))
        return fail_answer(reterr, "a result");
    st = get_revision(result, &ret_line->revision, reterr);
    if (st != LEDE_OK)
        return st;
    if (!get_bool(result, "created", &ret_line->was_created) ||
        !get_bool(result, "canceled", &ret_line->was_cancelled) ||
        !get_bool(result, "fragment", &ret_line->goes_on) ||
        !get_count(result, "compact_revision", &ret_line->compact_revision))
        return fail_answer(reterr, "a line of a watch");
    return read_events(result, ret_line, reterr);
}
