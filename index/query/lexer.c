/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text to tokens. The lexer knows what ends a run, which quotation marks pair up and which names
 * are fields; what a run means is the leaf's business. */
#include "lede/encoding.h"
#include "token.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool begins_with(const char *text, size_t size, const char *prefix)
{
    size_t prefix_size = strlen(prefix);
    return size >= prefix_size && memcmp(text, prefix, prefix_size) == 0;
}

/* Offset of the next quotation mark of a family from `offset` on; SIZE_MAX if there is none. A mark
 * behind a backslash is text. */
static size_t find_quote(
    const struct query_lexer *lexer, size_t offset, enum query_quote_family wanted)
{
    while (offset < lexer->size) {
        enum query_quote_family family = QUERY_QUOTE_ANY;
        bool escaped = lexer->text[offset] == '\\' && offset + 1 < lexer->size;
        size_t at = offset + escaped;
        size_t mark = lede_query_quote_at(lexer->text + at, lexer->size - at, &family);
        bool is_inner = lede_query_is_inner_quote(lexer->text, lexer->size, at);
        if (mark > 0 && !escaped && !is_inner && (wanted == QUERY_QUOTE_ANY || wanted == family))
            return offset;
        offset = mark > 0 ? at + mark : offset + 1;
    }
    return SIZE_MAX;
}

/* A phrase whose opening mark stands at lexer->offset. It ends at the next mark of its family;
 * where there is none, at the next of any: people mix “ and ". */
static enum lede_status lex_quoted(const struct query_lexer *lexer, struct query_token *token)
{
    enum query_quote_family family = QUERY_QUOTE_ANY;
    size_t open =
        lede_query_quote_at(lexer->text + lexer->offset, lexer->size - lexer->offset, &family);
    token->kind = QUERY_TOKEN_QUOTED;
    token->inner_start = lexer->offset + open;
    size_t close = find_quote(lexer, token->inner_start, family);
    if (close == SIZE_MAX)
        close = find_quote(lexer, token->inner_start, QUERY_QUOTE_ANY);
    if (close == SIZE_MAX) {
        (void)lede_query_fail_at(lexer->context, LEDE_EINPUT, lexer->offset, "unbalanced quote");
        lede_error_hint(lexer->context->reterr, "close the quote, or escape it as \\\"");
        return lede_query_or_words(lexer->context, lexer->offset, open);
    }
    token->inner_size = close - token->inner_start;
    token->size =
        close + lede_query_quote_size(lexer->text + close, lexer->size - close) - token->start;
    return LEDE_OK;
}

/* End of the run that begins at offset: white space, a quote, a parenthesis or ^ ends it. */
static size_t run_end(const struct query_lexer *lexer, size_t offset)
{
    while (offset < lexer->size) {
        const char *at = lexer->text + offset;
        size_t left = lexer->size - offset;
        size_t escaped = *at == '\\' && left > 1 ? lede_query_quote_size(at + 1, left - 1) : 0;
        if (escaped > 0) {
            offset += 1 + escaped;
            continue;
        }
        bool is_quote = lede_query_quote_size(at, left) > 0 &&
                        !lede_query_is_inner_quote(lexer->text, lexer->size, offset);
        if (strchr("()^|", *at) || lede_query_space_size(at, left) || is_quote)
            return offset;
        offset++;
    }
    return lexer->size;
}

/* Dates run to white space, a parenthesis or ^; quotes hold forms with spaces (`"19 Jan 2022"`). */
static enum lede_status lex_dates(struct query_lexer *lexer, struct query_token *token)
{
    size_t end = lexer->offset;
    for (;;) {
        end = run_end(lexer, end);
        if (end == lexer->size || !lede_query_quote_size(lexer->text + end, lexer->size - end))
            break;
        struct query_lexer inside = *lexer;
        struct query_token quoted = {.start = end};
        inside.offset = end;
        enum lede_status st = lex_quoted(&inside, &quoted);
        lexer->context->words_size = 0;
        if (st != LEDE_OK)
            return st;
        end += quoted.size;
    }
    token->kind = QUERY_TOKEN_DATES;
    token->size = end - token->start;
    return LEDE_OK;
}

/* Letters of any script and `_`: what might be the name of a field. Bytes beyond ASCII count as
 * letters. */
static bool is_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80 && c != '_' && !((c | 32) >= 'a' && (c | 32) <= 'z'))
            return false;
    }
    return size > 0;
}

