/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shard's log, and a store whose writes go out before they come in. */
#include "fixture.h"
#include "journal.h"
#include "lede/shard.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char history[] = "0123456789abcdef0123456789abcdef";

/* ---- The log ---- */

struct written {
    struct fixture *fixture;
    char directory[96];
    struct lede_shard_log *log;
    struct lede_shard_place places[64]; /* before each frame, and behind the last */
    size_t count;
};

static void open_log(struct written *written)
{
    assert_int_equal(lede_shard_log_open(written->directory, &written->log, NULL), LEDE_OK);
}

static void open_anew(struct written *written)
{
    lede_shard_log_free(written->log);
    open_log(written);
}

static void begin(struct written *written, struct fixture *fixture)
{
    *written = (struct written){.fixture = fixture};
    snprintf(written->directory, sizeof(written->directory), "%s/shard-log", fixture->directory);
    open_log(written);
    written->places[0] = lede_shard_log_end(written->log);
}

static void append(struct written *written, uint64_t term, size_t size)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer frame = {0};
    LEDE_CLEANUP(lede_freep) char *payload = calloc(1, size + 1);
    memset(payload, (int)('a' + written->count % 26), size);
    lede_shard_frame_append(&frame, &written->places[written->count], term, written->count + 1,
        payload, size, &written->places[written->count + 1]);
    written->count++;
    assert_int_equal(lede_shard_log_append(written->log, frame.data, frame.size, NULL), LEDE_OK);
    assert_int_equal(lede_shard_log_sync(written->log, NULL), LEDE_OK);
}

static void assert_place(const struct lede_shard_place *place, const struct lede_shard_place *other)
{
    assert_true(lede_shard_place_is_same(place, other));
    assert_int_equal(place->term, other->term);
}

/* All frames are there, with their places, up to one. */
static void assert_frames(struct written *written, size_t first, size_t count)
{
    struct lede_shard_place end = lede_shard_log_end(written->log);
    assert_place(&end, &written->places[count]);
    for (size_t i = first; i <= count; i++) {
        struct lede_shard_place place;
        assert_int_equal(
            lede_shard_log_place(written->log, written->places[i].position, &place, NULL), LEDE_OK);
        assert_place(&place, &written->places[i]);
    }
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer frames = {0};
    assert_int_equal(lede_shard_log_read(written->log, written->places[first].position, UINT64_MAX,
                         SIZE_MAX, &frames, NULL),
        LEDE_OK);
    assert_int_equal(
        frames.size, written->places[count].position - written->places[first].position);
}

static void frames_are_there_when_it_is_opened_again(void **state)
{
    struct written written;
    begin(&written, *state);
    for (unsigned i = 0; i < 20; i++)
        append(&written, 7, i * 1000);
    assert_frames(&written, 0, 20);
    open_anew(&written);
    assert_frames(&written, 0, 20);
    append(&written, 8, 10);
    assert_frames(&written, 0, 21);
    lede_shard_log_free(written.log);
}

/* The name of the file that a position is in. */
static void path_of(const struct written *written, uint64_t base, char ret_path[128])
{
    snprintf(ret_path, 128, "%s/%016llx", written->directory, (unsigned long long)base);
}

static void a_torn_frame_is_cut_off_wherever_it_ends(void **state)
{
    struct written written;
    char path[128];
    begin(&written, *state);
    append(&written, 1, 100);
    append(&written, 1, 60);
    path_of(&written, 0, path);
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    off_t first = facts.st_size - (off_t)(written.places[2].position - written.places[1].position);
    for (off_t size = facts.st_size - 1; size >= first; size--) {
        assert_int_equal(truncate(path, size), 0);
        open_anew(&written);
        assert_frames(&written, 0, 1);
        written.count = 1;
        append(&written, 2, 60);
        assert_frames(&written, 0, 2);
    }
    lede_shard_log_free(written.log);
}

static void a_flipped_byte_ends_it_there(void **state)
{
    struct written written;
    char path[128], byte = 0;
    begin(&written, *state);
    for (unsigned i = 0; i < 5; i++)
        append(&written, 1, 100);
    path_of(&written, 0, path);
    int fd = open(path, O_RDWR);
    off_t at = 48 + (off_t)written.places[3].position + 100;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
    open_anew(&written);
    assert_frames(&written, 0, 3);
    lede_shard_log_free(written.log);
}

