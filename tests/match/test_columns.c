/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A column holds what a segment's documents have in a slot. */
#include "archive.h"

#include "column.h"

#include "lede/time.h"

#include <stdio.h>
#include <string.h>

static struct lede_text_column *texts_of(struct archive *archive, uint32_t slot)
{
    struct lede_text_column *column = NULL;
    struct lede_error error = {0};
    if (lede_text_column_get(archive->index, 0, slot, &column, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return column;
}

static void expect_text(
    const struct lede_text_column *column, uint32_t document, const char *expected)
{
    uint32_t number = lede_column_text_number(column, document);
    const struct lede_column_text *text = &column->texts[number];
    assert_true(number < column->text_count);
    assert_int_equal(text->size, strlen(expected));
    assert_memory_equal(text->text, expected, text->size);
    assert_int_equal(lede_text_column_find(column, expected, strlen(expected)), number);
}

static void texts_are_those_of_their_documents(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\",\"source\":\"AP\"}", NULL, 0);
    archive_put(archive, "{\"id\":\"b\",\"title\":\"x\"}", NULL, 0);
    archive_put(archive, "{\"id\":\"c\",\"title\":\"x\",\"source\":\"Reuters\"}", NULL, 0);
    archive_put(archive, "{\"id\":\"d\",\"title\":\"x\",\"source\":\"AP\"}", NULL, 0);
    archive_open(archive);
    struct lede_text_column *column = texts_of(archive, LEDE_SLOT_SOURCE);
    assert_int_equal(column->documents, 5);
    assert_int_equal(column->width, 1);
    assert_int_equal(column->text_count, 3);
    assert_int_equal(column->values.count, 0);
    expect_text(column, 0, "");
    expect_text(column, 1, "AP");
    expect_text(column, 2, "");
    expect_text(column, 3, "Reuters");
    expect_text(column, 4, "AP");
    assert_int_equal(column->texts[1].documents, 2);
    assert_int_equal(column->texts[2].documents, 1);
    assert_int_equal(lede_text_column_find(column, "AFP", 3), 0);
    assert_true(column->item.bytes > 5 + sizeof(*column));
    lede_kept_let_go(&column->item);
}

static void an_empty_slot_gives_a_column_without_texts(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
    archive_open(archive);
    struct lede_text_column *column = texts_of(archive, LEDE_SLOT_TAGS);
    assert_int_equal(column->text_count, 1);
    expect_text(column, 1, "");
    assert_int_equal(lede_text_column_find(column, "a", 1), 0);
    lede_kept_let_go(&column->item);
}

static void a_column_is_read_once(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\",\"source\":\"AP\"}", NULL, 0);
    archive_open(archive);
    struct lede_text_column *texts = texts_of(archive, LEDE_SLOT_SOURCE);
    struct lede_text_column *others = texts_of(archive, LEDE_SLOT_TAGS);
    struct lede_text_column *again = texts_of(archive, LEDE_SLOT_SOURCE);
    assert_ptr_equal(texts, again);
    assert_ptr_not_equal(texts, others);
    struct lede_number_column *numbers = NULL;
    assert_int_equal(
        lede_number_column_get(archive->index, 0, LEDE_SLOT_DAY, &numbers, NULL), LEDE_OK);
    struct lede_text_column *days = texts_of(archive, LEDE_SLOT_DAY);
    assert_ptr_not_equal(days, numbers);
    lede_kept_let_go(&texts->item);
    lede_kept_let_go(&others->item);
    lede_kept_let_go(&again->item);
    lede_kept_let_go(&numbers->item);
    lede_kept_let_go(&days->item);
}

/* Each width, and what it takes one more text to leave. */
static void many_texts_take_wider_numbers(void **state)
{
    enum { TEXTS = 65536 };
    static const struct {
        uint32_t texts;
        uint8_t width;
    } widths[] = {{255, 1}, {256, 2}, {TEXTS - 1, 2}, {TEXTS, 4}};
    struct archive *archive = *state;
    for (size_t part = 0; part < LEDE_COUNT_OF(widths); part++) {
        archive_begin_part(archive);
        archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
        for (uint32_t i = 0; i < widths[part].texts; i++) {
            char text[16];
            struct archive_value value = {
                LEDE_SLOT_SECTION, text, (size_t)snprintf(text, sizeof(text), "s%u", i)};
            archive_put_again(archive, &value, 1);
        }
    }
    archive_open(archive);
    for (size_t part = 0; part < LEDE_COUNT_OF(widths); part++) {
        struct lede_text_column *column = NULL;
        assert_int_equal(
            lede_text_column_get(archive->index, part, LEDE_SLOT_SECTION, &column, NULL), LEDE_OK);
        assert_int_equal(column->width, widths[part].width);
        for (uint32_t i = 0; i < widths[part].texts; i++) {
            char text[16];
            snprintf(text, sizeof(text), "s%u", i);
            expect_text(column, i + 2, text);
        }
        lede_kept_let_go(&column->item);
    }
}

