/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers and arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/buffer.h"

#include <stdlib.h>
#include <string.h>

static void what_is_appended_is_there_with_a_nul_behind_it(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    lede_buffer_append(&buffer, "abc", 2);
    lede_buffer_append_char(&buffer, '-');
    lede_buffer_append_string(&buffer, "xyz");
    lede_buffer_append_format(&buffer, " %d%s", 7, "!");
    assert_int_equal(lede_buffer_status(&buffer), LEDE_OK);
    assert_string_equal(buffer.data, "ab-xyz 7!");
    assert_int_equal(buffer.size, 9);
}

static void a_buffer_grows_over_many_appends(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    for (int i = 0; i < 100000; i++)
        lede_buffer_append_format(&buffer, "%05d", i);
    assert_int_equal(lede_buffer_status(&buffer), LEDE_OK);
    assert_int_equal(buffer.size, 500000);
    assert_memory_equal(buffer.data + 5 * 99999, "99999", 6);
}

static void markup_becomes_entities(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    lede_buffer_append_html(&buffer, "<a b=\"c\">&'é", 14);
    assert_string_equal(buffer.data, "&lt;a b=&quot;c&quot;&gt;&amp;&#39;é");
}

static void a_failed_append_is_remembered_and_later_ones_do_nothing(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    lede_buffer_append_string(&buffer, "kept");
    assert_null(lede_buffer_reserve(&buffer, SIZE_MAX / 2));
    lede_buffer_append_string(&buffer, "lost");
    lede_buffer_append_char(&buffer, 'x');
    lede_buffer_append_format(&buffer, "%d", 1);
    assert_int_equal(lede_buffer_status(&buffer), LEDE_ENOMEM);
    assert_string_equal(buffer.data, "kept");
    assert_null(lede_buffer_take(&buffer));
}

static void clearing_forgets_the_failure(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    assert_null(lede_buffer_reserve(&buffer, SIZE_MAX / 2));
    lede_buffer_clear(&buffer);
    lede_buffer_append_string(&buffer, "again");
    assert_int_equal(lede_buffer_status(&buffer), LEDE_OK);
    assert_string_equal(buffer.data, "again");
}

static void taking_moves_the_text_out(void **state)
{
    (void)state;
    struct lede_buffer buffer = {0};
    lede_buffer_append_string(&buffer, "mine");
    LEDE_CLEANUP(lede_freep) char *text = lede_buffer_take(&buffer);
    assert_string_equal(text, "mine");
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
}

static void taking_from_an_empty_buffer_gives_an_empty_text(void **state)
{
    (void)state;
    struct lede_buffer buffer = {0};
    LEDE_CLEANUP(lede_freep) char *text = lede_buffer_take(&buffer);
    assert_string_equal(text, "");
}

static void reserved_room_is_the_callers_to_fill(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    char *room = lede_buffer_reserve(&buffer, 1000);
    assert_non_null(room);
    memset(room, 'r', 1000);
    buffer.size += 1000;
    lede_buffer_append_char(&buffer, '.');
    assert_int_equal(buffer.size, 1001);
    assert_int_equal(buffer.data[999], 'r');
}

static void arena_memory_is_aligned_and_does_not_overlap(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    unsigned char *pieces[500];
    for (size_t i = 0; i < LEDE_COUNT_OF(pieces); i++) {
        pieces[i] = lede_arena_alloc(&arena, i % 97 + 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i % 251), i % 97 + 1);
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(pieces); i++) {
        assert_int_equal(pieces[i][0], i % 251);
        assert_int_equal(pieces[i][i % 97], i % 251);
    }
}

static void an_arena_gives_more_than_a_block_at_once(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    char *large = lede_arena_alloc(&arena, 5 << 20);
    assert_non_null(large);
    memset(large, 1, 5 << 20);
    assert_string_equal(lede_arena_copy(&arena, "copied and cut", 6), "copied");
}

static void counted_memory_is_zeroed_and_checked_for_overflow(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    const unsigned char *zeroes = lede_arena_calloc(&arena, 10, 10);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(zeroes[i], 0);
    assert_null(lede_arena_calloc(&arena, SIZE_MAX / 2, 3));
}

static void an_arena_can_be_used_again_after_a_reset(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 100; i++)
            assert_non_null(lede_arena_alloc(&arena, 1000));
        lede_arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_there_with_a_nul_behind_it),
        cmocka_unit_test(a_buffer_grows_over_many_appends),
        cmocka_unit_test(markup_becomes_entities),
        cmocka_unit_test(a_failed_append_is_remembered_and_later_ones_do_nothing),
        cmocka_unit_test(clearing_forgets_the_failure),
        cmocka_unit_test(taking_moves_the_text_out),
        cmocka_unit_test(taking_from_an_empty_buffer_gives_an_empty_text),
        cmocka_unit_test(reserved_room_is_the_callers_to_fill),
        cmocka_unit_test(arena_memory_is_aligned_and_does_not_overlap),
        cmocka_unit_test(an_arena_gives_more_than_a_block_at_once),
        cmocka_unit_test(counted_memory_is_zeroed_and_checked_for_overflow),
        cmocka_unit_test(an_arena_can_be_used_again_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
