/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include "lede/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_written_document_is_found_at_once_and_after_opening_again(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome = LEDE_FAILED;
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "a", "harbour strike", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_CREATED);
    assert_int_equal(count_found(fixture, "harbour"), 1);
    fixture_open(fixture);
    assert_int_equal(count_found(fixture, "harbour"), 1);
    assert_true(has_document(fixture, "a"));
}

static void the_same_document_again_is_unchanged_and_another_version_updates(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome = LEDE_FAILED;
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "a", "first version", &outcome), LEDE_OK);
    assert_int_equal(index_one(fixture->store, "a", "first version", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_UNCHANGED);
    assert_int_equal(index_one(fixture->store, "a", "second version", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_UPDATED);
    assert_int_equal(count_found(fixture, "first"), 0);
    assert_int_equal(count_found(fixture, "second"), 1);
}

static void replaces_and_deletes_reach_sealed_segments(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome = LEDE_FAILED;
    struct lede_store_stats stats;
    fixture_open(fixture);
    for (unsigned round = 0; round < 6; round++) {
        char prefix[16];
        snprintf(prefix, sizeof(prefix), "r%u-", round);
        index_many(fixture->store, prefix, 10, "granite");
    }
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    assert_true(stats.segments > 6);
    assert_int_equal(count_found(fixture, "granite"), 60);
    assert_int_equal(index_one(fixture->store, "r0-3", "basalt instead", &outcome), LEDE_OK);
    assert_int_equal(outcome, LEDE_UPDATED);
    assert_int_equal(delete_one(fixture->store, "r0-4"), LEDE_OK);
    assert_int_equal(delete_one(fixture->store, "r0-4"), LEDE_ENOTFOUND);
    assert_int_equal(count_found(fixture, "granite"), 58);
    assert_int_equal(count_found(fixture, "basalt"), 1);
    fixture_open(fixture);
    assert_int_equal(count_found(fixture, "granite"), 58);
    assert_int_equal(count_found(fixture, "basalt"), 1);
    assert_false(has_document(fixture, "r0-4"));
}

static void writes_of_one_id_in_one_bulk_come_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    struct outcomes outcomes = {0};
    struct lede_bulk_options options = {.on_result = count_outcome, .context = &outcomes};
    struct lede_bulk *bulk = NULL;
    fixture_open(fixture);
    assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
    struct lede_write writes[] = {
        {.kind = LEDE_WRITE_INDEX, .document = document_of("x", "one")},
        {.kind = LEDE_WRITE_CREATE, .document = document_of("x", "two")},
        {.kind = LEDE_WRITE_DELETE, .id = strdup("x")},
        {.kind = LEDE_WRITE_DELETE, .id = strdup("x")},
        {.kind = LEDE_WRITE_CREATE, .document = document_of("x", "three")},
        {.kind = LEDE_WRITE_INDEX, .document = document_of("x", "four")},
        {.kind = LEDE_WRITE_INDEX, .document = document_of("x", "four")},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(writes); i++)
        assert_int_equal(lede_bulk_add(bulk, &writes[i], NULL), LEDE_OK);
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
    lede_bulk_free(bulk);
    assert_int_equal(outcomes.counts[LEDE_CREATED], 2);
    assert_int_equal(outcomes.counts[LEDE_UPDATED], 1);
    assert_int_equal(outcomes.counts[LEDE_UNCHANGED], 1);
    assert_int_equal(outcomes.counts[LEDE_DELETED], 1);
    assert_int_equal(outcomes.counts[LEDE_FAILED], 2);
    assert_int_equal(count_found(fixture, "one OR two OR three"), 0);
    assert_int_equal(count_found(fixture, "four"), 1);
}

static struct lede_document *version_of(int version, const char *body)
{
    char text[128];
    struct lede_document_context context = {.now_utc_s = 1642615440};
    struct lede_document *document = NULL;
    snprintf(text, sizeof(text), "{\"id\":\"x\",\"version\":%d,\"body\":\"%s\"}", version, body);
    assert_int_equal(lede_document_parse(text, strlen(text), &context, &document, NULL), LEDE_OK);
    return document;
}

/* The version before is one of the same group, one that is being built, one that is sealed. */
static void an_older_version_yields_wherever_the_later_one_is(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned way = 0; way < 3; way++) {
        struct outcomes outcomes = {0};
        struct lede_bulk_options options = {.on_result = count_outcome, .context = &outcomes};
        struct lede_bulk *bulk = NULL;
        fixture_open(fixture);
        assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
        for (int version = 3; version >= 0; version--) {
            struct lede_write write = {.kind = LEDE_WRITE_INDEX,
                .document = version_of(version, version == 3 ? "third" : "late"),
                .yields = true};
            assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
            if (way == 1)
                lede_bulk_flush(bulk, 0);
            if (way == 2) {
                assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
                lede_bulk_free(bulk);
                fixture_open(fixture);
                assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
            }
        }
        assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
        lede_bulk_free(bulk);
        assert_int_equal(outcomes.counts[LEDE_CREATED], 1);
        assert_int_equal(outcomes.counts[LEDE_OLDER], 3);
        assert_true(body_contains(fixture, "x", "third"));
        /* It is on the disk, too, and is what a replay comes to. */
        fixture_open(fixture);
        assert_true(body_contains(fixture, "x", "third"));
        assert_int_equal(delete_one(fixture->store, "x"), LEDE_OK);
    }
}

