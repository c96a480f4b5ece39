/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of a segment are those of its documents, whatever chunk they stand in; what is near what
 * in lists is what a look at each two places says. */
#include "archive.h"

#include "place_cursor.h"

#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pairs ---- */

#define PLACES_MAX 400

struct row {
    uint32_t places[PLACES_MAX];
    size_t begins[2];
    struct lede_place_list list;
    struct lede_place_cursor cursor;
};

/* Some of the numbers from 1 to last. */
static void fill(struct row *row, uint32_t last, uint32_t one_of, uint64_t *seed)
{
    *row = (struct row){0};
    for (uint32_t place = 1; place <= last; place++) {
        if (archive_random(seed) % one_of == 0)
            row->places[row->list.count++] = place;
    }
    row->begins[1] = row->list.count;
    row->list.places = row->places;
    row->list.begins = row->begins;
    row->cursor.list = &row->list;
}

static uint32_t count_up_to(const struct row *row, uint32_t begin, uint32_t place)
{
    uint32_t count = 0;
    for (size_t i = 0; i < row->list.count; i++)
        count += row->places[i] > begin && row->places[i] <= place;
    return count;
}

static bool is_near(const struct row *units, uint32_t begin, uint32_t place, uint32_t other,
    const struct lede_place_reach *reach)
{
    if (place == other)
        return false;
    if (reach->units)
        return count_up_to(units, begin, place) == count_up_to(units, begin, other);
    return other > place ? other - place <= reach->after : place - other <= reach->before;
}

static bool any_is_near(const struct row *row, const struct row *others, const struct row *units,
    const struct lede_place_stretch *stretch, const struct lede_place_reach *reach)
{
    for (size_t i = 0; i < row->list.count; i++) {
        for (size_t k = 0; k < others->list.count; k++) {
            uint32_t a = row->places[i], b = others->places[k];
            bool are_there =
                a > stretch->begin && a < stretch->end && b > stretch->begin && b < stretch->end;
            if (are_there && is_near(units, stretch->begin, a, b, reach))
                return true;
        }
    }
    return false;
}

static void pairs_are_what_each_two_places_say(void **state)
{
    uint64_t seed = archive_seed();
    size_t near = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct row row, others, units;
        uint32_t last = 1 + archive_random(&seed) % PLACES_MAX,
                 one_of = 2 + archive_random(&seed) % 60;
        fill(&row, last, one_of, &seed);
        fill(&others, last, one_of, &seed);
        fill(&units, last, 2 + archive_random(&seed) % 30, &seed);
        for (uint32_t begin = 0; begin < last;) {
            struct lede_place_stretch stretch = {0, begin, begin + 2 + archive_random(&seed) % 60};
            struct lede_place_reach reach = {archive_random(&seed) % 8, archive_random(&seed) % 8,
                archive_random(&seed) % 2 ? &units.cursor : NULL};
            bool expected = any_is_near(&row, &others, &units, &stretch, &reach);
            assert_int_equal(
                lede_place_cursor_has_pair(&row.cursor, &others.cursor, &stretch, &reach),
                expected);
            near += expected;
            begin = stretch.end;
        }
    }
    assert_true(near > 1000);
}

/* ---- Chunks ---- */

#define DOCUMENTS_BEFORE (LEDE_CHUNK_DOCUMENTS - 5)
#define DOCUMENTS 20

static uint32_t find(struct archive *archive, const char *text)
{
    struct lede_query_options options = {.now_utc_s = ARCHIVE_NOW};
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), &options, archive->analyzer, &query, &error) !=
        LEDE_OK)
        fail_msg("%s", error.message);
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .match_only = true,
        .limit = 10};
    struct lede_search_result result = {0};
    if (lede_index_search(archive->index, &search, &result, &error) != LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    lede_query_free(query);
    return total;
}

/* Documents that differ stand on both sides of where a chunk begins. */
static void words_are_found_in_every_chunk(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive,
        "{\"id\":\"many\",\"title\":\"x\",\"body\":\"alpha beta. Gamma\\n\\nDelta alpha\","
        "\"language\":\"en\"}",
        NULL, 0);
    for (uint32_t i = 1; i < DOCUMENTS_BEFORE; i++)
        archive_put_again(archive, NULL, 0);
    for (uint32_t i = 0; i < DOCUMENTS; i++) {
        char json[200];
        snprintf(json, sizeof(json),
            "{\"id\":\"%u\",\"title\":\"delta %s\",\"body\":\"alpha %s beta. "
            "Delta\\n\\nGamma\",\"language\":\"en\"}",
            i, i % 2 ? "gamma" : "x", i % 4 ? "one" : "one two three");
        archive_put(archive, json, NULL, 0);
    }
    archive_open(archive);
    assert_int_equal(find(archive, "\"alpha beta\""), DOCUMENTS_BEFORE);
    assert_int_equal(find(archive, "\"alpha one\""), DOCUMENTS);
    assert_int_equal(find(archive, "\"one beta\""), DOCUMENTS * 3 / 4);
    assert_int_equal(find(archive, "\"three beta\""), DOCUMENTS / 4);
    assert_int_equal(find(archive, "alpha NEAR/2 beta"), DOCUMENTS_BEFORE + DOCUMENTS * 3 / 4);
    assert_int_equal(find(archive, "beta ADJ/3 alpha"), DOCUMENTS_BEFORE);
    assert_int_equal(find(archive, "alpha SAME s one"), DOCUMENTS);
    assert_int_equal(find(archive, "beta SAME p delta"), DOCUMENTS);
    assert_int_equal(find(archive, "LEAD:delta"), DOCUMENTS);
    assert_int_equal(find(archive, "LEAD:gamma"), DOCUMENTS_BEFORE + DOCUMENTS / 2);
    assert_int_equal(find(archive, "ATLEAST/2 alpha"), DOCUMENTS_BEFORE);
    assert_int_equal(find(archive, "ATLEAST/2 gamma"), DOCUMENTS / 2);
}

/* ---- Advancing ---- */

#define ROW_MAX 3000

/* Runs of places and gaps of any size up to the last number that there is. */
static size_t fill_unevenly(uint32_t *places, uint64_t *seed)
{
    uint64_t next = 1;
    size_t count = 0, wanted = archive_random(seed) % ROW_MAX;
    while (count < wanted && next <= UINT32_MAX) {
        places[count++] = (uint32_t)next;
        uint64_t gap_bits = archive_random(seed) % 4 == 0 ? archive_random(seed) % 28 : 3;
        next += 1 + archive_random(seed) % ((uint64_t)1 << gap_bits);
    }
    return count;
}

static void advancing_ends_where_a_walk_does(void **state)
{
    static uint32_t places[ROW_MAX];
    uint64_t seed = 11;
    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t count = fill_unevenly(places, &seed);
        for (int k = 0; k < 200; k++) {
            size_t at = archive_random(&seed) % (count + 1);
            uint32_t target = (uint32_t)archive_random(&seed);
            if (count > 0 && k % 2 == 0)
                target = places[archive_random(&seed) % count] + (uint32_t)(k % 3) - 1;
            size_t walked = at;
            while (walked < count && places[walked] < target)
                walked++;
            assert_int_equal(lede_place_advance(places, at, count, target), walked);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advancing_ends_where_a_walk_does),
        cmocka_unit_test(pairs_are_what_each_two_places_say),
        cmocka_unit_test_setup_teardown(
            words_are_found_in_every_chunk, archive_setup, archive_teardown),
    };
    return cmocka_run_group_tests_name("match: places", tests, NULL, NULL);
}
