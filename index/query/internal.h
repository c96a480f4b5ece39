/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this floor share: tokens, the parser's state, and the pieces that build a tree.
 *
 * The grammar, tightest first; stated once, here:
 *
 *   query    = side { OR side }
 *   side     = chain { chain } side by side: all of them, or with match=any: any of them
 *   chain    = unary { AND unary }
 *   unary    = { NOT } [ "+" | "-" ] near
 *   near     = primary { ( NEAR[/n] | ADJ[/n] | SAME s | SAME p ) primary } from the left
 *   primary  = ( ATLEAST/n | CAPS | LEAD: ) primary | operand [ "^" weight ]
 *   operand  = "(" query ")" | field ":" operand | field ":" dates | LENGTH comparison | word |
 *            pattern |
 *              word "~" [ 1 | 2 ] | "=" word | phrase | "=" phrase | "*"
 *
 * A pattern is a word with `*` (any characters) or `?` (one) in it. A `?` behind a word is
 * punctuation: people type questions. A phrase that holds a pattern, and `="exact words"`, is a
 * chain of ADJ/1. Behind a word's `~` the spelling may differ in one or two letters but the first.
 *
 * What stands near something is a word, a pattern, a phrase, an OR of such, or proximity again:
 * anything else has no place in a text and is refused. CAPS and LEAD: hold for every word of their
 * operand.
 *
 * With match=all side by side means AND, so `a b OR c d` is (a AND b) OR (c AND d). With match=any
 * it stands between AND and OR: `a b AND c` is a OR (b AND c); `+x` is required and `-x` excluded
 * among the words beside it. A chain of AND in which any word has a `+` is required as a whole.
 *
 * Canonical trees: NOT is a child of AND only; an AND without a positive child begins with ALL, any
 * other AND has no ALL; AND in AND and OR in OR are merged unless the inner one has a weight; a
 * group of one child is that child, with both weights multiplied; a double NOT is none. */
#ifndef LEDE_QUERY_INTERNAL_H
#define LEDE_QUERY_INTERNAL_H

#include "lede/buffer.h"
#include "lede/query.h"

struct lede_query {
    struct lede_arena arena;
    const struct lede_query_node *root;
};

enum query_token_kind {
    QUERY_TOKEN_END,
    /* a run without white space, as typed: may carry = * and what is not available */
    QUERY_TOKEN_TEXT,
    QUERY_TOKEN_QUOTED, /* a phrase with its quotes */
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
    bool exact;                     /* QUOTED: a `=` stands before it */
};

struct query_lexer {
    const char *text;
    size_t size;
    size_t offset;
    bool dates_next; /* the token before was a date field */
};

struct query_parser {
    struct query_lexer lexer;
    struct query_token current;
    size_t end; /* of the token consumed last */
    const struct lede_query_options *options;
    struct lede_analyzer *analyzer;
    struct lede_arena *arena;
    struct lede_error *reterr;
    lede_field_set fields; /* of the leaves here */
    bool field_named;
    bool lead; /* within LEAD: */
    bool caps; /* within CAPS */
    unsigned depth;
    size_t clauses;
};

/* A list that grows in the arena. */
struct query_nodes {
    struct lede_query_node **items;
    size_t count;
    size_t capacity;
};

/* ---- lexer.c ---- */

/* Size in bytes of the white space character (Unicode's) at text, 0 if it is none. size > 0. */
size_t lede_query_space_size(const char *text, size_t size);
/* Size in bytes of the quotation mark at text, 0 if it is none. size > 0. */
size_t lede_query_quote_size(const char *text, size_t size);
/* Is the run an operator word of the language (AND OR NOT NEAR/3 …)? */
bool lede_query_is_operator(const char *run, size_t size);
/* Read one token and move behind it. Status: OK; EINPUT (unbalanced quote, unknown field, NEAR/x
 * …). */
LEDE_CHECKED enum lede_status lede_query_lex(
    struct query_lexer *lexer, struct query_token *ret_token, struct lede_error *reterr);

/* ---- lex_operators.c ---- */

/* Is the run at `token` an operator in capitals that begins with a word of its own (NEAR/3, SAME s,
 * LENGTH>5 …)?
 * end  of the run. If it is, the token is filled, its size may reach past the run. Status: OK;
 *      EINPUT. */
LEDE_CHECKED enum lede_status lede_query_lex_operator(const struct query_lexer *lexer, size_t end,
    struct query_token *token, bool *ret_is_operator, struct lede_error *reterr);

/* ---- pattern.c ---- */

/* Is the character at `at` of a run a wildcard, not punctuation? */
bool lede_query_is_wildcard(const char *run, size_t size, size_t at);
bool lede_query_has_wildcard(const char *run, size_t size);
/* Is the run without white space a pattern? An address with a `?` is none. */
bool lede_query_is_pattern(const char *run, size_t size);
/* Does a phrase hold a pattern? */
bool lede_query_holds_pattern(const char *text, size_t size);
/* Bytes of the run before the `~` that makes it fuzzy; `size` if there is none. */
size_t lede_query_fuzzy_size(const char *run, size_t size);
/* Make a WILDCARD leaf of a run, or ALL of `*`. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_wildcard(struct query_parser *parser,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make a FUZZY leaf. Status: as above. */
LEDE_CHECKED enum lede_status lede_query_fuzzy(struct query_parser *parser,
    const struct query_token *token, struct lede_query_node **ret_node);

