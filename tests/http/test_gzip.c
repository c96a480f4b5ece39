/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Negotiation, and the way through zlib and back. */
#include "gzip.h"
#include "inflate.h"

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
            lede_http_inflate_all(zipped.data, zipped.size, size, &plain, NULL), LEDE_OK);
        assert_int_equal(plain.size, size);
        assert_memory_equal(plain.data, text, size);
        lede_buffer_done(&zipped);
        lede_buffer_done(&plain);
        free(text);
    }
    lede_http_deflater_done(&deflater);
}

static void zip_ones(size_t size, struct lede_buffer *zipped)
{
    struct lede_http_deflater deflater = {0};
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '1', size);
    assert_int_equal(lede_http_gzip(&deflater, text, size, zipped), LEDE_OK);
    free(text);
    lede_http_deflater_done(&deflater);
}

static void a_body_may_fill_its_bound_and_not_pass_it(void **state)
{
    (void)state;
    struct lede_buffer zipped = {0}, plain = {0};
    zip_ones(100000, &zipped);
    assert_int_equal(
        lede_http_inflate_all(zipped.data, zipped.size, 100000, &plain, NULL), LEDE_OK);
    lede_buffer_done(&plain);
    assert_int_equal(
        lede_http_inflate_all(zipped.data, zipped.size, 99999, &plain, NULL), LEDE_ELIMIT);
    lede_buffer_done(&plain);
    lede_buffer_done(&zipped);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct lede_buffer zipped = {0};
    zip_ones(3000, &zipped);
    for (size_t size = 1; size < zipped.size; size++) {
        struct lede_buffer plain = {0};
        assert_int_equal(
            lede_http_inflate_all(zipped.data, size, 10000, &plain, NULL), LEDE_EINPUT);
        lede_buffer_done(&plain);
    }
    lede_buffer_done(&zipped);
}

static void pieces_of_any_size_give_the_same_text(void **state)
{
    (void)state;
    struct lede_buffer zipped = {0};
    zip_ones(5000, &zipped);
    zip_ones(77, &zipped); /* appends: a second member */
    for (size_t piece = 1; piece < 20; piece++) {
        struct lede_http_inflater inflater;
        size_t at = 0, total = 0, given = 0;
        assert_int_equal(lede_http_inflater_init(&inflater, NULL), LEDE_OK);
        do {
            char out[13];
            size_t taken = 0, offered = zipped.size - at < piece ? zipped.size - at : piece;
            assert_int_equal(lede_http_inflater_step(&inflater, (unsigned char *)zipped.data + at,
                                 offered, out, sizeof(out), &taken, &given, NULL),
                LEDE_OK);
            at += taken;
            total += given;
        } while (at < zipped.size || given > 0);
        assert_int_equal(total, 5077);
        assert_int_equal(lede_http_inflater_end(&inflater, NULL), LEDE_OK);
        lede_http_inflater_done(&inflater);
    }
    lede_buffer_done(&zipped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_encoding_is_read_with_its_weights),
        cmocka_unit_test(text_is_compressible_and_pictures_are_not),
        cmocka_unit_test(every_body_survives_both_ways),
        cmocka_unit_test(a_body_may_fill_its_bound_and_not_pass_it),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(pieces_of_any_size_give_the_same_text),
    };
    return cmocka_run_group_tests_name("http gzip", tests, NULL, NULL);
}
