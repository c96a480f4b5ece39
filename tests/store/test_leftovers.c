/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left over: writes that cannot be applied, half of a backup, files of segments that nobody
 * reads any more. */
#include "fixture.h"

#include "journal.h"
#include "lede/care.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t read_text(const char *directory, const char *name, char *ret_text, size_t size)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    size_t count = file ? fread(ret_text, 1, size - 1, file) : 0;
    if (file)
        fclose(file);
    ret_text[count] = '\0';
    return count;
}

/* As a version with a fault, or a newer one, may have left it. */
static void journal_puts(const struct fixture *fixture, const char *const *texts, size_t count)
{
    struct lede_journal journal;
    struct lede_buffer payload = {0};
    char path[160];
    snprintf(path, sizeof(path), "%s/journal", fixture->data);
    assert_int_equal(lede_journal_open(path, 0, false, &journal, NULL), LEDE_OK);
    for (size_t i = 0; i < count; i++)
        lede_journal_add_put(&payload, texts[i], strlen(texts[i]));
    assert_int_equal(lede_journal_write_group(&journal, &payload, true, NULL), LEDE_OK);
    lede_buffer_done(&payload);
    lede_journal_done(&journal);
}

static uint32_t count_set_aside(struct lede_store *store)
{
    struct lede_store_stats stats;
    assert_int_equal(lede_store_stats(store, &stats, NULL), LEDE_OK);
    return stats.set_aside;
}

static void note_finding(void *context, const struct lede_finding *finding)
{
    char *places = context;
    strcat(strcat(places, finding->place), " ");
}

static void a_journalled_write_that_cannot_be_applied_is_set_aside_and_the_others_go_on(
    void **state)
{
    static const char *const texts[] = {
        "{\"id\":\"before\",\"title\":\"granite\",\"published\":\"2022-01-19T00:00:00Z\"}",
        "no document at all", "\xff\xfe{",
        "{\"id\":\"behind\",\"title\":\"granite\",\"published\":\"2022-01-19T00:00:00Z\"}"};
    struct fixture *fixture = *state;
    char text[2048];
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
    journal_puts(fixture, texts, 4);
    fixture_open(fixture);
    assert_int_equal(count_found(fixture, "granite"), 5);
    assert_int_equal(count_set_aside(fixture->store), 2);
    assert_true(read_text(fixture->data, "set-aside.ndjson", text, sizeof(text)) > 0);
    assert_non_null(strstr(text, "no document at all"));
    assert_non_null(strstr(text, "fffe7b"));
    assert_non_null(strstr(text, "\"reason\""));
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(count_set_aside(fixture->store), 2);
    fixture_close(fixture);
    char places[1024] = "";
    struct lede_check_options options = {
        .directory = fixture->data, .tell = note_finding, .context = places};
    struct lede_check_stats stats;
    assert_int_equal(lede_store_check(&options, &stats, NULL), LEDE_OK);
    assert_non_null(strstr(places, "set-aside.ndjson"));
    assert_int_equal(stats.problems, 0);
}

static void a_replay_that_is_repeated_sets_nothing_aside_twice(void **state)
{
    static const char *const texts[] = {"no document at all"};
    struct fixture *fixture = *state;
    fixture_open(fixture);
    fixture_close(fixture);
    for (int i = 0; i < 2; i++) {
        journal_puts(fixture, texts, 1);
        fixture_open(fixture);
        assert_int_equal(count_set_aside(fixture->store), 1);
        fixture_close(fixture);
    }
}

static void make_directory_with_file(const char *path)
{
    char file[200];
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(file, sizeof(file), "%s/postlist.glass", path);
    FILE *half = fopen(file, "w");
    assert_non_null(half);
    fclose(half);
}

static void what_an_interrupted_backup_left_goes_with_the_next(void **state)
{
    struct fixture *fixture = *state;
    struct lede_backup_stats stats;
    struct stat facts;
    char destination[128];
    char left[2][160];
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    snprintf(destination, sizeof(destination), "%s/backup", fixture->directory);
    assert_int_equal(lede_store_backup(fixture->store, destination, true, &stats, NULL), LEDE_OK);
    snprintf(left[0], sizeof(left[0]), "%s/segments/000077.partial", destination);
    snprintf(left[1], sizeof(left[1]), "%s/segments/000078", destination);
    make_directory_with_file(left[0]);
    make_directory_with_file(left[1]);
    assert_int_equal(lede_store_backup(fixture->store, destination, true, &stats, NULL), LEDE_OK);
    assert_int_equal(stat(left[0], &facts), -1);
    assert_int_equal(stat(left[1], &facts), -1);
    snprintf(left[0], sizeof(left[0]), "%s/segments/000079.partial", fixture->data);
    make_directory_with_file(left[0]);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(stat(left[0], &facts), -1);
    assert_int_equal(count_found(fixture, "granite"), 3);
}

static size_t count_directories(const struct fixture *fixture)
{
    char path[160];
    size_t count = 0;
    snprintf(path, sizeof(path), "%s/segments", fixture->data);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void files_of_merged_segments_go_while_a_reader_that_rests_is_open(void **state)
{
    struct fixture *fixture = *state;
    struct lede_store_stats stats = {0};
    fixture_open(fixture);
    for (unsigned i = 0; i < 200; i++) {
        char id[32];
        enum lede_write_outcome outcome;
        snprintf(id, sizeof(id), "n%u", i);
        assert_int_equal(index_one(fixture->store, id, "granite", &outcome), LEDE_OK);
        lede_reader_release(fixture->reader);
    }
    size_t directories = SIZE_MAX;
    for (int i = 0; i < 1000 && directories > stats.segments + 2u; i++) {
        usleep(20000);
        lede_reader_release(fixture->reader);
        assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
        directories = count_directories(fixture);
    }
    assert_true(stats.merges > 0);
    assert_true(directories <= stats.segments + 2u);
    assert_int_equal(count_found(fixture, "granite"), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(a_journalled_write_that_cannot_be_applied_is_set_aside_and_the_others_go_on),
        CASE(a_replay_that_is_repeated_sets_nothing_aside_twice),
        CASE(what_an_interrupted_backup_left_goes_with_the_next),
        CASE(files_of_merged_segments_go_while_a_reader_that_rests_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
