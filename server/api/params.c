/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum lede_status lede_param_blame(struct lede_error *error, const char *name)
{
    struct lede_error reason = *error;
    (void)lede_fail(error, reason.status, "%s: %s", name, reason.message);
    lede_error_hint(error, "%s", reason.hint);
    lede_error_param(error, name);
    return error->status;
}

enum lede_status lede_params_from_query(const struct lede_http_request *request,
    struct lede_params *ret_params, struct lede_error *reterr)
{
    const struct lede_http_parameter *given = NULL;
    size_t count = lede_http_request_parameters(request, &given);
    ret_params->items =
        lede_arena_calloc(&ret_params->arena, count + 1, sizeof(*ret_params->items));
    if (!ret_params->items)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++)
        ret_params->items[i] = (struct lede_param){
            .name = given[i].name, .value = given[i].value, .size = given[i].value_size};
    ret_params->count = count;
    return LEDE_OK;
}

static size_t count_members(const json_t *object)
{
    size_t count = 0;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value)
        count += json_is_array(value) ? json_array_size(value) : 1;
    return count;
}

static enum lede_status add_json(struct lede_params *params, const char *key, const json_t *value,
    bool is_whole, struct lede_error *reterr)
{
    struct lede_buffer text = {0};
    if (json_is_string(value))
        lede_buffer_append(&text, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        lede_buffer_append_format(&text, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        lede_buffer_append_string(&text, json_is_true(value) ? "true" : "false");
    else {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "expected a string, a whole number, true, false, or an array of these");
        return reterr ? lede_param_blame(reterr, key) : LEDE_EINPUT;
    }
    struct lede_param *param = &params->items[params->count];
    param->name = lede_arena_copy(&params->arena, key, strlen(key));
    param->size = text.size;
    param->value =
        text.failed ? NULL : lede_arena_copy(&params->arena, text.data ? text.data : "", text.size);
    param->is_whole = is_whole;
    lede_buffer_done(&text);
    if (!param->name || !param->value)
        return lede_fail_memory(reterr);
    params->count++;
    return LEDE_OK;
}

enum lede_status lede_params_from_json(
    const json_t *object, struct lede_params *ret_params, struct lede_error *reterr)
{
    ret_params->items = lede_arena_calloc(
        &ret_params->arena, count_members(object) + 1, sizeof(*ret_params->items));
    if (!ret_params->items)
        return lede_fail_memory(reterr);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        enum lede_status st = LEDE_OK;
        if (json_is_array(value)) {
            for (size_t i = 0; st == LEDE_OK && i < json_array_size(value); i++)
                st = add_json(ret_params, key, json_array_get(value, i), true, reterr);
        } else if (!json_is_null(value)) {
            st = add_json(ret_params, key, value, false, reterr);
        }
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

void lede_params_done(struct lede_params *params)
{
    lede_arena_done(&params->arena);
    memset(params, 0, sizeof(*params));
}

enum lede_status lede_params_single(const struct lede_params *params, const char *name,
    const struct lede_param **ret_param, struct lede_error *reterr)
{
    const struct lede_param *found = NULL;
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->items[i].name, name) != 0)
            continue;
        if (found) {
            (void)lede_fail(reterr, LEDE_EINPUT, "expected once, found twice");
            return reterr ? lede_param_blame(reterr, name) : LEDE_EINPUT;
        }
        found = &params->items[i];
    }
    *ret_param = found;
    return LEDE_OK;
}

/* How many characters two names share at their beginning: enough to guess what a misspelt one
 * meant. */
static size_t shared_prefix(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    return i;
}

enum lede_status lede_params_check_names(
    const struct lede_params *params, const char *const *names, struct lede_error *reterr)
{
    for (size_t i = 0; i < params->count; i++) {
        const char *nearest = NULL;
        bool known = false;
        for (size_t k = 0; names[k] && !known; k++) {
            known = strcmp(params->items[i].name, names[k]) == 0;
            if (shared_prefix(params->items[i].name, names[k]) >= 2 &&
                (!nearest || shared_prefix(params->items[i].name, names[k]) >
                                 shared_prefix(params->items[i].name, nearest)))
                nearest = names[k];
        }
        if (known)
            continue;
        (void)lede_fail(
            reterr, LEDE_ENOTFOUND, "no parameter is called '%.60s'", params->items[i].name);
        lede_error_param(reterr, params->items[i].name);
        if (nearest)
            lede_error_hint(reterr, "did you mean '%s'?", nearest);
        return LEDE_ENOTFOUND;
    }
    return LEDE_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copy one value of a list to `item`, `\,` as `,`; returns where the next begins. */
static size_t take_item(const struct lede_param *param, size_t at, char *item, size_t *ret_size)
{
    size_t size = 0;
    while (at < param->size && is_space(param->value[at]) && !param->is_whole)
        at++;
    for (; at < param->size; at++) {
        char c = param->value[at];
        if (c == ',' && !param->is_whole)
            break;
        if (c == '\\' && !param->is_whole && at + 1 < param->size && param->value[at + 1] == ',')
            c = param->value[++at];
        item[size++] = c;
    }
    while (size > 0 && is_space(item[size - 1]) && !param->is_whole)
        size--;
    item[size] = '\0';
    *ret_size = size;
    return at + 1;
}

enum lede_status lede_params_visit_list(const struct lede_params *params, const char *name,
    enum lede_status (*visit)(
        void *context, const char *value, size_t size, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    for (size_t i = 0; i < params->count; i++) {
        const struct lede_param *param = &params->items[i];
        if (strcmp(param->name, name) != 0)
            continue;
        LEDE_CLEANUP(lede_freep) char *item = malloc(param->size + 1);
        if (!item)
            return lede_fail_memory(reterr);
        for (size_t at = 0; at < param->size;) {
            size_t size = 0;
            at = take_item(param, at, item, &size);
            enum lede_status st = size > 0 ? visit(context, item, size, reterr) : LEDE_OK;
            if (st != LEDE_OK)
                return st;
        }
    }
    return LEDE_OK;
}
