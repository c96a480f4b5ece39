/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Caches: what they keep, what goes, and what lives on in hands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES 100
#define ROOM ((size_t)20 * BYTES)

struct thing {
    struct lede_cached cached;
    char key[16];
    unsigned number;
};

static int alive; /* changed atomically */

static void free_thing(struct lede_cached *cached)
{
    __atomic_sub_fetch(&alive, 1, __ATOMIC_RELAXED);
    memset(cached, 0xEE, sizeof(struct thing));
    free(cached);
}

static struct thing *new_thing(unsigned number, size_t bytes)
{
    struct thing *thing = calloc(1, sizeof(*thing));
    assert_non_null(thing);
    __atomic_add_fetch(&alive, 1, __ATOMIC_RELAXED);
    thing->number = number;
    thing->cached = (struct lede_cached){.key = thing->key,
        .key_size = (size_t)snprintf(thing->key, sizeof(thing->key), "key %u", number),
        .bytes = bytes,
        .free = free_thing};
    return thing;
}

/* It is held. */
static struct thing *add_thing(struct lede_cache *cache, unsigned number, size_t bytes)
{
    struct thing *thing = new_thing(number, bytes);
    lede_cache_add(cache, &thing->cached);
    return thing;
}

static void add(struct lede_cache *cache, unsigned number)
{
    lede_cache_release(cache, &add_thing(cache, number, BYTES)->cached);
}

static struct thing *find(struct lede_cache *cache, unsigned number)
{
    char key[16];
    size_t size = (size_t)snprintf(key, sizeof(key), "key %u", number);
    return (struct thing *)lede_cache_find(cache, key, size);
}

static bool has(struct lede_cache *cache, unsigned number)
{
    struct thing *thing = find(cache, number);
    bool is_there = thing && thing->number == number;
    lede_cache_release(cache, thing ? &thing->cached : NULL);
    return is_there;
}

static struct lede_cache *new_cache(size_t bytes_max)
{
    struct lede_cache *cache = NULL;
    assert_int_equal(lede_cache_new(bytes_max, &cache), LEDE_OK);
    return cache;
}

static struct lede_cache_stats stats_of(struct lede_cache *cache)
{
    struct lede_cache_stats stats;
    lede_cache_stats(cache, &stats);
    return stats;
}

