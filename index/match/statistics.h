/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents of a whole have what a search of one of its parts asks for. What the whole was
 * not asked for there is none of. */
#ifndef LEDE_MATCH_STATISTICS_H
#define LEDE_MATCH_STATISTICS_H

#include "list.h"
#include "pattern_words.h"

#include "lede/buffer.h"
#include "lede/table.h"

struct lede_statistics {
    double all_documents; /* deleted ones, too */
    double total_length;  /* of them */
    double documents;
    struct lede_named_count *counts;
    size_t count;
    size_t capacity;
    struct lede_table table; /* of the counts, by name */
    struct lede_pattern_list patterns;
    struct lede_arena arena;
};

/* How many have one of a list's terms, deleted ones too, and so below. */
uint64_t lede_statistics_of_list(
    const struct lede_statistics *statistics, const struct lede_term *terms, size_t term_count);
/* How many have a term. prefix  that it begins with, before `bytes` */
uint64_t lede_statistics_of_term(
    const struct lede_statistics *statistics, const char *prefix, const char *bytes, size_t size);
/* How many have a word as it is, in title or body. */
uint64_t lede_statistics_of_word(
    const struct lede_statistics *statistics, const struct lede_query_word *word);

/* Say how many there are, once or more. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_statistics_note_list(struct lede_statistics *statistics,
    const struct lede_term *terms, size_t term_count, uint64_t documents);
LEDE_CHECKED enum lede_status lede_statistics_note_term(struct lede_statistics *statistics,
    const char *prefix, const char *bytes, size_t size, uint64_t documents);
LEDE_CHECKED enum lede_status lede_statistics_note_word(
    struct lede_statistics *statistics, const struct lede_query_word *word, uint64_t documents);

#endif