static void values_of_a_list_are_told_apart(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\",\"tags\":[\"p\",\"q\"]}", NULL, 0);
    archive_put(archive, "{\"id\":\"b\",\"title\":\"x\",\"tags\":[\"q\"]}", NULL, 0);
    archive_put(archive, "{\"id\":\"c\",\"title\":\"x\",\"tags\":[\"q\",\"r\",\"p\"]}", NULL, 0);
    archive_put(archive, "{\"id\":\"d\",\"title\":\"x\",\"tags\":[\"p\",\"q\"]}", NULL, 0);
    archive_open(archive);
    struct lede_text_column *column = texts_of(archive, LEDE_SLOT_TAGS);
    const struct lede_column_values *values = &column->values;
    char told[64] = "";
    for (uint32_t text = 1; text < column->text_count; text++) {
        for (uint32_t i = values->starts[text]; i < values->starts[text + 1]; i++)
            strncat(told, values->texts[values->numbers[i]].text, 1);
        strcat(told, " ");
    }
    assert_string_equal(told, "pq q qrp ");
    assert_int_equal(values->count, 4);
    assert_int_equal(values->texts[1].documents, 3);
    assert_int_equal(values->texts[2].documents, 4);
    assert_int_equal(values->texts[3].documents, 1);
    lede_kept_let_go(&column->item);
}

static void days_are_numbered_in_their_order(void **state)
{
    struct archive *archive = *state;
    uint64_t seed = archive_seed();
    int64_t days[301] = {0};
    archive_begin_part(archive);
    for (int i = 1; i <= 300; i++) {
        char json[120], moment[21];
        days[i] = ARCHIVE_NOW / 86400 - archive_random(&seed) % 200;
        lede_time_format(days[i] * 86400 + archive_random(&seed) % 86400, moment);
        snprintf(json, sizeof(json), "{\"title\":\"x\",\"published\":\"%s\"}", moment);
        archive_put(archive, json, NULL, 0);
    }
    archive_open(archive);
    struct lede_text_column *column = texts_of(archive, LEDE_SLOT_DAY);
    struct lede_number_column *numbers = NULL;
    assert_int_equal(
        lede_number_column_get(archive->index, 0, LEDE_SLOT_DAY, &numbers, NULL), LEDE_OK);
    for (uint32_t i = 1; i <= 300; i++) {
        uint32_t number = lede_column_text_number(column, i);
        const unsigned char *bytes = (const unsigned char *)column->texts[number].text;
        assert_int_equal(lede_schema_decode_day(bytes), days[i] * 86400);
        assert_int_equal(numbers->numbers[i], days[i] * 86400);
        assert_int_equal(lede_text_column_find(column, column->texts[number].text, 3), number);
        for (uint32_t k = 1; k < i; k++)
            assert_true((days[k] < days[i]) == (lede_column_text_number(column, k) < number));
    }
    lede_kept_let_go(&numbers->item);
    lede_kept_let_go(&column->item);
}

static void numbers_are_moments_and_lengths(void **state)
{
    struct archive *archive = *state;
    struct archive_value none = {LEDE_SLOT_PUBLISHED, "", 0};
    archive_begin_part(archive);
    archive_put(archive,
        "{\"id\":\"a\",\"title\":\"x\",\"body\":\"three words "
        "here\",\"published\":\"1969-12-31T23:59:59Z\"}",
        NULL, 0);
    archive_put(archive, "{\"id\":\"b\",\"title\":\"x\",\"published\":\"2020-01-01\"}", &none, 1);
    archive_open(archive);
    static const struct {
        uint32_t slot;
        int64_t first;
    } expected[] = {{LEDE_SLOT_PUBLISHED, -1}, {LEDE_SLOT_QUARTER_HOUR, -900},
        {LEDE_SLOT_DAY, -86400}, {LEDE_SLOT_LENGTH, 3}};
    for (size_t i = 0; i < LEDE_COUNT_OF(expected); i++) {
        struct lede_number_column *column = NULL;
        assert_int_equal(
            lede_number_column_get(archive->index, 0, expected[i].slot, &column, NULL), LEDE_OK);
        assert_int_equal(column->documents, 3);
        assert_int_equal(column->numbers[1], expected[i].first);
        if (expected[i].slot == LEDE_SLOT_PUBLISHED)
            assert_true(column->numbers[2] == LEDE_TIME_NONE);
        lede_kept_let_go(&column->item);
    }
}

static void a_value_of_another_shape_is_corrupt(void **state)
{
    struct archive *archive = *state;
    struct archive_value day = {LEDE_SLOT_DAY, "xxxx", 4};
    struct archive_value moment = {LEDE_SLOT_PUBLISHED, "x", 1};
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
    archive_put(archive, "{\"id\":\"b\",\"title\":\"x\"}", &day, 1);
    archive_put(archive, "{\"id\":\"c\",\"title\":\"x\"}", &moment, 1);
    archive_open(archive);
    struct lede_text_column *texts = NULL;
    struct lede_number_column *numbers = NULL;
    struct lede_error error = {0};
    assert_int_equal(
        lede_text_column_get(archive->index, 0, LEDE_SLOT_DAY, &texts, &error), LEDE_ECORRUPT);
    assert_non_null(strstr(error.message, "document 2"));
    assert_int_equal(
        lede_number_column_get(archive->index, 0, LEDE_SLOT_PUBLISHED, &numbers, &error),
        LEDE_ECORRUPT);
    assert_non_null(strstr(error.message, "document 3"));
    assert_null(texts);
    assert_null(numbers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_are_those_of_their_documents),
        TEST(an_empty_slot_gives_a_column_without_texts),
        TEST(a_column_is_read_once),
        TEST(many_texts_take_wider_numbers),
        TEST(values_of_a_list_are_told_apart),
        TEST(days_are_numbered_in_their_order),
        TEST(numbers_are_moments_and_lengths),
        TEST(a_value_of_another_shape_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
