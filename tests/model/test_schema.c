/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table: names, terms, and numbers that sort as bytes. */
#include "model_test.h"

#include "lede/schema.h"

static const struct lede_field *by_query_name(const char *name)
{
    return lede_field_by_query_name(name, strlen(name));
}

static void each_row_stands_at_its_own_id(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++)
        assert_int_equal(lede_field_at((enum lede_field_id)i)->id, i);
}

static void a_key_finds_its_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)i);
        assert_ptr_equal(lede_field_by_key(field->key, strlen(field->key)), field);
    }
}

static void an_unknown_key_finds_nothing(void **state)
{
    (void)state;
    assert_null(lede_field_by_key("titel", 5));
    assert_null(lede_field_by_key("titles", 6));
    assert_null(lede_field_by_key("", 0));
}

static void a_query_takes_the_name_and_the_key_of_a_field(void **state)
{
    (void)state;
    assert_ptr_equal(by_query_name("tag"), lede_field_at(LEDE_FIELD_TAGS));
    assert_ptr_equal(by_query_name("tags"), lede_field_at(LEDE_FIELD_TAGS));
    assert_ptr_equal(by_query_name("person"), lede_field_at(LEDE_FIELD_PEOPLE));
    assert_ptr_equal(by_query_name("published"), lede_field_at(LEDE_FIELD_PUBLISHED));
}

static void a_query_cannot_name_what_is_not_searched(void **state)
{
    (void)state;
    assert_null(by_query_name("status"));
    assert_null(by_query_name("expires"));
    assert_null(by_query_name("Title"));
}

static void the_eight_filters_of_the_contract_exist_and_no_other(void **state)
{
    (void)state;
    static const char *const names[] = {
        "source", "section", "author", "tag", "lang", "place", "person", "organisation"};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++)
        assert_non_null(lede_field_by_filter_name(names[i], strlen(names[i])));
    size_t filters = 0;
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)i);
        filters += field->filter_name != NULL;
        assert_int_equal(field->filter_name != NULL, field->filter_letter != 0);
    }
    assert_int_equal(filters, LEDE_COUNT_OF(names));
}

static void no_two_fields_share_a_prefix_a_letter_or_a_slot(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        const struct lede_field *a = lede_field_at((enum lede_field_id)i);
        for (size_t j = 0; j < i; j++) {
            const struct lede_field *b = lede_field_at((enum lede_field_id)j);
            assert_false(a->prefix && b->prefix && strcmp(a->prefix, b->prefix) == 0);
            assert_false(a->filter_letter && a->filter_letter == b->filter_letter);
            assert_false(a->slot != LEDE_SLOT_NONE && a->slot == b->slot);
        }
    }
}

static void no_prefix_is_one_that_other_terms_begin_with(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        const char *prefix = lede_field_at((enum lede_field_id)i)->prefix;
        assert_false(
            prefix && (strcmp(prefix, "F") == 0 || strcmp(prefix, "Q") == 0 || strlen(prefix) > 1));
    }
}

static void an_id_and_a_filter_value_become_terms_as_they_are(void **state)
{
    (void)state;
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    assert_int_equal(lede_schema_id_term("ap-17", 5, term), 6);
    assert_string_equal(term, "Qap-17");
    const struct lede_field *source = lede_field_at(LEDE_FIELD_SOURCE);
    assert_int_equal(lede_schema_filter_term(source, "Reuters", 7, term), 9);
    assert_string_equal(term, "FOReuters");
}

static void a_value_that_is_too_long_becomes_a_hash_that_tells_it_apart(void **state)
{
    (void)state;
    char value[LEDE_SCHEMA_TERM_MAX];
    char first[LEDE_SCHEMA_TERM_MAX + 1];
    char second[LEDE_SCHEMA_TERM_MAX + 1];
    const struct lede_field *source = lede_field_at(LEDE_FIELD_SOURCE);
    memset(value, 'x', sizeof value);
    assert_int_equal(lede_schema_filter_term(source, value, LEDE_SCHEMA_TERM_MAX - 2, first),
        LEDE_SCHEMA_TERM_MAX);
    assert_int_equal(lede_schema_filter_term(source, value, LEDE_SCHEMA_TERM_MAX - 1, first), 35);
    value[3] = 'y';
    assert_int_equal(lede_schema_filter_term(source, value, LEDE_SCHEMA_TERM_MAX - 1, second), 35);
    assert_memory_equal(first, "FO#", 3);
    assert_string_not_equal(first, second);
}

static const int64_t moments[] = {LEDE_TIME_MIN_UTC_S, -62135596799, -901, -900, -899, -1, 0, 1,
    899, 900, 1642615440, LEDE_TIME_MAX_UTC_S - 1, LEDE_TIME_MAX_UTC_S};

static void encoded_times_sort_as_the_moments_and_come_back(void **state)
{
    (void)state;
    unsigned char before[5] = {0};
    for (size_t i = 0; i < LEDE_COUNT_OF(moments); i++) {
        unsigned char bytes[5];
        lede_schema_encode_time(moments[i], bytes);
        assert_int_equal(lede_schema_decode_time(bytes), moments[i]);
        assert_true(i == 0 || memcmp(before, bytes, sizeof bytes) < 0);
        memcpy(before, bytes, sizeof bytes);
    }
}

static void a_quarter_of_an_hour_begins_at_or_before_each_of_its_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(moments); i++) {
        unsigned char bytes[4];
        lede_schema_encode_quarter_hour(moments[i], bytes);
        int64_t start = lede_schema_decode_quarter_hour(bytes);
        assert_true(start <= moments[i] && moments[i] < start + 900);
        assert_int_equal(start % 900, 0);
    }
}

static void a_day_begins_at_or_before_each_of_its_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(moments); i++) {
        unsigned char bytes[3];
        lede_schema_encode_day(moments[i], bytes);
        int64_t start = lede_schema_decode_day(bytes);
        assert_true(start <= moments[i] && moments[i] < start + 86400);
        assert_int_equal(start % 86400, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_stands_at_its_own_id),
        cmocka_unit_test(a_key_finds_its_field),
        cmocka_unit_test(an_unknown_key_finds_nothing),
        cmocka_unit_test(a_query_takes_the_name_and_the_key_of_a_field),
        cmocka_unit_test(a_query_cannot_name_what_is_not_searched),
        cmocka_unit_test(the_eight_filters_of_the_contract_exist_and_no_other),
        cmocka_unit_test(no_two_fields_share_a_prefix_a_letter_or_a_slot),
        cmocka_unit_test(no_prefix_is_one_that_other_terms_begin_with),
        cmocka_unit_test(an_id_and_a_filter_value_become_terms_as_they_are),
        cmocka_unit_test(a_value_that_is_too_long_becomes_a_hash_that_tells_it_apart),
        cmocka_unit_test(encoded_times_sort_as_the_moments_and_come_back),
        cmocka_unit_test(a_quarter_of_an_hour_begins_at_or_before_each_of_its_moments),
        cmocka_unit_test(a_day_begins_at_or_before_each_of_its_moments),
    };
    return cmocka_run_group_tests_name("model: schema", tests, NULL, NULL);
}
