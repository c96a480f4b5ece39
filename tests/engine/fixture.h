/* Small archives for the engine's tests: documents written as JSON, two segments in a directory of their own,
 * searches by query text. */
#ifndef TEST_ENGINE_FIXTURE_H
#define TEST_ENGINE_FIXTURE_H

#include "lede/engine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FIXTURE_SEGMENTS 2
#define FIXTURE_NOW INT64_C(1700000000) /* 2023-11-14T22:13:20Z */

struct fixture {
    char directory[64];
    char paths[FIXTURE_SEGMENTS][80];
    struct lede_segment *segments[FIXTURE_SEGMENTS];
    struct lede_analyzer *analyzer;
    struct lede_index *index; /* NULL until fixture_read() */
    uint64_t revision;
    bool without_positions; /* documents are put as versions before 4 did: without LEDE_SLOT_POSITIONS */
};

/* cmocka setup and teardown: two empty segments, everything gone afterwards. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Put one document (JSON text) into a segment; not committed. */
void fixture_put(struct fixture *fixture, int segment, const char *json);
/* The same, where storing may fail: its status, and why. */
LEDE_CHECKED enum lede_status fixture_try_put(
    struct fixture *fixture, int segment, const char *json, struct lede_error *reterr);
/* Commit both segments under the next revision, and open the index or reopen it. */
void fixture_read(struct fixture *fixture);
/* Parse with English, German and French stems. */
struct lede_query *fixture_parse(struct fixture *fixture, const char *text);
/* A search with nothing restricted: 100 hits from the first, at FIXTURE_NOW. */
struct lede_search fixture_search(const struct lede_query *query);
/* Run a search that must succeed; the caller frees it by lede_search_result_done(). */
struct lede_search_result fixture_run(struct fixture *fixture, const struct lede_search *search);
/* The ids of the hits joined by spaces, in alphabetical order or as they came; owner: the caller, free(). */
char *fixture_sorted_ids(const struct lede_search_result *result);
char *fixture_ids(const struct lede_search_result *result);
/* Assert that a query finds exactly these ids (alphabetical), that the total says so and is exact. */
void fixture_expect(struct fixture *fixture, const char *query, const char *ids);
/* Free the index and the segments' handles, so that files may be changed. */
void fixture_close(struct fixture *fixture);

#endif
