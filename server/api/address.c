/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include "lede/encoding.h"
#include "search_params.h"

#include <string.h>

static bool is_list(const char *name)
{
    struct lede_search_param row;
    for (size_t i = 0; lede_search_param_at(i, &row); i++) {
        if (strcmp(row.name, name) == 0)
            return row.shape == LEDE_PARAM_LIST;
    }
    return false;
}

void lede_address_append_value(struct lede_buffer *out, const struct lede_param *param)
{
    bool has_commas = param->is_whole && is_list(param->name);
    for (size_t i = 0; i < param->size; i++) {
        if (has_commas && param->value[i] == ',')
            lede_buffer_append_char(out, '\\');
        lede_buffer_append_char(out, param->value[i]);
    }
}

void lede_address_append_parameter(
    struct lede_buffer *out, const char *name, const char *value, size_t size)
{
    char last = out->size > 0 ? out->data[out->size - 1] : '?';
    if (last != '?')
        lede_buffer_append_char(out, '&');
    lede_percent_append(out, name, strlen(name), LEDE_URI_UNRESERVED_MARKS);
    lede_buffer_append_char(out, '=');
    lede_percent_append(out, value, size, LEDE_URI_UNRESERVED_MARKS);
}

static bool is_named(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

void lede_address_append(struct lede_buffer *out, const char *path,
    const struct lede_params *params, const char *const *omit)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
    lede_buffer_append_format(out, "%s?", path);
    for (size_t i = 0; i < params->count; i++) {
        const struct lede_param *param = &params->items[i];
        if (is_named(param->name, omit))
            continue;
        lede_buffer_clear(&value);
        lede_address_append_value(&value, param);
        lede_address_append_parameter(out, param->name, value.data ? value.data : "", value.size);
        out->failed = out->failed || value.failed;
    }
}
