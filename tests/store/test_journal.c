/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal alone: what it replays after each kind of end, and what it refuses to pass over. */
#include "fixture.h"

#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each group here is one delete, of an id that is a number: what a replay visits is a list of
 * numbers. */
#define GROUPS_MAX 4096

struct visited {
    unsigned numbers[GROUPS_MAX];
    unsigned count;
};

static enum lede_status note_number(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr)
{
    struct visited *visited = context;
    (void)reterr;
    assert_int_equal(kind, LEDE_JOURNAL_DELETE);
    assert_true(size > 0 && visited->count < GROUPS_MAX);
    visited->numbers[visited->count++] = (unsigned)strtoul(bytes, NULL, 10);
    return LEDE_OK;
}

static const char *directory_of(struct fixture *fixture)
{
    if (mkdir(fixture->data, 0700) != 0)
        assert_int_equal(errno, EEXIST);
    return fixture->data;
}

static bool sync_fails;

int fdatasync(int fd)
{
    if (!sync_fails)
        return (int)syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}

static enum lede_status write_padded(
    struct lede_journal *journal, unsigned number, size_t size, bool sync)
{
    struct lede_buffer payload = {0};
    char *id = calloc(size + 16, 1);
    memset(id, ' ', size + 15);
    id[snprintf(id, 16, "%u", number)] = ' ';
    lede_journal_add_delete(&payload, id, size + 15);
    enum lede_status st = lede_journal_write_group(journal, &payload, sync, NULL);
    lede_buffer_done(&payload);
    free(id);
    return st;
}

static enum lede_status append_padded(struct lede_journal *journal, unsigned number, size_t size)
{
    return write_padded(journal, number, size, false);
}

static void write_group_that_cannot_be_synced(
    struct lede_journal *journal, unsigned number, size_t size)
{
    sync_fails = true;
    assert_int_equal(write_padded(journal, number, size, true), LEDE_EIO);
    sync_fails = false;
}

static void append(struct lede_journal *journal, unsigned first, unsigned last, bool sync)
{
    for (unsigned i = first; i <= last; i++) {
        assert_int_equal(append_padded(journal, i, 100), LEDE_OK);
        if (sync)
            assert_int_equal(lede_journal_sync(journal, NULL), LEDE_OK);
    }
}

static void open_journal(struct fixture *fixture, struct lede_journal *journal)
{
    struct lede_error error = {0};
    if (lede_journal_open(directory_of(fixture), 0, false, journal, &error) != LEDE_OK)
        fail_msg("%s", error.message);
}

static void expect_replay(struct lede_journal *journal, unsigned first, unsigned last)
{
    struct visited visited = {0};
    assert_int_equal(lede_journal_replay(journal, note_number, &visited, NULL), LEDE_OK);
    assert_int_equal(visited.count, first <= last ? last - first + 1 : 0);
    for (unsigned i = 0; i < visited.count; i++)
        assert_int_equal(visited.numbers[i], first + i);
}

/* Open, replay, expect, close. */
static void expect_after_reopening(struct fixture *fixture, unsigned first, unsigned last)
{
    struct lede_journal journal;
    open_journal(fixture, &journal);
    expect_replay(&journal, first, last);
    lede_journal_done(&journal);
}

/* The newest file, and how many there are. */
static unsigned find_newest(struct fixture *fixture, char ret_path[256])
{
    unsigned count = 0;
    char newest[64] = "";
    DIR *directory = opendir(fixture->data);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (strlen(entry->d_name) != 16)
            continue;
        count++;
        if (strcmp(entry->d_name, newest) > 0)
            snprintf(newest, sizeof(newest), "%.20s", entry->d_name);
    }
    closedir(directory);
    snprintf(ret_path, 256, "%s/%s", fixture->data, newest);
    return count;
}

static void flip_byte(const char *path, long at)
{
    unsigned char byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x20;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

#define FRAME_BYTES (56 + 5 + 115) /* of append() */

static void what_was_appended_is_replayed_in_order_and_again(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    open_journal(fixture, &journal);
    append(&journal, 1, 5, true);
    append(&journal, 6, 9, false);
    expect_replay(&journal, 1, 9);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 1, 9);
    expect_after_reopening(fixture, 1, 9);
}

static void what_was_forgotten_is_not_replayed(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    open_journal(fixture, &journal);
    append(&journal, 1, 3, true);
    uint64_t mark = lede_journal_mark(&journal);
    append(&journal, 4, 6, true);
    lede_journal_forget(&journal, mark);
    expect_replay(&journal, 4, 6);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 4, 6);
    open_journal(fixture, &journal);
    expect_replay(&journal, 4, 6);
    lede_journal_forget(&journal, lede_journal_mark(&journal));
    append(&journal, 7, 7, true);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 7, 7);
}

