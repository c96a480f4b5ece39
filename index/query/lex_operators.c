/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operators that are words in capitals with something behind them: NEAR/5, ADJ, SAME s, ATLEAST/3,
 * CAPS, LEAD:, LENGTH>500. */
#include "lede/encoding.h"
#include "lede/number.h"
#include "token.h"

#include <string.h>

static bool begins_with(const char *text, size_t size, const char *prefix)
{
    size_t prefix_size = strlen(prefix);
    return size >= prefix_size && memcmp(text, prefix, prefix_size) == 0;
}

static bool is_name(const char *run, size_t size, const char *name)
{
    return strlen(name) == size && memcmp(run, name, size) == 0;
}

/* Operators with a number behind a slash: read, printed and told of by these names. */
struct counted {
    const char *name;
    enum query_token_kind kind;
    enum lede_query_kind operation;
    uint32_t number; /* without one; 0: it must have one, or it is a word */
    uint32_t maximum;
};
static const struct counted counted_operators[] = {
    {"NEAR", QUERY_TOKEN_PROXIMITY, LEDE_QUERY_NEAR, LEDE_NEAR_DEFAULT, LEDE_QUERY_DISTANCE_MAX},
    {"ADJ", QUERY_TOKEN_PROXIMITY, LEDE_QUERY_ADJACENT, 1, LEDE_QUERY_DISTANCE_MAX},
    {"ATLEAST", QUERY_TOKEN_ATLEAST, LEDE_QUERY_ATLEAST, 0, LEDE_QUERY_ATLEAST_MAX},
};

bool lede_query_is_operator(const char *run, size_t size)
{
    static const char *const words[] = {"AND", "OR", "NOT", "SAME", "CAPS", "LENGTH"};
    size_t name = 0;
    while (name < size && run[name] >= 'A' && run[name] <= 'Z')
        name++;
    bool is_word = false;
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++)
        is_word = is_word || is_name(run, name, words[i]);
    for (size_t i = 0; i < LEDE_COUNT_OF(counted_operators); i++)
        is_word = is_word || is_name(run, name, counted_operators[i].name);
    return (is_word && (name == size || strchr("/<>=:", run[name]))) ||
           lede_query_is_foreign(run, size);
}

bool lede_query_is_shouted(const char *text, size_t size)
{
    unsigned words = 0, most = 0;
    bool is_quoted = false;
    for (size_t at = 0, end = 0; at < size; at = end + 1) {
        end = at;
        bool was_quoted = is_quoted;
        while (end < size && lede_query_space_size(text + end, size - end) == 0) {
            if (strchr("()*=:~^", text[end]) || (text[end] >= 'a' && text[end] <= 'z'))
                return false;
            is_quoted ^= text[end++] == '"';
        }
        /* What is in quotes says nothing about what is not. */
        bool is_word = !was_quoted && text[at] != '"' && end > at;
        words = lede_query_is_operator(text + at, end - at) || !is_word ? 0 : words + 1;
        most = words > most ? words : most;
    }
    return most >= 3;
}

const char *lede_query_operator_name(enum lede_query_kind kind)
{
    if (lede_query_is_apart(kind))
        return kind == LEDE_QUERY_NOT_NEAR       ? "NOT NEAR"
               : kind == LEDE_QUERY_NOT_SENTENCE ? "NOT SAME s"
                                                 : "NOT SAME p";
    for (size_t i = 0; i < LEDE_COUNT_OF(counted_operators); i++)
        if (counted_operators[i].operation == kind)
            return counted_operators[i].name;
    return kind == LEDE_QUERY_SENTENCE ? "SAME s" : "SAME p";
}

static enum lede_status lex_counted(const struct query_lexer *lexer, const struct counted *counted,
    size_t size, struct query_token *token, bool *ret_is_operator)
{
    const char *run = lexer->text + token->start;
    size_t name = strlen(counted->name);
    int64_t number = counted->number;
    *ret_is_operator = size > name || counted->number > 0;
    if (size > name && lede_parse_int64(run + name + 1, size - name - 1, 1, counted->maximum,
                           &number, NULL) != LEDE_OK) {
        enum lede_status st = lede_query_fail_at(lexer->context, LEDE_EINPUT, token->start + name,
            "expected %s/ and a number from 1 to %u, found '%.*s'", counted->name, counted->maximum,
            (int)(size < 40 ? size : lede_utf8_boundary(run, size, 40)), run);
        lede_error_hint(lexer->context->reterr,
            "write %s/3; to search for the text, put it in quotes", counted->name);
        bool has_number = size > name + 1 && run[name + 1] >= '0' && run[name + 1] <= '9';
        return has_number ? st : lede_query_or_words(lexer->context, token->start, size);
    }
    token->kind = counted->kind;
    token->operation = counted->operation;
    token->is_bare = size == name;
    token->number = (uint32_t)number;
    token->size = size;
    return LEDE_OK;
}

/* Does nothing, or what ends a run, stand at `at`? */
static bool is_end(const struct query_lexer *lexer, size_t at)
{
    size_t left = lexer->size - at;
    const char *text = lexer->text + at;
    return left == 0 || lede_query_space_size(text, left) > 0 || strchr("()", *text) ||
           lede_query_quote_size(text, left) > 0;
}