/* ---- proximity.c ---- */

/* Combine two operands by a PROXIMITY token. Status: OK; EINPUT where they have no meaning near
 * each other; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_proximity(struct query_parser *parser,
    const struct query_token *operation, struct lede_query_node *left,
    struct lede_query_node *right, struct lede_query_node **ret_node);
/* The same for ATLEAST/n. */
LEDE_CHECKED enum lede_status lede_query_make_atleast(struct query_parser *parser,
    const struct query_token *operation, struct lede_query_node *child,
    struct lede_query_node **ret_node);
/* Make a LENGTH leaf. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_length(struct query_parser *parser,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make the chain of ADJACENT/1 of a phrase that holds patterns or is exact. Status: as
 * lede_query_leaf(). */
LEDE_CHECKED enum lede_status lede_query_phrase_chain(struct query_parser *parser,
    const struct query_token *token, struct lede_query_node **ret_node);

/* ---- leaf.c, written.c, dates.c ---- */

/* Fill the parser's error with a position. Returns status. */
enum lede_status lede_query_fail_at(const struct query_parser *parser, enum lede_status status,
    size_t position, const char *format, ...) LEDE_PRINTF(4, 5);
/* Does the token hold anything to search for? Punctuation alone does not, and is read as white
 * space. */
bool lede_query_token_is_empty(const struct query_parser *parser, const struct query_token *token);
/* Make a leaf of a TEXT or QUOTED token, in parser->fields; of some phrases a chain. Status: OK;
 * EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf(struct query_parser *parser,
    const struct query_token *token, struct lede_query_node **ret_node);
/* A leaf without words. Status: OK; ELIMIT (too many clauses); ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_new(struct query_parser *parser,
    enum lede_query_kind kind, const struct query_token *token, struct lede_query_node **ret_node);
/* Make a leaf of the DATES token of a field. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_dates(struct query_parser *parser,
    const struct lede_field *field, const struct query_token *token,
    struct lede_query_node **ret_node);

/* Make a leaf of a run without white space, wildcards and `~` among it. Status: OK; EINPUT; ELIMIT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_run(struct query_parser *parser,
    const struct query_token *token, struct lede_query_node **ret_node);

/* One analyzed word of the query. */
struct query_word {
    const char *word; /* folded; in the arena */
    size_t word_size;
    uint32_t flags;
    bool overlaps; /* it shares a character with the word before: bigrams of one run */
};

struct query_words {
    struct query_word *items;
    size_t count;
    size_t capacity;
    bool lone_character; /* one word, which is one letter of an unspaced script */
};

/* Refuse `~` and `*` directly behind a phrase or a group that ends at `end`: people mean something
 * by them that they do not do.
 * Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_query_check_behind(
    const struct query_parser *parser, size_t end);
/* A leaf of the words; `=`, CAPS and LEAD: are seen to. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_words(struct query_parser *parser,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node);

/* Split a text into words as documents are.
 * maximum  stop after so many
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_analyze(struct query_parser *parser, const char *text,
    size_t size, size_t maximum, struct query_words *ret_words);
/* Find how the canonical form writes a leaf, in the arena: folded if that reads back as the same
 * words, as typed otherwise. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_write_leaf(struct query_parser *parser,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    const char **ret_written);

/* ---- build.c ---- */

LEDE_CHECKED enum lede_status lede_query_nodes_add(
    struct query_parser *parser, struct query_nodes *nodes, struct lede_query_node *node);
/* Combine operands; the lists may hold NOT nodes and are not used afterwards. count > 0. The
 * results are canonical. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_and(struct query_parser *parser,
    const struct query_nodes *nodes, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_or(struct query_parser *parser,
    const struct query_nodes *nodes, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_not(
    struct query_parser *parser, struct lede_query_node *child, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_maybe(struct query_parser *parser,
    struct lede_query_node *required, struct lede_query_node *optional,
    struct lede_query_node **ret_node);
/* A node that may stand anywhere: NOT x becomes AND(ALL, NOT x), everything else stays. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_standalone(
    struct query_parser *parser, struct lede_query_node *node, struct lede_query_node **ret_node);
/* Multiply the weight of a node by what a WEIGHT token says. Status: OK; EINPUT (no number in
 * range). */
LEDE_CHECKED enum lede_status lede_query_apply_weight(
    struct query_parser *parser, struct lede_query_node *node, const struct query_token *token);

/* Weights are whole millionths, so that they print and read back exactly. */
#define QUERY_WEIGHT_UNIT 1000000
#define QUERY_WEIGHT_MAX 100

#endif
