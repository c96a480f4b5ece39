/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Percent-decoding, query strings, and the route table. */
#include "decode.h"
#include "http_limits.h"
#include "lede/encoding.h"
#include "route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static void no_handler(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    (void)request;
    (void)reply;
}

static const struct lede_http_route routes[] = {
    {.method = "POST", .path = "/documents", .handler = no_handler},
    {.method = "POST", .path = "/documents/delete", .handler = no_handler},
    {.method = "GET", .path = "/documents/{id}", .handler = no_handler},
    {.method = "PUT", .path = "/documents/{id}", .handler = no_handler},
    {.method = "GET", .path = "/documents/{id}/similar", .handler = no_handler},
    {.method = "GET", .path = "/", .handler = no_handler},
};

static struct lede_http_match match(struct lede_arena *arena, const char *method, const char *path)
{
    struct lede_http_match found;
    enum lede_status st = lede_http_route_match(
        routes, LEDE_COUNT_OF(routes), method, path, strlen(path), arena, &found, NULL);
    assert_int_equal(st, LEDE_OK);
    return found;
}

static void utf8_is_told_from_other_bytes(void **state)
{
    (void)state;
    const char *good[] = {"", "a", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x98\x80", "\xED\x9F\xBF",
        "\xF4\x8F\xBF\xBF"};
    const char *bad[] = {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC3z"};
    for (size_t i = 0; i < LEDE_COUNT_OF(good); i++)
        assert_true(lede_utf8_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++)
        assert_false(lede_utf8_is_valid(bad[i], strlen(bad[i])));
}

static void every_text_survives_encoding_and_decoding(void **state)
{
    (void)state;
    srand(20220119);
    for (int round = 0; round < 2000; round++) {
        struct lede_arena arena = {0};
        char text[64], encoded[256];
        size_t size = (size_t)(rand() % 64), used = 0;
        for (size_t i = 0; i < size; i++) {
            text[i] = (char)(1 + rand() % 127);
            used += (size_t)snprintf(
                encoded + used, sizeof(encoded) - used, rand() % 2 ? "%%%02X" : "%%%02x", text[i]);
        }
        const char *decoded = NULL;
        size_t decoded_size = 0;
        assert_int_equal(
            lede_http_decode(encoded, used, rand() % 2, &arena, &decoded, &decoded_size, NULL),
            LEDE_OK);
        assert_int_equal(decoded_size, size);
        assert_memory_equal(decoded, text, size);
        lede_arena_done(&arena);
    }
}

static void a_plus_is_a_space_in_queries_only(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    const char *decoded = NULL;
    size_t size = 0;
    assert_int_equal(lede_http_decode("a+b%2B", 6, true, &arena, &decoded, &size, NULL), LEDE_OK);
    assert_string_equal(decoded, "a b+");
    assert_int_equal(lede_http_decode("a+b%2B", 6, false, &arena, &decoded, &size, NULL), LEDE_OK);
    assert_string_equal(decoded, "a+b+");
    lede_arena_done(&arena);
}

static void a_bad_escape_leaves_the_outputs_untouched(void **state)
{
    const char *bad[] = {"%", "%4", "a%zz", "%4g", "%00", "%FF", "a%"};
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++) {
        struct lede_arena arena = {0};
        struct lede_error error = {0};
        const char *decoded = (const char *)state;
        size_t size = 77;
        assert_int_equal(
            lede_http_decode(bad[i], strlen(bad[i]), false, &arena, &decoded, &size, &error),
            LEDE_EINPUT);
        assert_ptr_equal(decoded, state);
        assert_int_equal(size, 77);
        assert_true(error.message[0] != '\0');
        lede_arena_done(&arena);
    }
}

static void a_query_becomes_its_parameters(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    const struct lede_http_parameter *parameters = NULL;
    size_t count = 0;
    const char *query = "&q=a%26b&&flag&x==&";
    assert_int_equal(
        lede_http_decode_query(query, strlen(query), &arena, &parameters, &count, NULL), LEDE_OK);
    assert_int_equal(count, 3);
    assert_string_equal(parameters[0].name, "q");
    assert_string_equal(parameters[0].value, "a&b");
    assert_string_equal(parameters[1].name, "flag");
    assert_int_equal(parameters[1].value_size, 0);
    assert_string_equal(parameters[2].value, "=");
    assert_int_equal(lede_http_decode_query("", 0, &arena, &parameters, &count, NULL), LEDE_OK);
    assert_int_equal(count, 0);
    assert_null(parameters);
    lede_arena_done(&arena);
}

