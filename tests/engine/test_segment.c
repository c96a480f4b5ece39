/* Segments: what lasts, what is dropped, what is refused. */
#include "fixture.h"

#include "lede/model.h"
#include "lede/number.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static bool is_found(struct lede_segment *segment, const char *id, unsigned char digest[16])
{
    bool found = false;
    assert_int_equal(lede_segment_find(segment, id, strlen(id), &found, digest, NULL), LEDE_OK);
    return found;
}

static void an_uncommitted_document_can_be_looked_up(void **state)
{
    struct fixture *f = *state;
    unsigned char digest[16], expected[16];
    assert_false(is_found(f->segments[0], "x", digest));
    fixture_put(f, 0, "{\"id\":\"x\",\"title\":\"one\"}");
    assert_true(is_found(f->segments[0], "x", digest));
    struct lede_buffer stored = {0};
    assert_int_equal(lede_segment_get(f->segments[0], "x", 1, &stored, NULL), LEDE_OK);
    lede_hash128(stored.data, stored.size, expected);
    assert_memory_equal(digest, expected, 16);
    assert_int_equal(lede_segment_document_count(f->segments[0]), 1);
    lede_buffer_done(&stored);
}

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
    assert_int_equal(lede_segment_delete(f->segments[0], "x", 1, NULL), LEDE_OK);
    assert_int_equal(lede_segment_delete(f->segments[0], "absent", 6, NULL), LEDE_OK);
    unsigned char digest[16];
    assert_false(is_found(f->segments[0], "x", digest));
    fixture_read(f);
    fixture_expect(f, "words", "y");
    struct lede_buffer stored = {0};
    assert_int_equal(lede_segment_get(f->segments[0], "x", 1, &stored, NULL), LEDE_ENOTFOUND);
    assert_int_equal(lede_index_get(f->index, "x", 1, &stored, NULL, NULL), LEDE_ENOTFOUND);
}

static void what_was_not_committed_is_dropped(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0, "{\"id\":\"x\",\"title\":\"kept\"}");
    fixture_read(f);
    fixture_put(f, 0, "{\"id\":\"y\",\"title\":\"dropped\"}");
    lede_segment_freep(&f->segments[0]);
    assert_int_equal(lede_segment_open(f->paths[0], false, &f->segments[0], NULL), LEDE_OK);
    unsigned char digest[16];
    assert_true(is_found(f->segments[0], "x", digest));
    assert_false(is_found(f->segments[0], "y", digest));
    assert_int_equal(lede_segment_revision(f->segments[0]), 1);
}

static void a_batch_is_invisible_until_its_commit_however_long(void **state)
{
    struct fixture *f = *state;
    fixture_read(f);
    char json[100];
    for (int i = 0; i < 2500; i++) { /* more than Xapian's threshold of flushing */
        snprintf(json, sizeof(json), "{\"id\":\"%d\",\"title\":\"batch\"}", i);
        fixture_put(f, 0, json);
    }
    assert_int_equal(lede_index_reopen(f->index, NULL, NULL), LEDE_OK);
    assert_int_equal(lede_index_document_count(f->index), 0);
    fixture_read(f);
    assert_int_equal(lede_index_document_count(f->index), 2500);
    assert_int_equal(lede_index_revision(f->index), 2);
}

static void creating_where_a_segment_is_and_opening_where_none_is_fail(void **state)
{
    struct fixture *f = *state;
    struct lede_segment *segment = (struct lede_segment *)state; /* any marker value */
    struct lede_error error = {0};
    assert_int_equal(lede_segment_open(f->paths[0], true, &segment, &error), LEDE_EEXISTS);
    assert_int_equal(lede_segment_open("/nonexistent/segment", false, &segment, &error), LEDE_EIO);
    assert_int_equal(lede_segment_open("/nonexistent/segment", true, &segment, &error), LEDE_EIO);
    assert_string_not_equal(error.message, "");
    assert_ptr_equal(segment, state);
    const char *path = "/nonexistent/segment";
    struct lede_index *index = NULL;
    assert_int_equal(lede_index_open(&path, 1, &index, &error), LEDE_EIO);
    assert_null(index);
}

static void a_second_writer_is_refused(void **state)
{
    struct fixture *f = *state;
    struct lede_segment *segment = NULL;
    struct lede_error error = {0};
    assert_int_equal(lede_segment_open(f->paths[0], false, &segment, &error), LEDE_EBUSY);
    assert_non_null(strstr(error.message, "DatabaseLockError"));
}