static void files_follow_one_another_and_are_used_again(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    char path[256];
    open_journal(fixture, &journal);
    for (unsigned i = 1; i <= 12; i++) {
        assert_int_equal(append_padded(&journal, i, 1 << 20), LEDE_OK);
        assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
    }
    assert_true(find_newest(fixture, path) >= 4);
    expect_replay(&journal, 1, 12);
    uint64_t mark = lede_journal_mark(&journal);
    assert_int_equal(append_padded(&journal, 13, 1 << 20), LEDE_OK);
    assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
    lede_journal_forget(&journal, mark);
    assert_true(find_newest(fixture, path) <= 3);
    for (unsigned i = 14; i <= 30; i++) {
        mark = lede_journal_mark(&journal);
        assert_int_equal(append_padded(&journal, i, 1 << 20), LEDE_OK);
        assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
        lede_journal_forget(&journal, mark);
        assert_true(find_newest(fixture, path) <= 3);
    }
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 30, 30);
}

static void a_tail_torn_at_any_byte_is_cut_there(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    char path[256];
    open_journal(fixture, &journal);
    append(&journal, 1, 4, true);
    lede_journal_done(&journal);
    find_newest(fixture, path);
    for (long end = 4 * FRAME_BYTES - 1; end >= 3 * FRAME_BYTES; end--) {
        assert_int_equal(truncate(path, end), 0);
        expect_after_reopening(fixture, 1, 3);
    }
}

static void damage_before_a_synced_frame_is_refused_with_its_place(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    char path[256];
    char place[64];
    open_journal(fixture, &journal);
    append(&journal, 1, 9, true);
    lede_journal_done(&journal);
    find_newest(fixture, path);
    for (long at = 3 * FRAME_BYTES; at < 4 * FRAME_BYTES; at++) {
        struct lede_error error = {0};
        flip_byte(path, at);
        assert_int_equal(
            lede_journal_open(fixture->data, 0, false, &journal, &error), LEDE_ECORRUPT);
        snprintf(place, sizeof(place), "at byte %d: 3 groups", 3 * FRAME_BYTES);
        assert_non_null(strstr(error.message, path));
        assert_non_null(strstr(error.message, place));
        assert_non_null(strstr(error.message, "and 5 behind"));
        flip_byte(path, at);
    }
    expect_after_reopening(fixture, 1, 9);
}

static void a_damaged_last_frame_that_a_note_follows_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    char path[256];
    open_journal(fixture, &journal);
    append(&journal, 1, 3, false);
    assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
    lede_journal_done(&journal);
    find_newest(fixture, path);
    flip_byte(path, 2 * FRAME_BYTES + 100);
    assert_int_equal(lede_journal_open(fixture->data, 0, false, &journal, NULL), LEDE_ECORRUPT);
}

static void unsynced_frames_that_went_to_the_disk_out_of_order_are_a_torn_tail(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    char path[256];
    open_journal(fixture, &journal);
    append(&journal, 1, 3, true);
    append(&journal, 4, 6, false);
    lede_journal_done(&journal);
    find_newest(fixture, path);
    flip_byte(path, 3 * FRAME_BYTES + 60);
    expect_after_reopening(fixture, 1, 3);
}

static void damage_in_what_is_forgotten_is_harmless(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    char path[256];
    open_journal(fixture, &journal);
    append(&journal, 1, 3, true);
    lede_journal_forget(&journal, lede_journal_mark(&journal));
    append(&journal, 4, 6, true);
    lede_journal_done(&journal);
    find_newest(fixture, path);
    flip_byte(path, FRAME_BYTES + 70);
    expect_after_reopening(fixture, 4, 6);
}

static void a_missing_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    struct lede_error error = {0};
    char first[256];
    open_journal(fixture, &journal);
    append(&journal, 1, 1, true);
    find_newest(fixture, first);
    for (unsigned i = 2; i <= 8; i++)
        assert_int_equal(append_padded(&journal, i, 1 << 20), LEDE_OK);
    assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
    lede_journal_done(&journal);
    assert_int_equal(unlink(first), 0);
    assert_int_equal(lede_journal_open(fixture->data, 0, false, &journal, &error), LEDE_ECORRUPT);
}

