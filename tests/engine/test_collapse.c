/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collapsing by a field, held against all that an uncollapsed search finds. LEDE_TEST_SEED gives
 * another archive. */
#include "fixture.h"

#include "lede/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENTS 300
#define DAY_FIRST INT64_C(1640995200) /* 2022-01-01 */
#define DAY_S 86400

struct made {
    char source[8], section[8], tags[24];
    int64_t published_utc_s;
};

/* What one document, or the documents of one value, give. */
struct expected {
    const struct made *best;
    const char *id;
    double score;
    const char *key;
    uint32_t count;
    uint32_t from[10]; /* by number of the source: "S4" */
};

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static uint64_t seed_of_run(void)
{
    const char *given = getenv("LEDE_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : UINT64_C(20220101);
    print_message("# LEDE_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static void put_made(struct fixture *f, int number, const struct made *made, const char *text)
{
    char json[400], moment[21], tags[64] = "";
    for (const char *tag = made->tags; *tag; tag++)
        if (*tag != '\x1f')
            snprintf(tags + strlen(tags), sizeof(tags) - strlen(tags), "%s\"%c\"",
                tags[0] ? "," : "", *tag);
    lede_time_format(made->published_utc_s, moment);
    snprintf(json, sizeof(json),
        "{\"id\":\"n%03d\",\"title\":\"%s\",\"published\":\"%s\",\"tags\":[%s]%s%s%s%s%s%s}",
        number, text, moment, tags, made->source[0] ? ",\"source\":\"" : "", made->source,
        made->source[0] ? "\"" : "", made->section[0] ? ",\"section\":\"" : "", made->section,
        made->section[0] ? "\"" : "");
    fixture_put(f, number % FIXTURE_SEGMENTS, json);
}

/* Few moments and few texts, so that scores, moments and both are often equal; a third has no
 * section, a sixth no source. */
static void make_archive(struct fixture *f, struct made *made, uint64_t seed)
{
    static const char *const texts[] = {"amber", "amber harbour", "harbour amber stone",
        "amber stone amber", "stone harbour", "amber amber", "quiet amber"};
    static const char *const tags[] = {"", "a",
        ("a\x1f"
         "b"),
        "b"};
    for (int i = 0; i < DOCUMENTS; i++) {
        int number = i * 77 % DOCUMENTS; /* ids do not come in the order of storing */
        struct made *one = &made[number];
        memset(one, 0, sizeof(*one));
        one->published_utc_s = DAY_FIRST + (int64_t)(next_random(&seed) % 9) * DAY_S;
        if (next_random(&seed) % 6)
            snprintf(one->source, sizeof(one->source), "S%u", next_random(&seed) % 5);
        if (next_random(&seed) % 3)
            snprintf(one->section, sizeof(one->section), "D%u", next_random(&seed) % 7);
        snprintf(
            one->tags, sizeof(one->tags), "%s", tags[next_random(&seed) % LEDE_COUNT_OF(tags)]);
        put_made(f, number, one, texts[next_random(&seed) % LEDE_COUNT_OF(texts)]);
    }
    for (int number = 0; number < DOCUMENTS; number += 41)
        put_made(f, number, &made[number], "amber replaced");
    for (int number = 5; number < DOCUMENTS; number += 53) {
        char id[8];
        snprintf(id, sizeof(id), "n%03d", number);
        fixture_delete(f, number % FIXTURE_SEGMENTS, id);
    }
    fixture_read(f);
}

/* "": the slot has no values here. */
static const char *value_of(const struct made *made, uint32_t slot)
{
    switch (slot) {
    case LEDE_SLOT_SOURCE:
        return made->source;
    case LEDE_SLOT_SECTION:
        return made->section;
    case LEDE_SLOT_TAGS:
        return made->tags;
    default:
        return "";
    }
}

static enum lede_sort sort_of_comparison;

static int compare_expected(const void *a, const void *b)
{
    const struct expected *left = a, *right = b;
    int by_id = strcmp(left->id, right->id);
    int64_t moments = left->best->published_utc_s - right->best->published_utc_s;
    if (sort_of_comparison == LEDE_SORT_RELEVANCE && left->score != right->score)
        return left->score > right->score ? -1 : 1;
    if (moments != 0)
        return (moments > 0) == (sort_of_comparison != LEDE_SORT_OLDEST) ? -1 : 1;
    return sort_of_comparison == LEDE_SORT_NEWEST ? -by_id : by_id;
}

/* Collapse `all`, the result of a search that was not collapsed, one by one. Returns how many are
 * left. */
static size_t collapse(const struct lede_search_result *all, const struct made *made,
    const struct lede_search *search, struct expected *expected)
{
    size_t count = 0;
    sort_of_comparison = search->sort;
    for (size_t i = 0; i < all->hit_count; i++) {
        const struct lede_hit *hit = &all->hits[i];
        const struct made *of = &made[atoi(hit->id + 1)];
        struct expected one = {
            of, hit->id, hit->score - hit->nearness, value_of(of, search->collapse_slot), 0, {0}};
        size_t place = 0;
        while (place < count && (one.key[0] == '\0' || strcmp(expected[place].key, one.key) != 0))
            place++;
        if (place == count)
            expected[count++] = one;
        struct expected *group = &expected[place];
        group->count++;
        if (of->source[0])
            group->from[of->source[1] - '0']++;
        if (compare_expected(&one, group) < 0) {
            group->best = of;
            group->id = one.id;
            group->score = one.score;
        }
    }
    qsort(expected, count, sizeof(*expected), compare_expected);
    return count;
}

static void expect_hit(const struct lede_hit *hit, const struct expected *expected)
{
    assert_string_equal(hit->id, expected->id);
    assert_string_equal(hit->collapse_key, expected->key);
    assert_int_equal(hit->collapse_count, expected->count);
    assert_true(hit->score - hit->nearness == expected->score);
    size_t sources = 0;
    for (size_t i = 0; i < LEDE_COUNT_OF(expected->from); i++)
        sources += expected->from[i] > 0;
    assert_int_equal(hit->collapse_source_count, sources);
    for (size_t i = 0; i < sources; i++) {
        const struct lede_facet_value *source = &hit->collapse_sources[i];
        assert_int_equal(source->count, expected->from[source->value[1] - '0']);
        assert_true(
            i == 0 || source[-1].count > source->count ||
            (source[-1].count == source->count && strcmp(source[-1].value, source->value) < 0));
    }
}

static void expect_same_counts(
    const struct lede_search_result *result, const struct lede_search_result *all)
{
    assert_int_equal(result->total, all->total);
    assert_true(result->total_is_exact);
    assert_int_equal(result->facet_count, all->facet_count);
    for (size_t i = 0; i < all->facet_count; i++) {
        assert_int_equal(result->facets[i].count, all->facets[i].count);
        for (size_t k = 0; k < all->facets[i].count; k++) {
            assert_string_equal(result->facets[i].values[k].value, all->facets[i].values[k].value);
            assert_int_equal(result->facets[i].values[k].count, all->facets[i].values[k].count);
        }
    }
    assert_int_equal(result->bucket_count, all->bucket_count);
    for (size_t i = 0; i < all->bucket_count; i++)
        assert_int_equal(result->buckets[i].count, all->buckets[i].count);
}

static struct lede_search whole_search(int sort)
{
    struct lede_search search = fixture_search(NULL);
    search.sort = (enum lede_sort)sort;
    search.limit = 2 * DOCUMENTS;
    search.facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE) | LEDE_FIELD_BIT(LEDE_FIELD_TAGS);
    search.histogram = LEDE_HISTOGRAM_DAY;
    search.collapse_slot = LEDE_SLOT_NONE;
    return search;
}

/* The whole, every hit of it, and pages of it. */
static void expect_collapsed(
    struct fixture *f, const struct made *made, const char *query, int sort, uint32_t slot)
{
    static struct expected expected[DOCUMENTS];
    struct lede_search search = whole_search(sort);
    struct lede_search_result all = fixture_run_text(f, search, query);
    search.collapse_slot = slot;
    size_t count = collapse(&all, made, &search, expected);
    struct lede_search_result whole = fixture_run_text(f, search, query);
    assert_int_equal(whole.hit_count, count);
    expect_same_counts(&whole, &all);
    for (size_t i = 0; i < count; i++)
        expect_hit(&whole.hits[i], &expected[i]);
    search.limit = 4;
    for (search.offset = 0; search.offset <= count; search.offset += 3) {
        struct lede_search_result page = fixture_run_text(f, search, query);
        size_t left = count - search.offset;
        assert_int_equal(page.hit_count, left < search.limit ? left : search.limit);
        expect_same_counts(&page, &all);
        for (size_t i = 0; i < page.hit_count; i++)
            expect_hit(&page.hits[i], &expected[search.offset + i]);
        lede_search_result_done(&page);
    }
    lede_search_result_done(&whole);
    lede_search_result_done(&all);
}

/* Words that tell documents apart, patterns and dates that do not, one segment's documents alone,
 * nothing. */
static void hits_are_the_best_of_each_value_with_what_they_stand_for(void **state)
{
    static const char *const queries[] = {"amber", "amber OR stone", "harb*",
        "published:2022-01-02..2022-01-07", "*", "amber -stone", "replaced", "absent"};
    static const uint32_t slots[] = {
        LEDE_SLOT_SOURCE, LEDE_SLOT_SECTION, LEDE_SLOT_TAGS, LEDE_SLOT_AUTHOR};
    struct fixture *f = *state;
    static struct made made[DOCUMENTS];
    make_archive(f, made, seed_of_run());
    for (size_t query = 0; query < LEDE_COUNT_OF(queries); query++)
        for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++)
            for (size_t slot = 0; slot < LEDE_COUNT_OF(slots); slot++)
                expect_collapsed(f, made, queries[query], sort, slots[slot]);
}

static double nearness_of(const struct lede_search_result *result, const char *id)
{
    size_t i = 0;
    while (i < result->hit_count && strcmp(result->hits[i].id, id) != 0)
        i++;
    assert_true(i < result->hit_count);
    return result->hits[i].nearness;
}

static void nearness_orders_the_best_of_each_value(void **state)
{
    struct fixture *f = *state;
    static struct made made[DOCUMENTS];
    static struct expected expected[DOCUMENTS];
    make_archive(f, made, seed_of_run());
    struct lede_search search = whole_search(LEDE_SORT_RELEVANCE);
    struct lede_search_result all = fixture_run_text(f, search, "stone harbour");
    search.collapse_slot = LEDE_SLOT_SECTION;
    size_t count = collapse(&all, made, &search, expected);
    struct lede_search_result result = fixture_run_text(f, search, "stone harbour");
    assert_int_equal(result.hit_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct lede_hit *hit = &result.hits[i];
        size_t place = 0;
        while (place < count && strcmp(expected[place].id, hit->id) != 0)
            place++;
        assert_true(place < count);
        assert_int_equal(hit->collapse_count, expected[place].count);
        assert_true(i == 0 || i >= 100 || hit[-1].score >= hit->score);
        assert_true(hit->nearness == nearness_of(&all, hit->id));
    }
    lede_search_result_done(&result);
    lede_search_result_done(&all);
}

static void put_plain(
    struct fixture *f, int segment, const char *id, const char *section, const char *moment)
{
    char json[200];
    snprintf(json, sizeof(json),
        "{\"id\":\"%s\",\"title\":\"amber\",\"section\":\"%s\",\"published\":\"%s\"}", id, section,
        moment);
    fixture_put(f, segment, json);
}

static void expect_ids(
    struct fixture *f, const char *query, enum lede_sort sort, const char *expected)
{
    struct lede_search search = fixture_search(NULL);
    search.sort = sort;
    search.collapse_slot = LEDE_SLOT_SECTION;
    struct lede_search_result result = fixture_run_text(f, search, query);
    char *ids = fixture_ids(&result);
    assert_string_equal(ids, expected);
    free(ids);
    lede_search_result_done(&result);
}

static void equal_scores_are_decided_by_moment_and_then_by_id(void **state)
{
    struct fixture *f = *state;
    put_plain(f, 0, "d", "one", "2022-01-02");
    put_plain(f, 0, "b", "two", "2022-01-02");
    put_plain(f, 0, "z", "one", "2022-01-01");
    put_plain(f, 1, "c", "one", "2022-01-02");
    put_plain(f, 1, "a", "two", "2022-01-01");
    put_plain(f, 1, "e", "three", "2022-01-03");
    fixture_read(f);
    /* moments are read behind the match, and in it */
    static const char *const queries[] = {"amber", "amb*"};
    for (size_t i = 0; i < LEDE_COUNT_OF(queries); i++) {
        expect_ids(f, queries[i], LEDE_SORT_RELEVANCE, "e b c");
        expect_ids(f, queries[i], LEDE_SORT_NEWEST, "e d b");
        expect_ids(f, queries[i], LEDE_SORT_OLDEST, "a z e");
    }
}

/* More than are kept without looking which of them are wanted; all of one moment, then each of its
 * own. */
static void only_the_best_of_many_documents_without_a_value_are_shown(void **state)
{
    enum { MANY = 2500 };
    struct fixture *f = *state;
    for (int i = 0; i < MANY; i++) {
        char json[200], moment[21];
        int number = i * 77 % MANY;
        lede_time_format(DAY_FIRST + (number % 2 ? number : 0), moment);
        snprintf(json, sizeof(json), "{\"id\":\"n%04d\",\"title\":\"amber\",\"published\":\"%s\"}",
            number, moment);
        fixture_put(f, i % FIXTURE_SEGMENTS, json);
    }
    fixture_put(
        f, 0, "{\"id\":\"s\",\"title\":\"amber\",\"section\":\"x\",\"published\":\"2021-01-01\"}");
    fixture_read(f);
    struct lede_search search = fixture_search(NULL);
    search.collapse_slot = LEDE_SLOT_SECTION;
    for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
        search.sort = (enum lede_sort)sort;
        search.limit = 4;
        struct lede_search_result result = fixture_run_text(f, search, "amber");
        char *ids = fixture_ids(&result);
        assert_string_equal(
            ids, sort == LEDE_SORT_OLDEST ? "s n0000 n0002 n0004" : "n2499 n2497 n2495 n2493");
        assert_int_equal(result.total, MANY + 1);
        assert_int_equal(result.hits[0].collapse_count, 1);
        free(ids);
        lede_search_result_done(&result);
    }
}

