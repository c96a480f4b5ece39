/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See reading.h. */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#include "lede/time.h"

#define TEXTS_MAX 64

struct reader {
    struct reading *reading;
    struct lede_analyzer *analyzer;
    struct witness_text texts[TEXTS_MAX];
    size_t count;
};

static void take_token(
    struct reader *reader, const struct lede_token *token, size_t base, struct witness_token *taken)
{
    struct lede_arena *arena = &reader->reading->arena;
    taken->word = lede_arena_copy(arena, token->word, token->word_size);
    taken->written = lede_arena_copy(arena, token->written, token->written_size);
    taken->caps = token->flags & LEDE_TOKEN_UPPERCASE;
    taken->unspaced = token->flags & LEDE_TOKEN_NGRAM;
    taken->start = base + token->start;
    taken->end = base + token->start + token->size;
}

/* One more word at the place of another. */
static void add_token(
    struct reader *reader, const struct lede_token *token, size_t base, struct witness_token *place)
{
    struct witness_token *added = lede_arena_calloc(&reader->reading->arena, 1, sizeof(*added));
    assert_non_null(added);
    take_token(reader, token, base, added);
    added->sentence = place->sentence;
    added->paragraph = place->paragraph;
    added->added = place->added;
    place->added = added;
}

/* By what is behind the tag: that terms have the right one is not presumed. */
static bool share_stem(const void *tongue, const char *a, const char *b)
{
    const struct reading *reading = tongue;
    char one[LEDE_TERM_SIZE_MAX + 1], other[LEDE_TERM_SIZE_MAX + 1];
    lede_stem(reading->analyzer, reading->document->language, a, strlen(a), one);
    lede_stem(reading->analyzer, reading->document->language, b, strlen(b), other);
    return strcmp(lede_term_stem(one), lede_term_stem(other)) == 0;
}

/* One field or item that begins at byte `base` of the field's text. */
static void read_text(
    struct reader *reader, enum lede_field_id field, const char *text, size_t size, size_t base)
{
    struct witness_token *tokens =
        lede_arena_calloc(&reader->reading->arena, WITNESS_TOKENS_MAX, sizeof(*tokens));
    struct lede_tokens walk;
    struct lede_token token;
    size_t count = 0;
    uint32_t sentence = 0, paragraph = 0;
    lede_tokens_init(&walk, reader->analyzer, LEDE_TOKENS_DOCUMENT,
        reader->reading->document->language, text, size);
    while (lede_tokens_next(&walk, &token)) {
        assert_true(tokens && count < WITNESS_TOKENS_MAX);
        if (token.flags & LEDE_TOKEN_ADDED) {
            assert_true(count > 0);
            add_token(reader, &token, base, &tokens[count - 1]);
            continue;
        }
        sentence += count > 0 && (token.flags & LEDE_TOKEN_SENTENCE_START);
        paragraph += count > 0 && (token.flags & LEDE_TOKEN_PARAGRAPH_START);
        tokens[count].sentence = sentence;
        tokens[count].paragraph = paragraph;
        take_token(reader, &token, base, &tokens[count++]);
    }
    assert_true(reader->count < TEXTS_MAX);
    reader->texts[reader->count++] =
        (struct witness_text){field, tokens, NULL, count, share_stem, reader->reading};
}

static void read_field(struct reader *reader, const struct lede_field *field)
{
    const json_t *value = json_object_get(reader->reading->document->json, field->key);
    size_t base = 0;
    if (json_is_string(value))
        read_text(reader, field->id, json_string_value(value), json_string_length(value), 0);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        read_text(reader, field->id, json_string_value(item), json_string_length(item), base);
        base += json_string_length(item) + 1; /* the separator */
    }
}

