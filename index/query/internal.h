/* What the files of this floor share: tokens, the parser's state, and the pieces that build a tree.
 *
 * The grammar, tightest first; stated once, here:
 *
 *   query    = side { OR side }
 *   side     = chain { chain }                side by side: all of them, or with match=any: any of them
 *   chain    = unary { AND unary }
 *   unary    = { NOT } [ "+" | "-" ] primary
 *   primary  = operand [ "^" weight ]
 *   operand  = "(" query ")" | field ":" operand | field ":" dates | word | word "*" | "=" word | phrase |
 * "*"
 *
 * With match=all side by side means AND, so `a b OR c d` is (a AND b) OR (c AND d). With match=any it stands
 * between AND and OR: `a b AND c` is a OR (b AND c); `+x` is required and `-x` excluded among the words
 * beside it. A chain of AND in which any word has a `+` is required as a whole.
 *
 * Canonical trees: NOT is a child of AND only; an AND without a positive child begins with ALL, any other AND
 * has no ALL; AND in AND and OR in OR are merged unless the inner one has a weight; a group of one child is
 * that child, with both weights multiplied; a double NOT is none. */
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
    QUERY_TOKEN_TEXT,   /* a run without white space, as typed: may carry = * and what is not available */
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
    QUERY_TOKEN_WEIGHT, /* `^` and the run behind it */
};

struct query_token {
    enum query_token_kind kind;
    size_t start; /* byte range in the query's text */
    size_t size;
    size_t inner_start; /* QUOTED: between the quotes */
    size_t inner_size;
    const struct lede_field *field; /* FIELD */
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
/* Read one token and move behind it.
 * Status: OK; EINPUT (unbalanced quote, unknown field); EUNSUPPORTED (`="…"`). */
LEDE_CHECKED enum lede_status lede_query_lex(
    struct query_lexer *lexer, struct query_token *ret_token, struct lede_error *reterr);

/* ---- leaf.c, refuse.c, written.c, dates.c ---- */

/* Fill the parser's error with a position. Returns status. */
enum lede_status lede_query_fail_at(const struct query_parser *parser, enum lede_status status,
    size_t position, const char *format, ...) LEDE_PRINTF(4, 5);
/* Does the token hold anything to search for? Punctuation alone does not, and is read as white space. */
bool lede_query_token_is_empty(const struct query_parser *parser, const struct query_token *token);
/* Make a leaf of a TEXT or QUOTED token, in parser->fields.
 * Status: OK; EINPUT; EUNSUPPORTED; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node);
/* A leaf without words. Status: OK; ELIMIT (too many clauses); ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_new(struct query_parser *parser, enum lede_query_kind kind,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make a leaf of the DATES token of a field. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_dates(struct query_parser *parser, const struct lede_field *field,
    const struct query_token *token, struct lede_query_node **ret_node);

/* Refuse what belongs to the language but is not available, so that it is never read as words: proximity,
 * wildcards, fuzzy words. Status: OK; EUNSUPPORTED with position and hint. */
LEDE_CHECKED enum lede_status lede_query_refuse_run(
    const struct query_parser *parser, const struct query_token *token);
/* The same for a phrase. */
LEDE_CHECKED enum lede_status lede_query_refuse_phrase(
    const struct query_parser *parser, const struct query_token *token);
/* The same for `*` and `~` directly behind a phrase or a group that ends at `end`. */
LEDE_CHECKED enum lede_status lede_query_refuse_suffix(const struct query_parser *parser, size_t end);

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

/* Split a text into words as documents are.
 * maximum  stop after so many
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_analyze(struct query_parser *parser, const char *text, size_t size,
    size_t maximum, struct query_words *ret_words);
/* Find how the canonical form writes a leaf, in the arena: folded if that reads back as the same words, as
 * typed otherwise. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_write_leaf(struct query_parser *parser,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    const char **ret_written);

/* ---- build.c ---- */

LEDE_CHECKED enum lede_status lede_query_nodes_add(
    struct query_parser *parser, struct query_nodes *nodes, struct lede_query_node *node);
/* Combine operands; the lists may hold NOT nodes and are not used afterwards. count > 0. The results are
 * canonical. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_and(
    struct query_parser *parser, const struct query_nodes *nodes, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_or(
    struct query_parser *parser, const struct query_nodes *nodes, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_not(
    struct query_parser *parser, struct lede_query_node *child, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_maybe(struct query_parser *parser,
    struct lede_query_node *required, struct lede_query_node *optional, struct lede_query_node **ret_node);
/* A node that may stand anywhere: NOT x becomes AND(ALL, NOT x), everything else stays. Status: OK; ENOMEM.
 */
LEDE_CHECKED enum lede_status lede_query_make_standalone(
    struct query_parser *parser, struct lede_query_node *node, struct lede_query_node **ret_node);
/* Multiply the weight of a node by what a WEIGHT token says. Status: OK; EINPUT (no number in range). */
LEDE_CHECKED enum lede_status lede_query_apply_weight(
    struct query_parser *parser, struct lede_query_node *node, const struct query_token *token);

/* Weights are whole millionths, so that they print and read back exactly. */
#define QUERY_WEIGHT_UNIT 1000000
#define QUERY_WEIGHT_MAX 100

#endif
