/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes by which a query finds more, as the text of the changed query. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* The first node of a kind, from the root down. */
static const struct lede_query_node *find(
    const struct lede_query_node *node, enum lede_query_kind kind)
{
    const struct lede_query_node *found = node->kind == kind ? node : NULL;
    for (size_t i = 0; !found && i < node->child_count; i++)
        found = find(node->children[i], kind);
    return found;
}

static struct lede_query *parse(const char *text, bool match_any)
{
    struct lede_query *query = NULL;
    struct lede_query_options options = test_options(match_any);
    assert_int_equal(
        lede_query_parse(text, strlen(text), &options, test_analyzer, &query, NULL), LEDE_OK);
    return query;
}

/* expected NULL: the change means nothing there. */
static void assert_word_changed(const char *text, enum lede_query_kind kind, size_t word,
    enum lede_query_change_kind change_kind, const char *expected)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse(text, false);
    LEDE_CLEANUP(lede_freep) char *changed = NULL;
    struct lede_query_change change = {find(lede_query_root(query), kind), change_kind, word};
    assert_non_null(change.node);
    enum lede_status st = lede_query_print_changed(query, &change, 1, &changed);
    assert_int_equal(st, expected ? LEDE_OK : LEDE_EUNSUPPORTED);
    if (expected)
        assert_string_equal(changed, expected);
}

static void assert_changed(const char *text, enum lede_query_kind kind,
    enum lede_query_change_kind change_kind, const char *expected)
{
    assert_word_changed(text, kind, SIZE_MAX, change_kind, expected);
}

static void exact_words_become_words(void **state)
{
    (void)state;
    assert_changed("=oil prices", LEDE_QUERY_EXACT, LEDE_CHANGE_FORMS, "oil AND prices");
    assert_changed("CAPS aids", LEDE_QUERY_CAPS, LEDE_CHANGE_FORMS, "aids");
    assert_changed("=\"oil prices\"", LEDE_QUERY_ADJACENT, LEDE_CHANGE_FORMS, "oil ADJ/1 prices");
    assert_changed("oil", LEDE_QUERY_WORD, LEDE_CHANGE_FORMS, NULL);
}

static void words_become_similar_words(void **state)
{
    (void)state;
    assert_changed("title:zelenski^2", LEDE_QUERY_WORD, LEDE_CHANGE_SPELLING, "title:zelenski~^2");
    assert_changed("zelenski~", LEDE_QUERY_FUZZY, LEDE_CHANGE_SPELLING, "zelenski~2");
    assert_changed("zelenski~2", LEDE_QUERY_FUZZY, LEDE_CHANGE_SPELLING, NULL);
    assert_changed("oil", LEDE_QUERY_WORD, LEDE_CHANGE_SPELLING, NULL);
}

static void what_stands_near_may_stand_farther(void **state)
{
    (void)state;
    assert_changed("\"a b c\"^2", LEDE_QUERY_PHRASE, LEDE_CHANGE_NEAR, "(a NEAR/5 b NEAR/5 c)^2");
    assert_changed("a ADJ/8 b", LEDE_QUERY_ADJACENT, LEDE_CHANGE_NEAR, "a NEAR/8 b");
    assert_changed("a NEAR/3 b", LEDE_QUERY_NEAR, LEDE_CHANGE_NEAR, "a NEAR/20 b");
    assert_changed("a NEAR/30 b", LEDE_QUERY_NEAR, LEDE_CHANGE_NEAR, NULL);
    assert_changed("a SAME s b", LEDE_QUERY_SENTENCE, LEDE_CHANGE_NEAR, "a SAME p b");
    assert_changed("a SAME p b", LEDE_QUERY_PARAGRAPH, LEDE_CHANGE_NEAR, NULL);
}

static void what_stands_near_may_stand_anywhere(void **state)
{
    (void)state;
    assert_changed(
        "title:\"a b\" c", LEDE_QUERY_PHRASE, LEDE_CHANGE_ANYWHERE, "title:a AND title:b AND c");
    assert_changed("a NEAR/3 b NEAR/3 c", LEDE_QUERY_NEAR, LEDE_CHANGE_ANYWHERE, "a AND b AND c");
    assert_changed("\"a b\" NEAR/3 c", LEDE_QUERY_NEAR, LEDE_CHANGE_ANYWHERE, "\"a b\" AND c");
    assert_changed("ATLEAST/3 a", LEDE_QUERY_ATLEAST, LEDE_CHANGE_ANYWHERE, "a");
    assert_changed("a", LEDE_QUERY_WORD, LEDE_CHANGE_ANYWHERE, NULL);
}

static void places_are_widened(void **state)
{
    (void)state;
    assert_changed("LEAD: body:a", LEDE_QUERY_WORD, LEDE_CHANGE_LEAD, "body:a");
    assert_changed("LEAD: body:a", LEDE_QUERY_WORD, LEDE_CHANGE_FIELD, "LEAD:a");
    assert_changed("title:(a NEAR/2 b)", LEDE_QUERY_NEAR, LEDE_CHANGE_FIELD, "a NEAR/2 b");
    assert_changed("a", LEDE_QUERY_WORD, LEDE_CHANGE_FIELD, NULL);
}

