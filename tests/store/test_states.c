/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of a store's segments: which changes of state there are, and that nothing that a list
 * on the disk names is ever retired by anything but a newer list. */
#include "fixture.h"

#include "segment_states.h"

#include <string.h>

#define ALL (LEDE_SEGMENT_RETIRED + 1)

/* What a segment can become from each state, written down anew. */
static const char *const reachable[ALL] = {
    [LEDE_SEGMENT_UNKNOWN] = "BLQ",
    [LEDE_SEGMENT_BUILDING] = "SR",
    [LEDE_SEGMENT_SEALED] = "WR",
    [LEDE_SEGMENT_SHOWN] = "LR",
    [LEDE_SEGMENT_LISTED] = "Q",
    [LEDE_SEGMENT_QUARANTINED] = "L",
    [LEDE_SEGMENT_RETIRED] = "U",
};
static const char letters[ALL + 1] = "UBSWLQR";

/* Bring segment 7 to a state, by edges that there are. */
static void bring_to(struct lede_segment_states *states, enum lede_segment_state state)
{
    static const char *const ways[ALL] = {"", "B", "BS", "BSW", "L", "Q", "BR"};
    for (const char *step = ways[state]; *step; step++) {
        enum lede_segment_state to = (enum lede_segment_state)(strchr(letters, *step) - letters);
        assert_int_equal(lede_segment_state_change(states, 7, to, NULL), LEDE_OK);
    }
    assert_int_equal(lede_segment_state_of(states, 7), state);
}

static void a_segment_changes_along_the_edges_and_no_other_way(void **state)
{
    (void)state;
    for (int from = 0; from < ALL; from++) {
        for (int to = 0; to < ALL; to++) {
            struct lede_segment_states states = {0};
            struct lede_error error = {0};
            bring_to(&states, (enum lede_segment_state)from);
            bool legal = from == to || strchr(reachable[from], letters[to]);
            enum lede_status st =
                lede_segment_state_change(&states, 7, (enum lede_segment_state)to, &error);
            assert_int_equal(st, legal ? LEDE_OK : LEDE_EINTERNAL);
            assert_int_equal(lede_segment_state_of(&states, 7), legal ? to : from);
            if (!legal)
                assert_non_null(strstr(error.message, "segment 7"));
            lede_segment_states_done(&states);
        }
    }
}

static void list(struct lede_manifest *manifest, uint32_t number, enum lede_segment_state state)
{
    struct lede_manifest_segment segment = {.number = number, .state = state};
    assert_int_equal(lede_manifest_add(manifest, &segment, NULL), LEDE_OK);
}

static void what_either_of_two_lists_names_stays_until_one_is_certain(void **state)
{
    (void)state;
    struct lede_segment_states states = {0};
    struct lede_manifest before = {0}, doubtful = {0}, certain = {0};
    list(&before, 1, LEDE_SEGMENT_LISTED);
    list(&doubtful, 2, LEDE_SEGMENT_LISTED);
    list(&certain, 3, LEDE_SEGMENT_LISTED);
    assert_int_equal(lede_segment_states_list(&states, &before, NULL), LEDE_OK);
    for (uint32_t number = 2; number <= 3; number++) {
        for (int to = LEDE_SEGMENT_BUILDING; to <= LEDE_SEGMENT_SHOWN; to++)
            assert_int_equal(
                lede_segment_state_change(&states, number, (enum lede_segment_state)to, NULL),
                LEDE_OK);
    }
    assert_int_equal(lede_segment_states_list(&states, &doubtful, NULL), LEDE_OK);
    for (uint32_t number = 1; number <= 2; number++)
        assert_int_equal(
            lede_segment_state_change(&states, number, LEDE_SEGMENT_RETIRED, NULL), LEDE_EINTERNAL);
    assert_int_equal(lede_segment_states_list(&states, &certain, NULL), LEDE_OK);
    lede_segment_states_settle(&states, &certain);
    assert_int_equal(lede_segment_state_of(&states, 1), LEDE_SEGMENT_RETIRED);
    assert_int_equal(lede_segment_state_of(&states, 2), LEDE_SEGMENT_RETIRED);
    assert_int_equal(lede_segment_state_of(&states, 3), LEDE_SEGMENT_LISTED);
    lede_manifest_done(&before);
    lede_manifest_done(&doubtful);
    lede_manifest_done(&certain);
    lede_segment_states_done(&states);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_changes_along_the_edges_and_no_other_way),
        cmocka_unit_test(what_either_of_two_lists_names_stays_until_one_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
