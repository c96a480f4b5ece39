/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a query's text is made of. */
#ifndef LEDE_QUERY_TOKEN_H
#define LEDE_QUERY_TOKEN_H

#include "context.h"

enum query_token_kind {
    QUERY_TOKEN_END,
    /* a run without white space, as typed: may carry = * and what is not available */
    QUERY_TOKEN_TEXT,
    QUERY_TOKEN_QUOTED, /* a phrase with its quotes, or what is read as words */
    QUERY_TOKEN_GROUP,  /* spellings of one word: `{kyiv, kiev}` */
    QUERY_TOKEN_FIELD,  /* `name:` */
    QUERY_TOKEN_DATES,  /* what follows the colon of a date field; may be empty */
    QUERY_TOKEN_OPEN,
    QUERY_TOKEN_CLOSE,
    QUERY_TOKEN_AND,
    QUERY_TOKEN_OR,
    QUERY_TOKEN_NOT,
    QUERY_TOKEN_PLUS, /* directly before an operand */
    QUERY_TOKEN_MINUS,
    QUERY_TOKEN_WEIGHT,    /* `^` and the run behind it */
    QUERY_TOKEN_PROXIMITY, /* NEAR/n, ADJ/n, SAME s, SAME p: operation and number */
    QUERY_TOKEN_ATLEAST,   /* number */
    QUERY_TOKEN_CAPS,
    QUERY_TOKEN_LEAD,
    QUERY_TOKEN_LENGTH, /* inner: what stands behind LENGTH */
};

struct query_token {
    enum query_token_kind kind;
    size_t start; /* byte range in the query's text */
    size_t size;
    size_t inner_start; /* QUOTED: between the quotes */
    size_t inner_size;
    const struct lede_field *field; /* FIELD */
    enum lede_query_kind operation; /* PROXIMITY */
    uint32_t number;                /* PROXIMITY, ATLEAST */
    bool is_bare;                   /* PROXIMITY: without a number, it may be a word */
    bool exact;                     /* QUOTED: a `=` stands before it */
    bool literal;                   /* QUOTED: read as words, whatever stands in it */
};

struct query_lexer {
    struct query_context *context;
    const char *text;
    size_t size;
    size_t offset;
    size_t behind;      /* where the closing quote or bracket read last ends; SIZE_MAX */
    bool dates_next;    /* the token before was a date field */
    bool after_operand; /* the token before ends an operand */
};

/* Size in bytes of the white space character (Unicode's) at text, 0 if it is none. size > 0. */
size_t lede_query_space_size(const char *text, size_t size);
/* Is there white space alone? */
bool lede_query_is_blank(const char *text, size_t size);
/* Size in bytes of the quotation mark at text, 0 if it is none. size > 0. */
size_t lede_query_quote_size(const char *text, size_t size);
/* Is the quotation mark at `offset` a part of a Hebrew word (צה"ל)? */
bool lede_query_is_inner_quote(const char *text, size_t size, size_t offset);
/* Quotation marks of one family close each other, so that curly quotes may stand inside a straight
 * pair. */
enum query_quote_family {
    QUERY_QUOTE_STRAIGHT,
    QUERY_QUOTE_CURLY,
    QUERY_QUOTE_GUILLEMET,
    QUERY_QUOTE_ANY,
};
/* The same, and its family. */
size_t lede_query_quote_at(const char *text, size_t size, enum query_quote_family *ret_family);
/* Is it prose in capitals, with no sign of the language but words that may be its operators: three
 * words side by side, at least once? */
bool lede_query_is_shouted(const char *text, size_t size);
/* Is the run an operator word of the language (AND OR NOT NEAR/3 …)? */
bool lede_query_is_operator(const char *run, size_t size);
/* How an operator of proximity is written, without its number: "NEAR", "SAME s". Static. */
const char *lede_query_operator_name(enum lede_query_kind kind);
/* Read one token and move behind it. Status: OK; EINPUT (unbalanced quote, unknown field, NEAR/x
 * …). */
LEDE_CHECKED enum lede_status lede_query_lex(
    struct query_lexer *lexer, struct query_token *ret_token);

/* The same of the spellings of other archives' languages (W/5, +3, near5, atleast5). */
bool lede_query_is_foreign(const char *run, size_t size);
/* Is the run at `token`, which ends at `end`, one of them? As lede_query_lex_operator(). */
LEDE_CHECKED enum lede_status lede_query_lex_foreign(
    const struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_operator);

/* Are there spellings of one word in braces at `start`? `{eu, european union}`: two or more between
 * commas, or one word; each may have its language before it, `en: labor`. What else stands in
 * braces is text. ret_size: with the braces. */
bool lede_query_is_group(const struct query_context *context, size_t start, size_t *ret_size);

/* Has a spelling a word, and nothing that is an operator somewhere? ret_has_blank: set where there
 * is one within it. */
bool lede_query_is_spelling(
    struct lede_analyzer *analyzer, const char *text, size_t size, bool *ret_has_blank);
/* The language that a spelling of a group begins with; und: none. Returns where the spelling itself
 * begins in at..end. */
size_t lede_query_group_language(
    const char *text, size_t at, size_t end, lede_language *ret_language);

/* Is the run at `token` an operator in capitals that begins with a word of its own (NEAR/3, SAME s,
 * LENGTH>5 …)?
 * end  of the run. If it is, the token is filled, its size may reach past the run. Status: OK;
 *      EINPUT. */
LEDE_CHECKED enum lede_status lede_query_lex_operator(
    const struct query_lexer *lexer, size_t end, struct query_token *token, bool *ret_is_operator);
/* Is `NOT`, which ends at `end`, one with NEAR/5, SAME s or their like, which end at `next_end`? */
LEDE_CHECKED enum lede_status lede_query_lex_not_near(const struct query_lexer *lexer, size_t end,
    size_t next_end, struct query_token *token, bool *ret_is_operator);

#endif
