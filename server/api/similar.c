/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /documents/{id}/similar.
 *
 * A word's weight is its frequency in the document, damped, times its inverse document frequency.
 * The query asks for one of the best third and for one of the others: what shares a single word
 * with a document is not like it. */
#include "similar.h"

#include "lede/number.h"
#include "visible.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SIZE 8192  /* a power of two, over LEDE_SIMILAR_TOKENS_MAX */
#define TITLE_COUNTS 3   /* as in the index: an occurrence in the title */
#define DAMPING 4.0      /* occurrences at which a word has half of its weight */
#define NAME_COUNTS 1.1  /* a word with a capital inside a sentence */
#define COMMON_SHARE 5   /* a word of one in so many documents says nothing */
#define DOCUMENTS_MIN 50 /* in smaller archives shares say little */
#define STRONG_SHARE 3   /* one of the best third must be there */
#define ALONE_MAX 5      /* so few words are one group */

struct keyword {
    const char *word; /* folded */
    size_t size;
    const char *stem;
    unsigned count;
    bool is_name;
    unsigned place; /* first token */
    uint32_t documents;
    double weight;
};

struct keywords {
    struct lede_arena *arena;
    struct lede_analyzer *analyzer;
    lede_language language;
    struct keyword *items;
    size_t count;
    uint16_t *table; /* index + 1 of words, by hash of the stem */
    unsigned tokens;
};

static bool is_hidden(const struct lede_document *document, int64_t now_utc_s)
{
    bool is_early = document->embargoed_until_utc_s != LEDE_TIME_NONE &&
                    document->embargoed_until_utc_s > now_utc_s;
    bool is_late =
        document->expires_utc_s != LEDE_TIME_NONE && document->expires_utc_s <= now_utc_s;
    return is_early || is_late || document->status != LEDE_DOCUMENT_USABLE;
}

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
static struct keyword *find_word(struct keywords *keywords, const struct lede_token *token)
{
    size_t slot = lede_hash64(token->term, token->term_size) % TABLE_SIZE;
    while (keywords->table[slot] != 0) {
        struct keyword *word = &keywords->items[keywords->table[slot] - 1];
        if (strcmp(word->stem, token->term) == 0)
            return word;
        slot = (slot + 1) % TABLE_SIZE;
    }
    struct keyword *word = &keywords->items[keywords->count];
    *word =
        (struct keyword){.word = lede_arena_copy(keywords->arena, token->word, token->word_size),
            .size = token->word_size,
            .stem = lede_arena_copy(keywords->arena, token->term, token->term_size),
            .place = keywords->tokens};
    if (!word->word || !word->stem)
        return NULL;
    keywords->table[slot] = (uint16_t)++keywords->count;
    return word;
}

static enum lede_status add_text(struct keywords *keywords, const json_t *value, bool is_title)
{
    struct lede_tokens tokens;
    struct lede_token token;
    const char *text = json_string_value(value);
    if (!text)
        return LEDE_OK;
    lede_tokens_init(&tokens, keywords->analyzer, LEDE_TOKENS_DOCUMENT, keywords->language, text,
        json_string_length(value));
    while (keywords->tokens < LEDE_SIMILAR_TOKENS_MAX && lede_tokens_next(&tokens, &token)) {
        if (token.flags & LEDE_TOKEN_ADDED)
            continue;
        keywords->tokens++;
        if (!may_be_keyword(keywords->language, &token))
            continue;
        struct keyword *word = find_word(keywords, &token);
        if (!word)
            return LEDE_ENOMEM;
        word->count += is_title ? TITLE_COUNTS : 1;
        /* Of a title every word may have one. */
        word->is_name |=
            !is_title && !(token.flags & LEDE_TOKEN_SENTENCE_START) && is_capitalised(text, &token);
    }
    return LEDE_OK;
}

static enum lede_status read_words(struct keywords *keywords, const struct lede_document *document)
{
    keywords->language = document->language;
    keywords->items =
        lede_arena_calloc(keywords->arena, LEDE_SIMILAR_TOKENS_MAX, sizeof(*keywords->items));
    keywords->table = lede_arena_calloc(keywords->arena, TABLE_SIZE, sizeof(*keywords->table));
    if (!keywords->items || !keywords->table)
        return LEDE_ENOMEM;
    enum lede_status st = add_text(keywords, json_object_get(document->json, "title"), true);
    if (st == LEDE_OK)
        st = add_text(keywords, json_object_get(document->json, "summary"), false);
    return st == LEDE_OK ? add_text(keywords, json_object_get(document->json, "body"), false) : st;
}

/* ---- Weights ---- */

