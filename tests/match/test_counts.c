/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that share a plan are counted as searches of their own would count them, and ask less.
 * LEDE_TEST_SEED gives other questions. */
#include "archive.h"

#include "lede/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS 300
#define TEXTS_LAST 60  /* of the last part */
#define COPIES_MAX 480 /* of a text: the first part has more than one window */
#define OPERANDS 5     /* that the questions of one round are made of */
#define QUESTIONS 14
#define ROUNDS 60

static const char *const words[] = {"alpha", "beta", "gamma", "delta", "kappa", "omega"};
static const char *const sources[] = {"AP", "Reuters", "AFP"};

static const char *draw_word(uint64_t *seed)
{
    return words[archive_random(seed) % (1 + archive_random(seed) % LEDE_COUNT_OF(words))];
}

static void put_text(struct archive *archive, uint32_t number, uint64_t *seed)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer json = {0};
    lede_buffer_append_format(&json,
        "{\"id\":\"%u\",\"language\":\"en\",\"source\":\"%s\",\"status\":\"%s\","
        "\"published\":\"20%02u-05-01T12:00:00Z\",\"title\":\"%s %s\",\"body\":\"",
        number, sources[archive_random(seed) % LEDE_COUNT_OF(sources)],
        archive_random(seed) % 9 ? "usable" : "withheld", 10 + archive_random(seed) % 10,
        draw_word(seed), draw_word(seed));
    for (uint32_t length = archive_random(seed) % 30; length > 0; length--)
        lede_buffer_append_format(&json, "%s ", draw_word(seed));
    lede_buffer_append_string(&json, "\"}");
    lede_buffer_append_char(&json, '\0');
    assert_false(json.failed);
    archive_put(archive, json.data, NULL, 0);
}

static void build(struct archive *archive, uint64_t *seed)
{
    archive_begin_part(archive);
    for (uint32_t i = 0; i < TEXTS; i++) {
        put_text(archive, i, seed);
        for (uint32_t copies = archive_random(seed) % COPIES_MAX; copies > 0; copies--)
            archive_put_again(archive, NULL, 0);
    }
    archive_begin_part(archive);
    for (uint32_t i = 0; i < TEXTS_LAST; i++)
        put_text(archive, TEXTS + i, seed);
    archive_open(archive);
}

static void draw_operand(struct lede_buffer *out, uint64_t *seed)
{
    const char *a = draw_word(seed), *b = draw_word(seed), *c = draw_word(seed);
    switch (archive_random(seed) % 7) {
    case 0:
        lede_buffer_append_format(out, "\"%s %s\"", a, b);
        break;
    case 1:
        lede_buffer_append_format(out, "\"%s %s %s\"", a, b, c);
        break;
    case 2:
        lede_buffer_append_format(out, "(%s NEAR/3 %s)", a, b);
        break;
    case 3:
        lede_buffer_append_format(out, "(%s ADJ/2 %s NEAR/4 %s)", a, b, c);
        break;
    case 4:
        lede_buffer_append_format(out, "=%s", a);
        break;
    case 5:
        lede_buffer_append_format(out, "%.3s*", a);
        break;
    default:
        lede_buffer_append_string(out, a);
    }
    lede_buffer_append_char(out, '\0');
    assert_false(out->failed);
}

static void draw_question(
    struct lede_buffer *out, const struct lede_buffer *operands, uint64_t *seed)
{
    static const char *const between[] = {" AND ", " AND ", " OR ", " NOT "};
    uint32_t count = 1 + archive_random(seed) % 3;
    for (uint32_t i = 0; i < count; i++)
        lede_buffer_append_format(out, "%s%s",
            i > 0 ? between[archive_random(seed) % LEDE_COUNT_OF(between)] : "",
            operands[archive_random(seed) % OPERANDS].data);
    lede_buffer_append_char(out, '\0');
    assert_false(out->failed);
}

