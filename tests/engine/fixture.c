#include "fixture.h"

#include "lede/model.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HITS_MAX 2000

int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (!fixture)
        return -1;
    snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/lede-engine-test-XXXXXX");
    if (!mkdtemp(fixture->directory))
        return -1;
    for (int i = 0; i < FIXTURE_SEGMENTS; i++) {
        snprintf(fixture->paths[i], sizeof(fixture->paths[i]), "%s/%d", fixture->directory, i);
        if (lede_segment_open(fixture->paths[i], true, &fixture->segments[i], NULL) != LEDE_OK)
            return -1;
    }
    *state = fixture;
    return lede_analyzer_new(&fixture->analyzer, NULL) == LEDE_OK ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void fixture_close(struct fixture *fixture)
{
    lede_index_freep(&fixture->index);
    for (int i = 0; i < FIXTURE_SEGMENTS; i++)
        lede_segment_freep(&fixture->segments[i]);
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    lede_analyzer_free(fixture->analyzer);
    int status = nftw(fixture->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return status;
}

enum lede_status fixture_try_put(
    struct fixture *fixture, int segment, const char *json, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = FIXTURE_NOW};
    struct lede_error error = {0};
    struct lede_document *document = NULL;
    if (lede_document_parse(json, strlen(json), &context, &document, &error) != LEDE_OK)
        fail_msg("%s: %s", error.message, json);
    struct lede_entry *entry = NULL;
    assert_int_equal(lede_entry_new(document, fixture->analyzer, &entry, &error), LEDE_OK);
    if (fixture->without_positions)
        assert_int_equal(lede_entry_set_value(entry, LEDE_SLOT_POSITIONS, "", 0, NULL), LEDE_OK);
    enum lede_status status = lede_segment_put(fixture->segments[segment], entry, false, reterr);
    lede_entry_free(entry);
    lede_document_free(document);
    return status;
}

void fixture_put(struct fixture *fixture, int segment, const char *json)
{
    struct lede_error error = {0};
    if (fixture_try_put(fixture, segment, json, &error) != LEDE_OK)
        fail_msg("%s", error.message);
}

void fixture_read(struct fixture *fixture)
{
    struct lede_error error = {0};
    fixture->revision++;
    for (int i = 0; i < FIXTURE_SEGMENTS; i++)
        if (lede_segment_commit(fixture->segments[i], fixture->revision, &error) != LEDE_OK)
            fail_msg("%s", error.message);
    const char *paths[FIXTURE_SEGMENTS] = {fixture->paths[0], fixture->paths[1]};
    enum lede_status status = fixture->index
                                  ? lede_index_reopen(fixture->index, NULL, &error)
                                  : lede_index_open(paths, FIXTURE_SEGMENTS, &fixture->index, &error);
    if (status != LEDE_OK)
        fail_msg("%s", error.message);
}

struct lede_query *fixture_parse(struct fixture *fixture, const char *text)
{
    struct lede_query_options options = {.now_utc_s = FIXTURE_NOW};
    const char *const tags[] = {"und", "en", "de", "fr"};
    for (size_t i = 0; i < LEDE_COUNT_OF(tags); i++)
        options.languages |= LEDE_LANGUAGE_BIT(lede_language_find(tags[i], strlen(tags[i])));
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), &options, fixture->analyzer, &query, &error) != LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    return query;
}

struct lede_search fixture_search(const struct lede_query *query)
{
    return (struct lede_search){.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = FIXTURE_NOW,
        .limit = 100,
        .facet_values = 100};
}

struct lede_search_result fixture_run(struct fixture *fixture, const struct lede_search *search)
{
    struct lede_search_result result = {0};
    struct lede_error error = {0};
    if (lede_index_search(fixture->index, search, &result, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return result;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *join_ids(const struct lede_search_result *result, bool sorted)
{
    static char *ids[HITS_MAX];
    struct lede_buffer joined = {0};
    for (size_t i = 0; i < result->hit_count; i++) {
        struct lede_document *document = NULL;
        assert_int_equal(
            lede_document_from_stored(result->hits[i].stored, result->hits[i].stored_size, &document, NULL),
            LEDE_OK);
        ids[i] = strdup(document->id);
        lede_document_free(document);
    }
    if (sorted)
        qsort(ids, result->hit_count, sizeof(ids[0]), compare_texts);
    for (size_t i = 0; i < result->hit_count; i++) {
        lede_buffer_append_format(&joined, "%s%s", i ? " " : "", ids[i]);
        free(ids[i]);
    }
    return lede_buffer_take(&joined);
}

char *fixture_sorted_ids(const struct lede_search_result *result)
{
    return join_ids(result, true);
}

char *fixture_ids(const struct lede_search_result *result)
{
    return join_ids(result, false);
}

void fixture_expect(struct fixture *fixture, const char *text, const char *expected)
{
    struct lede_query *query = fixture_parse(fixture, text);
    struct lede_search search = fixture_search(query);
    for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
        search.sort = (enum lede_sort)sort;
        struct lede_search_result result = fixture_run(fixture, &search);
        char *ids = fixture_sorted_ids(&result);
        if (strcmp(ids, expected) != 0)
            fail_msg("%s: found '%s', expected '%s'", text, ids, expected);
        assert_int_equal(result.total, result.hit_count);
        assert_true(result.total_is_exact);
        free(ids);
        lede_search_result_done(&result);
    }
    lede_query_free(query);
}
