/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Negotiation, and the way through zlib and back. */
#include "gzip.h"
#include "lede/unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static void accept_encoding_is_read_with_its_weights(void **state)
{
    (void)state;
    const char *yes[] = {"gzip", "GZip", "x-gzip", "br, gzip", "gzip;q=0.1", "gzip ; q=1.0", "*",
        "*;q=0.5", "br;q=1,gzip;q=0.001", "gzip,identity", ",,gzip,", "\tgzip\t"};
    const char *no[] = {"", "br", "gzip;q=0", "gzip;q=0.", "gzip;q=0.000", "gzip;q=", "gzip;q=2",
        "gzip;q=-1", "gzip;x=1", "gzip q=1", "*;q=0", "gzip;q=0,*", "*,gzip;q=0", "identity",
        "gzip;q=0.5,identity;q=0.6", "gzipped", "gzi", ";", "gzip;"};
    assert_false(lede_http_accepts_gzip(NULL));
    for (size_t i = 0; i < LEDE_COUNT_OF(yes); i++)
        assert_true(lede_http_accepts_gzip(yes[i]));
    for (size_t i = 0; i < LEDE_COUNT_OF(no); i++)
        assert_false(lede_http_accepts_gzip(no[i]));
}

static void text_is_compressible_and_pictures_are_not(void **state)
{
    (void)state;
    const char *yes[] = {"text/html; charset=utf-8", "application/json", "application/problem+json",
        "application/atom+xml; x=y", "image/svg+xml", "text/javascript", "application/x-ndjson",
        "TEXT/CSS"};
    const char *no[] = {
        "image/png", "application/octet-stream", "", "font/woff2", "application/gzip; json"};
    assert_false(lede_http_is_compressible(NULL));
    for (size_t i = 0; i < LEDE_COUNT_OF(yes); i++)
        assert_true(lede_http_is_compressible(yes[i]));
    for (size_t i = 0; i < LEDE_COUNT_OF(no); i++)
        assert_false(lede_http_is_compressible(no[i]));
}

static void every_body_survives_both_ways(void **state)
{
    (void)state;
    struct lede_http_deflater deflater = {0};
    srand(42);
    for (int round = 0; round < 200; round++) {
        size_t size = (size_t)rand() % 200000;
        int letters = 1 + rand() % 256;
        char *text = malloc(size + 1);
        assert_non_null(text);
        for (size_t i = 0; i < size; i++)
            text[i] = (char)(rand() % letters);
        struct lede_buffer zipped = {0}, plain = {0};
        assert_int_equal(lede_http_gzip(&deflater, text, size, &zipped), LEDE_OK);
        assert_int_equal(
            lede_unpack_all(LEDE_CODING_GZIP, 10, zipped.data, zipped.size, size, &plain, NULL),
            LEDE_OK);
        assert_int_equal(plain.size, size);
        assert_memory_equal(plain.data, text, size);
        lede_buffer_done(&zipped);
        lede_buffer_done(&plain);
        free(text);
    }
    lede_http_deflater_done(&deflater);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_encoding_is_read_with_its_weights),
        cmocka_unit_test(text_is_compressible_and_pictures_are_not),
        cmocka_unit_test(every_body_survives_both_ways),
    };
    return cmocka_run_group_tests_name("http gzip", tests, NULL, NULL);
}
