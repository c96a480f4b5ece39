/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statistics.h"

#include "lede/shares.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX ((size_t)1 << 20) /* a list's has all its terms */
#define COUNTS_MAX 1000000
#define PATTERNS_MAX 65536
#define PATTERN_NAME_MAX ((size_t)128 << 10)
#define DOCUMENTS_MAX (UINT64_C(1) << 48)

static void put_pattern(struct lede_buffer *out, const struct lede_pattern_words *words)
{
    lede_wire_put_bytes(out, words->name, words->size);
    lede_wire_put_number(out, words->scan_ended);
    lede_wire_put_number(out, words->is_chosen);
    lede_wire_put_number(out, words->left_out < UINT32_MAX ? words->left_out : UINT32_MAX);
    lede_wire_put_number(out, words->count);
    for (size_t i = 0; i < words->count; i++) {
        lede_wire_put_bytes(out, words->words[i].name, words->words[i].size);
        lede_wire_put_number(out, words->words[i].documents);
    }
}

void lede_statistics_encode(const struct lede_statistics *statistics, struct lede_buffer *out)
{
    lede_wire_put_double(out, statistics->all_documents);
    lede_wire_put_double(out, statistics->total_length);
    lede_wire_put_double(out, statistics->documents);
    lede_wire_put_number(out, statistics->count);
    for (size_t i = 0; i < statistics->count; i++) {
        const struct lede_named_count *count = &statistics->counts[i];
        lede_wire_put_bytes(out, count->name, count->size);
        lede_wire_put_number(out, count->documents);
    }
    lede_wire_put_number(out, statistics->patterns.count);
    for (size_t i = 0; i < statistics->patterns.count; i++)
        put_pattern(out, &statistics->patterns.items[i]);
}

static void take_words(
    struct lede_wire_reader *reader, struct lede_pattern_words *words, struct lede_arena *arena)
{
    words->name = lede_wire_bytes(reader, PATTERN_NAME_MAX, &words->size);
    words->scan_ended = lede_wire_bool(reader);
    words->is_chosen = lede_wire_bool(reader);
    words->left_out = lede_wire_number(reader, UINT32_MAX);
    words->count = lede_wire_count(reader, COUNTS_MAX, 2);
    words->words = lede_wire_array(reader, words->count, sizeof(*words->words), arena);
    for (size_t i = 0; words->words && i < words->count; i++) {
        words->words[i].name = lede_wire_bytes(reader, PATTERN_NAME_MAX, &words->words[i].size);
        words->words[i].documents = lede_wire_number(reader, DOCUMENTS_MAX);
        if (memchr(words->words[i].name, '\0', words->words[i].size))
            lede_wire_refuse(reader);
    }
}

/* In the order of their bytes, as who looks for one of them expects. */
static bool are_ordered(const struct lede_pattern_words *words)
{
    for (size_t i = 1; words->is_chosen && i < words->count; i++) {
        const struct lede_named_count *a = &words->words[i - 1], *b = &words->words[i];
        int order = memcmp(a->name, b->name, a->size < b->size ? a->size : b->size);
        if (order > 0 || (order == 0 && a->size >= b->size))
            return false;
    }
    return true;
}

static void take_patterns(
    struct lede_wire_reader *reader, struct lede_pattern_list *list, struct lede_arena *arena)
{
    list->count = lede_wire_count(reader, PATTERNS_MAX, 5);
    list->items = lede_wire_array(reader, list->count, sizeof(*list->items), arena);
    for (size_t i = 0; list->items && i < list->count && !reader->failed; i++) {
        take_words(reader, &list->items[i], arena);
        if (!reader->failed && !are_ordered(&list->items[i]))
            lede_wire_refuse(reader);
    }
}

static void take_all(struct lede_wire_reader *reader, struct lede_statistics *some)
{
    some->all_documents = lede_wire_double(reader);
    some->total_length = lede_wire_double(reader);
    some->documents = lede_wire_double(reader);
    some->count = lede_wire_count(reader, COUNTS_MAX, 2);
    some->counts = lede_wire_array(reader, some->count, sizeof(*some->counts), &some->arena);
    for (size_t i = 0; some->counts && i < some->count; i++) {
        some->counts[i].name = lede_wire_bytes(reader, NAME_MAX, &some->counts[i].size);
        some->counts[i].documents = lede_wire_number(reader, DOCUMENTS_MAX);
    }
    take_patterns(reader, &some->patterns, &some->arena);
    if (some->all_documents < 0 || some->total_length < 0 || some->documents < 0)
        lede_wire_refuse(reader);
}

enum lede_status lede_statistics_decode(
    struct lede_wire_reader *reader, struct lede_statistics **statistics, struct lede_error *reterr)
{
    struct lede_statistics some = {0};
    LEDE_CLEANUP(lede_statistics_freep) struct lede_statistics *made = NULL;
    take_all(reader, &some);
    enum lede_status st = lede_wire_status(reader, "statistics", reterr);
    if (st == LEDE_OK && !*statistics && !(made = calloc(1, sizeof(*made))))
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && lede_statistics_add(made ? made : *statistics, &some) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && made)
        *statistics = LEDE_TAKE(&made);
    lede_arena_done(&some.arena);
    return st;
}
