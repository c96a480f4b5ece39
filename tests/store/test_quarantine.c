/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A damaged segment is taken out while the others are served, and comes back once it is whole or
 * mended; a list that is lost is made anew. */
#include "fixture.h"
#include "open_store.h"

#include "lede/care.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each body is a segment. */
static const struct lede_store_options unmerged = {.lanes = 1, .merge = {.fan_in = UINT32_MAX}};

static void print_finding(void *context, const struct lede_finding *finding)
{
    (void)context;
    print_message("# %s: %s\n", finding->place, finding->what);
}

static struct lede_check_stats repair(const struct fixture *fixture, unsigned problems)
{
    struct lede_check_stats stats = {0};
    struct lede_check_options options = {
        .directory = fixture->data, .repair = true, .tell = print_finding};
    assert_int_equal(lede_store_check(&options, &stats, NULL), LEDE_OK);
    assert_int_equal(stats.problems, problems);
    return stats;
}

/* Segments of a0…, b0…, c0…, d0…; a5 is deleted. */
static void build(struct fixture *fixture)
{
    fixture_open_with(fixture, unmerged);
    for (char first = 'a'; first <= 'd'; first++)
        index_many(fixture->store, (char[]){first, '\0'}, 20, "ferry");
    assert_int_equal(delete_one(fixture->store, "a5"), LEDE_OK);
}

/* The number of the segment that has an id. */
static uint32_t number_of(struct fixture *fixture, const char *id)
{
    for (uint32_t lane = 0; lane < fixture->store->segments.lane_count; lane++) {
        for (size_t i = 0; i < fixture->store->segments.lanes[lane].count; i++) {
            const struct lede_sealed_segment *segment =
                fixture->store->segments.lanes[lane].items[i];
            struct lede_deleted deleted = lede_bitmap_view(&segment->deleted);
            unsigned char digest[16];
            uint32_t docid = 0;
            assert_int_equal(
                lede_sealed_find(segment->sealed, id, strlen(id), &deleted, &docid, digest, NULL),
                LEDE_OK);
            if (docid != 0)
                return segment->number;
        }
    }
    fail_msg("no segment has '%s'", id);
    return 0;
}

static void path_of(
    const struct fixture *fixture, uint32_t number, const char *file, char path[256])
{
    snprintf(path, 256, "%s/segments/%06u/%s", fixture->data, number, file);
}

/* Change bytes; doing it twice changes them back. */
static void flip(
    const struct fixture *fixture, uint32_t number, const char *file, off_t from, unsigned count)
{
    char path[256];
    path_of(fixture, number, file, path);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    for (off_t at = from; at < from + (off_t)count; at++) {
        unsigned char byte = 0;
        if (pread(fd, &byte, 1, at) != 1)
            break;
        byte ^= 0x5a;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    close(fd);
}

static struct lede_store_stats stats_of(const struct fixture *fixture)
{
    struct lede_store_stats stats;
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    return stats;
}

static void expect_quarantined(struct fixture *fixture, uint32_t number, uint32_t documents)
{
    struct lede_store_stats stats = stats_of(fixture);
    assert_int_equal(stats.quarantined_count, 1);
    assert_int_equal(stats.quarantined[0].segment, number);
    assert_int_equal(stats.quarantined[0].documents, documents);
    assert_true(stats.quarantined[0].what[0] != '\0');
    assert_int_equal(stats.documents, count_found(fixture, "ferry"));
}

static void count_call(void *context, uint32_t segment, const char *what)
{
    (void)segment;
    assert_true(what[0] != '\0');
    (*(unsigned *)context)++;
}

/* ---- At the start ---- */

static void a_file_cut_short_or_missing_takes_its_segment_out_at_the_start(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    build(fixture);
    uint32_t number = number_of(fixture, "a0");
    fixture_close(fixture);
    path_of(fixture, number, "docdata.glass", path);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size - 1), 0);
    unsigned told = 0;
    struct lede_store_options options = unmerged;
    options.quarantined = count_call;
    options.context = &told;
    fixture_open_with(fixture, options);
    assert_int_equal(told, 1);
    expect_quarantined(fixture, number, 19);
    assert_int_equal(count_found(fixture, "ferry"), 60);
    /* It stays so, and is told again. */
    fixture_open_with(fixture, options);
    assert_int_equal(told, 2);
    expect_quarantined(fixture, number, 19);
}

