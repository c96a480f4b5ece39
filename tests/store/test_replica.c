/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy has what its source has, in the source's order and with its revisions, whatever comes
 * between; and a log that is not kept is told. */
#include "fixture.h"

#include "lede/replica.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The fixture is the source; this is the copy. */
struct copy {
    char data[96];
    struct lede_store *store;
    struct lede_reader *reader;
};

static void expect_ok(enum lede_status st, const struct lede_error *error)
{
    if (st != LEDE_OK)
        print_message("%s\n", error->message);
    assert_int_equal(st, LEDE_OK);
}

static enum lede_status put(struct lede_store *store, const char *id, const char *body)
{
    enum lede_write_outcome outcome;
    return index_one(store, id, body, &outcome);
}

/* ---- Making a copy ---- */

struct transfer {
    struct lede_store *source;
    const char *id, *path;
    unsigned files;
};

static void transfer_file(void *context, const char *name, uint64_t bytes)
{
    struct transfer *transfer = context;
    struct lede_error error = {0};
    uint64_t at = 0;
    do {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer part = {0};
        expect_ok(lede_store_snapshot_read(
                      transfer->source, transfer->id, name, at, 10000, &part, &error),
            &error);
        expect_ok(lede_copy_write(transfer->path, name, at, part.data, part.size, &error), &error);
        at += part.size;
    } while (at < bytes);
    assert_int_equal(lede_copy_held(transfer->path, name), bytes);
    transfer->files++;
}

static struct lede_snapshot take_snapshot(
    struct lede_store *source, const char *data, char **ret_path)
{
    struct lede_error error = {0};
    struct lede_snapshot snapshot = {0};
    expect_ok(lede_store_snapshot(source, "copy", &snapshot, &error), &error);
    expect_ok(lede_copy_begin(data, ret_path, &error), &error);
    struct transfer transfer = {.source = source, .id = snapshot.id, .path = *ret_path};
    expect_ok(
        lede_store_snapshot_visit(source, snapshot.id, transfer_file, &transfer, &error), &error);
    assert_true(transfer.files > 1);
    return snapshot;
}

static void copy_open(struct copy *copy)
{
    struct lede_error error = {0};
    struct lede_store_options options = {.directory = copy->data};
    expect_ok(lede_store_open(&options, &copy->store, &error), &error);
    expect_ok(lede_reader_open(copy->store, &copy->reader, &error), &error);
}

static void copy_close(struct copy *copy)
{
    lede_reader_freep(&copy->reader);
    lede_store_closep(&copy->store);
}

static void copy_begin(struct fixture *fixture, struct copy *copy)
{
    LEDE_CLEANUP(lede_freep) char *path = NULL;
    struct lede_error error = {0};
    struct lede_copy_place place;
    *copy = (struct copy){0};
    snprintf(copy->data, sizeof(copy->data), "%s/copy", fixture->directory);
    struct lede_snapshot snapshot = take_snapshot(fixture->store, copy->data, &path);
    expect_ok(lede_copy_end(copy->data, path, &snapshot.place, &error), &error);
    lede_store_snapshot_drop(fixture->store, snapshot.id);
    expect_ok(lede_copy_look(copy->data, &place, &error), &error);
    assert_true(place.is_copy);
    assert_string_equal(place.history, snapshot.place.history);
    copy_open(copy);
}

/* ---- Following ---- */

/* One look at the source's log. Returns its status; ret_more: there may be more. */
static enum lede_status follow_once(
    struct fixture *fixture, struct copy *copy, bool *ret_more, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_log_piece_done) struct lede_log_piece piece = {0};
    char history[LEDE_HISTORY_SIZE];
    uint64_t position = 0, revision = 0;
    lede_store_copied_to(copy->store, history, &position, &revision);
    enum lede_status st =
        lede_store_log_read(fixture->store, "copy", history, position, &piece, reterr);
    *ret_more = st == LEDE_OK && piece.frames.size > 0;
    return st == LEDE_OK ? lede_store_apply(copy->store, &piece, reterr) : st;
}

static void follow(struct fixture *fixture, struct copy *copy)
{
    struct lede_error error = {0};
    bool has_more = true;
    while (has_more)
        expect_ok(follow_once(fixture, copy, &has_more, &error), &error);
}

/* The same documents, byte by byte, and the same revision. */
static void expect_same(struct fixture *fixture, struct copy *copy, const char *const *ids)
{
    struct lede_store_stats of_source, of_copy;
    assert_int_equal(lede_reader_refresh(fixture->reader, NULL), LEDE_OK);
    assert_int_equal(lede_reader_refresh(copy->reader, NULL), LEDE_OK);
    assert_int_equal(lede_store_stats(fixture->store, &of_source, NULL), LEDE_OK);
    assert_int_equal(lede_store_stats(copy->store, &of_copy, NULL), LEDE_OK);
    assert_int_equal(of_copy.documents, of_source.documents);
    assert_int_equal(lede_reader_revision(copy->reader), lede_reader_revision(fixture->reader));
    for (; *ids; ids++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer here = {0};
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer there = {0};
        unsigned char of_one[16] = {0}, of_other[16] = {0};
        enum lede_status st =
            lede_reader_get(fixture->reader, *ids, strlen(*ids), &here, of_one, NULL);
        assert_int_equal(
            lede_reader_get(copy->reader, *ids, strlen(*ids), &there, of_other, NULL), st);
        assert_int_equal(here.size, there.size);
        assert_true(here.size == 0 || memcmp(here.data, there.data, here.size) == 0);
        assert_memory_equal(of_one, of_other, sizeof(of_one));
    }
}