/* As the pages behind the first of a ranking that is kept. */
static void a_narrowed_page_shows_its_own_and_counts_all(void **state)
{
    struct fixture *f = *state;
    static const char *const only[] = {"z", "a", "absent"};
    put_plain(f, 0, "d", "one", "2022-01-02");
    put_plain(f, 0, "z", "one", "2022-01-01");
    put_plain(f, 1, "c", "one", "2022-01-02");
    put_plain(f, 1, "a", "two", "2022-01-01");
    fixture_read(f);
    struct lede_search search = fixture_search(NULL);
    search.collapse_slot = LEDE_SLOT_SECTION;
    search.facets = LEDE_FIELD_BIT(LEDE_FIELD_SECTION);
    for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
        search.sort = (enum lede_sort)sort;
        search.only_ids = only;
        search.only_id_count = LEDE_COUNT_OF(only);
        struct lede_search_result result = fixture_run_text(f, search, "amber");
        char *ids = fixture_sorted_ids(&result);
        assert_string_equal(ids, "a z");
        for (size_t i = 0; i < result.hit_count; i++)
            assert_int_equal(result.hits[i].collapse_count, result.hits[i].id[0] == 'z' ? 3 : 1);
        assert_int_equal(result.total, 4);
        assert_int_equal(result.facets[0].values[0].count, 3);
        free(ids);
        lede_search_result_done(&result);
    }
    struct lede_search_after after = {DAY_FIRST + DAY_S, "c"};
    search.sort = LEDE_SORT_NEWEST;
    search.only_ids = NULL;
    search.after_hit = &after;
    struct lede_search_result result = fixture_run_text(f, search, "amber");
    assert_int_equal(result.hit_count, 2);
    assert_string_equal(result.hits[0].id, "z");
    assert_int_equal(result.hits[0].collapse_count, 3);
    lede_search_result_done(&result);
}

