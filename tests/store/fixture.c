/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    strcpy(fixture->directory, "/tmp/lede-test-store-XXXXXX");
    if (!mkdtemp(fixture->directory))
        return -1;
    snprintf(fixture->data, sizeof(fixture->data), "%s/data", fixture->directory);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    char command[128];
    fixture_close(fixture);
    snprintf(command, sizeof(command), "rm -rf '%s'", fixture->directory);
    int status = system(command);
    free(fixture);
    return status;
}

void fixture_open_with(struct fixture *fixture, struct lede_store_options options)
{
    struct lede_error error = {0};
    options.directory = fixture->data;
    fixture_close(fixture);
    enum lede_status st = lede_store_open(&options, &fixture->store, &error);
    if (st == LEDE_OK)
        st = lede_reader_open(fixture->store, &fixture->reader, &error);
    if (st != LEDE_OK)
        print_message("# %s\n", error.message);
    assert_int_equal(st, LEDE_OK);
}

void fixture_open(struct fixture *fixture)
{
    fixture_open_with(fixture, (struct lede_store_options){0});
}

void fixture_check_segments(const struct fixture *fixture)
{
    char command[256];
    snprintf(command, sizeof(command),
        "for s in '%s'/segments/*; do xapian-check \"$s\" >/dev/null || exit 1; done",
        fixture->data);
    assert_int_equal(system(command), 0);
}

void fixture_close(struct fixture *fixture)
{
    lede_reader_free(fixture->reader);
    lede_store_close(fixture->store);
    fixture->reader = NULL;
    fixture->store = NULL;
}

struct lede_document *document_of(const char *id, const char *body)
{
    LEDE_CLEANUP(lede_freep) char *json = NULL;
    struct lede_document *document = NULL;
    struct lede_document_context context = {.now_utc_s = 1700000000};
    int size = asprintf(&json,
        "{\"id\":\"%s\",\"body\":\"%s\",\"language\":\"en\",\"published\":\"2022-01-19\"}", id,
        body);
    assert_int_equal(lede_document_parse(json, (size_t)size, &context, &document, NULL), LEDE_OK);
    return document;
}

enum lede_status index_one(struct lede_store *store, const char *id, const char *body,
    enum lede_write_outcome *ret_outcome)
{
    unsigned char digest[16];
    struct lede_write write = {.kind = LEDE_WRITE_INDEX, .document = document_of(id, body)};
    return lede_store_write(store, &write, ret_outcome, digest, NULL, NULL);
}

enum lede_status delete_one(struct lede_store *store, const char *id)
{
    unsigned char digest[16];
    enum lede_write_outcome outcome;
    struct lede_write write = {.kind = LEDE_WRITE_DELETE, .id = strdup(id)};
    return lede_store_write(store, &write, &outcome, digest, NULL, NULL);
}

void count_outcome(void *context, const struct lede_write_result *result)
{
    struct outcomes *outcomes = context;
    outcomes->counts[result->outcome]++;
    if (result->error)
        outcomes->last_error = result->error->status;
}

struct outcomes index_many(
    struct lede_store *store, const char *prefix, unsigned count, const char *word)
{
    struct outcomes outcomes = {0};
    struct lede_bulk_options options = {.on_result = count_outcome, .context = &outcomes};
    struct lede_bulk *bulk = NULL;
    assert_int_equal(lede_bulk_new(store, &options, &bulk, NULL), LEDE_OK);
    for (unsigned i = 0; i < count; i++) {
        char id[64];
        char body[160];
        snprintf(id, sizeof(id), "%s%u", prefix, i);
        snprintf(body, sizeof(body), "The council of %s heard about %s today.", id, word);
        struct lede_write write = {.kind = LEDE_WRITE_INDEX, .document = document_of(id, body)};
        assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
    }
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
    lede_bulk_free(bulk);
    return outcomes;
}

static char *stored_text(struct fixture *fixture, const char *id)
{
    struct lede_buffer stored = {0};
    unsigned char digest[16];
    assert_int_equal(lede_reader_refresh(fixture->reader, NULL), LEDE_OK);
    enum lede_status st = lede_reader_get(fixture->reader, id, strlen(id), &stored, digest, NULL);
    assert_true(st == LEDE_OK || st == LEDE_ENOTFOUND);
    if (st == LEDE_OK)
        return lede_buffer_take(&stored);
    lede_buffer_done(&stored);
    return NULL;
}

bool has_document(struct fixture *fixture, const char *id)
{
    char *text = stored_text(fixture, id);
    bool found = text != NULL;
    free(text);
    return found;
}

bool body_contains(struct fixture *fixture, const char *id, const char *word)
{
    char *text = stored_text(fixture, id);
    bool found = text && strstr(text, word);
    free(text);
    return found;
}

uint32_t count_found(struct fixture *fixture, const char *query)
{
    struct lede_analyzer *analyzer = NULL;
    struct lede_query *parsed = NULL;
    struct lede_search_result result = {0};
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    assert_int_equal(lede_reader_refresh(fixture->reader, NULL), LEDE_OK);
    struct lede_query_options options = {.languages = lede_reader_languages(fixture->reader)};
    assert_int_equal(
        lede_query_parse(query, strlen(query), &options, analyzer, &parsed, NULL), LEDE_OK);
    struct lede_search search = {.query = parsed,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = lede_time_now_utc_s(),
        .limit = 10};
    assert_int_equal(lede_reader_search(fixture->reader, &search, &result, NULL), LEDE_OK);
    assert_true(result.total_is_exact);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    lede_query_free(parsed);
    lede_analyzer_free(analyzer);
    return total;
}
