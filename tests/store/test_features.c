/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that a newer version has marked is refused by the names of what it has, or read alone. */
#include "fixture.h"

#include "disk/manifest.h"
#include "lede/care.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Give the store's manifest these features, as JSON; NULL: none. */
static void set_features(const struct fixture *fixture, const char *features)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/manifest.json", fixture->data);
    json_auto_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    if (features)
        assert_int_equal(json_object_set_new(root, "features", json_loads(features, 0, NULL)), 0);
    else
        json_object_del(root, "features");
    assert_int_equal(json_dump_file(root, path, 0), 0);
}

static void make_store(struct fixture *fixture)
{
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
}

static enum lede_status check(const struct fixture *fixture, bool repair, struct lede_error *reterr)
{
    struct lede_check_options options = {.directory = fixture->data, .repair = repair};
    struct lede_check_stats stats;
    return lede_store_check(&options, &stats, reterr);
}

static void an_unknown_feature_is_refused_by_its_name(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    struct lede_store *store = NULL;
    struct lede_store_options options = {.directory = fixture->data};
    make_store(fixture);
    set_features(
        fixture, "{\"sealed-segments\": \"read\", \"tiered-segments\": \"read\", \"odd\": 5}");
    assert_int_equal(lede_store_open(&options, &store, &error), LEDE_EVERSION);
    assert_non_null(strstr(error.message, "'tiered-segments', 'odd'"));
    assert_null(strstr(error.message, "sealed-segments"));
    assert_int_equal(check(fixture, false, NULL), LEDE_EVERSION);
}

static void a_feature_needed_for_writing_alone_may_be_read(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    struct lede_store *store = NULL;
    struct lede_store_options options = {.directory = fixture->data};
    make_store(fixture);
    set_features(fixture, "{\"side-notes\": \"write\"}");
    assert_int_equal(check(fixture, false, NULL), LEDE_OK);
    assert_int_equal(check(fixture, true, NULL), LEDE_EVERSION);
    assert_int_equal(lede_store_open(&options, &store, &error), LEDE_EVERSION);
    assert_non_null(strstr(error.message, "'side-notes'"));
}

static void a_manifest_without_features_is_read_and_gets_them(void **state)
{
    struct fixture *fixture = *state;
    char path[160];
    make_store(fixture);
    set_features(fixture, NULL);
    fixture_open(fixture);
    assert_true(has_document(fixture, "a1"));
    index_many(fixture->store, "b", 1, "granite");
    fixture_close(fixture);
    snprintf(path, sizeof(path), "%s/manifest.json", fixture->data);
    json_auto_t *root = json_load_file(path, 0, NULL);
    const json_t *features = json_object_get(root, "features");
    assert_string_equal(json_string_value(json_object_get(features, "sealed-segments")), "read");
}

static void features_that_are_no_object_are_damage(void **state)
{
    struct fixture *fixture = *state;
    struct lede_manifest manifest;
    make_store(fixture);
    set_features(fixture, "[\"sealed-segments\"]");
    assert_int_equal(
        lede_manifest_read(fixture->data, LEDE_MANIFEST_READ, &manifest, NULL), LEDE_ECORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_unknown_feature_is_refused_by_its_name, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_feature_needed_for_writing_alone_may_be_read, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_manifest_without_features_is_read_and_gets_them, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            features_that_are_no_object_are_damage, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests_name("store: features", tests, NULL, NULL);
}
