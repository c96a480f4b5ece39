/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each spelling that a document has gets votes. One inside a sentence outvotes all that begin one
 * or stand in a title: those have capitals that are not the word's. What stands in capitals in a
 * title says least. */
#include "written_word.h"

#include "lede/encoding.h"
#include "lede/stored.h"
#include "lede/time.h"
#include "visible.h"

#include <stdlib.h>
#include <string.h>

#define SPELLINGS_MAX 8           /* told apart */
#define PLACES_MAX 4              /* of one document that vote */
#define BYTES_LOOKED_AT_MAX 65536 /* of one text */
#define DOCUMENTS_MIN 2           /* one may write it as nobody else does */
#define ENOUGH_INSIDE 2           /* where nobody says otherwise */
#define VOTES_INSIDE 1000         /* against one at the beginning of a sentence and in a title */

struct spelling {
    const char *text; /* of a document */
    size_t size;
    unsigned votes;
};

struct election {
    struct lede_api_worker *worker;
    const char *word; /* folded */
    size_t size;
    struct spelling spellings[SPELLINGS_MAX];
    size_t count;
};

/* Is it one word wherever it stands in a query? (`OR` is none, nor is what a query cuts.) */
static bool reads_back(struct lede_api_worker *worker, const char *text, size_t size)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer between = {0};
    const struct lede_query_options options = {0};
    lede_buffer_append_string(&between, "a ");
    lede_buffer_append(&between, text, size);
    lede_buffer_append_string(&between, " b");
    if (between.failed || lede_query_parse(between.data, between.size, &options, worker->analyzer,
                              &query, NULL) != LEDE_OK)
        return false;
    const struct lede_query_node *root = lede_query_root(query);
    return root->kind == LEDE_QUERY_AND && root->child_count == 3 &&
           root->children[1]->kind == LEDE_QUERY_WORD;
}

static void vote(struct election *election, const char *text, size_t size, unsigned votes)
{
    size_t i = 0;
    while (i < election->count && (election->spellings[i].size != size ||
                                      memcmp(election->spellings[i].text, text, size) != 0))
        i++;
    if (i == election->count) {
        if (i == SPELLINGS_MAX || size > LEDE_WRITTEN_WORD_BYTES_MAX ||
            !reads_back(election->worker, text, size))
            return;
        election->spellings[election->count++] = (struct spelling){.text = text, .size = size};
    }
    election->spellings[i].votes += votes;
}

static void read_text(struct election *election, const struct lede_slice *text,
    lede_language language, bool is_title, unsigned *places)
{
    struct lede_tokens tokens;
    struct lede_token token;
    size_t size = text->size < BYTES_LOOKED_AT_MAX
                      ? text->size
                      : lede_utf8_boundary(text->text, text->size, BYTES_LOOKED_AT_MAX);
    lede_tokens_init(
        &tokens, election->worker->analyzer, LEDE_TOKENS_DOCUMENT, language, text->text, size);
    tokens.words_only = true;
    while (*places < PLACES_MAX && lede_tokens_next(&tokens, &token)) {
        if (token.word_size != election->size ||
            memcmp(token.word, election->word, election->size) != 0)
            continue;
        bool is_inside = !is_title && !(token.flags & LEDE_TOKEN_SENTENCE_START);
        bool is_nothing = is_title && (token.flags & LEDE_TOKEN_UPPERCASE);
        vote(
            election, text->text + token.start, token.size, is_inside ? VOTES_INSIDE : !is_nothing);
        ++*places;
    }
}

static void read_document(struct election *election, const struct lede_stored *stored)
{
    static const enum lede_field_id fields[] = {
        LEDE_FIELD_BODY, LEDE_FIELD_SUMMARY, LEDE_FIELD_TITLE};
    unsigned places = 0;
    for (size_t i = 0; i < LEDE_COUNT_OF(fields); i++) {
        const struct lede_stored_field *field = lede_stored_texts(stored, fields[i]);
        for (size_t k = 0; field && k < field->count; k++)
            read_text(election, &field->texts[k], stored->language, fields[i] == LEDE_FIELD_TITLE,
                &places);
    }
}

/* The first of those that have most votes; NULL: there is none. */
static const struct spelling *winner(const struct election *election)
{
    const struct spelling *best = NULL;
    for (size_t i = 0; i < election->count; i++) {
        if (!best || election->spellings[i].votes > best->votes)
            best = &election->spellings[i];
    }
    return best;
}

static bool is_decided(const struct election *election)
{
    const struct spelling *best = winner(election);
    for (size_t i = 0; i < election->count; i++) {
        if (&election->spellings[i] != best && election->spellings[i].votes >= VOTES_INSIDE)
            return false;
    }
    return best && best->votes >= ENOUGH_INSIDE * VOTES_INSIDE;
}