/* What keeps a ranking asks for ids and keys alone. */
static void ids_alone_come_with_their_keys(void **state)
{
    struct fixture *f = *state;
    static struct made made[DOCUMENTS];
    make_archive(f, made, seed_of_run());
    for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
        struct lede_search search = whole_search(sort);
        search.collapse_slot = LEDE_SLOT_SECTION;
        struct lede_search_result whole = fixture_run_text(f, search, "amber");
        search.match_only = true;
        struct lede_search_result ids = fixture_run_text(f, search, "amber");
        assert_int_equal(ids.hit_count, whole.hit_count);
        for (size_t i = 0; i < ids.hit_count; i++) {
            assert_string_equal(ids.hits[i].id, whole.hits[i].id);
            assert_string_equal(ids.hits[i].collapse_key, whole.hits[i].collapse_key);
            assert_int_equal(ids.hits[i].stored_size, 0);
        }
        lede_search_result_done(&whole);
        lede_search_result_done(&ids);
    }
}

static void the_deadline_ends_it(void **state)
{
    struct fixture *f = *state;
    static struct made made[DOCUMENTS];
    make_archive(f, made, seed_of_run());
    for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
        struct lede_search search = whole_search(sort);
        search.collapse_slot = LEDE_SLOT_SOURCE;
        search.deadline_monotonic_ns = 1;
        struct lede_search_result result = fixture_run_text(f, search, "amber");
        assert_true(result.timed_out);
        assert_false(result.total_is_exact);
        assert_true(result.hit_count < 5);
        lede_search_result_done(&result);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hits_are_the_best_of_each_value_with_what_they_stand_for),
        TEST(nearness_orders_the_best_of_each_value),
        TEST(equal_scores_are_decided_by_moment_and_then_by_id),
        TEST(only_the_best_of_many_documents_without_a_value_are_shown),
        TEST(a_narrowed_page_shows_its_own_and_counts_all),
        TEST(ids_alone_come_with_their_keys),
        TEST(the_deadline_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