static void what_is_left_of_a_group_is_canonical(void **state)
{
    (void)state;
    assert_changed("(=a OR b)^2 c", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, "b^2 AND c");
    assert_changed("=a NEAR/3 b", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, "b");
    assert_changed("(=a b) OR c", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, "b OR c");
    assert_changed("a -=b", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, "a");
    assert_changed("-=b", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, "*");
    assert_changed("a (b OR NOT =c)", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, "a AND (b OR *)");
}

static void exclusions_alone_are_no_query(void **state)
{
    (void)state;
    assert_changed("=a -b", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, NULL);
    assert_changed("=a", LEDE_QUERY_EXACT, LEDE_CHANGE_DROP, NULL);
}

static void a_phrase_may_lose_a_word(void **state)
{
    (void)state;
    assert_word_changed("title:\"a b c\"", LEDE_QUERY_PHRASE, 1, LEDE_CHANGE_DROP, "title:\"a c\"");
    assert_word_changed("\"a b\"", LEDE_QUERY_PHRASE, 0, LEDE_CHANGE_DROP, "b");
    assert_word_changed("\"a b\"", LEDE_QUERY_PHRASE, 2, LEDE_CHANGE_DROP, NULL);
}

static void a_phrase_may_lose_many_words_or_all(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse("\"a b c\" d", false);
    LEDE_CLEANUP(lede_freep) char *two = NULL;
    LEDE_CLEANUP(lede_freep) char *three = NULL;
    const struct lede_query_node *phrase = lede_query_root(query)->children[0];
    struct lede_query_change changes[] = {{phrase, LEDE_CHANGE_DROP, 0},
        {phrase, LEDE_CHANGE_DROP, 2}, {phrase, LEDE_CHANGE_DROP, 1}};
    assert_int_equal(lede_query_print_changed(query, changes, 2, &two), LEDE_OK);
    assert_string_equal(two, "b AND d");
    assert_int_equal(lede_query_print_changed(query, changes, 3, &three), LEDE_OK);
    assert_string_equal(three, "d");
}

static void any_of_the_words_keeps_what_is_excluded_and_dates(void **state)
{
    (void)state;
    assert_changed(
        "a b -c LENGTH>5", LEDE_QUERY_AND, LEDE_CHANGE_ANY, "NOT c AND LENGTH:6.. AND (a OR b)");
    assert_changed("\"a b\"", LEDE_QUERY_PHRASE, LEDE_CHANGE_ANY, "a OR b");
    assert_changed("a -b", LEDE_QUERY_AND, LEDE_CHANGE_ANY, NULL);
}

static void required_words_among_any_may_go(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse("+a b c", true);
    LEDE_CLEANUP(lede_freep) char *changed = NULL;
    struct lede_query_change change = {
        lede_query_root(query)->children[0], LEDE_CHANGE_DROP, SIZE_MAX};
    assert_int_equal(lede_query_print_changed(query, &change, 1, &changed), LEDE_OK);
    assert_string_equal(changed, "b OR c");
}

static void several_changes_are_made_at_once(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = parse("=aaaa bbbb \"c d\"", false);
    LEDE_CLEANUP(lede_freep) char *changed = NULL;
    struct lede_query_node *const *operands = lede_query_root(query)->children;
    struct lede_query_change changes[] = {{operands[0], LEDE_CHANGE_FORMS, SIZE_MAX},
        {operands[1], LEDE_CHANGE_SPELLING, SIZE_MAX}, {operands[2], LEDE_CHANGE_DROP, 1}};
    assert_int_equal(lede_query_print_changed(query, changes, 3, &changed), LEDE_OK);
    assert_string_equal(changed, "aaaa AND bbbb~ AND c");
}

static void a_node_or_a_word_prints_alone(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_query_freep)
    struct lede_query *query = parse("a LEAD: body:\"b c\"^2", false);
    LEDE_CLEANUP(lede_freep) char *phrase = NULL;
    LEDE_CLEANUP(lede_freep) char *word = NULL;
    const struct lede_query_node *node = find(lede_query_root(query), LEDE_QUERY_PHRASE);
    assert_int_equal(lede_query_print_node(node, &phrase), LEDE_OK);
    assert_int_equal(lede_query_print_word(node, 1, &word), LEDE_OK);
    assert_string_equal(phrase, "LEAD: body:\"b c\"^2");
    assert_string_equal(word, "LEAD: body:c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_words_become_words),
        cmocka_unit_test(words_become_similar_words),
        cmocka_unit_test(what_stands_near_may_stand_farther),
        cmocka_unit_test(what_stands_near_may_stand_anywhere),
        cmocka_unit_test(places_are_widened),
        cmocka_unit_test(what_is_left_of_a_group_is_canonical),
        cmocka_unit_test(exclusions_alone_are_no_query),
        cmocka_unit_test(a_phrase_may_lose_a_word),
        cmocka_unit_test(a_phrase_may_lose_many_words_or_all),
        cmocka_unit_test(any_of_the_words_keeps_what_is_excluded_and_dates),
        cmocka_unit_test(required_words_among_any_may_go),
        cmocka_unit_test(several_changes_are_made_at_once),
        cmocka_unit_test(a_node_or_a_word_prints_alone),
    };
    return cmocka_run_group_tests_name("query relax", tests, support_setup, support_teardown);
}
