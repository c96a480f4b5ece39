/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keywords.h"

#include "lede/number.h"
#include "visible.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SIZE 8192  /* a power of two, over LEDE_KEYWORD_TOKENS_MAX */
#define TITLE_COUNTS 3   /* as in the index: an occurrence in the title */
#define DAMPING 4.0      /* occurrences at which a word has half of its weight */
#define NAME_COUNTS 1.1  /* a word with a capital inside a sentence */
#define COMMON_SHARE 5   /* a word of one in so many documents says nothing */
#define DOCUMENTS_MIN 50 /* in smaller archives shares say little */

/* ---- Words ---- */

static bool has_letter(const struct lede_token *token)
{
    for (uint32_t i = 0; i < token->word_size; i++) {
        unsigned char c = (unsigned char)token->word[i];
        if (c >= 0x80 || isalpha(c))
            return true;
    }
    return false;
}

static bool may_be_keyword(lede_language language, const struct lede_token *token)
{
    bool is_short =
        token->word_size < 3 && !(token->flags & (LEDE_TOKEN_NGRAM | LEDE_TOKEN_UPPERCASE));
    /* A word that was cut ends in a hash that a query cannot write. */
    bool is_cut = memchr(token->word, '#', token->word_size) != NULL;
    return !is_short && !is_cut && has_letter(token) &&
           !lede_word_is_function_in(language, token->word, token->word_size);
}

/* Folding took a capital away. */
static bool is_capitalised(const char *text, const struct lede_token *token)
{
    return token->size > 0 && text[token->start] != token->word[0] &&
           !(token->flags & LEDE_TOKEN_NGRAM);
}

/* The stem's row; NULL without memory. */
static struct lede_keyword *find_word(
    struct lede_keywords *keywords, const struct lede_token *token)
{
    size_t slot = lede_hash64(token->term, token->term_size) % TABLE_SIZE;
    while (keywords->table[slot] != 0) {
        struct lede_keyword *word = &keywords->items[keywords->table[slot] - 1];
        if (strcmp(word->stem, token->term) == 0)
            return word;
        slot = (slot + 1) % TABLE_SIZE;
    }
    struct lede_keyword *word = &keywords->items[keywords->count];
    *word = (struct lede_keyword){
        .word = lede_arena_copy(keywords->arena, token->word, token->word_size),
        .size = token->word_size,
        .stem = lede_arena_copy(keywords->arena, token->term, token->term_size),
        .place = keywords->tokens};
    if (!word->word || !word->stem)
        return NULL;
    keywords->table[slot] = (uint16_t)++keywords->count;
    return word;
}

static enum lede_status add_text(struct lede_keywords *keywords, const json_t *value, bool is_title)
{
    struct lede_tokens tokens;
    struct lede_token token;
    const char *text = json_string_value(value);
    if (!text)
        return LEDE_OK;
    lede_tokens_init(&tokens, keywords->analyzer, LEDE_TOKENS_DOCUMENT, keywords->language, text,
        json_string_length(value));
    while (keywords->tokens < keywords->tokens_end && lede_tokens_next(&tokens, &token)) {
        if (token.flags & LEDE_TOKEN_ADDED)
            continue;
        keywords->tokens++;
        if (!may_be_keyword(keywords->language, &token))
            continue;
        struct lede_keyword *word = find_word(keywords, &token);
        if (!word)
            return LEDE_ENOMEM;
        word->count += is_title ? TITLE_COUNTS : 1;
        /* Of a title every word may have one. */
        word->is_name |=
            !is_title && !(token.flags & LEDE_TOKEN_SENTENCE_START) && is_capitalised(text, &token);
    }
    return LEDE_OK;
}

static enum lede_status add_texts(struct lede_keywords *keywords, const json_t *json)
{
    enum lede_status st = add_text(keywords, json_object_get(json, "title"), true);
    if (st == LEDE_OK)
        st = add_text(keywords, json_object_get(json, "summary"), false);
    return st == LEDE_OK ? add_text(keywords, json_object_get(json, "body"), false) : st;
}

enum lede_status lede_keywords_add(struct lede_keywords *keywords,
    const struct lede_document *document, double share, unsigned tokens_max)
{
    if (!keywords->items)
        keywords->items =
            lede_arena_calloc(keywords->arena, LEDE_KEYWORD_TOKENS_MAX, sizeof(*keywords->items));
    if (!keywords->table)
        keywords->table = lede_arena_calloc(keywords->arena, TABLE_SIZE, sizeof(*keywords->table));
    if (!keywords->items || !keywords->table)
        return LEDE_ENOMEM;
    unsigned rest = LEDE_KEYWORD_TOKENS_MAX - keywords->tokens;
    keywords->language = document->language;
    keywords->tokens_end = keywords->tokens + (tokens_max < rest ? tokens_max : rest);
    enum lede_status st = add_texts(keywords, document->json);
    for (size_t i = 0; i < keywords->count; i++) {
        struct lede_keyword *word = &keywords->items[i];
        word->frequency += share * word->count / (word->count + DAMPING);
        word->count = 0;
    }
    return st;
}

/* ---- Weights ---- */

static int compare_weights(const void *a, const void *b)
{
    const struct lede_keyword *left = a;
    const struct lede_keyword *right = b;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* A word of this document alone finds nothing else, one of many documents nothing like it. */
static double weight_of(const struct lede_keyword *word, double archive)
{
    bool is_common = archive >= DOCUMENTS_MIN && word->documents > archive / COMMON_SHARE;
    if (word->documents < 2 || is_common)
        return 0;
    double rarity = log((archive + 1) / (word->documents + 0.5));
    return word->frequency * (rarity > 0 ? rarity : 0) * (word->is_name ? NAME_COUNTS : 1);
}

int lede_keyword_compare_places(const void *a, const void *b)
{
    unsigned left = ((const struct lede_keyword *)a)->place;
    unsigned right = ((const struct lede_keyword *)b)->place;
    return left < right ? -1 : left > right;
}

/* Of equally frequent words longer ones are rarer in the archive, mostly. */
static int compare_frequencies(const void *a, const void *b)
{
    const struct lede_keyword *left = a;
    const struct lede_keyword *right = b;
    if (left->frequency != right->frequency)
        return left->frequency > right->frequency ? -1 : 1;
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return lede_keyword_compare_places(a, b);
}

enum lede_status lede_keywords_choose(struct lede_keywords *keywords,
    struct lede_api_worker *worker, size_t most, struct lede_error *reterr)
{
    double archive = lede_archive_document_count(worker);
    if (keywords->count == 0)
        return LEDE_OK;
    qsort(keywords->items, keywords->count, sizeof(*keywords->items), compare_frequencies);
    if (keywords->count > LEDE_KEYWORDS_WEIGHED_MAX)
        keywords->count = LEDE_KEYWORDS_WEIGHED_MAX;
    for (size_t i = 0; i < keywords->count; i++) {
        struct lede_keyword *word = &keywords->items[i];
        enum lede_status st =
            lede_archive_stem_documents(worker, word->stem, word->word, &word->documents, reterr);
        if (st != LEDE_OK)
            return st;
        word->weight = weight_of(word, archive);
    }
    qsort(keywords->items, keywords->count, sizeof(*keywords->items), compare_weights);
    if (keywords->count > most)
        keywords->count = most;
    while (keywords->count > 0 && keywords->items[keywords->count - 1].weight <= 0)
        keywords->count--;
    return LEDE_OK;
}