static void no_flipped_byte_is_served_after_a_start(void **state)
{
    struct fixture *fixture = *state;
    build(fixture);
    uint32_t number = number_of(fixture, "b0");
    fixture_close(fixture);
    flip(fixture, number, "docdata.glass", 300, 1);
    fixture_open_with(fixture, unmerged);
    expect_quarantined(fixture, number, 20);
    assert_int_equal(count_found(fixture, "ferry"), 59);
    assert_int_equal(
        index_one(fixture->store, "b0", "new", &(enum lede_write_outcome){0}), LEDE_OK);
}

static void segments_that_none_can_read_are_not_taken_for_damaged(void **state)
{
    struct fixture *fixture = *state;
    char segments[256], elsewhere[256], empty[256];
    struct lede_store *store = NULL;
    struct lede_error error = {0};
    build(fixture);
    fixture_close(fixture);
    snprintf(segments, sizeof(segments), "%s/segments", fixture->data);
    snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", fixture->data);
    assert_int_equal(rename(segments, elsewhere), 0);
    struct lede_store_options options = unmerged;
    options.directory = fixture->data;
    assert_int_equal(lede_store_open(&options, &store, &error), LEDE_EIO);
    assert_non_null(strstr(error.message, "none of the segments"));
    snprintf(empty, sizeof(empty), "%s", segments);
    assert_int_equal(rmdir(empty), 0);
    assert_int_equal(rename(elsewhere, segments), 0);
    fixture_open_with(fixture, unmerged);
    assert_int_equal(count_found(fixture, "ferry"), 79);
    assert_int_equal(stats_of(fixture).quarantined_count, 0);
}

/* ---- While it is served ---- */

static void wait_for_quarantine(struct fixture *fixture)
{
    for (int i = 0; i < 2000 && stats_of(fixture).quarantined_count == 0; i++)
        usleep(5000);
}

static void damage_that_a_search_meets_is_found_at_once(void **state)
{
    struct fixture *fixture = *state;
    build(fixture);
    fixture_close(fixture);
    fixture_open_with(fixture, unmerged);
    uint32_t number = number_of(fixture, "c0");
    /* The scrub after the start has come to its end, most likely: it is for the search to tell. */
    usleep(50000);
    flip(fixture, number, "postlist.glass", 0, 100000);
    (void)lede_quarantine_suspect(&fixture->store->segments.quarantine, LEDE_ECORRUPT);
    wait_for_quarantine(fixture);
    for (int i = 0; i < 2000 && count_found(fixture, "ferry") != 59; i++)
        usleep(5000);
    expect_quarantined(fixture, number, 20);
    assert_int_equal(
        index_one(fixture->store, "c0", "new ferry", &(enum lede_write_outcome){0}), LEDE_OK);
    assert_int_equal(count_found(fixture, "ferry"), 60);
}

/* Joined, its damage would have right checksums. */
static void damage_is_not_merged(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    build(fixture);
    fixture_close(fixture);
    fixture_open_with(fixture, unmerged);
    uint32_t number = number_of(fixture, "c0");
    usleep(50000);
    flip(fixture, number, "positions", 0, 10);
    assert_int_equal(lede_store_compact(fixture->store, NULL, NULL, &error), LEDE_ECORRUPT);
    assert_non_null(strstr(error.message, "it is not merged"));
    wait_for_quarantine(fixture);
    expect_quarantined(fixture, number, 20);
    assert_int_equal(lede_store_compact(fixture->store, NULL, NULL, &error), LEDE_OK);
    assert_int_equal(count_found(fixture, "ferry"), 59);
}

/* ---- Coming back ---- */

/* Segment of a0… is quarantined; then a0 is put again, and b1 deleted; what it holds is as it
 * was. */
static uint32_t build_quarantined(struct fixture *fixture)
{
    build(fixture);
    uint32_t number = number_of(fixture, "a0");
    fixture_close(fixture);
    flip(fixture, number, "postlist.glass", 4000, 20); /* of terms */
    fixture_open_with(fixture, unmerged);
    expect_quarantined(fixture, number, 19);
    assert_int_equal(
        index_one(fixture->store, "a0", "new ferry", &(enum lede_write_outcome){0}), LEDE_OK);
    assert_int_equal(delete_one(fixture->store, "b1"), LEDE_OK);
    fixture_close(fixture);
    return number;
}

