/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates, the page's state, paragraphs, words of a broken query: text in, text out. */
#include "lede/time.h"
#include "lede/web.h"
#include "prose.h"
#include "state.h"
#include "template.h"
#include "web_assets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Templates ---- */

static void assert_rendered(const char *name, const char *json, const char *expected)
{
    struct lede_buffer out = {0};
    struct lede_error error = {0};
    json_t *data = json_loads(json, 0, NULL);
    assert_non_null(data);
    assert_int_equal(lede_template_render(name, data, &out, &error), LEDE_OK);
    assert_string_equal(out.data ? out.data : "", expected);
    lede_buffer_done(&out);
    json_decref(data);
}

static void every_template_can_be_rendered_without_data(void **state)
{
    (void)state;
    json_t *data = json_object();
    for (size_t i = 0; i < lede_web_template_count; i++) {
        struct lede_buffer out = {0};
        struct lede_error error = {0};
        assert_int_equal(
            lede_template_render(lede_web_templates[i].name, data, &out, &error), LEDE_OK);
        lede_buffer_done(&out);
    }
    json_decref(data);
}

static void text_of_a_document_never_becomes_markup(void **state)
{
    (void)state;
    assert_rendered("piece", "{\"text\": \"<script>&\\\"'\"}", "&lt;script&gt;&amp;&quot;&#39;");
    assert_rendered("piece", "{\"text\": \"<b>\", \"mark\": \"1\\\" onclick=\\\"x\"}",
        "<mark id=\"mark-1&quot; onclick=&quot;x\">&lt;b&gt;</mark>");
}

static bool rendered_has(const char *name, const char *json, const char *wanted)
{
    struct lede_buffer out = {0};
    json_t *data = json_loads(json, 0, NULL);
    assert_int_equal(lede_template_render(name, data, &out, NULL), LEDE_OK);
    bool has = strstr(out.data ? out.data : "", wanted) != NULL;
    lede_buffer_done(&out);
    json_decref(data);
    return has;
}

static void of_a_highlight_marks_alone_are_markup(void **state)
{
    (void)state;
    assert_true(rendered_has("hit",
        "{\"title\": \"a &lt;b&gt; <mark>c &amp;amp;</mark> <i>x</i> <mark><mark>y</mark> "
        "&nbsp;\"}",
        ">a &lt;b&gt; <mark>c &amp;amp;</mark> &lt;i&gt;x&lt;/i&gt; <mark>&lt;mark&gt;y</mark> "
        "&amp;nbsp;</a>"));
    assert_true(rendered_has("hit", "{\"title\": \"<mark>open\"}", "<mark>open</mark></a>"));
}

static void an_address_that_is_no_web_address_leads_nowhere(void **state)
{
    (void)state;
    static const char *const bad[] = {"javascript:x", "JaVaScRiPt:x", "data:text/html,x",
        "//x.example", "/x", "\\\\\\\\x", "file:///x"};
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++) {
        char json[120];
        snprintf(json, sizeof(json), "{\"original\": \"%s\"}", bad[i]);
        assert_true(rendered_has("hit", json, "class=\"original\" href=\"\""));
    }
    assert_true(rendered_has("hit", "{\"original\": \"https://a.example/?b&c\"}",
        "class=\"original\" href=\"https://a.example/?b&amp;c\""));
    assert_true(rendered_has("hit", "{\"href\": \"?q=a\"}", "href=\"?q=a\""));
}

static void every_address_in_a_template_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < lede_web_template_count; i++) {
        const struct lede_web_template *template = &lede_web_templates[i];
        char *text = calloc(template->size + 1, 1); /* the template has no NUL */
        assert_non_null(text);
        memcpy(text, template->text, template->size);
        for (const char *at = text; (at = strstr(at, "=\"{{")); at++) {
            bool is_address =
                at - text >= 4 && (memcmp(at - 4, "href", 4) == 0 || memcmp(at - 3, "src", 3) == 0);
            assert_true(!is_address || strncmp(at + 2, "{{url ", 6) == 0);
        }
        free(text);
    }
}