static void repair_keeps_a_copy_and_all_but_the_damaged(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    struct visited visited = {0};
    struct stat facts;
    char path[256];
    char copy[280];
    open_journal(fixture, &journal);
    append(&journal, 1, 6, true);
    lede_journal_done(&journal);
    find_newest(fixture, path);
    flip_byte(path, 2 * FRAME_BYTES + 80);
    assert_int_equal(lede_journal_open(fixture->data, 0, true, &journal, NULL), LEDE_OK);
    assert_int_equal(lede_journal_replay(&journal, note_number, &visited, NULL), LEDE_OK);
    assert_int_equal(visited.count, 5);
    assert_int_equal(visited.numbers[1], 2);
    assert_int_equal(visited.numbers[2], 4);
    snprintf(copy, sizeof(copy), "%s.damaged", path);
    assert_int_equal(stat(copy, &facts), 0);
    lede_journal_forget(&journal, lede_journal_mark(&journal));
    append(&journal, 7, 7, true);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 7, 7);
}

static void a_frame_that_could_not_be_synced_is_not_replayed(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    open_journal(fixture, &journal);
    append(&journal, 1, 2, true);
    write_group_that_cannot_be_synced(&journal, 99, 100);
    expect_replay(&journal, 1, 2);
    append(&journal, 3, 4, true);
    expect_replay(&journal, 1, 4);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 1, 4);
}

static void unsynced_frames_before_one_that_could_not_be_synced_are_written_again(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    open_journal(fixture, &journal);
    append(&journal, 1, 4, false);
    write_group_that_cannot_be_synced(&journal, 99, 100);
    expect_replay(&journal, 1, 4);
    assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
    append(&journal, 5, 5, true);
    expect_replay(&journal, 1, 5);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 1, 5);
}

static void a_group_without_a_frame_takes_none_back(void **state)
{
    struct fixture *fixture = *state;
    struct lede_journal journal;
    struct lede_buffer nothing = {0};
    open_journal(fixture, &journal);
    append(&journal, 1, 3, false);
    sync_fails = true;
    assert_int_equal(lede_journal_write_group(&journal, &nothing, true, NULL), LEDE_EIO);
    sync_fails = false;
    expect_replay(&journal, 1, 3);
    append(&journal, 4, 4, true);
    lede_journal_done(&journal);
    expect_after_reopening(fixture, 1, 4);
}

/* Random sequences of everything, against a list in memory. */
static void random_histories_are_replayed_from_their_mark(void **state)
{
    struct fixture *fixture = *state;
    const char *text = getenv("LEDE_SEED");
    unsigned seed = text ? (unsigned)strtoul(text, NULL, 10) : 20220119u;
    unsigned next = 1;
    unsigned kept = 1; /* the first that is not forgotten */
    struct lede_journal journal;
    print_message("# seed %u\n", seed);
    open_journal(fixture, &journal);
    for (unsigned step = 0; step < 400; step++) {
        unsigned kind = (unsigned)rand_r(&seed) % 100;
        if (kind < 60) {
            size_t size = rand_r(&seed) % 8 ? 200 : 1 << 20;
            assert_int_equal(append_padded(&journal, next++, size), LEDE_OK);
        } else if (kind < 80) {
            assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
        } else if (kind < 90) {
            assert_int_equal(lede_journal_sync(&journal, NULL), LEDE_OK);
            lede_journal_forget(&journal, lede_journal_mark(&journal));
            kept = next;
        } else if (kind < 95) {
            write_group_that_cannot_be_synced(&journal, 9999, 300);
            if (rand_r(&seed) % 2)
                assert_int_equal(append_padded(&journal, next++, 10), LEDE_OK);
            expect_replay(&journal, kept, next - 1);
        } else if (lede_journal_sync(&journal, NULL) == LEDE_OK) {
            assert_int_equal(append_padded(&journal, next++, 10), LEDE_OK);
            lede_journal_done(&journal);
            open_journal(fixture, &journal);
            expect_replay(&journal, kept, next - 1);
            lede_journal_forget(&journal, lede_journal_mark(&journal));
            kept = next;
        }
    }
    expect_replay(&journal, kept, next - 1);
    lede_journal_done(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(what_was_appended_is_replayed_in_order_and_again),
        CASE(what_was_forgotten_is_not_replayed),
        CASE(files_follow_one_another_and_are_used_again),
        CASE(a_tail_torn_at_any_byte_is_cut_there),
        CASE(damage_before_a_synced_frame_is_refused_with_its_place),
        CASE(a_damaged_last_frame_that_a_note_follows_is_refused),
        CASE(unsynced_frames_that_went_to_the_disk_out_of_order_are_a_torn_tail),
        CASE(damage_in_what_is_forgotten_is_harmless),
        CASE(a_missing_file_is_refused),
        CASE(repair_keeps_a_copy_and_all_but_the_damaged),
        CASE(a_frame_that_could_not_be_synced_is_not_replayed),
        CASE(unsynced_frames_before_one_that_could_not_be_synced_are_written_again),
        CASE(a_group_without_a_frame_takes_none_back),
        CASE(random_histories_are_replayed_from_their_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