static void expect_all_but_the_deleted(struct fixture *fixture)
{
    fixture_open_with(fixture, unmerged);
    assert_int_equal(stats_of(fixture).quarantined_count, 0);
    assert_int_equal(stats_of(fixture).documents, 78);
    assert_int_equal(count_found(fixture, "ferry"), 78);
    assert_false(has_document(fixture, "a5"));
    assert_false(has_document(fixture, "b1"));
    assert_true(has_document(fixture, "a1"));
    assert_true(body_contains(fixture, "a0", "new"));
    fixture_close(fixture);
}

static void a_segment_that_is_whole_again_is_listed_again_without_what_was_put_since(void **state)
{
    struct fixture *fixture = *state;
    uint32_t number = build_quarantined(fixture);
    flip(fixture, number, "postlist.glass", 4000, 20);
    assert_int_equal(repair(fixture, 0).repaired, 1);
    expect_all_but_the_deleted(fixture);
    assert_int_equal(repair(fixture, 0).documents, 78);
}

static void a_quarantined_segment_is_salvaged_without_what_was_put_since(void **state)
{
    struct fixture *fixture = *state;
    build_quarantined(fixture);
    assert_int_equal(repair(fixture, 0).repaired, 1);
    expect_all_but_the_deleted(fixture);
    assert_int_equal(repair(fixture, 0).repaired, 0);
}

/* ---- A list that is lost ---- */

static void build_replaced(struct fixture *fixture, struct lede_store_options options)
{
    fixture_open_with(fixture, options);
    for (char first = 'a'; first <= 'd'; first++)
        index_many(fixture->store, (char[]){first, '\0'}, 20, "ferry");
    assert_int_equal(delete_one(fixture->store, "a5"), LEDE_OK);
    index_many(fixture->store, "a", 3, "harbour");
    fixture_close(fixture);
}

static void lose_manifest(const struct fixture *fixture)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/manifest.json", fixture->data);
    assert_int_equal(unlink(path), 0);
}

static void segments_without_a_list_are_not_taken_for_an_empty_store(void **state)
{
    struct fixture *fixture = *state;
    struct lede_store *store = NULL;
    struct lede_error error = {0};
    build_replaced(fixture, unmerged);
    lose_manifest(fixture);
    struct lede_store_options options = unmerged;
    options.directory = fixture->data;
    assert_int_equal(lede_store_open(&options, &store, &error), LEDE_ECORRUPT);
    assert_non_null(strstr(error.message, "manifest.json"));
    assert_non_null(strstr(error.hint, "--repair"));
}

static void expect_replaced(
    struct fixture *fixture, struct lede_store_options options, unsigned documents)
{
    fixture_open_with(fixture, options);
    assert_int_equal(stats_of(fixture).documents, documents);
    assert_int_equal(count_found(fixture, "harbour"), 3);
    assert_true(body_contains(fixture, "a0", "harbour"));
    assert_int_equal(count_found(fixture, "ferry"), documents - 3);
    /* Each is in the lane that it is looked for in. */
    for (unsigned i = 0; i < 20; i++) {
        char id[8];
        enum lede_write_outcome outcome = LEDE_FAILED;
        snprintf(id, sizeof(id), "c%u", i);
        assert_int_equal(index_one(fixture->store, id, "again ferry", &outcome), LEDE_OK);
        assert_int_equal(outcome, LEDE_UPDATED);
    }
    assert_int_equal(stats_of(fixture).documents, documents);
    fixture_close(fixture);
}

static void a_lost_list_is_made_anew_of_the_segments(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t lanes = 1; lanes <= 3; lanes++) {
        struct lede_store_options options = {.lanes = lanes, .merge = {.fan_in = UINT32_MAX}};
        void *own = NULL;
        assert_int_equal(fixture_setup(&own), 0);
        build_replaced(own, options);
        lose_manifest(own);
        assert_int_equal(repair(own, 0).documents, 79);
        expect_replaced(own, options, 79);
        assert_int_equal(repair(own, 0).repaired, 0);
        assert_int_equal(fixture_teardown(&own), 0);
    }
    (void)fixture;
}

