/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include "older_segment.h"

#include "lede/model.h"

#include <ftw.h>
#include <inttypes.h>
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
}

static void segment_done(struct fixture_segment *segment)
{
    for (uint32_t i = 0; i < segment->count; i++) {
        lede_entry_free(segment->entries[i].entry);
        free(segment->entries[i].id);
    }
    free(segment->entries);
    free(segment->deleted);
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    for (int i = 0; i < FIXTURE_SEGMENTS; i++)
        segment_done(&fixture->segments[i]);
    lede_analyzer_free(fixture->analyzer);
    int status = nftw(fixture->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return status;
}

static struct lede_entry *make_entry(
    const struct fixture *fixture, const struct lede_document *document)
{
    struct lede_error error = {0};
    struct lede_entry *entry = NULL;
    if (lede_entry_new(document, fixture->analyzer, &entry, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return entry;
}

void fixture_put(struct fixture *fixture, int number, const char *json)
{
    struct fixture_segment *segment = &fixture->segments[number];
    struct lede_document_context context = {.now_utc_s = FIXTURE_NOW};
    struct lede_error error = {0};
    struct lede_document *document = NULL;
    if (lede_document_parse(json, strlen(json), &context, &document, &error) != LEDE_OK)
        fail_msg("%s: %s", error.message, json);
    fixture_delete(fixture, number, document->id);
    if (segment->count == segment->capacity) {
        segment->capacity = segment->capacity ? 2 * segment->capacity : 64;
        segment->entries = realloc(segment->entries, segment->capacity * sizeof(*segment->entries));
        assert_non_null(segment->entries);
    }
    segment->entries[segment->count++] =
        (struct fixture_entry){strdup(document->id), make_entry(fixture, document), false};
    segment->is_built = false;
    lede_document_free(document);
}

void fixture_delete(struct fixture *fixture, int number, const char *id)
{
    struct fixture_segment *segment = &fixture->segments[number];
    for (uint32_t i = 0; i < segment->count; i++)
        if (strcmp(segment->entries[i].id, id) == 0)
            segment->entries[i].is_deleted = true;
}

static void build(struct fixture *fixture, int number)
{
    struct fixture_segment *segment = &fixture->segments[number];
    struct lede_builder *builder = NULL;
    struct lede_error error = {0};
    snprintf(fixture->paths[number], sizeof(fixture->paths[number]), "%s/%d-%" PRIu64,
        fixture->directory, number, fixture->revision);
    enum lede_status status = lede_builder_new(fixture->paths[number], &builder, &error);
    for (uint32_t i = 0; status == LEDE_OK && i < segment->count; i++)
        status = lede_builder_add(builder, segment->entries[i].entry, &error);
    if (status == LEDE_OK)
        status = lede_builder_finish(builder, fixture->revision, &error);
    if (status != LEDE_OK)
        fail_msg("%s", error.message);
    lede_builder_free(builder);
    if (fixture->is_older[number])
        older_segment_make(fixture->paths[number]);
    segment->is_built = true;
}

/* The bits are newly allocated. */
static struct lede_deleted deleted_in(const struct fixture_segment *segment)
{
    uint64_t *bits = calloc(segment->count / 64 + 1, sizeof(*bits));
    struct lede_deleted deleted = {bits, segment->count + 1, 0};
    assert_non_null(bits);
    for (uint32_t i = 0; i < segment->count; i++) {
        bits[(i + 1) / 64] |= (uint64_t)segment->entries[i].is_deleted << ((i + 1) % 64);
        deleted.count += segment->entries[i].is_deleted;
    }
    return deleted;
}

void fixture_read(struct fixture *fixture)
{
    struct lede_index_segment segments[FIXTURE_SEGMENTS];
    struct lede_index *earlier = fixture->index;
    struct lede_error error = {0};
    fixture->revision++;
    for (int i = 0; i < FIXTURE_SEGMENTS; i++) {
        if (!fixture->segments[i].is_built)
            build(fixture, i);
        segments[i] =
            (struct lede_index_segment){fixture->paths[i], deleted_in(&fixture->segments[i]), NULL};
    }
    if (lede_index_open_segments(
            NULL, segments, FIXTURE_SEGMENTS, earlier, &fixture->index, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    lede_index_free(earlier);
    for (int i = 0; i < FIXTURE_SEGMENTS; i++) {
        free(fixture->segments[i].deleted);
        fixture->segments[i].deleted = (uint64_t *)segments[i].deleted.bits;
    }
}

struct lede_query *fixture_parse(struct fixture *fixture, const char *text)
{
    struct lede_query_options options = {.now_utc_s = FIXTURE_NOW};
    const char *const tags[] = {"und", "en", "de", "fr"};
    for (size_t i = 0; i < LEDE_COUNT_OF(tags); i++)
        options.languages |= LEDE_LANGUAGE_BIT(lede_language_find(tags[i], strlen(tags[i])));
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), &options, fixture->analyzer, &query, &error) !=
        LEDE_OK)
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

struct lede_search_result fixture_run_text(
    struct fixture *fixture, struct lede_search search, const char *text)
{
    struct lede_query *query = fixture_parse(fixture, text);
    search.query = query;
    struct lede_search_result result = fixture_run(fixture, &search);
    lede_query_free(query);
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
        assert_int_equal(lede_document_from_stored(
                             result->hits[i].stored, result->hits[i].stored_size, &document, NULL),
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
