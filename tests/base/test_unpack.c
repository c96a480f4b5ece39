/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both codings, in pieces of every size: whole, cut, with more behind. */
#include "lede/unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

static const enum lede_coding codings[] = {LEDE_CODING_GZIP, LEDE_CODING_ZSTD};

/* One member or frame of `size` ones, appended. */
static void pack_ones(enum lede_coding coding, size_t size, struct lede_buffer *packed)
{
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, '1', size);
    size_t room = ZSTD_compressBound(size) + 100;
    char *out = lede_buffer_reserve(packed, room);
    if (coding == LEDE_CODING_ZSTD) {
        size_t used = ZSTD_compress(out, room, text, size, 3);
        assert_false(ZSTD_isError(used));
        packed->size += used;
    } else {
        z_stream stream = {0};
        assert_int_equal(
            deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        stream.next_in = (Bytef *)text;
        stream.avail_in = (uInt)size;
        stream.next_out = (Bytef *)out;
        stream.avail_out = (uInt)room;
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        packed->size += stream.total_out;
        deflateEnd(&stream);
    }
    free(text);
}

static enum lede_status unpack(enum lede_coding coding, const struct lede_buffer *packed,
    size_t size, size_t max, struct lede_buffer *ret_text)
{
    return lede_unpack_all(coding, 23, packed->data, size, max, ret_text, NULL);
}

static void a_text_may_fill_its_bound_and_not_pass_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(codings); i++) {
        struct lede_buffer packed = {0}, plain = {0};
        pack_ones(codings[i], 100000, &packed);
        assert_int_equal(unpack(codings[i], &packed, packed.size, 100000, &plain), LEDE_OK);
        lede_buffer_done(&plain);
        assert_int_equal(unpack(codings[i], &packed, packed.size, 99999, &plain), LEDE_ELIMIT);
        lede_buffer_done(&plain);
        lede_buffer_done(&packed);
    }
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(codings); i++) {
        struct lede_buffer packed = {0};
        pack_ones(codings[i], 3000, &packed);
        for (size_t size = 1; size < packed.size; size++) {
            struct lede_buffer plain = {0};
            assert_int_equal(unpack(codings[i], &packed, size, 10000, &plain), LEDE_EINPUT);
            lede_buffer_done(&plain);
        }
        lede_buffer_done(&packed);
    }
}

/* Unpack in pieces until the end or a failure; returns how many bytes were given. */
static size_t count_in_pieces(enum lede_coding coding, const struct lede_buffer *packed,
    size_t piece, enum lede_status *ret_status)
{
    LEDE_CLEANUP(lede_unpacker_freep) struct lede_unpacker *unpacker = NULL;
    size_t at = 0, total = 0, given = 0;
    assert_int_equal(lede_unpacker_new(coding, 23, &unpacker, NULL), LEDE_OK);
    enum lede_status st = LEDE_OK;
    do {
        char out[13];
        size_t taken = 0, offered = packed->size - at < piece ? packed->size - at : piece;
        st = lede_unpacker_step(unpacker, (unsigned char *)packed->data + at, offered, out,
            sizeof(out), &taken, &given, NULL);
        at += taken;
        total += given;
    } while (st == LEDE_OK && (at < packed->size || given > 0));
    *ret_status = st == LEDE_OK ? lede_unpacker_end(unpacker, NULL) : st;
    return total;
}

static void pieces_of_any_size_give_the_same_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(codings); i++) {
        struct lede_buffer packed = {0};
        enum lede_status st = LEDE_OK;
        pack_ones(codings[i], 5000, &packed);
        pack_ones(codings[i], 0, &packed);
        pack_ones(codings[i], 77, &packed);
        for (size_t piece = 1; piece < 20; piece++) {
            assert_int_equal(count_in_pieces(codings[i], &packed, piece, &st), 5077);
            assert_int_equal(st, LEDE_OK);
        }
        lede_buffer_done(&packed);
    }
}

static void zeros_behind_are_padding_and_other_bytes_are_told_behind_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(codings); i++) {
        for (size_t piece = 1; piece < 1000; piece = piece * 3) {
            struct lede_buffer packed = {0};
            enum lede_status st = LEDE_OK;
            pack_ones(codings[i], 5000, &packed);
            lede_buffer_append(&packed, "\0\0\0\0\0", 5);
            assert_int_equal(count_in_pieces(codings[i], &packed, piece, &st), 5000);
            assert_int_equal(st, LEDE_OK);
            lede_buffer_append_string(&packed, "rubbish");
            assert_int_equal(count_in_pieces(codings[i], &packed, piece, &st), 5000);
            assert_int_equal(st, LEDE_EINPUT);
            lede_buffer_done(&packed);
        }
    }
}

static void what_is_not_packed_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(codings); i++) {
        struct lede_buffer text = {0};
        enum lede_status st = LEDE_OK;
        lede_buffer_append(&text, "\0{\"title\": \"plain\"}", 19);
        assert_int_equal(count_in_pieces(codings[i], &text, 5, &st), 0);
        assert_int_equal(st, LEDE_EINPUT);
        lede_buffer_done(&text);
    }
}

static void a_window_over_the_bound_is_refused(void **state)
{
    (void)state;
    /* A frame whose descriptor asks for 2^(10 + 14) bytes, with one empty last block. */
    static const unsigned char frame[] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 14 << 3, 0x01, 0, 0};
    struct lede_buffer packed = {0}, plain = {0};
    lede_buffer_append(&packed, (const char *)frame, sizeof(frame));
    assert_int_equal(unpack(LEDE_CODING_ZSTD, &packed, packed.size, 100, &plain), LEDE_EINPUT);
    packed.data[5] = 13 << 3;
    assert_int_equal(unpack(LEDE_CODING_ZSTD, &packed, packed.size, 100, &plain), LEDE_OK);
    lede_buffer_done(&plain);
    lede_buffer_done(&packed);
}

static void first_bytes_tell_the_coding(void **state)
{
    (void)state;
    const unsigned char skippable[] = {0x5F, 0x2A, 0x4D, 0x18};
    assert_int_equal(lede_coding_of((const unsigned char *)"\x1F\x8B", 2), LEDE_CODING_GZIP);
    assert_int_equal(
        lede_coding_of((const unsigned char *)"\x28\xB5\x2F\xFD", 4), LEDE_CODING_ZSTD);
    assert_int_equal(lede_coding_of(skippable, 4), LEDE_CODING_ZSTD);
    assert_int_equal(lede_coding_of(skippable, 3), LEDE_CODING_NONE);
    assert_int_equal(lede_coding_of((const unsigned char *)"(x)", 3), LEDE_CODING_NONE);
    assert_int_equal(lede_coding_of((const unsigned char *)"", 0), LEDE_CODING_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_may_fill_its_bound_and_not_pass_it),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(pieces_of_any_size_give_the_same_text),
        cmocka_unit_test(zeros_behind_are_padding_and_other_bytes_are_told_behind_the_text),
        cmocka_unit_test(what_is_not_packed_is_refused),
        cmocka_unit_test(a_window_over_the_bound_is_refused),
        cmocka_unit_test(first_bytes_tell_the_coding),
    };
    return cmocka_run_group_tests_name("base unpack", tests, NULL, NULL);
}