static int compare_weights(const void *a, const void *b)
{
    const struct keyword *left = a;
    const struct keyword *right = b;
    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

static int compare_places(const void *a, const void *b)
{
    unsigned left = ((const struct keyword *)a)->place;
    unsigned right = ((const struct keyword *)b)->place;
    return left < right ? -1 : left > right;
}

/* A word of this document alone finds nothing else, one of many documents nothing like it. */
static double weight_of(const struct keyword *word, double archive)
{
    bool is_common = archive >= DOCUMENTS_MIN && word->documents > archive / COMMON_SHARE;
    if (word->documents < 2 || is_common)
        return 0;
    double frequency = word->count / (word->count + DAMPING);
    double rarity = log((archive + 1) / (word->documents + 0.5));
    return frequency * (rarity > 0 ? rarity : 0) * (word->is_name ? NAME_COUNTS : 1);
}

/* The best, by weight; ret_count of them. */
static enum lede_status choose(
    struct keywords *keywords, struct lede_api_worker *worker, struct lede_error *reterr)
{
    double archive = lede_archive_document_count(worker);
    for (size_t i = 0; i < keywords->count; i++) {
        struct keyword *word = &keywords->items[i];
        enum lede_status st =
            lede_archive_stem_documents(worker, word->stem, word->word, &word->documents, reterr);
        if (st != LEDE_OK)
            return st;
        word->weight = weight_of(word, archive);
    }
    qsort(keywords->items, keywords->count, sizeof(*keywords->items), compare_weights);
    if (keywords->count > LEDE_SIMILAR_WORDS_MAX)
        keywords->count = LEDE_SIMILAR_WORDS_MAX;
    while (keywords->count > 0 && keywords->items[keywords->count - 1].weight <= 0)
        keywords->count--;
    return LEDE_OK;
}

/* ---- The query ---- */

/* Any of the words, each counting as much as it says more than the least of all. */
static void write_group(
    const struct keyword *words, size_t count, double least, struct lede_buffer *out)
{
    lede_buffer_append_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        long tenths = lround(10 * sqrt(words[i].weight / least));
        lede_buffer_append_format(out, "%s\"%s\"", i > 0 ? " OR " : "", words[i].word);
        if (tenths > 10)
            lede_buffer_append_format(out, "^%ld.%ld", tenths / 10, tenths % 10);
    }
    lede_buffer_append_char(out, ')');
}

static void write_words(struct keywords *keywords, struct lede_buffer *out)
{
    size_t strong = keywords->count > ALONE_MAX ? keywords->count / STRONG_SHARE : keywords->count;
    double least = keywords->items[keywords->count - 1].weight;
    qsort(keywords->items, strong, sizeof(*keywords->items), compare_places);
    write_group(keywords->items, strong, least, out);
    if (strong == keywords->count)
        return;
    qsort(keywords->items + strong, keywords->count - strong, sizeof(*keywords->items),
        compare_places);
    lede_buffer_append_string(out, " AND ");
    write_group(keywords->items + strong, keywords->count - strong, least, out);
}

/* `q` is parsed by itself first, so that an error has its position in it. */
static enum lede_status write_restriction(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_buffer *out, struct lede_error *reterr)
{
    struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    if (run->search.q_size == 0)
        return LEDE_OK;
    struct lede_query_options options = lede_search_run_options(worker, run);
    enum lede_status st = lede_query_parse(
        run->search.q, run->search.q_size, &options, worker->analyzer, &query, reterr);
    if (st == LEDE_OK && lede_query_print(query, &text) != LEDE_OK)
        st = lede_fail_memory(reterr);
    lede_query_free(query);
    if (st == LEDE_OK)
        lede_buffer_append_format(out, "(%s) AND ", text);
    return st;
}

/* The document as it is shown now. Status: OK; ENOTFOUND … */
static enum lede_status fetch(struct lede_api_worker *worker, const struct lede_search_run *run,
    struct lede_document **ret_document, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    unsigned char digest[16];
    enum lede_status st =
        lede_visible_get(worker, run->similar_to, strlen(run->similar_to), &stored, digest, reterr);
    if (st == LEDE_OK)
        st = lede_document_from_stored(stored.data, stored.size, ret_document, reterr);
    if (st == LEDE_OK && is_hidden(*ret_document, lede_time_now_utc_s())) {
        lede_document_free(*ret_document);
        *ret_document = NULL;
        st = lede_fail(reterr, LEDE_ENOTFOUND, "no document '%s'", run->similar_to);
    }
    return st;
}

enum lede_status lede_similar_write(struct lede_api_worker *worker, struct lede_search_run *run,
    struct lede_buffer *ret_text, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct keywords keywords = {.arena = &arena, .analyzer = worker->analyzer};
    enum lede_status st = fetch(worker, run, &document, reterr);
    if (st == LEDE_OK && read_words(&keywords, document) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = choose(&keywords, worker, reterr);
    if (st == LEDE_OK && keywords.count > 0)
        st = write_restriction(worker, run, ret_text, reterr);
    if (st == LEDE_OK && keywords.count > 0)
        write_words(&keywords, ret_text);
    if (st == LEDE_OK && lede_buffer_status(ret_text) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st;
}
