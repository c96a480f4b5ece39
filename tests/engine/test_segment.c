/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments: what is found, what is gone, what is refused. */
#include "fixture.h"

#include "lede/model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_replaced_document_is_found_once_by_its_new_words(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0, "{\"id\":\"x\",\"title\":\"early words\",\"tags\":[\"t1\"]}");
    fixture_put(f, 0, "{\"id\":\"y\",\"title\":\"early other\"}");
    fixture_put(f, 0, "{\"id\":\"x\",\"title\":\"middle words\"}");
    fixture_read(f);
    fixture_expect(f, "early", "y");
    fixture_expect(f, "middle", "x");
    fixture_put(f, 0, "{\"id\":\"x\",\"title\":\"late words\"}");
    fixture_read(f);
    fixture_expect(f, "middle", "");
    fixture_expect(f, "late words", "x");
    fixture_expect(f, "=middle", "");
    fixture_expect(f, "tag:t1", "");
    assert_int_equal(lede_index_document_count(f->index), 2);
}

static void a_deleted_document_is_gone(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0, "{\"id\":\"x\",\"title\":\"words\"}");
    fixture_put(f, 1, "{\"id\":\"y\",\"title\":\"words\"}");
    fixture_read(f);
    fixture_delete(f, 0, "x");
    fixture_delete(f, 0, "absent");
    fixture_read(f);
    fixture_expect(f, "words", "y");
    struct lede_buffer stored = {0};
    assert_int_equal(lede_index_get(f->index, "x", 1, &stored, NULL, NULL), LEDE_ENOTFOUND);
}

static void opening_where_no_segment_is_fails(void **state)
{
    struct fixture *f = *state;
    const char *const paths[] = {"/nonexistent/segment", f->directory};
    for (size_t i = 0; i < LEDE_COUNT_OF(paths); i++) {
        struct lede_sealed *sealed = (struct lede_sealed *)state; /* any marker value */
        struct lede_index *index = NULL;
        struct lede_error error = {0};
        assert_int_equal(lede_sealed_open(NULL, paths[i], &sealed, &error), LEDE_EIO);
        assert_string_not_equal(error.message, "");
        assert_ptr_equal(sealed, state);
        assert_int_equal(lede_index_open(&paths[i], 1, &index, NULL), LEDE_EIO);
        assert_null(index);
    }
}

static uint32_t count_with_tag(struct fixture *f, const char *tag)
{
    struct lede_query *query = fixture_parse(f, "long");
    struct lede_search search = fixture_search(query);
    struct lede_filter filter = {
        .field = lede_field_at(LEDE_FIELD_TAGS), .any = &tag, .any_count = 1};
    search.filters = &filter;
    search.filter_count = 1;
    struct lede_search_result result = fixture_run(f, &search);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    lede_query_free(query);
    return total;
}

struct seen_values {
    char joined[2000];
};

static void note_value(void *context, const char *value, uint32_t count)
{
    struct seen_values *seen = context;
    size_t size = strlen(seen->joined);
    snprintf(seen->joined + size, sizeof(seen->joined) - size, "%s=%u ", value, count);
}

static void long_ids_and_long_values_are_kept_apart(void **state)
{
    struct fixture *f = *state;
    char id[181], value[401], json[1200], expected[2000];
    for (int i = 0; i < 60; i++)
        memcpy(id + (ptrdiff_t)i * 3, "\xE4\xBA\xAC", 3); /* 180 bytes of UTF-8 */
    id[180] = '\0';
    memset(value, 'v', 400);
    value[400] = '\0';
    for (int i = 0; i < 2; i++) {
        value[399] = (char)('a' + i);
        memcpy(id + 177, i ? "\xE6\x9D\xB1" : "\xE4\xBA\xAC", 3);
        snprintf(json, sizeof(json),
            "{\"id\":\"%s\",\"title\":\"long\",\"tags\":[\"%s\",\"short\"]}", id, value);
        fixture_put(f, i, json);
    }
    fixture_read(f);
    struct lede_buffer stored = {0};
    assert_int_equal(lede_index_get(f->index, id, 180, &stored, NULL, NULL), LEDE_OK);
    assert_non_null(strstr(stored.data, value));
    lede_buffer_done(&stored);
    assert_int_equal(count_with_tag(f, value), 1);
    assert_int_equal(count_with_tag(f, "short"), 2);
    value[399] = 'z';
    assert_int_equal(count_with_tag(f, value), 0);
    struct seen_values seen = {""};
    assert_int_equal(lede_index_visit_values(
                         f->index, lede_field_at(LEDE_FIELD_TAGS), note_value, &seen, NULL, NULL),
        LEDE_OK);
    value[399] = '\0';
    snprintf(expected, sizeof(expected), "short=2 %sa=1 %sb=1 ", value, value);
    assert_string_equal(seen.joined, expected);
}