void reading_init(
    struct reading *reading, const char *json, int64_t now_utc_s, struct lede_analyzer *analyzer)
{
    struct lede_document_context context = {.now_utc_s = now_utc_s};
    struct reader reader = {.reading = reading, .analyzer = analyzer};
    memset(reading, 0, sizeof(*reading));
    reading->analyzer = analyzer;
    assert_int_equal(
        lede_document_parse(json, strlen(json), &context, &reading->document, NULL), LEDE_OK);
    assert_int_equal(
        lede_match_subject_init(reading->document, &reading->arena, &reading->subject), LEDE_OK);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++)
        if (lede_field_at((enum lede_field_id)id)->prefix)
            read_field(&reader, lede_field_at((enum lede_field_id)id));
    struct witness_text *texts =
        lede_arena_calloc(&reading->arena, reader.count + 1, sizeof(*texts));
    assert_non_null(texts);
    memcpy(texts, reader.texts, reader.count * sizeof(*texts));
    reading->witness = (struct witness_document){
        texts, reader.count, reading->document->published_utc_s, reading->document->updated_utc_s};
}

void reading_done(struct reading *reading)
{
    lede_document_free(reading->document);
    lede_arena_done(&reading->arena);
    memset(reading, 0, sizeof(*reading));
}

bool reading_is_visible(const struct reading *reading, int64_t now_utc_s)
{
    const struct lede_document *document = reading->document;
    if (document->status != LEDE_DOCUMENT_USABLE)
        return false;
    if (document->embargoed_until_utc_s != LEDE_TIME_NONE &&
        document->embargoed_until_utc_s > now_utc_s)
        return false;
    return document->expires_utc_s == LEDE_TIME_NONE || document->expires_utc_s > now_utc_s;
}

size_t reading_values(
    const struct reading *reading, const struct lede_field *field, const char *ret_values[64])
{
    const json_t *value = json_object_get(reading->document->json, field->key);
    size_t count = 0;
    if (json_is_string(value))
        ret_values[count++] = json_string_value(value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *item = json_string_value(json_array_get(value, i));
        bool known = false;
        for (size_t k = 0; k < count; k++)
            known = known || strcmp(ret_values[k], item) == 0;
        if (!known)
            ret_values[count++] = item;
    }
    return count;
}

/* Of words, whole marks count; bigrams share letters, and of one that a prefix matches only its
 * begin is marked. */
static bool is_marked(
    const struct witness_token *token, const unsigned char *marked, bool keep_marked)
{
    bool any = false, all = true;
    for (size_t i = token->start; i < token->end; i++) {
        any = any || marked[i];
        all = all && marked[i];
    }
    if (token->unspaced && keep_marked)
        return marked[token->start];
    return token->unspaced ? any : all;
}

/* Copy the words that were added at a place. */
static const struct witness_token *mask_added(const struct witness_token *added,
    const unsigned char *marked, bool keep_marked, struct lede_arena *arena)
{
    if (!added)
        return NULL;
    struct witness_token *masked = lede_arena_calloc(arena, 1, sizeof(*masked));
    assert_non_null(masked);
    *masked = *added;
    masked->gone = is_marked(added, marked, keep_marked) != keep_marked;
    masked->added = mask_added(added->added, marked, keep_marked, arena);
    return masked;
}

struct witness_document reading_masked(const struct reading *reading, unsigned char *const marked[],
    bool keep_marked, struct lede_arena *arena)
{
    struct witness_document masked = reading->witness;
    struct witness_text *texts = lede_arena_calloc(arena, masked.text_count + 1, sizeof(*texts));
    assert_non_null(texts);
    for (size_t i = 0; i < masked.text_count; i++) {
        texts[i] = masked.texts[i];
        texts[i].whole = masked.texts[i].tokens;
        struct witness_token *tokens =
            lede_arena_calloc(arena, texts[i].count + 1, sizeof(*tokens));
        assert_non_null(tokens);
        for (size_t k = 0; k < texts[i].count; k++) {
            tokens[k] = texts[i].tokens[k];
            tokens[k].gone =
                is_marked(&tokens[k], marked[texts[i].field], keep_marked) != keep_marked;
            tokens[k].added =
                mask_added(tokens[k].added, marked[texts[i].field], keep_marked, arena);
        }
        texts[i].tokens = tokens;
    }
    masked.texts = texts;
    return masked;
}