static void what_is_cut_off_does_not_come_back(void **state)
{
    struct written written;
    begin(&written, *state);
    for (unsigned i = 0; i < 6; i++)
        append(&written, 1, (size_t)2 << 20); /* over several files */
    assert_int_equal(
        lede_shard_log_cut(written.log, written.places[1].position + 1, NULL), LEDE_ENOTFOUND);
    assert_frames(&written, 0, 6);
    assert_int_equal(lede_shard_log_cut(written.log, written.places[2].position, NULL), LEDE_OK);
    assert_frames(&written, 0, 2);
    open_anew(&written);
    assert_frames(&written, 0, 2);
    struct lede_shard_place before = written.places[3];
    written.count = 2;
    append(&written, 9, (size_t)2 << 20);
    assert_false(lede_shard_place_is_same(&before, &written.places[3]));
    open_anew(&written);
    assert_frames(&written, 0, 3);
    lede_shard_log_free(written.log);
}

static void frames_that_do_not_join_are_refused(void **state)
{
    struct written written;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer frame = {0};
    struct lede_shard_place after, other = {0};
    begin(&written, *state);
    append(&written, 1, 100);
    append(&written, 1, 100);
    lede_shard_frame_append(&frame, &written.places[1], 1, 2, "x", 1, &after);
    assert_int_equal(lede_shard_log_append(written.log, frame.data, frame.size, NULL), LEDE_EINPUT);
    lede_buffer_clear(&frame);
    other = written.places[2];
    other.chain.bytes[3] ^= 1;
    lede_shard_frame_append(&frame, &other, 1, 2, "x", 1, &after);
    assert_int_equal(lede_shard_log_append(written.log, frame.data, frame.size, NULL), LEDE_EINPUT);
    assert_frames(&written, 0, 2);
    lede_shard_log_free(written.log);
}

static void it_begins_anew_at_a_place_and_forgets_from_its_beginning(void **state)
{
    struct written written;
    begin(&written, *state);
    written.places[0] =
        (struct lede_shard_place){.position = 5000, .term = 3, .chain.bytes = {1, 2, 3}};
    assert_int_equal(lede_shard_log_reset(written.log, &written.places[0], NULL), LEDE_OK);
    open_anew(&written);
    for (unsigned i = 0; i < 10; i++)
        append(&written, 4, (size_t)3 << 20);
    assert_frames(&written, 0, 10);
    lede_shard_log_forget(written.log, written.places[9].position, (uint64_t)12 << 20);
    struct lede_shard_place first = lede_shard_log_begin(written.log);
    assert_true(first.position > 5000);
    open_anew(&written);
    struct lede_shard_place again = lede_shard_log_begin(written.log);
    assert_place(&again, &first);
    assert_frames(&written, 6, 10);
    lede_shard_log_free(written.log);
}

/* ---- A store whose writes go out ---- */

struct outlet {
    struct lede_shard_outlet outlet;
    struct lede_store *leader; /* where writes are forwarded; NULL: this one leads */
    enum lede_status answer;
    uint64_t position, revision, asked, empty;
    struct lede_buffer frames;
};

static enum lede_status commit(void *context, const void *payload, size_t size, uint64_t applied_to,
    uint64_t *ret_position, uint64_t *ret_revision, struct lede_error *reterr)
{
    struct outlet *outlet = context;
    struct lede_shard_place before = {.position = outlet->position}, after;
    assert_int_equal(applied_to, outlet->position);
    outlet->asked++;
    outlet->empty += size == 0;
    if (outlet->answer != LEDE_OK)
        return lede_fail(reterr, outlet->answer, "refused by the test");
    if (size == 0)
        return LEDE_OK;
    lede_shard_frame_append(&outlet->frames, &before, 1, ++outlet->revision, payload, size, &after);
    *ret_position = outlet->position = after.position;
    *ret_revision = outlet->revision;
    return LEDE_OK;
}

static bool leads(void *context)
{
    return ((struct outlet *)context)->leader == NULL;
}