static void overwrite(const char *path, off_t offset, size_t size)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, 0xA5, size);
    assert_int_equal(pwrite(fd, bytes, size, offset), (ssize_t)size);
    free(bytes);
    close(fd);
}

/* Everything a reader may ask; returns the first failure. */
static enum lede_status read_everything(struct fixture *f, struct lede_error *error)
{
    const char *paths[] = {f->paths[0], f->paths[1]};
    enum lede_status status = lede_index_open(paths, 2, &f->index, error);
    if (status != LEDE_OK)
        return status;
    struct lede_query *query = fixture_parse(f, "\"common words\"");
    struct lede_search search = fixture_search(query);
    search.limit = 1000;
    search.facets = LEDE_FIELD_BIT(LEDE_FIELD_TAGS);
    struct lede_search_result result = {0};
    status = lede_index_search(f->index, &search, &result, error);
    lede_search_result_done(&result);
    lede_query_free(query);
    return status;
}

static const char *const table_names[] = {"postlist.glass", "docdata.glass", "iamglass"};

static void fill(struct fixture *f)
{
    char json[300];
    for (int i = 0; i < 500; i++) {
        snprintf(json, sizeof(json),
            "{\"id\":\"%d\",\"title\":\"common words %d\",\"body\":\"body %d of common "
            "words\",\"tags\":[\"t%d\"]}",
            i, i, i * 7, i % 50);
        fixture_put(f, 0, json);
    }
    fixture_read(f);
    fixture_close(f);
}

static void a_damaged_segment_is_reported_with_words(void **state)
{
    struct fixture *f = *state;
    fill(f);
    char path[120];
    bool reported = false;
    for (size_t i = 0; i < LEDE_COUNT_OF(table_names); i++) {
        snprintf(path, sizeof(path), "%s/%s", f->paths[0], table_names[i]);
        overwrite(path, 0, 64);
        struct lede_error error = {0};
        enum lede_status status = read_everything(f, &error);
        lede_index_freep(&f->index);
        if (status == LEDE_OK)
            continue;
        reported = true;
        assert_true(status == LEDE_ECORRUPT || status == LEDE_EIO || status == LEDE_EVERSION);
        assert_string_not_equal(error.message, "");
    }
    assert_true(reported);
}

static void a_truncated_segment_is_reported_with_words(void **state)
{
    struct fixture *f = *state;
    fill(f);
    char path[120];
    snprintf(path, sizeof(path), "%s/%s", f->paths[0], "docdata.glass");
    assert_int_equal(truncate(path, 8192), 0);
    struct lede_error error = {0};
    enum lede_status status = read_everything(f, &error);
    assert_true(status == LEDE_ECORRUPT || status == LEDE_EIO);
    assert_string_not_equal(error.message, "");
}

/* Change the first `from` in a file to `to`, of the same size. */
static void patch(const char *path, const char *from, const char *to)
{
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    char bytes[65536];
    ssize_t size = read(fd, bytes, sizeof(bytes));
    assert_true(size > 0);
    char *found = memmem(bytes, (size_t)size, from, strlen(from));
    assert_non_null(found);
    assert_int_equal(pwrite(fd, to, strlen(to), found - bytes), (ssize_t)strlen(to));
    close(fd);
}

static void a_segment_of_another_version_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_read(f);
    fixture_close(f);
    char path[120];
    snprintf(path, sizeof(path), "%s/postlist.glass", f->paths[0]);
    patch(path, "lede-segment-1", "lede-segment-9");
    struct lede_error error = {0};
    struct lede_sealed *sealed = NULL;
    assert_int_equal(lede_sealed_open(NULL, f->paths[0], &sealed, &error), LEDE_EVERSION);
    assert_non_null(strstr(error.message, "lede-segment-9"));
    const char *paths[] = {f->paths[1], f->paths[0]};
    assert_int_equal(lede_index_open(paths, 2, &f->index, NULL), LEDE_EVERSION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_replaced_document_is_found_once_by_its_new_words),
        TEST(a_deleted_document_is_gone),
        TEST(opening_where_no_segment_is_fails),
        TEST(long_ids_and_long_values_are_kept_apart),
        TEST(a_damaged_segment_is_reported_with_words),
        TEST(a_truncated_segment_is_reported_with_words),
        TEST(a_segment_of_another_version_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
