/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsing and printing with all allocations from the n-th on failing, for every n. */
#include "../base/failing_allocations.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static const char *const queries[] = {
    "crude oil OR \"saudi arabia\"^2 -(title:(a b) econ*) =x published:2022..2023 COVID-19",
    "東京2020",
    "+a b AND c -d (e f)^0.5 NOT \"g h\" *",
    "a \"b",
    "",
    "LEAD: (a NEAR/5 \"b c\") ATLEAST/3 (d OR e*) CAPS f LENGTH>5 (i SAME s j) ADJ k",
    "colo?r zelenski~ \"saudi arab*\" =\"g h\"",
    "kyiv \"the eu said\" european union {x, en: y z} labours -kiev",
};
static const char lines[] =
    "# all\nkyiv, kiev\neu, european union\nen: labour, labor\nmünchen => munich\n";

/* Every change of the root, and of its first operand. */
static enum lede_status change_all(const struct lede_query *query)
{
    const struct lede_query_node *root = lede_query_root(query);
    for (int kind = LEDE_CHANGE_FORMS; kind <= LEDE_CHANGE_ANY; kind++) {
        LEDE_CLEANUP(lede_freep) char *changed = NULL;
        struct lede_query_change changes[] = {{root, kind, SIZE_MAX}, {root, kind, SIZE_MAX}};
        size_t count = root->child_count > 0 && kind != LEDE_CHANGE_DROP ? 2 : 1;
        if (root->child_count > 0)
            changes[count - 1].node = root->children[0];
        if (lede_query_print_changed(query, changes, count, &changed) == LEDE_ENOMEM)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

/* Returns true if everything went well with so many allocations. */
static bool runs_with(const char *text, const struct lede_query_options *options, long allocations)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    struct lede_error error = {0};
    allocations_left = allocations;
    enum lede_status st =
        lede_query_parse(text, strlen(text), options, test_analyzer, &query, &error);
    if (st == LEDE_OK)
        st = lede_query_print(query, &printed);
    enum lede_status changed = st == LEDE_OK ? change_all(query) : LEDE_OK;
    allocations_left = -1;
    assert_true(st == LEDE_OK || st == LEDE_ENOMEM || st == LEDE_EINPUT);
    if (st == LEDE_ENOMEM) {
        assert_null(printed);
        assert_true(query || error.status == LEDE_ENOMEM);
    }
    return st != LEDE_ENOMEM && changed != LEDE_ENOMEM;
}

static struct lede_synonyms *read_list(long allocations)
{
    struct lede_synonyms *list = NULL;
    struct lede_error error = {0};
    allocations_left = allocations;
    enum lede_status st =
        lede_synonyms_read(lines, strlen(lines), "list", test_analyzer, &list, &error);
    allocations_left = -1;
    assert_true(st == LEDE_OK || (st == LEDE_ENOMEM && error.status == LEDE_ENOMEM && !list));
    return list;
}

static void every_failed_allocation_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = NULL;
    for (long allocations = 0; !list; allocations++)
        list = read_list(allocations);
    for (size_t i = 0; i < LEDE_COUNT_OF(queries) * 2; i++) {
        struct lede_query_options options = test_options(i % 2 == 1);
        options.languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2));
        options.synonyms = list;
        long allocations = 0;
        /* The analyzer keeps what it has made, and a stem that it could not make does not fail the
         * parse. */
        while (!runs_with(queries[i / 2], &options, allocations))
            allocations++;
        assert_true(allocations >= 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests_name("query memory", tests, support_setup, support_teardown);
}
