/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Over generated documents and queries the index finds exactly what lede_query_matches() says of
 * each document: the code that marks matches in texts and the terms in Xapian are two witnesses of
 * one tree. */
#include "fixture.h"

#include "lede/highlight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DOCUMENTS 240
#define QUERIES 600

static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % limit;
}

/* Few words, so that phrases happen; inflected, accented, joined and unspaced ones among them. */
static const char *const words[] = {"oil", "oils", "minister", "ministers", "house", "houses",
    "H\xC3\xA4user", "haus", "crude", "AT&T", "COVID-19", "o'brien", "econ", "economy", "economic",
    "saudi", "U.S.", "3.5", "\xE6\x9D\xB1\xE4\xBA\xAC", "\xE4\xBA\xAC\xE6\x9D\xB1\xE4\xBA\xAC",
    "nations", "national", "r\xC3\xA9sum\xC3\xA9", "a", "the", "AIDS", "aids", "OPEC", "opec"};

static const char *random_word(void)
{
    return words[below(LEDE_COUNT_OF(words))];
}

static void append_words(struct lede_buffer *buffer, uint32_t count)
{
    static const char *const joints[] = {
        " ", " ", " ", " ", " ", ". ", ". The ", "\\n\\n", " OPEC "};
    for (uint32_t i = 0; i < count; i++)
        lede_buffer_append_format(
            buffer, "%s%s", i ? joints[below(LEDE_COUNT_OF(joints))] : "", random_word());
}

static void append_document(struct lede_buffer *json, int id)
{
    static const char *const languages[] = {"en", "de", "fr", "und"};
    lede_buffer_append_format(json,
        "{\"id\":\"%03d\",\"language\":\"%s\",\"published\":\"20%02u-06-01T00:00:00Z\",\"title\":"
        "\"",
        id, languages[below(LEDE_COUNT_OF(languages))], below(20));
    append_words(json, 1 + below(4));
    lede_buffer_append_string(json, "\",\"body\":\"");
    append_words(json, below(25));
    lede_buffer_append_string(json, "\",\"author\":[\"");
    append_words(json, 1 + below(2));
    lede_buffer_append_string(json, "\",\"");
    append_words(json, 1 + below(2));
    lede_buffer_append_string(json, "\"]}");
}

static void append_leaf(struct lede_buffer *text)
{
    static const char *const fields[] = {"", "", "", "title:", "body:", "author:"};
    static const char *const patterns[] = {
        "econ*", "hous*", "*s", "m?nister*", "*a*", "na*al", "oil~", "ministr~", "econmoy~2"};
    lede_buffer_append_string(text, fields[below(LEDE_COUNT_OF(fields))]);
    switch (below(8)) {
    case 0:
        lede_buffer_append_string(text, below(4) ? "\"" : "=\"");
        for (uint32_t i = 0, count = 2 + below(2); i < count; i++)
            lede_buffer_append_format(text, "%s%s", i ? " " : "", random_word());
        lede_buffer_append_string(text, below(4) ? "\"" : " hous*\"");
        break;
    case 1:
    case 2:
        lede_buffer_append_string(text, patterns[below(LEDE_COUNT_OF(patterns))]);
        break;
    case 3:
        lede_buffer_append_format(text, "=%s", words[below(9)]);
        break;
    default:
        lede_buffer_append_string(text, random_word());
    }
}

/* Proximity of leaves of no field, so that operands always share one. */
static void append_place(struct lede_buffer *text, int depth)
{
    static const char *const operators[] = {
        " NEAR/2 ", " NEAR/7 ", " ADJ ", " ADJ/3 ", " SAME s ", " SAME p ", " OR "};
    static const char *const leaves[] = {
        "econ*", "=oil", "CAPS aids", "ministr~", "\"saudi oil\"", "*s"};
    if (depth == 0 || below(4) == 0) {
        lede_buffer_append_string(
            text, below(4) ? random_word() : leaves[below(LEDE_COUNT_OF(leaves))]);
        return;
    }
    lede_buffer_append_string(text, "(");
    append_place(text, depth - 1);
    lede_buffer_append_string(text, operators[below(LEDE_COUNT_OF(operators))]);
    append_place(text, depth - 1);
    lede_buffer_append_string(text, ")");
}

