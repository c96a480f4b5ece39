/* What belongs to the query language but is not available: refused with what works instead, so that nobody
 * takes the results of a plain word for those of a wildcard. */
#include "internal.h"

#include <string.h>

/* `SAME` is an operator only before s or p; "the SAME old story" is three words and an error nobody wants. */
static bool is_same(const struct query_parser *parser, const struct query_token *token)
{
    const char *text = parser->lexer.text;
    size_t at = token->start + token->size;
    size_t size = parser->lexer.size;
    if (token->size != 4 || memcmp(text + token->start, "SAME", 4) != 0)
        return false;
    size_t space = at < size ? lede_query_space_size(text + at, size - at) : 0;
    size_t unit = at + space;
    if (space == 0 || unit >= size || (text[unit] != 's' && text[unit] != 'p'))
        return false;
    return unit + 1 == size || lede_query_space_size(text + unit + 1, size - unit - 1) > 0;
}

static enum lede_status refuse_proximity(const struct query_parser *parser, const struct query_token *token)
{
    const char *run = parser->lexer.text + token->start;
    if (!lede_query_is_operator(run, token->size) && !is_same(parser, token))
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(parser, LEDE_EUNSUPPORTED, token->start,
        "proximity operators are not available, found '%.*s'", (int)(token->size < 40 ? token->size : 40),
        run);
    lede_error_hint(parser->reterr,
        "use a \"phrase\" or AND; to search for the word, write it in lower case or in quotes");
    return st;
}

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (unsigned char)c >= 0x80;
}

static enum lede_status refuse_wildcard(const struct query_parser *parser, const struct query_token *token)
{
    const char *run = parser->lexer.text + token->start;
    for (size_t i = 0; i < token->size; i++) {
        bool at_end = i + 1 == token->size;
        bool beside_word = (i > 0 && is_word_byte(run[i - 1])) || (!at_end && is_word_byte(run[i + 1]));
        bool refused = (run[i] == '*' && !at_end) || (run[i] == '?' && beside_word);
        if (!refused)
            continue;
        enum lede_status st = lede_query_fail_at(parser, LEDE_EUNSUPPORTED, token->start + i,
            "only one '*' at the end of a word is available as a wildcard, found '%c'", run[i]);
        lede_error_hint(parser->reterr, "write the word's beginning and '*'; put punctuation in quotes");
        return st;
    }
    return LEDE_OK;
}

static enum lede_status fail_fuzzy(const struct query_parser *parser, size_t position)
{
    enum lede_status st =
        lede_query_fail_at(parser, LEDE_EUNSUPPORTED, position, "similar words by '~' are not available");
    lede_error_hint(parser->reterr, "write the spellings: zelenski OR zelensky, or a beginning: zelensk*");
    return st;
}

/* `word~`, `word~2`: a tilde behind a word, with nothing but digits behind it. */
static enum lede_status refuse_fuzzy(const struct query_parser *parser, const struct query_token *token)
{
    const char *run = parser->lexer.text + token->start;
    size_t end = token->size;
    while (end > 0 && ((run[end - 1] >= '0' && run[end - 1] <= '9') || run[end - 1] == '.'))
        end--;
    if (end < 2 || run[end - 1] != '~')
        return LEDE_OK;
    return fail_fuzzy(parser, token->start + end - 1);
}

enum lede_status lede_query_refuse_run(const struct query_parser *parser, const struct query_token *token)
{
    const char *run = parser->lexer.text + token->start;
    enum lede_status st = refuse_proximity(parser, token);
    if (st != LEDE_OK)
        return st;
    /* In an address ? and ~ are no operators; a * still is none of an address. */
    bool is_address = memmem(run, token->size, "://", 3) != NULL;
    if (is_address && !memchr(run, '*', token->size))
        return LEDE_OK;
    st = refuse_wildcard(parser, token);
    return st == LEDE_OK ? refuse_fuzzy(parser, token) : st;
}

enum lede_status lede_query_refuse_phrase(const struct query_parser *parser, const struct query_token *token)
{
    const char *inner = parser->lexer.text + token->inner_start;
    const char *star = memchr(inner, '*', token->inner_size);
    if (star) {
        enum lede_status st = lede_query_fail_at(parser, LEDE_EUNSUPPORTED,
            token->inner_start + (size_t)(star - inner), "'*' inside a phrase is not available");
        lede_error_hint(parser->reterr, "leave out the '*', or write the words without quotes: saudi arab*");
        return st;
    }
    return lede_query_refuse_suffix(parser, token->start + token->size);
}

enum lede_status lede_query_refuse_suffix(const struct query_parser *parser, size_t end)
{
    char next = end < parser->lexer.size ? parser->lexer.text[end] : '\0';
    if (next == '~')
        return fail_fuzzy(parser, end);
    if (next != '*')
        return LEDE_OK;
    enum lede_status st =
        lede_query_fail_at(parser, LEDE_EUNSUPPORTED, end, "'*' is available behind a single word only");
    lede_error_hint(parser->reterr, "write '*' directly behind a word's beginning: econ*");
    return st;
}