static enum lede_status forward(void *context, const struct lede_buffer *request,
    struct lede_buffer *ret_answer, struct lede_error *reterr)
{
    struct outlet *outlet = context;
    return lede_store_take_forwarded(
        outlet->leader, request->data, request->size, ret_answer, reterr);
}

static void open_member(struct fixture *fixture, struct outlet *outlet)
{
    if (fixture->store)
        fixture_close(fixture);
    struct lede_copy_place place;
    assert_int_equal(lede_copy_look(fixture->data, &place, NULL), LEDE_OK);
    if (!place.is_copy)
        assert_int_equal(lede_copy_make(fixture->data, history, 2, NULL), LEDE_OK);
    fixture_open(fixture);
    outlet->outlet = (struct lede_shard_outlet){
        .commit = commit, .leads = leads, .forward = forward, .context = outlet};
    assert_int_equal(lede_store_set_outlet(fixture->store, &outlet->outlet, NULL), LEDE_OK);
}

static void close_member(struct fixture *fixture, struct outlet *outlet)
{
    assert_int_equal(lede_store_set_outlet(fixture->store, NULL, NULL), LEDE_OK);
    fixture_close(fixture);
    lede_buffer_done(&outlet->frames);
}

static void a_write_is_there_when_it_is_committed_and_with_that_revision(void **state)
{
    struct fixture *fixture = *state;
    struct outlet outlet = {0};
    enum lede_write_outcome outcome;
    open_member(fixture, &outlet);
    outlet.revision = 40;
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_OK);
    assert_true(body_contains(fixture, "a", "ferry"));
    assert_int_equal(lede_reader_revision(fixture->reader), 41);
    outlet.answer = LEDE_EBUSY;
    assert_int_equal(index_one(fixture->store, "b", "harbour", &outcome), LEDE_EBUSY);
    assert_int_equal(index_one(fixture->store, "a", "other", &outcome), LEDE_EBUSY);
    assert_false(has_document(fixture, "b"));
    assert_true(body_contains(fixture, "a", "ferry"));
    outlet.answer = LEDE_OK;
    assert_int_equal(delete_one(fixture->store, "a"), LEDE_OK);
    assert_false(has_document(fixture, "a"));
    uint64_t position = 0, revision = 0;
    char told[LEDE_HISTORY_SIZE];
    lede_store_copied_to(fixture->store, told, &position, &revision);
    assert_int_equal(position, outlet.position);
    assert_int_equal(revision, 42);
    assert_string_equal(told, history);
    close_member(fixture, &outlet);
}

static void what_changes_nothing_is_answered_when_it_is_proved_that_nothing_is_newer(void **state)
{
    struct fixture *fixture = *state;
    struct outlet outlet = {0};
    enum lede_write_outcome outcome;
    open_member(fixture, &outlet);
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_OK);
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_UNCHANGED);
    assert_int_equal(delete_one(fixture->store, "b"), LEDE_ENOTFOUND);
    assert_int_equal(outlet.empty, 2);
    outlet.answer = LEDE_ETIMEOUT;
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_ETIMEOUT);
    close_member(fixture, &outlet);
}

static void frames_applied_elsewhere_give_the_same_also_over_a_restart(void **state)
{
    struct fixture *fixture = *state;
    struct outlet outlet = {0}, other = {0};
    enum lede_write_outcome outcome;
    open_member(fixture, &outlet);
    (void)index_many(fixture->store, "m", 50, "ferry");
    assert_int_equal(index_one(fixture->store, "m3", "harbour", &outcome), LEDE_OK);
    assert_int_equal(delete_one(fixture->store, "m4"), LEDE_OK);
    struct lede_buffer frames = outlet.frames;
    uint64_t position = outlet.position;
    outlet.frames = (struct lede_buffer){0};
    close_member(fixture, &outlet);
    char command[160];
    snprintf(command, sizeof(command), "rm -rf '%s'", fixture->data);
    assert_int_equal(system(command), 0);
    open_member(fixture, &other);
    assert_int_equal(
        lede_store_apply_frames(fixture->store, frames.data, frames.size, NULL), LEDE_OK);
    assert_int_equal(lede_store_apply_frames(fixture->store, frames.data, frames.size, NULL),
        LEDE_EPRECONDITION);
    for (unsigned turn = 0; turn < 2; turn++) {
        uint64_t applied = 0, revision = 0;
        char told[LEDE_HISTORY_SIZE];
        lede_store_copied_to(fixture->store, told, &applied, &revision);
        assert_int_equal(applied, position);
        assert_int_equal(revision, outlet.revision);
        assert_true(body_contains(fixture, "m3", "harbour"));
        assert_false(has_document(fixture, "m4"));
        assert_int_equal(count_found(fixture, "ferry"), 48);
        assert_int_equal(lede_store_set_outlet(fixture->store, NULL, NULL), LEDE_OK);
        open_member(fixture, &other);
    }
    close_member(fixture, &other);
    lede_buffer_done(&frames);
}

