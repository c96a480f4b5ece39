/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small archives for the matcher's tests: documents written as JSON, in as many segments as a test
 * wants, in a directory of their own. */
#ifndef TEST_MATCH_ARCHIVE_H
#define TEST_MATCH_ARCHIVE_H

#include "lede/match.h"
#include "matched.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ARCHIVE_PARTS_MAX 8
#define ARCHIVE_NOW INT64_C(1700000000) /* 2023-11-14T22:13:20Z */

/* A value that is set beside what the document says. */
struct archive_value {
    uint32_t slot;
    const char *bytes;
    size_t size; /* 0: the document's own is removed */
};

struct archive {
    char directory[32];
    char paths[ARCHIVE_PARTS_MAX][48];
    size_t part_count;
    struct lede_analyzer *analyzer;
    struct lede_builder *builder; /* of the last part */
    struct lede_entry *entry;     /* that was put last */
    struct lede_index *index;     /* NULL until archive_open() */
};

/* cmocka setup and teardown. */
int archive_setup(void **state);
int archive_teardown(void **state);
/* Documents from now on are put into another part. */
void archive_begin_part(struct archive *archive);
/* Put a document; the first of a part is its document 1. */
void archive_put(struct archive *archive, const char *json, const struct archive_value *values,
    size_t value_count);
/* Put the last one once more, with other values: quickly. */
void archive_put_again(
    struct archive *archive, const struct archive_value *values, size_t value_count);
/* Finish the last part, and open the index over all. */
void archive_open(struct archive *archive);

/* Count facets and the histogram of matches: odd parts apart from the others, joined afterwards. */
LEDE_CHECKED enum lede_status archive_count_values(struct archive *archive,
    const struct lede_search *search, const struct lede_matched *matched,
    struct lede_search_result *result, struct lede_error *reterr);

/* A small generator, so that a failure is the same everywhere. */
uint32_t archive_random(uint64_t *seed);
/* LEDE_TEST_SEED, or another; printed. */
uint64_t archive_seed(void);

#endif
