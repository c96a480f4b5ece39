/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building and correcting with all allocations from the n-th on failing, for every n. */
#include "../base/failing_allocations.h"
#include "lede/lexicon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum lede_status build_and_correct(void)
{
    static const char *const words[] = {"able", "minister", "ministry"};
    LEDE_CLEANUP(lede_lexicon_builder_freep) struct lede_lexicon_builder *builder = NULL;
    LEDE_CLEANUP(lede_lexicon_unrefp) struct lede_lexicon *lexicon = NULL;
    struct lede_lexicon_word found[4];
    size_t count = 0;
    enum lede_status st = lede_lexicon_builder_new(&builder, NULL);
    for (size_t i = 0; st == LEDE_OK && i < LEDE_COUNT_OF(words); i++)
        st = lede_lexicon_builder_add(builder, words[i], strlen(words[i]), 3, NULL);
    if (st == LEDE_OK)
        st = lede_lexicon_builder_finish(builder, 1, &lexicon, NULL);
    if (st == LEDE_OK)
        st = lede_lexicon_correct(lexicon, "minster", 7, NULL, 4, found, &count, NULL);
    return st;
}

static void every_failed_allocation_is_reported_and_nothing_leaks(void **state)
{
    enum lede_status st = LEDE_ENOMEM;
    long allocations = 0;
    (void)state;
    for (; st != LEDE_OK; allocations++) {
        allocations_left = allocations;
        st = build_and_correct();
        allocations_left = -1;
        assert_true(st == LEDE_OK || st == LEDE_ENOMEM);
    }
    assert_true(allocations > 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests_name("lexicon memory", tests, NULL, NULL);
}
