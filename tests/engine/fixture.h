/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small archives for the engine's tests: documents written as JSON, two segments in a directory of
 * their own, searches by query text.
 *
 * As in a store, segments are made whole and never change: one that got documents is built anew by
 * fixture_read(), and what was replaced or deleted in it stays there, deleted beside it. */
#ifndef TEST_ENGINE_FIXTURE_H
#define TEST_ENGINE_FIXTURE_H

#include "lede/match.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FIXTURE_SEGMENTS 2
#define FIXTURE_NOW INT64_C(1700000000) /* 2023-11-14T22:13:20Z */

struct fixture_entry {
    char *id;
    struct lede_entry *entry;
    bool is_deleted;
};

/* What was put, in its order: document d is entry d - 1. */
struct fixture_segment {
    struct fixture_entry *entries;
    uint32_t count, capacity;
    bool is_built;     /* as it is now */
    uint64_t *deleted; /* that the index has; owner: the fixture */
};

struct fixture {
    char directory[32];
    char paths[FIXTURE_SEGMENTS][80]; /* of the segments, by fixture_read() */
    struct fixture_segment segments[FIXTURE_SEGMENTS];
    struct lede_analyzer *analyzer;
    struct lede_index *index; /* NULL until fixture_read() */
    uint64_t revision;
    bool is_older[FIXTURE_SEGMENTS]; /* segments are as version 4 built them (older_segment.h) */
};

/* cmocka setup and teardown: nothing was put yet; everything gone afterwards. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Put one document (JSON text) into a segment, instead of the one of its id there; searches see it
 * after fixture_read(). */
void fixture_put(struct fixture *fixture, int segment, const char *json);
/* Delete a document where there is one; the same. */
void fixture_delete(struct fixture *fixture, int segment, const char *id);
/* Build what got documents, under the next revision, each in a new directory; open the index, the
 * former one is freed. */
void fixture_read(struct fixture *fixture);
/* Parse with English, German and French stems. */
struct lede_query *fixture_parse(struct fixture *fixture, const char *text);
/* A search with nothing restricted: 100 hits from the first, at FIXTURE_NOW. */
struct lede_search fixture_search(const struct lede_query *query);
/* Run a search that must succeed; the caller frees it by lede_search_result_done(). */
struct lede_search_result fixture_run(struct fixture *fixture, const struct lede_search *search);
/* The same with the query of a text, which must be one. */
struct lede_search_result fixture_run_text(
    struct fixture *fixture, struct lede_search search, const char *text);
/* The ids of the hits joined by spaces, in alphabetical order or as they came; owner: the caller,
 * free(). */
char *fixture_sorted_ids(const struct lede_search_result *result);
char *fixture_ids(const struct lede_search_result *result);
/* Assert that a query finds exactly these ids (alphabetical), that the total says so and is
 * exact. */
void fixture_expect(struct fixture *fixture, const char *query, const char *ids);
/* Free the index, so that files may be changed. */
void fixture_close(struct fixture *fixture);

#endif