static void an_atomic_bulk_with_a_failed_write_stores_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct outcomes outcomes = {0};
    struct lede_bulk_options options = {
        .atomic = true, .on_result = count_outcome, .context = &outcomes};
    struct lede_bulk *bulk = NULL;
    enum lede_write_outcome outcome = LEDE_FAILED;
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "there", "granite", &outcome), LEDE_OK);
    assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
    struct lede_write writes[] = {
        {.kind = LEDE_WRITE_INDEX, .document = document_of("new", "basalt")},
        {.kind = LEDE_WRITE_CREATE, .document = document_of("there", "basalt")},
        {.kind = LEDE_WRITE_DELETE, .id = strdup("there")},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(writes); i++)
        assert_int_equal(lede_bulk_add(bulk, &writes[i], NULL), LEDE_OK);
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_EINVALID);
    lede_bulk_free(bulk);
    assert_int_equal(outcomes.last_error, LEDE_EEXISTS);
    assert_int_equal(count_found(fixture, "basalt"), 0);
    assert_int_equal(count_found(fixture, "granite"), 1);
}

static void an_unfinished_atomic_bulk_stores_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct lede_bulk_options options = {.atomic = true};
    struct lede_bulk *bulk = NULL;
    fixture_open(fixture);
    assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
    struct lede_write write = {.kind = LEDE_WRITE_INDEX, .document = document_of("a", "basalt")};
    assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
    lede_bulk_free(bulk);
    assert_false(has_document(fixture, "a"));
}

static enum lede_status patch_one(struct fixture *fixture, const char *id, const char *patch,
    const unsigned char *if_match, unsigned char ret_digest[16], struct lede_error *reterr)
{
    enum lede_write_outcome outcome;
    struct lede_write write = {
        .kind = LEDE_WRITE_PATCH, .id = strdup(id), .patch = json_loads(patch, 0, NULL)};
    if (if_match) {
        write.has_if_match = true;
        memcpy(write.if_match, if_match, 16);
    }
    return lede_store_write(fixture->store, &write, &outcome, ret_digest, NULL, reterr);
}

static void a_patch_changes_what_it_names_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome;
    unsigned char digest[16];
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "a", "granite", &outcome), LEDE_OK);
    assert_int_equal(patch_one(fixture, "a", "{\"title\":\"Quarry opens\",\"section\":\"local\"}",
                         NULL, digest, NULL),
        LEDE_OK);
    assert_int_equal(count_found(fixture, "granite AND title:quarry"), 1);
    assert_int_equal(patch_one(fixture, "a", "{\"title\":null}", NULL, digest, NULL), LEDE_OK);
    assert_int_equal(count_found(fixture, "title:quarry"), 0);
    assert_true(body_contains(fixture, "a", "granite"));
}

static void a_patch_that_makes_no_document_or_moves_the_id_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    enum lede_write_outcome outcome;
    unsigned char digest[16];
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "a", "granite", &outcome), LEDE_OK);
    assert_int_equal(
        patch_one(fixture, "a", "{\"body\":null}", NULL, digest, &error), LEDE_EINVALID);
    assert_int_equal(
        patch_one(fixture, "a", "{\"id\":\"b\"}", NULL, digest, &error), LEDE_EINVALID);
    assert_string_equal(error.pointer, "/id");
    assert_int_equal(patch_one(fixture, "b", "{}", NULL, digest, &error), LEDE_ENOTFOUND);
    assert_true(body_contains(fixture, "a", "granite"));
}

static void if_match_lets_only_the_named_version_be_changed(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome;
    unsigned char first[16];
    unsigned char second[16];
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "a", "granite", &outcome), LEDE_OK);
    assert_int_equal(patch_one(fixture, "a", "{\"title\":\"One\"}", NULL, first, NULL), LEDE_OK);
    assert_int_equal(patch_one(fixture, "a", "{\"title\":\"Two\"}", first, second, NULL), LEDE_OK);
    assert_int_equal(
        patch_one(fixture, "a", "{\"title\":\"Three\"}", first, second, NULL), LEDE_EPRECONDITION);
    assert_int_equal(count_found(fixture, "title:two"), 1);
}

static void a_document_without_a_date_keeps_that_of_its_first_receipt(void **state)
{
    struct fixture *fixture = *state;
    enum lede_write_outcome outcome = LEDE_FAILED;
    unsigned char digest[16];
    static const char text[] = "{\"id\":\"a\",\"body\":\"granite\",\"language\":\"en\"}";
    fixture_open(fixture);
    for (int64_t now = 1700000000; now < 1700000002; now++) {
        struct lede_document_context context = {.now_utc_s = now};
        struct lede_write write = {.kind = LEDE_WRITE_INDEX};
        assert_int_equal(
            lede_document_parse(text, strlen(text), &context, &write.document, NULL), LEDE_OK);
        assert_int_equal(
            lede_store_write(fixture->store, &write, &outcome, digest, NULL, NULL), LEDE_OK);
    }
    assert_int_equal(outcome, LEDE_UNCHANGED);
    assert_true(body_contains(fixture, "a", "2023-11-14T22:13:20Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(a_written_document_is_found_at_once_and_after_opening_again),
        CASE(the_same_document_again_is_unchanged_and_another_version_updates),
        CASE(replaces_and_deletes_reach_sealed_segments),
        CASE(an_older_version_yields_wherever_the_later_one_is),
        CASE(writes_of_one_id_in_one_bulk_come_in_their_order),
        CASE(an_atomic_bulk_with_a_failed_write_stores_nothing),
        CASE(an_unfinished_atomic_bulk_stores_nothing),
        CASE(a_patch_changes_what_it_names_and_no_more),
        CASE(a_patch_that_makes_no_document_or_moves_the_id_is_refused),
        CASE(if_match_lets_only_the_named_version_be_changed),
        CASE(a_document_without_a_date_keeps_that_of_its_first_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