static size_t skip_space(const struct query_lexer *lexer, size_t at)
{
    size_t space = 1;
    while (at < lexer->size && space > 0) {
        space = lede_query_space_size(lexer->text + at, lexer->size - at);
        at += space;
    }
    return at;
}

/* `SAME` is an operator only before s or p; "the SAME old story" is four words. */
static bool lex_same(const struct query_lexer *lexer, size_t end, struct query_token *token)
{
    size_t unit = skip_space(lexer, end);
    if (unit == end || unit >= lexer->size || !strchr("sp", lexer->text[unit]) ||
        !is_end(lexer, unit + 1))
        return false;
    token->kind = QUERY_TOKEN_PROXIMITY;
    token->operation = lexer->text[unit] == 's' ? LEDE_QUERY_SENTENCE : LEDE_QUERY_PARAGRAPH;
    token->size = unit + 1 - token->start;
    return true;
}

/* Behind CAPS stands what it holds for; alone, or before what closes, it is a word. */
static bool lex_caps(const struct query_lexer *lexer, size_t end, struct query_token *token)
{
    size_t next = skip_space(lexer, end);
    if (next == lexer->size || lexer->text[next] == ')')
        return false;
    token->kind = QUERY_TOKEN_CAPS;
    token->size = end - token->start;
    return true;
}

/* `LENGTH>500`, `LENGTH >= 500`, `LENGTH:100..500`. */
static bool lex_length(const struct query_lexer *lexer, size_t end, struct query_token *token)
{
    size_t name = token->start + strlen("LENGTH");
    size_t at = skip_space(lexer, name);
    bool is_range = name < end && lexer->text[name] == ':';
    if (at >= lexer->size || (!is_range && !strchr("<>=", lexer->text[at])))
        return false;
    size_t last = at + 1;
    while (!is_range && last < lexer->size && strchr("<>=", lexer->text[last]))
        last++;
    if (!is_range)
        last = skip_space(lexer, last);
    while (!is_end(lexer, last) && lexer->text[last] != '^')
        last++;
    token->kind = QUERY_TOKEN_LENGTH;
    token->inner_start = at;
    token->inner_size = last - at;
    token->size = last - token->start;
    return true;
}

enum lede_status lede_query_lex_operator(
    const struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_operator)
{
    const char *run = lexer->text + token->start;
    size_t size = end - token->start;
    *ret_is_operator = false;
    for (size_t i = 0; i < LEDE_COUNT_OF(counted_operators); i++) {
        const struct counted *counted = &counted_operators[i];
        size_t name = strlen(counted->name);
        if (begins_with(run, size, counted->name) && (size == name || run[name] == '/'))
            return lex_counted(lexer, counted, size, token, ret_is_operator);
    }
    if (is_name(run, size, "SAME"))
        *ret_is_operator = lex_same(lexer, end, token);
    else if (is_name(run, size, "CAPS"))
        *ret_is_operator = lex_caps(lexer, end, token);
    else if (begins_with(run, size, "LENGTH") && (size == 6 || strchr("<>=:", run[6])))
        *ret_is_operator = lex_length(lexer, end, token);
    if (begins_with(run, size, "LEAD:")) {
        token->kind = QUERY_TOKEN_LEAD;
        token->size = strlen("LEAD:");
        *ret_is_operator = true;
    }
    return LEDE_OK;
}

/* What the operator is behind NOT; ALL: nothing. */
static enum lede_query_kind apart_kind(const struct query_token *token)
{
    if (token->kind != QUERY_TOKEN_PROXIMITY)
        return LEDE_QUERY_ALL;
    switch (token->operation) {
    case LEDE_QUERY_NEAR:
        return LEDE_QUERY_NOT_NEAR;
    case LEDE_QUERY_SENTENCE:
        return LEDE_QUERY_NOT_SENTENCE;
    case LEDE_QUERY_PARAGRAPH:
        return LEDE_QUERY_NOT_PARAGRAPH;
    default:
        return LEDE_QUERY_ALL;
    }
}

enum lede_status lede_query_lex_not_near(const struct query_lexer *lexer, size_t end,
    size_t next_end, struct query_token *token, bool *ret_is_operator)
{
    size_t next = skip_space(lexer, end);
    struct query_token near = {.start = next};
    *ret_is_operator = false;
    /* NOT NEAR without a number is prose: THE LAKE IS NOT NEAR THE CITY. */
    if (!lexer->after_operand || next == end ||
        is_name(lexer->text + next, next_end - next, "NEAR"))
        return LEDE_OK;
    bool is_near = false;
    enum lede_status st = lede_query_lex_operator(lexer, next_end, &near, &is_near);
    if (st == LEDE_OK && !is_near)
        st = lede_query_lex_foreign(lexer, next_end, &near, &is_near);
    if (st != LEDE_OK || !is_near || apart_kind(&near) == LEDE_QUERY_ALL)
        return st;
    near.operation = apart_kind(&near);
    near.size += next - token->start;
    near.start = token->start;
    *token = near;
    *ret_is_operator = true;
    return LEDE_OK;
}