static void append_operator(struct lede_buffer *text)
{
    static const char *const heads[] = {
        "", "", "", "title:", "author:", "LEAD: ", "ATLEAST/2 ", "ATLEAST/4 ", "LEAD: ATLEAST/2 "};
    switch (below(6)) {
    case 0:
        lede_buffer_append_format(text, "LENGTH%s%u", below(2) ? ">" : "<=", below(30));
        break;
    case 1:
        lede_buffer_append_format(
            text, "%s%s", below(2) ? "CAPS " : "LEAD: CAPS ", below(2) ? "opec" : "aids");
        break;
    case 2:
        lede_buffer_append_string(text, "LEAD:");
        lede_buffer_append_string(text, random_word());
        break;
    default:
        lede_buffer_append_format(text, "%s(", heads[below(LEDE_COUNT_OF(heads))]);
        append_place(text, 1 + (int)below(3));
        lede_buffer_append_string(text, ")");
    }
}

static void append_query(struct lede_buffer *text, int depth)
{
    uint32_t kind = depth == 0 ? 0 : below(6);
    if (kind <= 1) {
        if (below(12) == 0)
            lede_buffer_append_format(text, "published:20%02u..2015", below(20) % 15);
        else if (below(2))
            append_operator(text);
        else
            append_leaf(text);
        return;
    }
    static const char *const between[] = {" AND ", " OR ", " ", " NOT "};
    lede_buffer_append_string(text, "(");
    append_query(text, depth - 1);
    lede_buffer_append_string(text, between[kind - 2]);
    append_query(text, depth - 1);
    lede_buffer_append_string(text, ")");
}

struct subject {
    struct lede_document *document;
    struct lede_arena arena;
    struct lede_match_subject match;
};

static void make_subject(struct subject *subject, const struct lede_buffer *json)
{
    struct lede_document_context context = {.now_utc_s = FIXTURE_NOW};
    assert_int_equal(
        lede_document_parse(json->data, json->size, &context, &subject->document, NULL), LEDE_OK);
    assert_int_equal(
        lede_match_subject_init(subject->document, &subject->arena, &subject->match), LEDE_OK);
}

static char *expected_ids(
    struct fixture *f, const struct lede_query *query, const struct subject *subjects)
{
    struct lede_buffer ids = {0};
    for (int i = 0; i < DOCUMENTS; i++) {
        bool matches = false;
        assert_int_equal(
            lede_query_matches(query, &subjects[i].match, f->analyzer, &matches), LEDE_OK);
        if (matches)
            lede_buffer_append_format(&ids, "%s%03d", ids.size ? " " : "", i);
    }
    return lede_buffer_take(&ids);
}

static size_t compare_one(struct fixture *f, const struct subject *subjects, const char *text)
{
    struct lede_query *query = fixture_parse(f, text);
    struct lede_search search = fixture_search(query);
    search.limit = DOCUMENTS;
    search.sort = (enum lede_sort)below(3);
    search.deadline_monotonic_ns = below(2) ? UINT64_MAX : 0;
    struct lede_search_result result = fixture_run(f, &search);
    char *found = fixture_sorted_ids(&result);
    char *expected = expected_ids(f, query, subjects);
    size_t total = result.total;
    if (strcmp(found, expected) != 0)
        fail_msg("%s\nfound    %s\nexpected %s", text, found, expected);
    assert_true(result.total_is_exact);
    assert_int_equal(result.total, result.hit_count);
    free(found);
    free(expected);
    lede_search_result_done(&result);
    lede_query_free(query);
    return total;
}

/* ---- What is marked is what matched ---- */

/* Put a letter that no query asks for in the place of each letter, and keep words, their positions,
 * sentences and capitals. */
static void blank(char *text, size_t start, size_t end)
{
    /* of the same script as the other unspaced letters here */
    static const char cat[] = "\xE7\x8C\xAB";
    for (size_t i = start; i < end; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0xE0 && i + 2 < end) {
            memcpy(text + i, cat, 3);
            i += 2;
        } else if (c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            text[i] = 'q';
        } else if (c >= 'A' && c <= 'Z') {
            text[i] = 'Q';
        }
    }
}

static bool has_kind(const struct lede_query_node *node, enum lede_query_kind kind)
{
    bool found = node->kind == kind;
    for (size_t i = 0; i < node->child_count; i++)
        found = found || has_kind(node->children[i], kind);
    return found;
}

/* A copy of the texts; with a query, its marks in them blanked, without one, everything. */
static struct lede_match_subject blanked(struct fixture *f, const struct subject *subject,
    const struct lede_query *query, struct lede_arena *arena, size_t *marks)
{
    struct lede_match_subject copy = subject->match;
    struct lede_shown_leaves shown = {.all = true};
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_RANGES, .pre = "", .post = ""};
    struct lede_highlights highlights = {0};
    if (query)
        assert_int_equal(
            lede_query_shown_leaves(query, &subject->match, f->analyzer, &shown), LEDE_OK);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field_text *text = &subject->match.texts[id];
        if (!text->text)
            continue;
        char *changed = lede_arena_copy(arena, text->text, text->size);
        copy.texts[id].text = changed;
        if (!query)
            blank(changed, 0, text->size);
        else
            assert_int_equal(
                lede_highlight(query, &shown, (enum lede_field_id)id, subject->match.language,
                    text->text, text->size, &options, f->analyzer, &highlights),
                LEDE_OK);
        for (size_t i = 0; query && i < highlights.fragment_count; i++) {
            for (size_t k = 0; k < highlights.fragments[i].mark_count; k++, ++*marks) {
                const struct lede_mark *mark = &highlights.fragments[i].marks[k];
                blank(changed, mark->start, mark->start + mark->size);
            }
        }
    }
    lede_highlights_done(&highlights);
    return copy;
}