/* As a merge leaves it that was interrupted. */
static void what_was_in_the_making_when_the_list_was_lost_is_no_segment(void **state)
{
    struct fixture *fixture = *state;
    char command[512];
    build_replaced(fixture, unmerged);
    lose_manifest(fixture);
    snprintf(command, sizeof(command),
        "mkdir %s/segments/000999 && head -c 8192 /dev/zero > %s/segments/000999/postlist.glass",
        fixture->data, fixture->data);
    assert_int_equal(system(command), 0);
    assert_int_equal(repair(fixture, 0).documents, 79);
    assert_int_equal(repair(fixture, 0).repaired, 0);
    expect_replaced(fixture, unmerged, 79);
}

static void a_list_that_is_damaged_is_made_anew_and_damaged_segments_with_it(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 1, "x");
    fixture_close(fixture);
    build_replaced(fixture, unmerged);
    fixture_open_with(fixture, unmerged);
    uint32_t number = number_of(fixture, "d0");
    fixture_close(fixture);
    flip(fixture, number, "postlist.glass", 4000, 20);
    snprintf(path, sizeof(path), "%s/manifest.json", fixture->data);
    assert_int_equal(truncate(path, 40), 0);
    repair(fixture, 0);
    expect_replaced(fixture, unmerged, 79);
    strcat(path, ".damaged");
    assert_int_equal(access(path, F_OK), 0);
}

static void without_the_log_of_deletions_the_newest_version_is_there_and_the_deleted_may_be(
    void **state)
{
    struct fixture *fixture = *state;
    char command[256];
    build_replaced(fixture, unmerged);
    lose_manifest(fixture);
    snprintf(command, sizeof(command), "rm %s/deletions-*", fixture->data);
    assert_int_equal(system(command), 0);
    repair(fixture, 0);
    expect_replaced(fixture, unmerged, 80);
}

static void what_only_the_journal_has_is_there_after_the_list_was_made_anew(void **state)
{
    struct fixture *fixture = *state;
    char command[512];
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 20, "ferry");
    struct lede_store_options options = unmerged;
    fixture_open_with(fixture, options);
    assert_int_equal(
        index_one(fixture->store, "late", "ferry", &(enum lede_write_outcome){0}), LEDE_OK);
    assert_int_equal(delete_one(fixture->store, "a7"), LEDE_OK);
    /* As a crash leaves it: before the list is written. */
    snprintf(command, sizeof(command), "cp -a %s %s.crashed", fixture->data, fixture->data);
    assert_int_equal(system(command), 0);
    fixture_close(fixture);
    snprintf(command, sizeof(command), "rm -r %s && mv %s.crashed %s", fixture->data, fixture->data,
        fixture->data);
    assert_int_equal(system(command), 0);
    lose_manifest(fixture);
    repair(fixture, 0);
    fixture_open_with(fixture, unmerged);
    assert_int_equal(count_found(fixture, "ferry"), 20);
    assert_true(has_document(fixture, "late"));
    assert_false(has_document(fixture, "a7"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_cut_short_or_missing_takes_its_segment_out_at_the_start),
        TEST(no_flipped_byte_is_served_after_a_start),
        TEST(segments_that_none_can_read_are_not_taken_for_damaged),
        TEST(damage_that_a_search_meets_is_found_at_once),
        TEST(damage_is_not_merged),
        TEST(a_segment_that_is_whole_again_is_listed_again_without_what_was_put_since),
        TEST(a_quarantined_segment_is_salvaged_without_what_was_put_since),
        TEST(segments_without_a_list_are_not_taken_for_an_empty_store),
        TEST(a_lost_list_is_made_anew_of_the_segments),
        TEST(what_was_in_the_making_when_the_list_was_lost_is_no_segment),
        TEST(a_list_that_is_damaged_is_made_anew_and_damaged_segments_with_it),
        TEST(without_the_log_of_deletions_the_newest_version_is_there_and_the_deleted_may_be),
        TEST(what_only_the_journal_has_is_there_after_the_list_was_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