static const char *const some_ids[] = {"a0", "a1", "a7", "b0", "b17", "c", "d", "nobody", NULL};

static void a_copy_has_what_its_source_has(void **state)
{
    struct fixture *fixture = *state;
    struct copy copy;
    fixture_open(fixture);
    index_many(fixture->store, "a", 100, "ferry");
    assert_int_equal(delete_one(fixture->store, "a7"), LEDE_OK);
    copy_begin(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    index_many(fixture->store, "b", 300, "harbour");
    assert_int_equal(put(fixture->store, "a1", "another text"), LEDE_OK);
    assert_int_equal(delete_one(fixture->store, "b17"), LEDE_OK);
    follow(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    copy_close(&copy);
    /* What came meanwhile, also a restart of the source. */
    assert_int_equal(put(fixture->store, "c", "first"), LEDE_OK);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(put(fixture->store, "c", "second"), LEDE_OK);
    assert_int_equal(put(fixture->store, "d", "third"), LEDE_OK);
    copy_open(&copy);
    follow(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    /* Nothing new changes nothing. */
    follow(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    copy_close(&copy);
}

static void an_empty_store_is_followed(void **state)
{
    struct fixture *fixture = *state;
    struct copy copy;
    fixture_open(fixture);
    copy_begin(fixture, &copy);
    assert_int_equal(put(fixture->store, "a0", "the first of all"), LEDE_OK);
    follow(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    copy_close(&copy);
}

static void a_copy_takes_no_writes_until_it_is_promoted(void **state)
{
    struct fixture *fixture = *state;
    struct copy copy;
    struct lede_error error = {0};
    struct lede_log_place place;
    bool has_more = false;
    fixture_open(fixture);
    index_many(fixture->store, "a", 10, "ferry");
    copy_begin(fixture, &copy);
    assert_int_equal(put(copy.store, "x", "mine"), LEDE_EREADONLY);
    assert_int_equal(delete_one(copy.store, "a1"), LEDE_EREADONLY);
    assert_int_equal(lede_store_log_place(copy.store, &place, &error), LEDE_EUNSUPPORTED);
    assert_int_equal(lede_store_promote(fixture->store, &error), LEDE_EUNSUPPORTED);
    uint64_t before = lede_reader_revision(copy.reader);
    expect_ok(lede_store_promote(copy.store, &error), &error);
    expect_ok(put(copy.store, "x", "mine"), &error);
    assert_int_equal(lede_reader_refresh(copy.reader, NULL), LEDE_OK);
    assert_true(lede_reader_revision(copy.reader) > before);
    assert_int_equal(follow_once(fixture, &copy, &has_more, &error), LEDE_EPRECONDITION);
    copy_close(&copy);
    copy_open(&copy); /* and it stays one of its own */
    assert_false(lede_store_is_copy(copy.store));
    expect_ok(put(copy.store, "y", "mine"), &error);
    expect_ok(lede_store_log_place(copy.store, &place, &error), &error);
    copy_close(&copy);
}

static void a_log_that_is_not_kept_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct copy copy;
    struct lede_error error = {0};
    bool has_more = false;
    fixture_open_with(
        fixture, (struct lede_store_options){.log_bytes_max = 1 << 20, .pending_bytes = 1 << 20});
    index_many(fixture->store, "a", 10, "ferry");
    copy_begin(fixture, &copy);
    /* Within the bound it is kept. */
    index_many(fixture->store, "b", 100, "harbour");
    follow(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    static char body[100001];
    for (size_t i = 0; i < sizeof(body) - 1; i++)
        body[i] = i % 7 == 6 ? ' ' : 'x';
    for (unsigned i = 0; i < 200; i++) {
        body[0] = (char)('a' + i % 26);
        assert_int_equal(put(fixture->store, "c", body), LEDE_OK);
    }
    enum lede_status st = LEDE_OK;
    for (unsigned i = 0; st == LEDE_OK && i < 20; i++)
        st = follow_once(fixture, &copy, &has_more, &error);
    assert_int_equal(st, LEDE_ENOTFOUND);
    copy_close(&copy);
    /* A new snapshot takes the place of the old copy. */
    copy_begin(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    copy_close(&copy);
}

static void damage_on_the_way_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct copy copy;
    struct lede_error error = {0};
    LEDE_CLEANUP(lede_log_piece_done) struct lede_log_piece piece = {0};
    char history[LEDE_HISTORY_SIZE];
    uint64_t position = 0, revision = 0;
    fixture_open(fixture);
    index_many(fixture->store, "a", 10, "ferry");
    copy_begin(fixture, &copy);
    index_many(fixture->store, "b", 10, "harbour");
    lede_store_copied_to(copy.store, history, &position, &revision);
    expect_ok(
        lede_store_log_read(fixture->store, "copy", history, position, &piece, &error), &error);
    piece.frames.data[piece.frames.size / 2] ^= 1;
    assert_int_equal(lede_store_apply(copy.store, &piece, &error), LEDE_ECORRUPT);
    piece.frames.data[piece.frames.size / 2] ^= 1;
    expect_ok(lede_store_apply(copy.store, &piece, &error), &error);
    expect_same(fixture, &copy, some_ids);
    /* What was applied already is nothing to apply. */
    assert_int_equal(lede_store_apply(copy.store, &piece, &error), LEDE_ECORRUPT);
    copy_close(&copy);
}

static void a_file_that_did_not_come_whole_is_fetched_anew(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    LEDE_CLEANUP(lede_freep) char *path = NULL;
    char data[96];
    struct lede_copy_place place;
    fixture_open(fixture);
    index_many(fixture->store, "a", 50, "ferry");
    snprintf(data, sizeof(data), "%s/copy", fixture->directory);
    struct lede_snapshot snapshot = take_snapshot(fixture->store, data, &path);
    assert_int_equal(
        lede_copy_write(path, "segments/000001/postlist.glass", 100, "damage", 6, &error), LEDE_OK);
    assert_int_equal(lede_copy_end(data, path, &snapshot.place, &error), LEDE_ECORRUPT);
    assert_int_equal(lede_copy_held(path, "segments/000001/postlist.glass"), 0);
    expect_ok(lede_copy_look(data, &place, &error), &error);
    assert_true(place.is_empty);
    free(path);
    snapshot = take_snapshot(fixture->store, data, &path);
    expect_ok(lede_copy_end(data, path, &snapshot.place, &error), &error);
    /* Names that lead elsewhere are none. */
    static const char *const bad[] = {"../x", "segments/../../x", "/etc/x", "", "a/b/c/d", ".x"};
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer part = {0};
        assert_int_equal(lede_copy_write(data, bad[i], 0, "x", 1, &error), LEDE_EINPUT);
        assert_int_equal(
            lede_store_snapshot_read(fixture->store, snapshot.id, bad[i], 0, 10, &part, &error),
            LEDE_ENOTFOUND);
    }
}

/* A journal that was repaired lacks what others may have applied. */
static void a_repaired_journal_begins_a_new_history(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    struct lede_log_place before, after;
    char command[400];
    fixture_open(fixture);
    expect_ok(lede_store_log_place(fixture->store, &before, &error), &error);
    for (unsigned i = 0; i < 3; i++) {
        static const char *const bodies[] = {"first words", "second words", "third words"};
        assert_int_equal(put(fixture->store, "a", bodies[i]), LEDE_OK);
    }
    /* as a crash leaves it, and then a byte of the second frame is another */
    snprintf(command, sizeof(command),
        "cp -a '%s' '%s/killed' && sed -i s/second/sEcond/ '%s'/killed/journal/*", fixture->data,
        fixture->directory, fixture->directory);
    assert_int_equal(system(command), 0);
    fixture_close(fixture);
    snprintf(fixture->data, sizeof(fixture->data), "%s/killed", fixture->directory);
    struct lede_store_options options = {.directory = fixture->data};
    assert_int_equal(lede_store_open(&options, &fixture->store, &error), LEDE_ECORRUPT);
    fixture_open_with(fixture, (struct lede_store_options){.repair = true});
    expect_ok(lede_store_log_place(fixture->store, &after, &error), &error);
    assert_string_not_equal(after.history, before.history);
}

/* Bulks that go on for long, lone writes between, and bodies that are all or none. */
static void what_comes_side_by_side_is_followed(void **state)
{
    struct fixture *fixture = *state;
    struct copy copy;
    fixture_open_with(fixture, (struct lede_store_options){.build_after_bytes = 1 << 14});
    copy_begin(fixture, &copy);
    struct lede_bulk_options options = {0};
    struct lede_bulk *bulk = NULL;
    assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
    for (unsigned i = 0; i < 3000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "b%u", i);
        struct lede_write write = {.kind = LEDE_WRITE_INDEX,
            .document = document_of(id, "a text of some words that goes on for a while")};
        assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
        if (i % 500 == 250) {
            assert_int_equal(put(fixture->store, "c", i % 1000 ? "odd" : "even"), LEDE_OK);
            follow(fixture, &copy);
        }
    }
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
    lede_bulk_free(bulk);
    follow(fixture, &copy);
    expect_same(fixture, &copy, some_ids);
    copy_close(&copy);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_copy_has_what_its_source_has, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            an_empty_store_is_followed, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_copy_takes_no_writes_until_it_is_promoted, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_log_that_is_not_kept_is_told, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(damage_on_the_way_is_told, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_file_that_did_not_come_whole_is_fetched_anew, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_repaired_journal_begins_a_new_history, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            what_comes_side_by_side_is_followed, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