static void whole_numbers_are_parted_at_thousands(void **state)
{
    (void)state;
    assert_rendered("documents", "{\"count\": 1234567}", "1,234,567 documents");
    assert_rendered("documents", "{\"count\": 0}", "0 documents");
    assert_rendered(
        "documents", "{\"count\": 1, \"is_one\": true, \"about\": true}", "about 1 document");
}

static void a_template_that_does_not_exist_is_an_error(void **state)
{
    (void)state;
    struct lede_buffer out = {0};
    struct lede_error error = {0};
    json_t *data = json_object();
    assert_int_equal(lede_template_render("nowhere", data, &out, &error), LEDE_EINTERNAL);
    json_decref(data);
    lede_buffer_done(&out);
}

/* ---- State ---- */

static struct lede_arena arena;

static struct lede_web_state state_of(const char *const (*pairs)[2], size_t count)
{
    struct lede_web_state state = {.arena = &arena};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(lede_web_state_add_parameter(&state, pairs[i][0], pairs[i][1]), LEDE_OK);
    return state;
}

static void assert_address(const struct lede_web_state *state, const char *expected)
{
    json_t *address = lede_state_address(state);
    assert_string_equal(json_string_value(address), expected);
    json_decref(address);
}

static void a_state_and_its_address_say_the_same(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"offset", "50"}, {"source", "AP,-Reuters"},
        {"q", "  a & b "}, {"limit", "25"}, {"after", "2022-01-01"}, {"utm_source", "x"}};
    struct lede_web_state read = state_of(pairs, LEDE_COUNT_OF(pairs));
    assert_address(
        &read, "?q=a+%26+b&after=2022-01-01&source=AP&source=-Reuters&limit=25&offset=50");
    assert_int_equal(lede_web_state_offset(&read), 50);
    assert_int_equal(lede_web_state_limit(&read, 10), 25);
}

static void a_comma_within_a_value_survives(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"author", "Doe\\, Jane, Roe"}, {"author", "Roe"}};
    struct lede_web_state read = state_of(pairs, LEDE_COUNT_OF(pairs));
    assert_int_equal(read.count, 2);
    assert_true(lede_state_has(&read, "author", "Doe, Jane"));
    assert_address(&read, "?author=Doe%5C%2C+Jane&author=Roe");
}

static void numbers_that_are_none_are_left_out(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"q", "a"}, {"limit", "-4"}, {"offset", "zzz"}};
    struct lede_web_state read = state_of(pairs, LEDE_COUNT_OF(pairs));
    assert_address(&read, "?q=a");
}

static void a_changed_search_starts_at_its_first_page_and_shows_results(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"q", "a"}, {"offset", "20"}, {"document", "x"}, {"source", "-AP"}};
    struct lede_web_state read = state_of(pairs, LEDE_COUNT_OF(pairs));
    struct lede_web_state next = lede_state_changed(&read);
    lede_state_remove(&next, "source", "AP");
    assert_address(&next, "?q=a");
}

/* ---- Words of a query that can't be understood ---- */

static void the_words_of_a_broken_query_stay(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"title:harbour AND (\"night shift\" OR econ*)^3 NEAR/5 zelenski~2",
            "harbour night shift econ zelenski"},
        {"O'Brien (AT&T COVID-19 3.5 al-Qaida", "O'Brien AT&T COVID-19 3.5 al-Qaida"},
        {"tarn -grain NOT ferry (\"port", "tarn port"},
        {"a SAME s b published:2022-01-01..x )", "a b"},
        {"\"港湾 (ميناء Škoda", "港湾 ميناء Škoda"}, {"\"(((* -", ""}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        struct lede_buffer words = {0};
        assert_int_equal(lede_web_words_alone(cases[i][0], &words), LEDE_OK);
        assert_string_equal(words.data ? words.data : "", cases[i][1]);
        lede_buffer_done(&words);
    }
}

/* ---- Paragraphs ---- */