static void an_error_names_the_parameter_cut_at_a_character(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    struct lede_error error = {0};
    const struct lede_http_parameter *parameters = NULL;
    size_t count = 0;
    const char *query =
        "fine=1&%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%"
        "A9%C3%A9%C3%A9%C3%A9=%zz";
    assert_int_equal(
        lede_http_decode_query(query, strlen(query), &arena, &parameters, &count, &error),
        LEDE_EINPUT);
    assert_int_equal(strlen(error.param), 30); /* 15 characters of 2 bytes; 16 do not fit 31 */
    assert_true(lede_utf8_is_valid(error.param, 30));
    lede_arena_done(&arena);
}

static void too_many_parameters_are_a_limit(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    char query[2 * LEDE_HTTP_PARAMETERS_MAX + 2];
    const struct lede_http_parameter *parameters = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof(query) - 1; i++)
        query[i] = i % 2 ? '&' : 'a';
    query[sizeof(query) - 1] = '\0';
    size_t size = 2 * LEDE_HTTP_PARAMETERS_MAX - 1;
    assert_int_equal(
        lede_http_decode_query(query, size, &arena, &parameters, &count, NULL), LEDE_OK);
    assert_int_equal(count, LEDE_HTTP_PARAMETERS_MAX);
    assert_int_equal(
        lede_http_decode_query(query, size + 2, &arena, &parameters, &count, NULL), LEDE_ELIMIT);
    lede_arena_done(&arena);
}

static void a_route_is_found_by_method_and_path(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    assert_ptr_equal(match(&arena, "POST", "/documents").route, &routes[0]);
    assert_ptr_equal(match(&arena, "POST", "/documents/delete").route, &routes[1]);
    assert_null(match(&arena, "POST", "/documents").parameters[0]);
    assert_ptr_equal(match(&arena, "HEAD", "/documents/x").route, &routes[2]);
    assert_ptr_equal(match(&arena, "PUT", "/documents/x").route, &routes[3]);
    assert_ptr_equal(match(&arena, "GET", "/documents/x/similar").route, &routes[4]);
    assert_ptr_equal(match(&arena, "GET", "/").route, &routes[5]);
    lede_arena_done(&arena);
}

static void a_parameter_is_its_whole_segment_decoded(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    struct lede_http_match found = match(&arena, "GET", "/documents/a%2Fb%3F%25/similar");
    assert_string_equal(found.parameters[0], "a/b?%");
    assert_int_equal(found.parameter_sizes[0], 5);
    lede_arena_done(&arena);
}

static void what_no_route_serves_says_what_would_be_allowed(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    assert_string_equal(match(&arena, "POST", "/documents/x").allow, "GET, HEAD, PUT, OPTIONS");
    assert_string_equal(match(&arena, "GET", "/documents").allow, "POST, OPTIONS");
    const char *nowhere[] = {
        "/documents/", "/nowhere", "", "//", "/documents/x/", "/documents//similar", "documents"};
    for (size_t i = 0; i < LEDE_COUNT_OF(nowhere); i++) {
        struct lede_http_match found = match(&arena, "GET", nowhere[i]);
        assert_null(found.route);
        assert_string_equal(found.allow, "");
    }
    lede_arena_done(&arena);
}

static void a_malformed_segment_names_its_parameter(void **state)
{
    (void)state;
    struct lede_arena arena = {0};
    struct lede_error error = {0};
    struct lede_http_match found;
    assert_int_equal(lede_http_route_match(routes, LEDE_COUNT_OF(routes), "GET", "/documents/%zz",
                         14, &arena, &found, &error),
        LEDE_EINPUT);
    assert_string_equal(error.param, "id");
    lede_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(every_text_survives_encoding_and_decoding),
        cmocka_unit_test(a_plus_is_a_space_in_queries_only),
        cmocka_unit_test(a_bad_escape_leaves_the_outputs_untouched),
        cmocka_unit_test(a_query_becomes_its_parameters),
        cmocka_unit_test(an_error_names_the_parameter_cut_at_a_character),
        cmocka_unit_test(too_many_parameters_are_a_limit),
        cmocka_unit_test(a_route_is_found_by_method_and_path),
        cmocka_unit_test(a_parameter_is_its_whole_segment_decoded),
        cmocka_unit_test(what_no_route_serves_says_what_would_be_allowed),
        cmocka_unit_test(a_malformed_segment_names_its_parameter),
    };
    return cmocka_run_group_tests_name("http decode", tests, NULL, NULL);
}
