/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of numbers by hash, and arrays that grow, also with the n-th allocation failing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_allocations.h"
#include "lede/buffer.h"
#include "lede/number.h"
#include "lede/table.h"

#include <stdlib.h>

enum { KEYS = 5000 };

/* The thing with number i has key i * 7; hashes are bad on purpose where `bits` are few. */
static uint64_t hash_of(uint32_t key, unsigned bits)
{
    return lede_hash64(&key, sizeof(key)) & ((UINT64_C(1) << bits) - 1);
}

static uint32_t find(const struct lede_table *table, uint32_t key, unsigned bits)
{
    struct lede_probe probe = lede_table_probe(hash_of(key, bits));
    while (lede_table_next(table, &probe))
        if (probe.number * 7 == key)
            return probe.number;
    return UINT32_MAX;
}

static void fill(struct lede_table *table, unsigned bits)
{
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(lede_table_reserve(table, table->count + 1), LEDE_OK);
        lede_table_add(table, hash_of(i * 7, bits), i);
    }
}

static void what_was_added_is_found_and_nothing_else(void **state)
{
    static const unsigned bits[] = {63, 40, 8, 1};
    (void)state;
    for (size_t k = 0; k < LEDE_COUNT_OF(bits); k++) {
        LEDE_CLEANUP(lede_table_done) struct lede_table table = {0};
        assert_int_equal(find(&table, 7, bits[k]), UINT32_MAX);
        fill(&table, bits[k]);
        assert_int_equal(table.count, KEYS);
        for (uint32_t key = 0; key < KEYS * 7; key++)
            if (find(&table, key, bits[k]) != (key % 7 ? UINT32_MAX : key / 7))
                fail_msg("key %u, %u bits", key, bits[k]);
    }
}

static void half_of_the_slots_stay_free(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_table_done) struct lede_table table = {0};
    fill(&table, 63);
    assert_true(table.mask + 1 >= 2 * table.count);
}

static void a_number_is_replaced_where_it_was_found(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_table_done) struct lede_table table = {0};
    assert_int_equal(lede_table_reserve(&table, 3), LEDE_OK);
    for (uint32_t i = 1; i <= 3; i++)
        lede_table_add(&table, 99, i);
    struct lede_probe probe = lede_table_probe(99);
    while (lede_table_next(&table, &probe) && probe.number != 2)
        continue;
    lede_table_replace(&table, &probe, 20);
    probe = lede_table_probe(99);
    for (uint32_t i = 0; i < 3; i++) {
        static const uint32_t expected[] = {1, 20, 3};
        assert_true(lede_table_next(&table, &probe));
        assert_int_equal(probe.number, expected[i]);
    }
    assert_false(lede_table_next(&table, &probe));
    assert_int_equal(table.count, 3);
}

static void a_table_that_cannot_grow_stays_as_it_is(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_table_done) struct lede_table table = {0};
    allocations_left = 0;
    assert_int_equal(lede_table_reserve(&table, 1), LEDE_ENOMEM);
    assert_int_equal(find(&table, 7, 63), UINT32_MAX);
    allocations_left = -1;
    fill(&table, 63);
    allocations_left = 0;
    assert_int_equal(lede_table_reserve(&table, 2 * (table.mask + 1)), LEDE_ENOMEM);
    assert_int_equal(lede_table_reserve(&table, (size_t)UINT32_MAX + 1), LEDE_ENOMEM);
    assert_int_equal(lede_table_reserve(&table, table.count), LEDE_OK);
    allocations_left = -1;
    assert_int_equal(find(&table, (KEYS - 1) * 7, 63), KEYS - 1);
}

static void an_array_grows_and_keeps_its_items(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0, grown = 0;
    for (uint32_t count = 0; count < 100000; count++) {
        size_t before = capacity;
        assert_true(LEDE_ARRAY_RESERVE(items, capacity, count + (size_t)1));
        grown += capacity != before;
        items[count] = count;
    }
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(items[i], i);
    assert_true(grown < 20);
    free(items);
}

static void an_array_that_cannot_grow_stays_as_it_is(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0;
    assert_true(LEDE_ARRAY_RESERVE(items, capacity, 8));
    items[7] = 7;
    uint32_t *before = items;
    size_t capacity_before = capacity;
    allocations_left = 0;
    assert_false(LEDE_ARRAY_RESERVE(items, capacity, capacity + 1));
    assert_true(LEDE_ARRAY_RESERVE(items, capacity, capacity));
    allocations_left = -1;
    assert_false(LEDE_ARRAY_RESERVE(items, capacity, SIZE_MAX / 4));
    assert_false(LEDE_ARRAY_RESERVE(items, capacity, SIZE_MAX));
    assert_ptr_equal(items, before);
    assert_int_equal(capacity, capacity_before);
    assert_int_equal(items[7], 7);
    free(items);
}

static void an_array_grows_in_an_arena(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t count = 0; count < 10000; count++) {
        assert_true(LEDE_ARENA_RESERVE(&arena, items, capacity, count + (size_t)1));
        items[count] = count;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(items[i], i);
    uint32_t *before = items;
    allocations_left = 0;
    assert_false(LEDE_ARENA_RESERVE(&arena, items, capacity, 10000000));
    allocations_left = -1;
    assert_false(LEDE_ARENA_RESERVE(&arena, items, capacity, SIZE_MAX));
    assert_ptr_equal(items, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_and_nothing_else),
        cmocka_unit_test(half_of_the_slots_stay_free),
        cmocka_unit_test(a_number_is_replaced_where_it_was_found),
        cmocka_unit_test(a_table_that_cannot_grow_stays_as_it_is),
        cmocka_unit_test(an_array_grows_and_keeps_its_items),
        cmocka_unit_test(an_array_that_cannot_grow_stays_as_it_is),
        cmocka_unit_test(an_array_grows_in_an_arena),
    };
    return cmocka_run_group_tests_name("base table", tests, NULL, NULL);
}
