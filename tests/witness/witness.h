/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A witness: which documents satisfy a tree, worked out by trying everything, from the definitions
 * in lede/query.h and lede/spans.h.
 *
 * It is slow and plain on purpose and shares no code with the engine, the highlighter or the spans:
 * patterns, distances and spans are its own. It never looks at a query's terms: what is a form of
 * what, it asks of each text. What a document's words are, their sentences and
 * paragraphs, it is told. */
#ifndef LEDE_TESTS_WITNESS_H
#define LEDE_TESTS_WITNESS_H

#include "lede/query.h"
#include "lede/schema.h"

#define WITNESS_TOKENS_MAX 160 /* of one text */

struct witness_token {
    const char *word;    /* folded */
    const char *written; /* the same with its accents */
    uint32_t sentence;
    uint32_t paragraph;
    bool caps;     /* written in capitals alone */
    bool unspaced; /* of a script without spaces */
    bool gone;     /* satisfies nothing any more, but keeps its place */
    size_t start;  /* bytes in the field's text */
    size_t end;
    const struct witness_token *added; /* one more word at this place; NULL: there is none */
};

/* A field's text, or one item of a list field. */
struct witness_text {
    enum lede_field_id field;
    const struct witness_token *tokens;
    /* The same before words of it were taken away, where NOT NEAR looks for what it excludes; NULL:
     * none were */
    const struct witness_token *whole;
    size_t count;
    /* Are two folded words forms of one in the text's own language? */
    bool (*share_stem)(const void *tongue, const char *a, const char *b);
    const void *tongue;
};

struct witness_document {
    const struct witness_text *texts;
    size_t text_count;
    int64_t published_utc_s;
    int64_t updated_utc_s; /* LEDE_TIME_NONE: has none */
};

/* Does the document satisfy the tree? What stands under NOT is asked of `excluded`: the same
 * document, or as it was before words of it were taken away. */
bool witness_matches(const struct lede_query_node *node, const struct witness_document *document,
    const struct witness_document *excluded);

/* Which bytes of a document that matches show why it does? Those of each occurrence of a leaf by
 * which the tree is satisfied: of OR and MAYBE only in branches that are satisfied themselves, of
 * proximity and ATLEAST only what takes part in one of its spans, under NOT none. A phrase's bytes
 * go from where its first word begins to where its last one ends, of several words at a place the
 * farthest; of a bigram that a shorter prefix matches, only the prefix
 * counts.
 * shown  of each field (LEDE_FIELD_COUNT), a byte for each byte of its text; those that show are
 *        set to 1 */
void witness_shows(const struct lede_query_node *root, const struct witness_document *document,
    unsigned char *const shown[]);

#endif
