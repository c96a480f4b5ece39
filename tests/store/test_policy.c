/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segments are merged, simulated over many seals. */
#include "merge_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEGMENT_BYTES UINT64_C(5000000)
#define SEGMENT_DOCUMENTS 1000
#define SEALS 4096
#define CANDIDATES_MAX 200

struct lane {
    struct lede_merge_candidate candidates[CANDIDATES_MAX];
    size_t count;
    uint64_t written; /* by merges */
};

static const struct lede_merge_limits no_limits;

static void seal(struct lane *lane)
{
    assert_true(lane->count < CANDIDATES_MAX);
    lane->candidates[lane->count++] =
        (struct lede_merge_candidate){.documents = SEGMENT_DOCUMENTS, .bytes = SEGMENT_BYTES};
}

/* Replace what was chosen by its sum. Returns whether anything was. */
static bool merge_once(struct lane *lane, const struct lede_merge_limits *limits, bool is_idle)
{
    struct lede_merge_choice choice;
    if (!lede_merge_choose(limits, lane->candidates, lane->count, is_idle, &choice))
        return false;
    struct lede_merge_candidate sum = {0};
    for (size_t i = choice.count; i-- > 0;) {
        struct lede_merge_candidate *chosen = &lane->candidates[choice.chosen[i]];
        uint32_t living = choice.rewrite ? chosen->documents - chosen->deleted : chosen->documents;
        sum.bytes += chosen->bytes / chosen->documents * living;
        sum.documents += living;
        sum.deleted += choice.rewrite ? 0 : chosen->deleted;
        lane->count--;
        memmove(chosen, chosen + 1, (lane->count - choice.chosen[i]) * sizeof(*chosen));
    }
    lane->written += sum.bytes;
    if (sum.documents > 0)
        lane->candidates[lane->count++] = sum;
    return true;
}

static void segments_stay_few_and_are_written_once_a_class(void **state)
{
    (void)state;
    struct lane lane = {0};
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&no_limits);
    size_t most = 0;
    for (unsigned i = 0; i < SEALS; i++) {
        seal(&lane);
        while (merge_once(&lane, &limits, false))
            continue;
        most = lane.count > most ? lane.count : most;
    }
    /* 4,096 is eight to the fourth: four classes of merges, at most seven segments in each and in
     * that of seals. */
    assert_true(lane.written <= 4 * SEALS * SEGMENT_BYTES);
    assert_true(most <= 7 * 5);
    assert_true(lane.count <= 7 * 5);
}

static void nothing_larger_than_the_limit_is_made(void **state)
{
    (void)state;
    struct lane lane = {0};
    struct lede_merge_limits given = {.segment_bytes = 40 * SEGMENT_BYTES};
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&given);
    for (unsigned i = 0; i < 512; i++) {
        seal(&lane);
        while (merge_once(&lane, &limits, true))
            continue;
    }
    for (size_t i = 0; i < lane.count; i++)
        assert_true(lane.candidates[i].bytes <= 40 * SEGMENT_BYTES);
    assert_true(lane.count > 10);
}

static void an_idle_lane_comes_to_fewer_segments(void **state)
{
    (void)state;
    struct lane lane = {0};
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&no_limits);
    for (unsigned i = 0; i < 7; i++)
        seal(&lane);
    assert_false(merge_once(&lane, &limits, false));
    assert_true(merge_once(&lane, &limits, true));
    assert_true(lane.count <= 4);
}

static void a_segment_of_which_much_is_deleted_is_written_anew(void **state)
{
    (void)state;
    struct lane lane = {0};
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&no_limits);
    seal(&lane);
    lane.candidates[0].deleted = SEGMENT_DOCUMENTS * 33 / 100 - 1;
    assert_false(merge_once(&lane, &limits, false));
    lane.candidates[0].deleted++;
    assert_true(merge_once(&lane, &limits, false));
    assert_int_equal(lane.candidates[0].documents, SEGMENT_DOCUMENTS * 67 / 100);
    assert_int_equal(lane.candidates[0].deleted, 0);
    lane.candidates[0].deleted = lane.candidates[0].documents;
    assert_true(merge_once(&lane, &limits, false));
    assert_int_equal(lane.count, 0);
}

static void what_an_older_version_has_indexed_is_made_anew_one_by_one_and_with_any_merge(
    void **state)
{
    (void)state;
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&no_limits);
    struct lede_merge_candidate candidates[8] = {0};
    struct lede_merge_choice choice;
    for (size_t i = 0; i < 8; i++)
        candidates[i] = (struct lede_merge_candidate){.documents = 100, .bytes = 100000};
    assert_false(lede_merge_choose(&limits, candidates, 3, true, &choice));
    candidates[1].is_old = candidates[2].is_old = true;
    assert_true(lede_merge_choose(&limits, candidates, 3, true, &choice));
    assert_int_equal(choice.count, 1);
    assert_int_equal(choice.chosen[0], 1);
    assert_true(choice.rewrite);
    assert_true(lede_merge_choose(&limits, candidates, 8, false, &choice));
    assert_int_equal(choice.count, 8);
    assert_true(choice.rewrite);
    assert_true(lede_merge_choose_any(&limits, candidates, 8, &choice));
    assert_true(choice.rewrite);
    assert_true(lede_merge_choose_any(&limits, &candidates[1], 1, &choice));
    assert_int_equal(choice.count, 1);
    candidates[1].is_old = candidates[2].is_old = false;
    assert_true(lede_merge_choose(&limits, candidates, 8, false, &choice));
    assert_false(choice.rewrite);
}

static void merging_can_be_switched_off(void **state)
{
    (void)state;
    struct lane lane = {0};
    struct lede_merge_limits given = {.fan_in = UINT32_MAX};
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&given);
    for (unsigned i = 0; i < 100; i++)
        seal(&lane);
    lane.candidates[0].deleted = SEGMENT_DOCUMENTS;
    assert_false(merge_once(&lane, &limits, true));
}

static void limits_out_of_range_become_the_nearest(void **state)
{
    (void)state;
    struct lede_merge_limits given = {.fan_in = 1, .idle_fan_in = 100};
    struct lede_merge_limits limits = lede_merge_limits_with_defaults(&given);
    assert_int_equal(limits.fan_in, 2);
    assert_int_equal(limits.idle_fan_in, 2);
    given = (struct lede_merge_limits){.fan_in = 9};
    limits = lede_merge_limits_with_defaults(&given);
    assert_int_equal(limits.fan_in, LEDE_MERGE_SEGMENTS_MAX);
    assert_int_equal(limits.idle_fan_in, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_stay_few_and_are_written_once_a_class),
        cmocka_unit_test(nothing_larger_than_the_limit_is_made),
        cmocka_unit_test(an_idle_lane_comes_to_fewer_segments),
        cmocka_unit_test(a_segment_of_which_much_is_deleted_is_written_anew),
        cmocka_unit_test(
            what_an_older_version_has_indexed_is_made_anew_one_by_one_and_with_any_merge),
        cmocka_unit_test(merging_can_be_switched_off),
        cmocka_unit_test(limits_out_of_range_become_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