/* Levenshtein distance of two short names, ignoring case; large where either is long. */
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned row[24];
    if (b_size >= LEDE_COUNT_OF(row))
        return UINT32_MAX;
    for (unsigned j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 0; i < a_size; i++) {
        unsigned diagonal = row[0]++;
        for (size_t j = 0; j < b_size; j++) {
            unsigned change = diagonal + (strncasecmp(a + i, b + j, 1) != 0);
            unsigned step = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = change < step ? change : step;
        }
    }
    return row[b_size];
}

/* The hint names fields within two letters, or a parameter of that name, or says how to search the
 * text. */
static void hint_fields(const char *name, size_t size, struct lede_error *reterr)
{
    char close[128] = "";
    size_t used = 0;
    for (unsigned id = 0; id < LEDE_FIELD_COUNT; id++) {
        const char *known = lede_field_at((enum lede_field_id)id)->query_name;
        if (!known || distance(name, size, known, strlen(known)) > (size < 4 ? 1u : 2u))
            continue;
        int added =
            snprintf(close + used, sizeof(close) - used, "%s'%s:'", used ? " or " : "", known);
        if (added < 0 || (size_t)added >= sizeof(close) - used)
            break;
        used += (size_t)added;
    }
    int shown = (int)size; /* a filter's name is short */
    if (lede_field_by_filter_name(name, size))
        lede_error_hint(
            reterr, "'%.*s' is a parameter of its own: %.*s=…", shown, name, shown, name);
    else if (used > 0)
        lede_error_hint(reterr, "did you mean %s? To search for the text, put it in quotes", close);
    else
        lede_error_hint(reterr, "to search for the text, put it in quotes");
}

/* `Ukraine: war` is text: fields are written in lower case, and with what they hold behind them.
 * `Title: war` is a field written wrongly. */
static bool is_headline(const char *name, size_t size, const char *behind, size_t left)
{
    char lower[32];
    bool is_capital = (name[0] >= 'A' && name[0] <= 'Z') || (unsigned char)name[0] >= 0x80;
    if (size > sizeof(lower) || !is_capital)
        return false;
    for (size_t i = 0; i < size; i++)
        lower[i] = (char)(name[i] | ('A' <= name[i] && name[i] <= 'Z' ? 0x20 : 0));
    bool stands_alone = left == 0 || *behind == ')' || lede_query_space_size(behind, left) > 0;
    return stands_alone && !lede_field_by_query_name(lower, size) &&
           !lede_field_by_filter_name(lower, size);
}

/* Is there a `name:` at lexer->offset? A name of letters alone is a field or an error; anything
 * else (12:30, http://x.y) is text. */
static enum lede_status lex_field(
    struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_field)
{
    struct query_context *context = lexer->context;
    const char *run = lexer->text + lexer->offset;
    const char *colon = memchr(run, ':', end - lexer->offset);
    size_t size = colon ? (size_t)(colon - run) : 0;
    *ret_is_field = false;
    if (!colon || !is_name(run, size) ||
        begins_with(colon, lexer->size - lexer->offset - size, "://"))
        return LEDE_OK;
    token->field = lede_field_by_query_name(run, size);
    size_t behind = lexer->offset + size + 1;
    if (!token->field && is_headline(run, size, lexer->text + behind, lexer->size - behind))
        return LEDE_OK;
    if (!token->field || (token->field->kind != LEDE_KIND_DATE && !token->field->prefix)) {
        (void)lede_query_fail_at(context, LEDE_EINPUT, lexer->offset, "unknown field '%.*s'",
            (int)(size < 80 ? size : lede_utf8_boundary(run, size, 80)), run);
        hint_fields(run, size, context->reterr);
        return lede_query_or_words(context, lexer->offset, size + 1);
    }
    token->kind = QUERY_TOKEN_FIELD;
    token->size = size + 1;
    lexer->dates_next = token->field->kind == LEDE_KIND_DATE;
    *ret_is_field = true;
    return LEDE_OK;
}

static bool is_run(const char *run, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(run, word, size) == 0;
}

static enum query_token_kind run_kind(const char *run, size_t size)
{
    if (is_run(run, size, "AND"))
        return QUERY_TOKEN_AND;
    if (is_run(run, size, "OR"))
        return QUERY_TOKEN_OR;
    return is_run(run, size, "NOT") ? QUERY_TOKEN_NOT : QUERY_TOKEN_TEXT;
}