static struct lede_query *parse(struct archive *archive, const char *text)
{
    struct lede_query_options options = {
        .languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2)), .now_utc_s = ARCHIVE_NOW};
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), &options, archive->analyzer, &query, &error) !=
        LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    return query;
}

static struct lede_search search_of(const struct lede_query *query)
{
    return (struct lede_search){.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .match_only = true,
        .collapse_slot = LEDE_SLOT_NONE};
}

static struct lede_counts *new_counts(struct archive *archive, const struct lede_query *restriction)
{
    struct lede_counts *counts = NULL;
    struct lede_search search = search_of(NULL);
    search.restriction = restriction;
    assert_int_equal(lede_index_counts_new(archive->index, &search, &counts, NULL), LEDE_OK);
    return counts;
}

static struct lede_counted ask(struct lede_counts *counts, const struct lede_search *search)
{
    struct lede_counted counted = {0};
    struct lede_error error = {0};
    if (lede_counts_ask(counts, search, &counted, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    assert_true(counted.is_exact);
    return counted;
}

/* One question beside filters and bounds, in the shared plan and by itself. Returns how many it
 * finds. */
static uint32_t check_question(struct archive *archive, struct lede_counts *counts,
    const struct lede_query *query, const struct lede_query *restriction, const char *text,
    uint64_t *seed)
{
    const char *value = sources[archive_random(seed) % LEDE_COUNT_OF(sources)];
    struct lede_filter filter = {.field = lede_field_at(LEDE_FIELD_SOURCE)};
    struct lede_search search = search_of(query);
    struct lede_search_result result = {0};
    if (archive_random(seed) % 2)
        filter = (struct lede_filter){filter.field, &value, 1, NULL, 0};
    else
        filter = (struct lede_filter){filter.field, NULL, 0, &value, 1};
    search.filters = &filter;
    search.filter_count = archive_random(seed) % 2;
    if (archive_random(seed) % 4 == 0)
        search.after_utc_s = ARCHIVE_NOW - INT64_C(86400) * 365 * (archive_random(seed) % 9);
    struct lede_counted counted = ask(counts, &search);
    search.restriction = restriction;
    assert_int_equal(lede_index_search(archive->index, &search, &result, NULL), LEDE_OK);
    uint32_t expected = counted.is_enough ? LEDE_COUNTED_ENOUGH : result.total;
    if (result.total < expected || counted.documents != expected ||
        counted.has_cuts != (result.cut_count > 0))
        fail_msg("%s: %u, by a search of its own %u", text, counted.documents, result.total);
    lede_search_result_done(&result);
    return counted.documents;
}

static void questions_that_share_a_plan_count_as_searches_of_their_own(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    size_t found = 0;
    build(archive, &seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct lede_buffer operands[OPERANDS] = {0};
        struct lede_query *queries[QUESTIONS + 1] = {0};
        for (size_t i = 0; i < OPERANDS; i++)
            draw_operand(&operands[i], &seed);
        if (round % 3 == 0)
            queries[QUESTIONS] = parse(archive, operands[0].data);
        struct lede_counts *counts = new_counts(archive, queries[QUESTIONS]);
        for (size_t i = 0; i < QUESTIONS; i++) {
            LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
            draw_question(&text, operands, &seed);
            queries[i] = parse(archive, text.data);
            found += check_question(
                         archive, counts, queries[i], queries[QUESTIONS], text.data, &seed) > 0;
        }
        lede_counts_free(counts);
        for (size_t i = 0; i <= QUESTIONS; i++)
            lede_query_free(queries[i]);
        for (size_t i = 0; i < OPERANDS; i++)
            lede_buffer_done(&operands[i]);
    }
    assert_true(found > ROUNDS * QUESTIONS / 3);
}

static void where_a_phrase_stands_is_asked_once_whoever_has_it(void **state)
{
    static const char *const texts[] = {"\"kappa omega\"", "\"kappa omega\" AND gamma",
        "\"kappa omega\" OR delta", "gamma NOT \"kappa omega\"", "\"omega kappa\" AND missing",
        "\"kappa missing\"", "\"kappa omega\" AND \"kappa omega\""};
    struct archive *archive = *state;
    struct lede_query *queries[LEDE_COUNT_OF(texts)];
    uint64_t seed = archive_seed(), once = 0;
    build(archive, &seed);
    struct lede_counts *counts = new_counts(archive, NULL);
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        queries[i] = parse(archive, texts[i]);
        struct lede_search search = search_of(queries[i]);
        (void)ask(counts, &search);
        if (i == 0)
            once = lede_counts_places_asked(counts);
        assert_true(once > 0);
        if (lede_counts_places_asked(counts) != once)
            fail_msg("%s asks for places", texts[i]);
    }
    lede_counts_free(counts);
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++)
        lede_query_free(queries[i]);
}

