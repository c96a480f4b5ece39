/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people paste is what they mean: what looks like the language and has no meaning in it is
 * read as words, and noted. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    const char *text;
    const char *tree;
    const char *notes; /* what was read as words, each in <>; "" if nothing */
};

static void assert_readings(const struct reading *readings, size_t count, bool match_any)
{
    struct lede_query_options options = test_options(match_any);
    options.forgiving = true;
    for (size_t i = 0; i < count; i++) {
        const char *text = readings[i].text;
        LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer notes = {0};
        struct lede_error error = {0};
        size_t noted = 0;
        assert_tree_with(text, &options, readings[i].tree);
        assert_int_equal(
            lede_query_parse(text, strlen(text), &options, test_analyzer, &query, &error), LEDE_OK);
        assert_int_equal(error.status, LEDE_OK);
        const struct lede_query_note *note = lede_query_notes(query, &noted);
        lede_buffer_append_string(&notes, "");
        for (size_t k = 0; k < noted; k++) {
            lede_buffer_append_format(&notes, "<%.*s>", (int)note[k].size, text + note[k].start);
            assert_true(strlen(note[k].reason) > 0 && strlen(note[k].hint) > 0);
        }
        if (strcmp(notes.data, readings[i].notes) != 0)
            fail_msg("'%s' notes %s, expected %s", text, notes.data, readings[i].notes);
    }
}

#define ASSERT_READINGS(readings, any) assert_readings((readings), LEDE_COUNT_OF(readings), (any))

static void a_sign_glued_to_what_closes_is_no_sign(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"\"Spiegel\"-Bericht", "(and word:spiegel word:bericht)", ""},
        {"„Titanic“-Regisseur tot", "(and word:titanic word:regisseur word:tot)", ""},
        {"»Welt«-Reporter", "(and word:welt word:reporter)", ""},
        {"«Monde»-Leser", "(and word:monde word:leser)", ""},
        {"\"Star Wars\"-inspired", "(and phrase:star,wars word:inspired)", ""},
        {"(semi)-final", "(and word:semi word:final)", ""},
        {"\"C\"++ x", "(and word:c word:x)", ""},
        {"\"a\"=b", "(and word:a word:b)", ""},
        {"(a)-\"b c\"", "(and word:a phrase:b,c)", ""},
        {"(a)-(b OR c)", "(and word:a (or word:b word:c))", ""},
        {"5\"-disk", "(and word:5 word:disk)", "<\">"},
        /* and what is one */
        {"a -b", "(and word:a (not word:b))", ""},
        {"(-b a)", "(and (not word:b) word:a)", ""},
        {"\"a\" -\"b\"", "(and word:a (not word:b))", ""},
        {"-=b a", "(and (not exact:b) word:a)", ""},
    };
    ASSERT_READINGS(readings, false);
}

static void a_colon_makes_a_field_only_behind_a_known_name(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"Case study: Removing barriers", "(and word:case word:study word:removing word:barriers)",
            "<study:>"},
        {"柔道:選手", "phrase:柔道,道,選手", "<柔道:>"},
        {"Wähler:innen", "phrase:wahler,innen", "<Wähler:>"},
        {"Ukraine:war", "phrase:ukraine,war", "<Ukraine:>"},
        {"title: oil", "(and word:title word:oil)", "<title:>"},
        {"source:", "word:source", "<source:>"},
        {"(section:)", "word:section", "<section:>"},
        {"url: published: x", "(and word:url word:published word:x)", "<url:><published:>"},
        {"study:(a OR b)", "(and word:study (or word:a word:b))", "<study:>"},
        {"study:\"a b\"", "(and word:study phrase:a,b)", "<study:>"},
        {"title:AND", "phrase:title,and", "<title:>"},
        {"title:oil", "title/word:oil", ""},
        {"Q: why? A: this", "(and word:q word:why word:a word:this)", ""},
    };
    ASSERT_READINGS(readings, false);
}

static void what_opens_and_does_not_close_is_punctuation(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"say \"abc", "(and word:say word:abc)", "<\">"},
        {"«abc", "word:abc", "<«>"},
        {"19\" rack", "(and word:19 word:rack)", "<\">"},
        {"a (b (c)", "(and word:a word:b word:c)", "<(>"},
        {"a) b", "(and word:a word:b)", "<)>"},
        {"f() x", "(and word:f word:x)", "<(><)>"},
        {"x :-)", "word:x", "<)>"},
        {"\"a ) b", "(and word:a word:b)", "<\"><)>"},
        {"=\"a b", "(and word:a word:b)", "<\">"},
    };
    ASSERT_READINGS(readings, false);
}

