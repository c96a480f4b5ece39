/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts have names: of a term, of a list its terms', of a word as it is its bytes. So those of
 * several parts are summed up whatever each part has, and a search finds its own again. */
#include "statistics.h"

#include "lede/buffer.h"
#include "lede/number.h"
#include "lede/query.h"
#include "lede/shares.h"

#include <stdlib.h>
#include <string.h>

enum kind { OF_TERM = 'T', OF_LIST = 'L', OF_WORD = 'W' };

void lede_statistics_free(struct lede_statistics *statistics)
{
    if (!statistics)
        return;
    lede_pattern_list_done(&statistics->patterns);
    free(statistics->counts);
    lede_table_done(&statistics->table);
    lede_arena_done(&statistics->arena);
    free(statistics);
}

void lede_statistics_freep(struct lede_statistics **statistics)
{
    lede_statistics_free(*statistics);
    *statistics = NULL;
}

static struct lede_named_count *find(
    const struct lede_statistics *statistics, const char *name, size_t size)
{
    struct lede_probe probe = lede_table_probe(lede_hash64(name, size));
    while (lede_table_next(&statistics->table, &probe)) {
        struct lede_named_count *count = &statistics->counts[probe.number];
        if (count->size == size && memcmp(count->name, name, size) == 0)
            return count;
    }
    return NULL;
}

/* The count of a name, 0 where it is new; NULL: no memory. */
static struct lede_named_count *find_or_add(
    struct lede_statistics *statistics, const char *name, size_t size)
{
    struct lede_named_count *known = find(statistics, name, size);
    if (known)
        return known;
    const char *copy = lede_arena_copy(&statistics->arena, name, size);
    if (!copy || lede_table_reserve(&statistics->table, statistics->count + 1) != LEDE_OK ||
        !LEDE_ARRAY_RESERVE(statistics->counts, statistics->capacity, statistics->count + 1))
        return NULL;
    lede_table_add(&statistics->table, lede_hash64(name, size), (uint32_t)statistics->count);
    statistics->counts[statistics->count] = (struct lede_named_count){copy, size, 0};
    return &statistics->counts[statistics->count++];
}

enum lede_status lede_statistics_add(
    struct lede_statistics *statistics, const struct lede_statistics *more)
{
    statistics->all_documents += more->all_documents;
    statistics->total_length += more->total_length;
    statistics->documents += more->documents;
    for (size_t i = 0; i < more->count; i++) {
        struct lede_named_count *count =
            find_or_add(statistics, more->counts[i].name, more->counts[i].size);
        if (!count)
            return LEDE_ENOMEM;
        count->documents += more->counts[i].documents;
    }
    return lede_pattern_list_add(&statistics->patterns, &more->patterns);
}

void lede_statistics_choose(struct lede_statistics *statistics)
{
    lede_pattern_list_choose(&statistics->patterns);
}

enum lede_status lede_statistics_cuts(const struct lede_statistics *statistics,
    const struct lede_query *query, struct lede_search_result *result, struct lede_error *reterr)
{
    return lede_pattern_list_cuts(&statistics->patterns, lede_query_root(query), result, reterr);
}

/* ---- Names ---- */

static void name_term(struct lede_buffer *name, const char *prefix, const char *bytes, size_t size)
{
    lede_buffer_append_char(name, OF_TERM);
    lede_buffer_append_string(name, prefix);
    lede_buffer_append(name, bytes, size);
}

/* Terms hold no 0xFF, for they are UTF-8. */
static void name_list(struct lede_buffer *name, const struct lede_term *terms, size_t term_count)
{
    lede_buffer_append_char(name, OF_LIST);
    for (size_t i = 0; i < term_count; i++) {
        lede_buffer_append(name, terms[i].bytes, terms[i].size);
        lede_buffer_append_char(name, '\xff');
    }
}

static void name_word(struct lede_buffer *name, const struct lede_query_word *word)
{
    lede_buffer_append_char(name, OF_WORD);
    lede_buffer_append(name, word->word, word->word_size);
}

/* A name without memory is none. */
static uint64_t look_up(const struct lede_statistics *statistics, const struct lede_buffer *name)
{
    const struct lede_named_count *count =
        name->failed ? NULL : find(statistics, name->data, name->size);
    return count ? count->documents : 0;
}

static enum lede_status note(
    struct lede_statistics *statistics, const struct lede_buffer *name, uint64_t documents)
{
    struct lede_named_count *count =
        name->failed ? NULL : find_or_add(statistics, name->data, name->size);
    if (!count)
        return LEDE_ENOMEM;
    count->documents = documents;
    return LEDE_OK;
}

uint64_t lede_statistics_of_list(
    const struct lede_statistics *statistics, const struct lede_term *terms, size_t term_count)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_list(&name, terms, term_count);
    return look_up(statistics, &name);
}

uint64_t lede_statistics_of_term(
    const struct lede_statistics *statistics, const char *prefix, const char *bytes, size_t size)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_term(&name, prefix, bytes, size);
    return look_up(statistics, &name);
}

uint64_t lede_statistics_of_word(
    const struct lede_statistics *statistics, const struct lede_query_word *word)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_word(&name, word);
    return look_up(statistics, &name);
}

enum lede_status lede_statistics_note_list(struct lede_statistics *statistics,
    const struct lede_term *terms, size_t term_count, uint64_t documents)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_list(&name, terms, term_count);
    return note(statistics, &name, documents);
}

enum lede_status lede_statistics_note_term(struct lede_statistics *statistics, const char *prefix,
    const char *bytes, size_t size, uint64_t documents)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_term(&name, prefix, bytes, size);
    return note(statistics, &name, documents);
}

enum lede_status lede_statistics_note_word(
    struct lede_statistics *statistics, const struct lede_query_word *word, uint64_t documents)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_word(&name, word);
    return note(statistics, &name, documents);
}