/* The paragraphs of a text, parted by '|', their line breaks '/', their marks in brackets. */
static void assert_paragraphs(const char *text, const char *marks_json, const char *expected)
{
    struct lede_buffer out = {0};
    size_t number = 0, p = 0, i = 0;
    json_t *marks = json_loads(marks_json, 0, NULL), *paragraph, *piece;
    json_t *paragraphs = lede_prose_paragraphs(text, strlen(text), marks, &number);
    json_array_foreach (paragraphs, p, paragraph) {
        lede_buffer_append_string(&out, p > 0 ? "|" : "");
        json_array_foreach (json_object_get(paragraph, "pieces"), i, piece) {
            const char *words = json_string_value(json_object_get(piece, "text"));
            bool mark = json_object_get(piece, "mark") || json_object_get(piece, "is_rest");
            lede_buffer_append_format(&out, mark ? "[%s]" : "%s", words ? words : "/");
        }
    }
    assert_string_equal(out.data ? out.data : "", expected);
    lede_buffer_done(&out);
    json_decref(paragraphs);
    json_decref(marks);
}

static void paragraphs_are_as_a_reader_sees_them(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"One.\n\n \nTwo.\r\n\r\nThree.", "One.|Two.|Three."},
        {"a first line that is wrapped\nand goes on here.\nA second one.",
            "a first line that is wrapped and goes on here.|A second one."},
        {"Shr 34 cts\nNet 4.1 mln\nRevs a much longer line than those",
            "Shr 34 cts/Net 4.1 mln/Revs a much longer line than those"},
        {"left Russia\ntwo weeks after the long and tiring talks.",
            "left Russia two weeks after the long and tiring talks."},
        {"九日ぶりに再\n開した。", "九日ぶりに再開した。"}, {"\n \n", ""}, {"", ""}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++)
        assert_paragraphs(cases[i][0], "[]", cases[i][1]);
}

static void marks_stand_where_they_were_told_across_lines(void **state)
{
    (void)state;
    assert_paragraphs("One two.\n\nThree", "[[4, 3], [10, 5]]", "One [two].|[Three]");
    assert_paragraphs(
        "a night\nferry ran on and on", "[[2, 11]]", "a [night] [ferry] ran on and on");
}

static void a_text_of_three_hundred_thousand_lines_has_its_paragraphs(void **state)
{
    (void)state;
    struct lede_buffer text = {0};
    size_t number = 0;
    for (size_t i = 0; i < 300000; i++)
        lede_buffer_append_string(&text, "A line.\n");
    json_t *paragraphs = lede_prose_paragraphs(text.data, text.size, NULL, &number);
    assert_int_equal(json_array_size(paragraphs), 300000);
    json_decref(paragraphs);
    lede_buffer_done(&text);
}

/* ---- Looks, periods ---- */

static void looks_are_read_as_they_are_printed_and_nothing_else_changes_them(void **state)
{
    (void)state;
    char text[LEDE_WEB_LOOKS_SIZE];
    struct lede_web_looks looks = {LEDE_WEB_COMFORTABLE, 10};
    lede_web_looks_read(&looks, "table.25", 8);
    assert_int_equal(looks.density, LEDE_WEB_TABLE);
    assert_int_equal(looks.limit, 25);
    lede_web_looks_read(&looks, "huge.7.\"><x", 11);
    lede_web_looks_print(&looks, text);
    assert_string_equal(text, "table.25");
}