/* A sign stands directly before its operand. A run of signs is no operator: `--` is a dash, and
 * `--verbose` or `+-x` would otherwise lose its minus silently. */
static enum lede_status lex_sign(
    struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_sign)
{
    const char *at = lexer->text + lexer->offset;
    size_t signs = strspn(at, "+-");
    size_t left = lexer->size - lexer->offset;
    bool alone =
        signs >= left || lede_query_space_size(at + signs, left - signs) > 0 || at[signs] == ')';
    *ret_is_sign = signs == 1 && !alone;
    if (signs > 1 && !alone) {
        (void)lede_query_fail_at(lexer->context, LEDE_EINPUT, lexer->offset + 1,
            "expected a word after '%c', found '%c'", at[0], at[1]);
        lede_error_hint(lexer->context->reterr, "put text that begins with '%c' in quotes", at[0]);
        return lede_query_or_words(lexer->context, lexer->offset, signs);
    }
    if (*ret_is_sign) {
        token->kind = *at == '+' ? QUERY_TOKEN_PLUS : QUERY_TOKEN_MINUS;
        token->size = 1;
    } else {
        token->kind = QUERY_TOKEN_TEXT;
        token->size = end - token->start;
    }
    return LEDE_OK;
}

/* `="exact words"`: the phrase begins behind the sign. */
static enum lede_status lex_exact_phrase(struct query_lexer *lexer, struct query_token *token)
{
    struct query_lexer inside = *lexer;
    struct query_token quoted = {.start = lexer->offset + 1};
    inside.offset = quoted.start;
    enum lede_status st = lex_quoted(&inside, &quoted);
    if (st != LEDE_OK)
        return st;
    token->kind = QUERY_TOKEN_QUOTED;
    token->exact = true;
    token->inner_start = quoted.inner_start;
    token->inner_size = quoted.inner_size;
    token->size = quoted.size + 1;
    return LEDE_OK;
}

/* `oil NOT NEAR/5 price` */
static enum lede_status lex_not_near(
    const struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_operator)
{
    size_t next = end, space = 1;
    while (next < lexer->size && space > 0) {
        space = lede_query_space_size(lexer->text + next, lexer->size - next);
        next += space;
    }
    return lede_query_lex_not_near(lexer, end, run_end(lexer, next), token, ret_is_operator);
}

static enum lede_status lex_run(struct query_lexer *lexer, struct query_token *token)
{
    const char *run = lexer->text + lexer->offset;
    size_t end = run_end(lexer, lexer->offset);
    bool done = false;
    enum lede_status st = LEDE_OK;
    /* With match=any +5 is a word that is required. */
    if (*run == '+' && !lexer->context->options->match_any)
        st = lede_query_lex_foreign(lexer, end, token, &done);
    if (st != LEDE_OK || done)
        return st;
    if (*run == '+' || *run == '-')
        return lex_sign(lexer, end, token, &done);
    if (*run == '=' && end == lexer->offset + 1 && end < lexer->size &&
        lede_query_quote_size(run + 1, lexer->size - end) > 0 &&
        !lede_query_note_at(lexer->context, end))
        return lex_exact_phrase(lexer, token);
    if (*run == '=' && end == lexer->offset + 1 && end < lexer->size && run[1] == '(') {
        (void)lede_query_fail_at(
            lexer->context, LEDE_EINPUT, lexer->offset, "'=' takes one word or a phrase");
        lede_error_hint(lexer->context->reterr, "write =word or =\"exact words\"");
        return lede_query_or_words(lexer->context, lexer->offset, 1);
    }
    if (is_run(run, end - lexer->offset, "NOT"))
        st = lex_not_near(lexer, end, token, &done);
    if (st == LEDE_OK && !done)
        st = lede_query_lex_operator(lexer, end, token, &done);
    if (st == LEDE_OK && !done)
        st = lede_query_lex_foreign(lexer, end, token, &done);
    if (st != LEDE_OK || done)
        return st;
    st = lex_field(lexer, end, token, &done);
    if (st != LEDE_OK || done)
        return st;
    token->size = end - token->start;
    token->kind = run_kind(run, token->size);
    if (token->kind == QUERY_TOKEN_NOT && lexer->context->options->forgiving &&
        lede_query_is_shouted(lexer->text, lexer->size)) {
        (void)lede_query_fail_at(lexer->context, LEDE_EINPUT, token->start,
            "NOT is a word in a text that is all in capitals");
        lede_error_hint(lexer->context->reterr, "to exclude words, write them behind '-'");
        return lede_query_or_words(lexer->context, token->start, token->size);
    }
    return LEDE_OK;
}

