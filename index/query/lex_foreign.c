/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nexis', Factiva's and Westlaw's spellings of what the language has: W/5 and /5, PRE/5 and +5, W/s
 * and /p, near5, adj5, ATLEAST5(x), ALLCAPS(x), HLEAD(x), HEADLINE(x), LEAD(x).
 *
 * Ordinary text has most of these characters too. What stands between two operands is an operator
 * only where it stands free between two; what stands before one only where it is glued to its
 * bracket, or is no word of any language (atleast5). */
#include "lede/number.h"
#include "token.h"

#include <string.h>
#include <strings.h>

/* Between operands; a number, or a unit, follows the name. */
struct infix {
    const char *name;
    enum lede_query_kind operation; /* by a number */
    bool takes_units;
    bool may_be_text; /* where the number is out of range */
};
static const struct infix infixes[] = {
    {"w/", LEDE_QUERY_NEAR, true, false},
    {"near/", LEDE_QUERY_NEAR, false, false},
    {"near", LEDE_QUERY_NEAR, false, false},
    {"pre/", LEDE_QUERY_ADJACENT, false, false},
    {"onear/", LEDE_QUERY_ADJACENT, false, false},
    {"adj/", LEDE_QUERY_ADJACENT, false, false},
    {"adj", LEDE_QUERY_ADJACENT, false, false},
    {"/", LEDE_QUERY_NEAR, true, true},
    {"+", LEDE_QUERY_ADJACENT, false, true},
};

static const struct {
    const char *name;
    enum lede_query_kind operation;
} units[] = {{"s", LEDE_QUERY_SENTENCE}, {"sent", LEDE_QUERY_SENTENCE}, {"p", LEDE_QUERY_PARAGRAPH},
    {"para", LEDE_QUERY_PARAGRAPH}};

/* Before a bracket. */
static const struct {
    const char *name;
    enum query_token_kind kind;
    const char *field;
} heads[] = {{"ALLCAPS", QUERY_TOKEN_CAPS, NULL}, {"HLEAD", QUERY_TOKEN_LEAD, NULL},
    {"LEAD", QUERY_TOKEN_LEAD, "body"}, {"HEADLINE", QUERY_TOKEN_FIELD, "title"},
    {"BODY", QUERY_TOKEN_FIELD, "body"}, {"BYLINE", QUERY_TOKEN_FIELD, "author"},
    {"SECTION", QUERY_TOKEN_FIELD, "section"}, {"PUBLICATION", QUERY_TOKEN_FIELD, "source"}};

static bool is_digits(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return size > 0;
}

/* The row and what stands behind its name: digits, or a unit. NULL: the run is none of them. */
static const struct infix *find_infix(const char *run, size_t size, size_t *ret_unit)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(infixes); i++) {
        const struct infix *infix = &infixes[i];
        size_t name = strlen(infix->name);
        if (size <= name || strncasecmp(run, infix->name, name) != 0)
            continue;
        *ret_unit = LEDE_COUNT_OF(units);
        if (is_digits(run + name, size - name))
            return infix;
        for (size_t k = 0; k < LEDE_COUNT_OF(units) && infix->takes_units; k++) {
            *ret_unit = k;
            if (strlen(units[k].name) == size - name &&
                strncasecmp(run + name, units[k].name, size - name) == 0)
                return infix;
        }
    }
    return NULL;
}

/* The number behind atleast; 0: the run is something else. */
static uint32_t atleast_number(const char *run, size_t size)
{
    int64_t number = 0;
    const size_t name = strlen("atleast");
    if (size <= name || strncasecmp(run, "atleast", name) != 0 ||
        lede_parse_int64(run + name, size - name, 1, LEDE_QUERY_ATLEAST_MAX, &number, NULL) !=
            LEDE_OK)
        return 0;
    return (uint32_t)number;
}

bool lede_query_is_foreign(const char *run, size_t size)
{
    size_t unit = 0;
    return find_infix(run, size, &unit) || atleast_number(run, size) > 0;
}

/* Is there something behind the run that an operator could stand before? */
static bool has_right(const struct query_lexer *lexer, size_t end)
{
    size_t at = end, space = 1;
    while (at < lexer->size && space > 0) {
        space = lede_query_space_size(lexer->text + at, lexer->size - at);
        at += space;
    }
    return at < lexer->size && lexer->text[at] != ')' && lexer->text[at] != '|';
}

static enum lede_status lex_infix(const struct query_lexer *lexer, const struct infix *infix,
    size_t size, struct query_token *token, bool *ret_is_operator)
{
    int64_t number = 0;
    size_t name = strlen(infix->name);
    const char *run = lexer->text + token->start;
    if (lede_parse_int64(run + name, size - name, 1, LEDE_QUERY_DISTANCE_MAX, &number, NULL) !=
        LEDE_OK) {
        if (infix->may_be_text)
            return LEDE_OK;
        enum lede_status st = lede_query_fail_at(lexer->context, LEDE_EINPUT, token->start + name,
            "expected a number from 1 to %d behind '%.*s'", LEDE_QUERY_DISTANCE_MAX, (int)name,
            run);
        lede_error_hint(lexer->context->reterr, "to search for the text, put it in quotes");
        return st;
    }
    token->kind = QUERY_TOKEN_PROXIMITY;
    token->operation = infix->operation;
    token->number = (uint32_t)number;
    token->size = size;
    token->is_bare = true; /* it may be text, where it has no meaning as an operator */
    *ret_is_operator = true;
    return LEDE_OK;
}

static void lex_head(
    const struct query_lexer *lexer, size_t size, struct query_token *token, bool *ret_is_operator)
{
    const char *run = lexer->text + token->start;
    for (size_t i = 0; i < LEDE_COUNT_OF(heads); i++) {
        if (strlen(heads[i].name) != size || memcmp(run, heads[i].name, size) != 0)
            continue;
        token->kind = heads[i].kind;
        token->size = size;
        if (heads[i].field)
            token->field = lede_field_by_query_name(heads[i].field, strlen(heads[i].field));
        *ret_is_operator = true;
    }
}

enum lede_status lede_query_lex_foreign(
    const struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_operator)
{
    const char *run = lexer->text + token->start;
    size_t size = end - token->start;
    size_t unit = 0;
    *ret_is_operator = false;
    if (end < lexer->size && lexer->text[end] == '(')
        lex_head(lexer, size, token, ret_is_operator);
    if (*ret_is_operator || !has_right(lexer, end))
        return LEDE_OK;
    uint32_t number = atleast_number(run, size);
    if (number > 0) {
        token->kind = QUERY_TOKEN_ATLEAST;
        token->operation = LEDE_QUERY_ATLEAST;
        token->number = number;
        token->size = size;
        *ret_is_operator = true;
        return LEDE_OK;
    }
    const struct infix *infix = lexer->after_operand ? find_infix(run, size, &unit) : NULL;
    if (!infix)
        return LEDE_OK;
    if (unit == LEDE_COUNT_OF(units))
        return lex_infix(lexer, infix, size, token, ret_is_operator);
    token->kind = QUERY_TOKEN_PROXIMITY;
    token->operation = units[unit].operation;
    token->size = size;
    token->is_bare = true;
    *ret_is_operator = true;
    return LEDE_OK;
}