static uint32_t count_with_tag(struct fixture *f, const char *tag)
{
    struct lede_query *query = fixture_parse(f, "long");
    struct lede_search search = fixture_search(query);
    struct lede_filter filter = {.field = lede_field_at(LEDE_FIELD_TAGS), .any = &tag, .any_count = 1};
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
        snprintf(
            json, sizeof(json), "{\"id\":\"%s\",\"title\":\"long\",\"tags\":[\"%s\",\"short\"]}", id, value);
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
    assert_int_equal(
        lede_index_visit_values(f->index, lede_field_at(LEDE_FIELD_TAGS), note_value, &seen, NULL), LEDE_OK);
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

/* Files may not grow past this size until the call with RLIM_INFINITY. */
static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_failed_write_leaves_the_commit_before(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0, "{\"id\":\"kept\",\"title\":\"common words\"}");
    fixture_read(f);
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(16384);
    char json[300];
    struct lede_error error = {0};
    enum lede_status first =
        LEDE_OK; /* Xapian writes some blocks early, so that it may be a put that fails */
    for (int i = 0; i < 400 && first == LEDE_OK; i++) {
        snprintf(json, sizeof(json),
            "{\"id\":\"%d\",\"title\":\"common words %d\",\"body\":\"number %d of many\"}", i, i * 31,
            i * 17);
        first = fixture_try_put(f, 0, json, &error);
    }
    if (first == LEDE_OK)
        first = lede_segment_commit(f->segments[0], 7, &error);
    enum lede_status second = lede_segment_commit(f->segments[0], 8, NULL);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(first, LEDE_EIO);
    assert_non_null(strstr(error.message, "File too large"));
    assert_int_equal(second, LEDE_EIO);
    lede_segment_freep(&f->segments[0]);
    assert_int_equal(lede_segment_open(f->paths[0], false, &f->segments[0], NULL), LEDE_OK);
    assert_int_equal(lede_segment_document_count(f->segments[0]), 1);
    assert_int_equal(lede_segment_revision(f->segments[0]), 1);
    fixture_put(f, 0, "{\"id\":\"after\",\"title\":\"common words\"}");
    fixture_read(f);
    fixture_expect(f, "common", "after kept");
}

static const char *const table_names[] = {"postlist.glass", "docdata.glass", "termlist.glass", "iamglass"};

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
    fixture_close(f);
    char path[120];
    snprintf(path, sizeof(path), "%s/postlist.glass", f->paths[0]);
    patch(path, "lede-segment-1", "lede-segment-9");
    struct lede_error error = {0};
    assert_int_equal(lede_segment_open(f->paths[0], false, &f->segments[0], &error), LEDE_EVERSION);
    assert_non_null(strstr(error.message, "lede-segment-9"));
    const char *paths[] = {f->paths[1], f->paths[0]};
    assert_int_equal(lede_index_open(paths, 2, &f->index, NULL), LEDE_EVERSION);
}

static void a_reader_left_behind_is_stale_or_right(void **state)
{
    struct fixture *f = *state;
    char json[300];
    for (int i = 0; i < 300; i++) {
        snprintf(json, sizeof(json), "{\"id\":\"%d\",\"title\":\"round zero\",\"body\":\"text %d\"}", i, i);
        fixture_put(f, 0, json);
    }
    fixture_read(f);
    struct lede_query *query = fixture_parse(f, "round");
    struct lede_search search = fixture_search(query);
    search.limit = 1000;
    bool stale = false;
    for (int round = 1; round <= 4; round++) {
        for (int i = 0; i < 300; i++) {
            snprintf(json, sizeof(json), "{\"id\":\"%d\",\"title\":\"round %d\",\"body\":\"changed %d\"}", i,
                round, i);
            fixture_put(f, 0, json);
        }
        assert_int_equal(lede_segment_commit(f->segments[0], ++f->revision, NULL), LEDE_OK);
        struct lede_search_result result = {0};
        struct lede_error error = {0};
        enum lede_status status = lede_index_search(f->index, &search, &result, &error);
        if (status == LEDE_OK)
            assert_int_equal(result.hit_count, 300);
        else
            assert_int_equal(status, LEDE_ESTALE);
        stale = stale || status == LEDE_ESTALE;
        lede_search_result_done(&result);
    }
    assert_true(stale);
    bool changed = false;
    assert_int_equal(lede_index_reopen(f->index, &changed, NULL), LEDE_OK);
    assert_true(changed);
    assert_int_equal(lede_index_revision(f->index), f->revision);
    struct lede_search_result result = fixture_run(f, &search);
    assert_int_equal(result.total, 300);
    lede_search_result_done(&result);
    lede_query_free(query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_uncommitted_document_can_be_looked_up),
        TEST(a_replaced_document_is_found_once_by_its_new_words),
        TEST(a_deleted_document_is_gone),
        TEST(what_was_not_committed_is_dropped),
        TEST(a_batch_is_invisible_until_its_commit_however_long),
        TEST(creating_where_a_segment_is_and_opening_where_none_is_fail),
        TEST(a_second_writer_is_refused),
        TEST(long_ids_and_long_values_are_kept_apart),
        TEST(a_failed_write_leaves_the_commit_before),
        TEST(a_damaged_segment_is_reported_with_words),
        TEST(a_truncated_segment_is_reported_with_words),
        TEST(a_segment_of_another_version_is_refused),
        TEST(a_reader_left_behind_is_stale_or_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