/* What stands in titles in capitals alone is written small. */
static enum lede_status count_votes(const struct election *election,
    struct lede_written_word *ret_written, struct lede_error *reterr)
{
    const struct spelling *best = winner(election);
    char *small = NULL;
    size_t size = best ? best->size : 0;
    if (!best)
        return LEDE_OK;
    if (best->votes == 0) {
        enum lede_status st = lede_fold_case(best->text, best->size, &small, &size, reterr);
        if (st != LEDE_OK)
            return st;
    }
    if (size <= sizeof(ret_written->text)) {
        memcpy(ret_written->text, small ? small : best->text, size);
        ret_written->size = (uint32_t)size;
    }
    free(small);
    return LEDE_OK;
}

static enum lede_status read_documents(struct lede_api_worker *worker, const char *word,
    size_t size, int64_t now_utc_s, struct lede_written_word *ret_written,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_stored_text texts[LEDE_WRITTEN_WORD_DOCUMENTS];
    struct lede_stored *documents[LEDE_WRITTEN_WORD_DOCUMENTS] = {0};
    struct election election = {.worker = worker, .word = word, .size = size};
    size_t count = 0;
    enum lede_status st = lede_visible_word_texts(
        worker, word, size, now_utc_s, LEDE_WRITTEN_WORD_DOCUMENTS, &arena, texts, &count, reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        if (i >= DOCUMENTS_MIN && is_decided(&election))
            break;
        st = lede_stored_read(texts[i].text, texts[i].size, &documents[i], reterr);
        if (st == LEDE_OK)
            read_document(&election, documents[i]);
    }
    if (st == LEDE_OK)
        st = count_votes(&election, ret_written, reterr);
    for (size_t i = 0; i < LEDE_COUNT_OF(documents); i++)
        free(documents[i]);
    return st;
}

/* ---- What was found before ---- */

struct kept_word {
    struct lede_cached cached; /* first */
    size_t key_size;
    size_t size;
    char
        key[]; /* the lexicon's revision, the word, NUL, the caller's filter; the word as written */
};

static void free_kept(struct lede_cached *cached)
{
    free(cached);
}

static enum lede_status write_key(const struct lede_api_worker *worker, uint64_t lexicon_revision,
    const char *word, size_t size, struct lede_buffer *out, struct lede_error *reterr)
{
    lede_buffer_append(out, &lexicon_revision, sizeof(lexicon_revision));
    lede_buffer_append(out, word, size);
    lede_buffer_append_char(out, '\0');
    if (worker->filters)
        lede_buffer_append_string(out, worker->filters);
    return out->failed ? lede_fail_memory(reterr) : LEDE_OK;
}

/* Without memory it is found anew the next time. */
static void keep(struct lede_cache *cache, const struct lede_buffer *key,
    const struct lede_written_word *written)
{
    size_t bytes = sizeof(struct kept_word) + key->size + written->size;
    struct kept_word *kept = calloc(1, bytes);
    if (!kept)
        return;
    kept->key_size = key->size;
    kept->size = written->size;
    memcpy(kept->key, key->data, key->size);
    memcpy(kept->key + key->size, written->text, written->size);
    kept->cached = (struct lede_cached){
        .key = kept->key, .key_size = key->size, .bytes = bytes, .free = free_kept};
    lede_cache_add(cache, &kept->cached);
    lede_cache_release(cache, &kept->cached);
}

static bool recall(
    struct lede_cache *cache, const struct lede_buffer *key, struct lede_written_word *ret_written)
{
    struct lede_cached *cached = lede_cache_find(cache, key->data, key->size);
    const struct kept_word *kept = (const struct kept_word *)cached;
    if (!kept)
        return false;
    memcpy(ret_written->text, kept->key + kept->key_size, kept->size);
    ret_written->size = (uint32_t)kept->size;
    lede_cache_release(cache, cached);
    return true;
}

enum lede_status lede_written_word_find(struct lede_api_worker *worker, uint64_t lexicon_revision,
    const char *word, size_t size, int64_t now_utc_s, uint64_t deadline_monotonic_ns,
    struct lede_written_word *ret_written, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    struct lede_cache *cache = worker->api->written_words;
    struct lede_written_word written = {.size = (uint32_t)size};
    memcpy(written.text, word, size);
    enum lede_status st = write_key(worker, lexicon_revision, word, size, &key, reterr);
    if (st != LEDE_OK)
        return st;
    if (!recall(cache, &key, &written) && lede_time_monotonic_ns() < deadline_monotonic_ns) {
        st = read_documents(worker, word, size, now_utc_s, &written, reterr);
        if (st == LEDE_OK)
            keep(cache, &key, &written);
    }
    if (st == LEDE_OK)
        *ret_written = written;
    return st;
}