static void bars_are_as_fine_as_the_period_is_short(void **state)
{
    (void)state;
    static const struct {
        int64_t days;
        const char *interval;
    } cases[] = {{1, "hour"}, {30, "day"}, {365, "week"}, {3000, "month"}, {30000, "year"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++)
        assert_string_equal(lede_web_interval((struct lede_web_period){0, cases[i].days * 86400}),
            cases[i].interval);
}

/* ---- The page of an answer ---- */

/* The HTML of a page of the API's answer holds the texts, in this order. */
static void assert_page(const char *q, const char *answer_json, const char *const *texts)
{
    const char *pairs[][2] = {{"q", q}};
    struct lede_web_state read = state_of((const char *const(*)[2])pairs, 1);
    struct lede_buffer out = {0};
    json_t *answer = json_loads(answer_json, 0, NULL);
    assert_non_null(answer);
    struct lede_web_page page = {.state = &read,
        .looks = {LEDE_WEB_COMFORTABLE, 10},
        .answer = answer,
        .chosen = {LEDE_TIME_MIN_UTC_S, LEDE_TIME_MAX_UTC_S}};
    assert_int_equal(lede_web_page_write(&page, &out, NULL), LEDE_OK);
    const char *at = out.data;
    for (; *texts; texts++) {
        const char *found = strstr(at, *texts);
        if (!found)
            fail_msg("expected '%s' in %s", *texts, at);
        at = found + strlen(*texts);
    }
    lede_buffer_done(&out);
    json_decref(answer);
}

#define HIT "{\"id\": \"a\", \"document\": {\"title\": \"x\"}}"

static void an_approximate_total_and_a_search_cut_short_are_called_so(void **state)
{
    (void)state;
    static const char *const about[] = {"1–1 of about <strong>12,345</strong>", NULL};
    static const char *const cut[] = {"found before time ran out", "ran out of time", NULL};
    assert_page("x",
        "{\"total\": {\"value\": 12345, \"relation\": \"approx\"}, \"hits\": [" HIT "]}", about);
    assert_page("x",
        "{\"total\": {\"value\": 5, \"relation\": \"eq\"}, \"timed_out\": true, \"hits\": [" HIT
        "]}",
        cut);
}

static void another_spelling_is_offered_as_a_link(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Did you mean <a class=\"other\" dir=\"auto\" href=\"?q=quillfeather\"", NULL};
    assert_page("quilfether",
        "{\"query\": {\"q\": \"quilfether\", \"did_you_mean\": \"quillfeather\"}, "
        "\"total\": {\"value\": 1, \"relation\": \"eq\"}, \"hits\": [" HIT "]}",
        texts);
}

static void what_a_query_was_understood_as_is_said_where_it_is_news(void **state)
{
    (void)state;
    static const char *const news[] = {"Understood as <code dir=\"auto\">title:b a</code>", NULL};
    assert_page("a b",
        "{\"query\": {\"q\": \"a b\", \"parsed\": \"title:b AND a\"}, \"total\": {\"value\": 1}, "
        "\"hits\": [" HIT "]}",
        news);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template_can_be_rendered_without_data),
        cmocka_unit_test(text_of_a_document_never_becomes_markup),
        cmocka_unit_test(of_a_highlight_marks_alone_are_markup),
        cmocka_unit_test(an_address_that_is_no_web_address_leads_nowhere),
        cmocka_unit_test(every_address_in_a_template_is_checked),
        cmocka_unit_test(whole_numbers_are_parted_at_thousands),
        cmocka_unit_test(a_template_that_does_not_exist_is_an_error),
        cmocka_unit_test(a_state_and_its_address_say_the_same),
        cmocka_unit_test(a_comma_within_a_value_survives),
        cmocka_unit_test(numbers_that_are_none_are_left_out),
        cmocka_unit_test(a_changed_search_starts_at_its_first_page_and_shows_results),
        cmocka_unit_test(the_words_of_a_broken_query_stay),
        cmocka_unit_test(paragraphs_are_as_a_reader_sees_them),
        cmocka_unit_test(marks_stand_where_they_were_told_across_lines),
        cmocka_unit_test(a_text_of_three_hundred_thousand_lines_has_its_paragraphs),
        cmocka_unit_test(looks_are_read_as_they_are_printed_and_nothing_else_changes_them),
        cmocka_unit_test(bars_are_as_fine_as_the_period_is_short),
        cmocka_unit_test(an_approximate_total_and_a_search_cut_short_are_called_so),
        cmocka_unit_test(another_spelling_is_offered_as_a_link),
        cmocka_unit_test(what_a_query_was_understood_as_is_said_where_it_is_news),
    };
    int failed = cmocka_run_group_tests_name("page_parts", tests, NULL, NULL);
    lede_arena_done(&arena);
    return failed;
}