static void put_copies(struct archive *archive, uint32_t count)
{
    archive_begin_part(archive);
    archive_put(archive,
        "{\"id\":\"1\",\"language\":\"en\",\"title\":\"alpha beta\",\"body\":\"gamma\"}", NULL, 0);
    for (uint32_t i = 1; i < count; i++)
        archive_put_again(archive, NULL, 0);
}

static void check_count(
    struct archive *archive, const char *text, uint32_t documents, bool is_enough)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(archive, text);
    LEDE_CLEANUP(lede_counts_freep) struct lede_counts *counts = new_counts(archive, NULL);
    struct lede_search search = search_of(query);
    struct lede_counted counted = ask(counts, &search);
    assert_int_equal(counted.documents, documents);
    assert_int_equal(counted.is_enough, is_enough);
}

static void where_words_stand_is_asked_until_enough_are_found(void **state)
{
    struct archive *archive = *state;
    put_copies(archive, LEDE_COUNTED_ENOUGH + 5);
    put_copies(archive, 7);
    archive_open(archive);
    check_count(archive, "\"alpha beta\"", LEDE_COUNTED_ENOUGH, true);
    check_count(archive, "alpha AND beta", LEDE_COUNTED_ENOUGH + 12, false);
    check_count(archive, "\"beta alpha\"", 0, false);
}

static void what_the_last_window_finds_is_counted_to_the_end(void **state)
{
    struct archive *archive = *state;
    put_copies(archive, LEDE_COUNTED_ENOUGH - 1);
    put_copies(archive, 7);
    archive_open(archive);
    check_count(archive, "\"alpha beta\"", LEDE_COUNTED_ENOUGH + 6, false);
}

static void questions_end_at_the_deadline(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    build(archive, &seed);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(archive, "\"alpha beta\"");
    LEDE_CLEANUP(lede_counts_freep) struct lede_counts *counts = NULL;
    struct lede_search search = search_of(query);
    struct lede_counted counted = {.is_exact = true};
    search.deadline_monotonic_ns = 1;
    assert_int_equal(lede_index_counts_new(archive->index, &search, &counts, NULL), LEDE_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lede_counts_ask(counts, &search, &counted, NULL), LEDE_OK);
        assert_false(counted.is_exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(questions_that_share_a_plan_count_as_searches_of_their_own,
            archive_setup, archive_teardown),
        cmocka_unit_test_setup_teardown(
            where_a_phrase_stands_is_asked_once_whoever_has_it, archive_setup, archive_teardown),
        cmocka_unit_test_setup_teardown(
            where_words_stand_is_asked_until_enough_are_found, archive_setup, archive_teardown),
        cmocka_unit_test_setup_teardown(
            what_the_last_window_finds_is_counted_to_the_end, archive_setup, archive_teardown),
        cmocka_unit_test_setup_teardown(
            questions_end_at_the_deadline, archive_setup, archive_teardown),
    };
    return cmocka_run_group_tests_name("match: counts", tests, NULL, NULL);
}