/* What is read as words, whatever it looks like: a run, or a phrase whose operators are none. */
static enum lede_status lex_words(struct query_lexer *lexer, struct query_token *token)
{
    enum lede_status st = LEDE_OK;
    size_t left = lexer->size - lexer->offset;
    if (lede_query_quote_size(lexer->text + lexer->offset, left) > 0) {
        st = lex_quoted(lexer, token);
    } else {
        token->kind = QUERY_TOKEN_QUOTED;
        token->inner_start = lexer->offset;
        token->inner_size = token->size = run_end(lexer, lexer->offset) - lexer->offset;
    }
    token->literal = true;
    return st;
}

static enum lede_status lex_token(struct query_lexer *lexer, struct query_token *token)
{
    const char *at = lexer->text + lexer->offset;
    if (lexer->dates_next) {
        lexer->dates_next = false;
        return lex_dates(lexer, token);
    }
    if (lexer->offset == lexer->size) {
        token->kind = QUERY_TOKEN_END;
        return LEDE_OK;
    }
    if (lexer->context->all_words || lede_query_note_at(lexer->context, lexer->offset))
        return lex_words(lexer, token);
    if (lede_query_quote_size(at, lexer->size - lexer->offset) > 0)
        return lex_quoted(lexer, token);
    if (*at == '^') {
        token->kind = QUERY_TOKEN_WEIGHT;
        token->size = run_end(lexer, lexer->offset + 1) - lexer->offset;
        return LEDE_OK;
    }
    if (*at == '|') {
        token->kind = QUERY_TOKEN_OR;
        token->size = strspn(at, "|");
        return LEDE_OK;
    }
    if (*at == '{' && lede_query_is_group(lexer->context, lexer->offset, &token->size)) {
        token->kind = QUERY_TOKEN_GROUP;
        return LEDE_OK;
    }
    if (*at == '(' || *at == ')') {
        token->kind = *at == '(' ? QUERY_TOKEN_OPEN : QUERY_TOKEN_CLOSE;
        token->size = 1;
        return LEDE_OK;
    }
    return lex_run(lexer, token);
}

/* Bytes at the offset that stand between tokens: white space, marks that are read as words, and
 * signs that are glued to what stands before them (`"Spiegel"-Bericht`, `(semi)-final`). */
static size_t gap_size(const struct query_lexer *lexer)
{
    const char *at = lexer->text + lexer->offset;
    size_t left = lexer->size - lexer->offset;
    size_t mark = lede_query_quote_size(at, left);
    if (lexer->dates_next || left == 0)
        return 0;
    if (lexer->context->all_words)
        return mark > 0 ? mark : strchr("()^|", *at) ? 1 : lede_query_space_size(at, left);
    const struct lede_query_note *note = lede_query_note_at(lexer->context, lexer->offset);
    bool is_mark = note && (note->size == mark || strspn(at, "()^+-=~*|") >= note->size);
    if (is_mark)
        return note->size;
    size_t signs = lexer->offset == lexer->behind ? strspn(at, "+-=") : 0;
    return signs > 0 ? signs : lede_query_space_size(at, left);
}

enum lede_status lede_query_lex(struct query_lexer *lexer, struct query_token *ret_token)
{
    for (size_t gap = 1; gap > 0;) {
        gap = gap_size(lexer);
        if (gap > 0 && strchr("()\"", lexer->text[lexer->offset]))
            lexer->behind = lexer->offset + gap;
        lexer->offset += gap;
    }
    struct query_token token = {.start = lexer->offset};
    enum lede_status st = lex_token(lexer, &token);
    if (st != LEDE_OK)
        return st;
    lexer->offset = token.start + token.size;
    if (token.kind == QUERY_TOKEN_QUOTED || token.kind == QUERY_TOKEN_CLOSE)
        lexer->behind = lexer->offset;
    lexer->after_operand = token.kind == QUERY_TOKEN_TEXT || token.kind == QUERY_TOKEN_QUOTED ||
                           token.kind == QUERY_TOKEN_GROUP || token.kind == QUERY_TOKEN_CLOSE ||
                           token.kind == QUERY_TOKEN_WEIGHT;
    *ret_token = token;
    return LEDE_OK;
}
