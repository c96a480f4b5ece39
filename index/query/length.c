/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a text is. */
#include "leaf.h"
#include "lede/number.h"
#include "operands.h"

#include <string.h>

static enum lede_status fail_length(struct query_context *context, const struct query_token *token)
{
    enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT, token->inner_start,
        "expected a number of words, or a range that holds one");
    lede_error_hint(context->reterr, "write LENGTH>500, LENGTH<=200 or LENGTH:100..500");
    for (size_t i = 0; i < token->inner_size; i++) {
        char c = context->text[token->inner_start + i];
        if (c >= '0' && c <= '9')
            return st;
    }
    return lede_query_or_words(context, token->start, token->size);
}

static bool parse_words(const char *text, size_t size, int64_t if_empty, int64_t *ret_words)
{
    *ret_words = if_empty;
    return size == 0 || lede_parse_int64(text, size, 0, UINT32_MAX - 1, ret_words, NULL) == LEDE_OK;
}

static bool parse_length(const char *text, size_t size, int64_t *ret_first, int64_t *ret_last)
{
    int64_t words = 0;
    size_t sign = strspn(text, "<>=:");
    const char *dots = memmem(text, size, "..", 2);
    sign = sign < size ? sign : size;
    if (text[0] == ':' && dots)
        return parse_words(text + 1, (size_t)(dots - text) - 1, 0, ret_first) &&
               parse_words(dots + 2, size - (size_t)(dots - text) - 2, UINT32_MAX, ret_last) &&
               size > 3;
    bool equal = sign > 0 && text[sign - 1] == '=';
    if (sign == 2 && !equal)
        return false;
    while (sign < size && lede_query_space_size(text + sign, size - sign) > 0)
        sign += lede_query_space_size(text + sign, size - sign);
    if (sign == size || !parse_words(text + sign, size - sign, 0, &words))
        return false;
    bool more = text[0] == '>', less = text[0] == '<';
    *ret_first = less ? 0 : words + (more && !equal);
    *ret_last = more ? UINT32_MAX : words - (less && !equal);
    return true;
}

enum lede_status lede_query_length(struct query_context *context, const struct query_token *token,
    struct lede_query_node **ret_node)
{
    int64_t first = 0, last = 0;
    if (!parse_length(context->text + token->inner_start, token->inner_size, &first, &last) ||
        first > last)
        return fail_length(context, token);
    struct lede_query_node *node = NULL;
    enum lede_status st = lede_query_leaf_new(context, LEDE_QUERY_LENGTH, token, &node);
    if (st != LEDE_OK)
        return st;
    node->fields = LEDE_FIELD_BIT(LEDE_FIELD_BODY);
    node->field_named = false;
    node->lead = false;
    node->first_words = (uint32_t)first;
    node->last_words = (uint32_t)last;
    *ret_node = node;
    return LEDE_OK;
}