static void operators_without_operands_are_words(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"AND a", "(and word:and word:a)", "<AND>"},
        {"a AND", "(and word:a word:and)", "<AND>"},
        {"NOT", "word:not", "<NOT>"},
        {"a OR OR b", "(or word:a (and word:or word:b))", "<OR>"},
        {"(a NEAR) b", "(and word:a word:near word:b)", "<NEAR>"},
        {"ADJ/x b", "(and phrase:adj,x word:b)", "<ADJ/x>"},
        {"CAPS \"a b\"", "(and word:caps phrase:a,b)", "<CAPS>"},
        {"LENGTH: 30 m", "(and word:length word:30 word:m)", "<LENGTH:>"},
        {"a --b", "(and word:a word:b)", "<-->"},
        {"a^x ^2", "(and word:a word:x word:2)", "<^><^>"},
        {"NEAR (a b) c", "(and word:near word:a word:b word:c)", "<NEAR>"},
        {"FED NOT EXPECTED TO ADD", "(and word:fed word:not word:expected word:to word:add)",
            "<NOT>"},
        {"FBI NOT CIA", "(and word:fbi (not word:cia))", ""},
        {"IRAN STILL WILL NOT AGREE \"MAD\" RISE",
            "(and word:iran word:still word:will word:not word:agree word:mad word:rise)", "<NOT>"},
        {"\"BANK OF IRAN\" NOT OIL", "(and phrase:bank,of,iran (not word:oil))", ""},
        {"Ability**\u2014Access", "phrase:ability,access", "<Ability**\u2014Access>"},
        {"OIL NOT (SAUDI ARABIA GAS)", "(and word:oil (not (and word:saudi word:arabia word:gas)))",
            ""},
        {"x NEAR (a b)", "(and word:x word:near word:a word:b)", "<NEAR>"},
    };
    ASSERT_READINGS(readings, false);
}

static void wildcards_that_can_be_none_are_punctuation(void **state)
{
    (void)state;
    static const struct reading readings[] = {
        {"Lehrer*innen streiken", "(and phrase:lehrer,innen word:streiken)", "<Lehrer*innen>"},
        {"die Wähler*in", "(and word:die phrase:wahler,in)", "<Wähler*in>"},
        {"watch?This", "phrase:watch,this", "<watch?This>"},
        {"a al-*n", "(and word:a phrase:al,n)", "<al-*n>"},
        {"\"5 * 3\"", "phrase:5,3", "<\"5 * 3\">"},
        {"\"Star Wars\"*", "phrase:star,wars", "<*>"},
        {"hello~~ ab~", "(and word:hello word:ab)", "<ab~>"},
        {"大家~", "word:大家", "<大家~>"},
        {"‘Can I Eat?’", "(and word:can word:i word:eat)", ""},
        {"colo?r", "wildcard:colo?r", ""},
        {"econ*", "prefix:econ", ""},
        {"=COVID-19", "(adjacent/1 exact:covid exact:19)", ""},
        {"=旧・商工", "(adjacent/1 exact:旧 exact:商工)", ""},
    };
    ASSERT_READINGS(readings, false);
}

static void what_would_be_lost_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {"published:soon", "published:2022-13", "title:-oil",
        "title:*", "a NEAR/0 b", "a NEAR/5 (b AND c)", "oil^101", "=colo?r", "zelenski~3",
        "\"a b\"~5", "LENGTH:9..8", "…", "a\xff"};
    struct lede_query_options options = test_options(false);
    options.forgiving = true;
    for (size_t i = 0; i < LEDE_COUNT_OF(refused); i++) {
        struct lede_query *query = NULL;
        struct lede_error error = {0};
        if (lede_query_parse(
                refused[i], strlen(refused[i]), &options, test_analyzer, &query, &error) == LEDE_OK)
            fail_msg("'%s' was read", refused[i]);
        assert_true(error.has_position && *error.hint);
    }
}

static void too_many_repairs_make_all_of_it_words(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = test_options(false);
    options.forgiving = true;
    size_t noted = 0;
    for (int i = 0; i < 40; i++)
        lede_buffer_append_string(&text, "x:y (a OR b) ");
    assert_int_equal(
        lede_query_parse(text.data, text.size, &options, test_analyzer, &query, NULL), LEDE_OK);
    const struct lede_query_note *notes = lede_query_notes(query, &noted);
    assert_int_equal(noted, 1);
    assert_true(notes[0].start == 0 && notes[0].size == text.size);
    assert_int_equal(lede_query_root(query)->child_count, 160);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sign_glued_to_what_closes_is_no_sign),
        cmocka_unit_test(a_colon_makes_a_field_only_behind_a_known_name),
        cmocka_unit_test(what_opens_and_does_not_close_is_punctuation),
        cmocka_unit_test(operators_without_operands_are_words),
        cmocka_unit_test(wildcards_that_can_be_none_are_punctuation),
        cmocka_unit_test(what_would_be_lost_is_refused),
        cmocka_unit_test(too_many_repairs_make_all_of_it_words),
    };
    return cmocka_run_group_tests_name("forgiving", tests, support_setup, support_teardown);
}