/* Returns how many documents were tried. */
static size_t prove_marks(struct fixture *f, const struct subject *subjects, const char *text)
{
    size_t tried = 0;
    struct lede_query *query = fixture_parse(f, text);
    for (int i = 0; i < DOCUMENTS && !has_kind(lede_query_root(query), LEDE_QUERY_NOT); i++) {
        struct lede_arena arena = {0};
        size_t marks = 0;
        bool matches = false, matches_blank = false, matches_unmarked = false;
        assert_int_equal(
            lede_query_matches(query, &subjects[i].match, f->analyzer, &matches), LEDE_OK);
        struct lede_match_subject empty = blanked(f, &subjects[i], NULL, &arena, &marks);
        assert_int_equal(lede_query_matches(query, &empty, f->analyzer, &matches_blank), LEDE_OK);
        if (matches && !matches_blank) {
            struct lede_match_subject unmarked = blanked(f, &subjects[i], query, &arena, &marks);
            assert_int_equal(
                lede_query_matches(query, &unmarked, f->analyzer, &matches_unmarked), LEDE_OK);
            if (marks == 0 || matches_unmarked)
                fail_msg("%s\nmatches %03d by %zu marks and still without them\n%s", text, i, marks,
                    unmarked.texts[LEDE_FIELD_BODY].text ? unmarked.texts[LEDE_FIELD_BODY].text
                                                         : "");
            tried++;
        }
        lede_arena_done(&arena);
    }
    lede_query_free(query);
    return tried;
}

/* Without NOT: where a word is also excluded, taking it away may let another branch match. */
static void a_document_without_its_marks_does_not_match(void **state)
{
    struct fixture *f = *state;
    static struct subject subjects[DOCUMENTS];
    const char *given = getenv("LEDE_TEST_SEED");
    const char *cases = getenv("LEDE_TEST_CASES");
    unsigned long count = cases ? strtoul(cases, NULL, 10) / 4 : QUERIES / 4;
    seed = given ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)time(NULL);
    printf("# LEDE_TEST_SEED=%u\n", seed);
    struct lede_buffer text = {0};
    for (int i = 0; i < DOCUMENTS; i++) {
        lede_buffer_clear(&text);
        append_document(&text, i);
        make_subject(&subjects[i], &text);
    }
    size_t tried = 0;
    for (unsigned long i = 0; i < count; i++) {
        lede_buffer_clear(&text);
        append_query(&text, 3);
        tried += prove_marks(f, subjects, text.data);
    }
    printf("# %zu documents proved\n", tried);
    assert_true(tried > count);
    lede_buffer_done(&text);
    for (int i = 0; i < DOCUMENTS; i++) {
        lede_arena_done(&subjects[i].arena);
        lede_document_free(subjects[i].document);
    }
}

static void the_index_finds_what_the_texts_say(void **state)
{
    struct fixture *f = *state;
    static struct subject subjects[DOCUMENTS];
    const char *given = getenv("LEDE_TEST_SEED");
    seed = given ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)time(NULL);
    printf("# LEDE_TEST_SEED=%u\n", seed);
    struct lede_buffer text = {0};
    const char *cases = getenv("LEDE_TEST_CASES");
    unsigned long count = cases ? strtoul(cases, NULL, 10) : QUERIES;
    for (int i = 0; i < DOCUMENTS; i++) {
        lede_buffer_clear(&text);
        append_document(&text, i);
        fixture_put(f, i % 2, text.data);
        make_subject(&subjects[i], &text);
    }
    fixture_read(f);
    size_t matches = 0;
    for (unsigned long i = 0; i < count; i++) {
        lede_buffer_clear(&text);
        append_query(&text, 3);
        matches += compare_one(f, subjects, text.data);
    }
    assert_true(matches > count);
    lede_buffer_done(&text);
    for (int i = 0; i < DOCUMENTS; i++) {
        lede_arena_done(&subjects[i].arena);
        lede_document_free(subjects[i].document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_document_without_its_marks_does_not_match, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            the_index_finds_what_the_texts_say, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
