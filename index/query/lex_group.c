/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spellings in braces. Braces in texts are many things: what might be something else is text. */
#include "token.h"

#include <string.h>

static size_t skip_blanks(const char *text, size_t at, size_t end)
{
    size_t space;
    while (at < end && (space = lede_query_space_size(text + at, end - at)) > 0)
        at += space;
    return at;
}

size_t lede_query_group_language(
    const char *text, size_t at, size_t end, lede_language *ret_language)
{
    size_t begin = skip_blanks(text, at, end);
    *ret_language = LEDE_LANGUAGE_UND;
    if (end - begin < 3 || text[begin + 2] != ':')
        return at;
    *ret_language = lede_language_find(text + begin, 2);
    return *ret_language == LEDE_LANGUAGE_UND ? at : begin + 3;
}

bool lede_query_is_spelling(
    struct lede_analyzer *analyzer, const char *text, size_t size, bool *ret_has_blank)
{
    struct lede_tokens tokens;
    struct lede_token token;
    for (size_t i = skip_blanks(text, 0, size); i < size; i++) {
        if (strchr("(){}[]\"*?~^=<>\\|,:;#", text[i]) ||
            lede_query_quote_size(text + i, size - i) > 0)
            return false;
        *ret_has_blank = *ret_has_blank || lede_query_space_size(text + i, size - i) > 0;
    }
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, text, size);
    return lede_tokens_next(&tokens, &token);
}

bool lede_query_is_group(const struct query_context *context, size_t start, size_t *ret_size)
{
    const char *text = context->text;
    const char *brace = memchr(text + start, '}', context->size - start);
    size_t close = brace ? (size_t)(brace - text) : 0;
    bool has_blank = false;
    size_t count = 0;
    if (!brace)
        return false;
    for (size_t at = start + 1; at <= close; count++) {
        const char *comma = memchr(text + at, ',', close - at);
        size_t end = comma ? (size_t)(comma - text) : close;
        lede_language language = LEDE_LANGUAGE_UND;
        at = lede_query_group_language(text, at, end, &language);
        if (!lede_query_is_spelling(context->analyzer, text + at, end - at, &has_blank))
            return false;
        at = end + 1;
    }
    size_t behind = close + 1, left = context->size - behind;
    bool stands_free = left == 0 || text[behind] == ')' || text[behind] == '^' ||
                       lede_query_space_size(text + behind, left) > 0;
    *ret_size = behind - start;
    return stands_free && (count > 1 || !has_blank);
}