static void writes_without_an_outlet_are_refused_and_nobody_promotes_a_node(void **state)
{
    struct fixture *fixture = *state;
    struct outlet outlet = {0};
    enum lede_write_outcome outcome;
    open_member(fixture, &outlet);
    assert_int_equal(lede_store_promote(fixture->store, NULL), LEDE_EUNSUPPORTED);
    assert_int_equal(lede_store_set_outlet(fixture->store, NULL, NULL), LEDE_OK);
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_EREADONLY);
    assert_int_equal(lede_store_set_outlet(fixture->store, &outlet.outlet, NULL), LEDE_OK);
    close_member(fixture, &outlet);
}

static void a_store_that_does_not_lead_hears_what_the_one_that_does_made_of_its_writes(void **state)
{
    struct fixture *fixture = *state;
    void *second = NULL;
    struct outlet leading = {0}, forwarding = {0};
    enum lede_write_outcome outcome;
    unsigned char digest[16] = {0};
    uint64_t revision = 0;
    assert_int_equal(fixture_setup(&second), 0);
    struct fixture *leader = second;
    open_member(leader, &leading);
    open_member(fixture, &forwarding);
    forwarding.leader = leader->store;
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_CREATED);
    assert_int_equal(index_one(fixture->store, "a", "ferry", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_UNCHANGED);
    assert_int_equal(delete_one(fixture->store, "b"), LEDE_ENOTFOUND);
    struct lede_write patch = {.kind = LEDE_WRITE_PATCH,
        .id = strdup("a"),
        .patch = json_pack("{s:s}", "section", "sea"),
        .has_if_match = true};
    assert_int_equal(lede_store_write(fixture->store, &patch, &outcome, digest, &revision, NULL),
        LEDE_EPRECONDITION);
    patch = (struct lede_write){
        .kind = LEDE_WRITE_PATCH, .id = strdup("a"), .patch = json_pack("{s:s}", "section", "sea")};
    assert_int_equal(
        lede_store_write(fixture->store, &patch, &outcome, digest, &revision, NULL), LEDE_OK);
    assert_int_equal(revision, leading.revision);
    struct outcomes many = index_many(fixture->store, "m", 3000, "harbour");
    assert_int_equal(many.counts[LEDE_CREATED], 3000);
    assert_int_equal(count_found(leader, "harbour"), 3000);
    assert_int_equal(count_found(fixture, "harbour"), 0); /* nobody has applied it here */
    leading.answer = LEDE_EBUSY;
    assert_int_equal(index_one(fixture->store, "c", "ferry", &outcome), LEDE_EBUSY);
    close_member(fixture, &forwarding);
    close_member(leader, &leading);
    assert_int_equal(fixture_teardown(&second), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            frames_are_there_when_it_is_opened_again, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_torn_frame_is_cut_off_wherever_it_ends, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_flipped_byte_ends_it_there, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            what_is_cut_off_does_not_come_back, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            frames_that_do_not_join_are_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(it_begins_anew_at_a_place_and_forgets_from_its_beginning,
            fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_write_is_there_when_it_is_committed_and_with_that_revision, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            what_changes_nothing_is_answered_when_it_is_proved_that_nothing_is_newer, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(frames_applied_elsewhere_give_the_same_also_over_a_restart,
            fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_store_that_does_not_lead_hears_what_the_one_that_does_made_of_its_writes,
            fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            writes_without_an_outlet_are_refused_and_nobody_promotes_a_node, fixture_setup,
            fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