static void what_was_not_used_for_longest_goes_first(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    for (unsigned i = 0; i < 20; i++)
        add(cache, i);
    assert_true(has(cache, 0));
    add(cache, 20);
    assert_true(has(cache, 0));
    assert_false(has(cache, 1));
    assert_true(has(cache, 20));
    struct lede_cache_stats stats = stats_of(cache);
    assert_int_equal(stats.bytes, ROOM);
    assert_int_equal(stats.items, 20);
    assert_int_equal(stats.hits, 3);
    assert_int_equal(stats.misses, 1);
    assert_int_equal(stats.evictions, 1);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

static void never_more_than_its_bytes_are_kept(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    for (unsigned i = 0; i < 5000; i++) {
        size_t bytes = i % (ROOM / 4);
        lede_cache_release(cache, &add_thing(cache, i, bytes)->cached);
        assert_true(stats_of(cache).bytes <= ROOM);
        assert_int_equal(has(cache, i), bytes <= ROOM / 8);
    }
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

static void a_cache_of_no_bytes_keeps_nothing(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(0);
    struct thing *thing = add_thing(cache, 1, BYTES);
    assert_false(has(cache, 1));
    lede_cache_grow(cache, &thing->cached, BYTES);
    assert_int_equal(alive, 1);
    lede_cache_release(cache, &thing->cached);
    assert_int_equal(alive, 0);
    lede_cache_free(cache);
}

static void what_is_held_lives_on(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    struct thing *held = add_thing(cache, 7, BYTES);
    for (unsigned i = 100; i < 200; i++)
        add(cache, i);
    assert_false(has(cache, 7));
    assert_int_equal(held->number, 7);
    assert_int_equal(alive, 21);
    lede_cache_release(cache, &held->cached);
    assert_int_equal(alive, 20);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

static void a_newer_thing_takes_the_place_of_one_with_its_key(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    struct thing *first = add_thing(cache, 7, BYTES);
    struct thing *second = add_thing(cache, 7, 2 * BYTES);
    struct thing *found = find(cache, 7);
    assert_ptr_equal(found, second);
    assert_int_equal(stats_of(cache).items, 1);
    assert_int_equal(stats_of(cache).bytes, 2 * BYTES);
    lede_cache_release(cache, &found->cached);
    lede_cache_release(cache, &second->cached);
    lede_cache_release(cache, &first->cached);
    assert_int_equal(alive, 1);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

static void what_is_refused_is_gone_and_counts_as_missed(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    add(cache, 7);
    lede_cache_refuse(cache, &find(cache, 7)->cached);
    assert_false(has(cache, 7));
    assert_int_equal(alive, 0);
    struct lede_cache_stats stats = stats_of(cache);
    assert_int_equal(stats.hits, 0);
    assert_int_equal(stats.misses, 2);
    assert_int_equal(stats.bytes, 0);
    lede_cache_free(cache);
}

static void what_grows_makes_others_go(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    for (unsigned i = 0; i < 20; i++)
        add(cache, i);
    struct thing *thing = find(cache, 19);
    lede_cache_grow(cache, &thing->cached, 5 * BYTES);
    assert_int_equal(stats_of(cache).bytes, ROOM);
    assert_int_equal(stats_of(cache).items, 15);
    assert_true(has(cache, 19));
    lede_cache_grow(cache, &thing->cached, 2 * ROOM); /* then itself */
    assert_int_equal(stats_of(cache).bytes, 0);
    assert_int_equal(thing->number, 19);
    lede_cache_release(cache, &thing->cached);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

static void *use_cache(void *context)
{
    struct lede_cache *cache = context;
    unsigned random = (unsigned)(uintptr_t)&random;
    for (unsigned i = 0; i < 20000; i++) {
        random = random * 1103515245 + 12345;
        unsigned number = random / 65536 % 40;
        struct thing *thing = find(cache, number);
        if (!thing)
            thing = add_thing(cache, number, BYTES);
        else if (random % 64 == 0)
            lede_cache_grow(cache, &thing->cached, 1);
        if (thing->number != number)
            return cache;
        lede_cache_release(cache, &thing->cached);
    }
    return NULL;
}

static void threads_share_it(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    pthread_t threads[4];
    for (size_t i = 0; i < LEDE_COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_cache, cache), 0);
    for (size_t i = 0; i < LEDE_COUNT_OF(threads); i++) {
        void *wrong = cache;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_true(stats_of(cache).bytes <= ROOM);
    assert_int_equal(alive, (int)stats_of(cache).items);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

static struct thing *add_to(
    struct lede_cache *cache, struct lede_cache_group *group, unsigned number, uint64_t cost)
{
    struct thing *thing = new_thing(number, BYTES);
    thing->cached.group = group;
    thing->cached.cost = cost;
    lede_cache_add(cache, &thing->cached);
    return thing;
}

/* Of a group's numbers; they are told in the order of use. */
static unsigned sum_of(struct lede_cache *cache, struct lede_cache_group *group)
{
    struct lede_cache_held *held = NULL;
    size_t count = 0;
    unsigned sum = 0;
    assert_int_equal(lede_cache_hold(cache, group, &held, &count), LEDE_OK);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || held[i].used_at < held[i - 1].used_at);
        sum += ((const struct thing *)held[i].thing)->number;
        lede_cache_release(cache, held[i].thing);
    }
    free(held);
    return sum;
}

static void what_goes_together_is_dropped_together(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    struct lede_cache_group groups[2] = {0};
    for (unsigned i = 0; i < 12; i++)
        lede_cache_release(cache, &add_to(cache, &groups[i % 3 == 0], i, 0)->cached);
    assert_int_equal(sum_of(cache, &groups[1]), 0 + 3 + 6 + 9);
    lede_cache_refuse(cache, &find(cache, 6)->cached);
    assert_int_equal(sum_of(cache, &groups[1]), 0 + 3 + 9);
    struct thing *held = find(cache, 9);
    lede_cache_drop(cache, &groups[1]);
    assert_int_equal(sum_of(cache, &groups[1]), 0);
    assert_int_equal(alive, 9);
    assert_null(find(cache, 3));
    assert_null(find(cache, 9));
    assert_int_equal(held->number, 9);
    lede_cache_release(cache, &held->cached);
    assert_int_equal(alive, 8);
    assert_int_equal(stats_of(cache).items, 8);
    assert_int_equal(stats_of(cache).bytes, 8 * BYTES);
    for (unsigned i = 100; i < 120; i++)
        add(cache, i);
    assert_int_equal(sum_of(cache, &groups[0]), 0);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

/* A thing that costs eight times as much stays while others come and go, but not for ever. */
static void what_is_dear_to_make_stays_longer(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(ROOM);
    unsigned others = 100;
    lede_cache_release(cache, &add_to(cache, NULL, 1, (uint64_t)64 * BYTES)->cached);
    lede_cache_release(cache, &add_to(cache, NULL, 2, (uint64_t)8 * BYTES)->cached);
    for (unsigned i = 0; i < 20; i++)
        lede_cache_release(cache, &add_to(cache, NULL, others++, (uint64_t)8 * BYTES)->cached);
    struct thing *dear = find(cache, 1);
    assert_non_null(dear);
    assert_null(find(cache, 2));
    unsigned lasted = 0;
    while (dear->cached.is_kept && lasted < 10000) {
        lede_cache_release(cache, &add_to(cache, NULL, others++, (uint64_t)8 * BYTES)->cached);
        lasted++;
    }
    assert_in_range(lasted, 40, 400);
    lede_cache_release(cache, &dear->cached);
    lede_cache_free(cache);
    assert_int_equal(alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_used_for_longest_goes_first),
        cmocka_unit_test(never_more_than_its_bytes_are_kept),
        cmocka_unit_test(a_cache_of_no_bytes_keeps_nothing),
        cmocka_unit_test(what_is_held_lives_on),
        cmocka_unit_test(a_newer_thing_takes_the_place_of_one_with_its_key),
        cmocka_unit_test(what_is_refused_is_gone_and_counts_as_missed),
        cmocka_unit_test(what_grows_makes_others_go),
        cmocka_unit_test(threads_share_it),
        cmocka_unit_test(what_goes_together_is_dropped_together),
        cmocka_unit_test(what_is_dear_to_make_stays_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
