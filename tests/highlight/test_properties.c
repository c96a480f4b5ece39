/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold for every text and every query, tried on generated ones.
 *
 * The seed is printed; LEDE_TEST_SEED=… runs the same again. Texts are made of words, punctuation,
 * unspaced and right-to-left scripts, entities, controls and invalid bytes, from few words, so that
 * queries often match. */
#include "lede/encoding.h"
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 4000

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state ^= random_state << 13; /* Marsaglia, "Xorshift RNGs" (2003) */
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % below;
}

static const char *const words[] = {"oil", "Oil", "oils", "gas", "crude", "north", "sea",
    "Minister", "ministers", "U.S.", "AT&T",
    "O\xE2\x80\x99"
    "Brien's",
    "COVID-19", "H\xC3\xA4user", "3.5", "a", "east", "\xE6\x9D\xB1\xE4\xBA\xAC",
    "\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD", "\xE4\xBA\xAC", "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2",
    "\xD9\x86\xD9\x81\xD8\xB7", "\xD8\xA8\xD8\xAD\xD8\xB1", "\xD7\xA0\xD7\xA4\xD7\x98",
    "e\xCC\x81"
    "te\xCC\x81"};
static const char *const joints[] = {" ", " ", " ", " ", " ", " ", "\n", ", ", ". ", "! ", "\n\n",
    "\n.\n", "", "-", "\xC2\xAD", " \xE2\x80\x9C", "\xE2\x80\x9D ", " (", ") ", " & ", " <b> ",
    " &amp; ", "\x07", "\xC2\xA0", "\xE3\x80\x82", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
    "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", "'", "\"", "\t\r\n"};
static const char *const broken[] = {
    "\xFF", "\xE2\x80", "\xC3", "\x80\x80", "\xF0\x9F", "\xED\xA0\x80"};
static const char *const terms[] = {"oil", "gas", "crude", "north", "sea", "minister", "us",
    "\"north sea\"", "\"crude oil\"", "\"oil oil\"", "\"a oil gas\"", "=oil", "=oils", "o*", "min*",
    "n*", "AT&T", "o'brien", "covid-19", "haus", "3.5", "title:oil", "body:gas",
    "\xE6\x9D\xB1\xE4\xBA\xAC", "\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD", "\xE4\xBA\xAC",
    "\xE6\x9D\xB1*", "\xD9\x86\xD9\x81\xD8\xB7",
    "\"\xD9\x86\xD9\x81\xD8\xB7 \xD8\xA8\xD8\xAD\xD8\xB1\"", "\xD7\xA0\xD7\xA4\xD7\x98",
    "\xC3\xA9t\xC3\xA9", "absent"};

static void make_text(struct lede_buffer *text, bool is_valid)
{
    lede_buffer_clear(text);
    uint32_t count = draw(4) == 0 ? draw(8) : draw(120);
    for (uint32_t i = 0; i < count; i++) {
        lede_buffer_append_string(text, words[draw(LEDE_COUNT_OF(words))]);
        lede_buffer_append_string(text, joints[draw(LEDE_COUNT_OF(joints))]);
        if (!is_valid && draw(8) == 0)
            lede_buffer_append_string(text, broken[draw(LEDE_COUNT_OF(broken))]);
    }
    lede_buffer_append(text, "", 0);
    assert_int_equal(lede_buffer_status(text), LEDE_OK);
}

static void make_query(struct lede_buffer *query)
{
    static const char *const links[] = {" ", " ", " AND ", " OR ", " OR "};
    lede_buffer_clear(query);
    uint32_t count = 1 + draw(5);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            lede_buffer_append_string(query, links[draw(LEDE_COUNT_OF(links))]);
        if (draw(6) == 0)
            lede_buffer_append_string(query, "NOT ");
        lede_buffer_append_string(query, terms[draw(LEDE_COUNT_OF(terms))]);
    }
}

/* One generated case and all that is made of it. */
struct sample {
    struct lede_query *query;
    const char *text;
    size_t size;
    bool is_valid;
    lede_language language;
    struct lede_highlight_options options;
    struct oracle_marks expected;
    struct lede_highlights highlights;
};

static void run(struct sample *sample)
{
    enum lede_status st = lede_highlight(sample->query, NULL, LEDE_FIELD_BODY, sample->language,
        sample->text, sample->size, &sample->options, support_analyzer(), &sample->highlights);
    assert_int_equal(st, LEDE_OK);
}

static bool is_expected(
    const struct sample *sample, struct lede_mark mark, const struct lede_fragment *fragment)
{
    for (size_t i = 0; i < sample->expected.count; i++) {
        struct lede_mark whole = sample->expected.marks[i];
        if (whole.start == mark.start && whole.size == mark.size)
            return true;
        /* A match too long for any fragment is cut at its edge. */
        if (whole.start == mark.start && whole.size > mark.size)
            return fragment->mark_count == 1 &&
                   mark.start + mark.size == fragment->start + fragment->size;
    }
    return false;
}

static bool is_space_at(const struct sample *sample, size_t offset)
{
    unsigned char c = (unsigned char)sample->text[offset];
    return c <= ' ' && c != '\x07';
}

static void check_marks(const struct sample *sample, const struct lede_fragment *fragment)
{
    size_t end = fragment->start;
    for (size_t i = 0; i < fragment->mark_count; i++) {
        struct lede_mark mark = fragment->marks[i];
        assert_true(mark.size > 0 && mark.start >= end);
        end = mark.start + mark.size;
        assert_true(end <= fragment->start + fragment->size);
        assert_true(is_expected(sample, mark, fragment));
        assert_false(is_space_at(sample, mark.start) || is_space_at(sample, end - 1));
        if (!sample->is_valid)
            continue;
        assert_int_equal(lede_utf8_boundary(sample->text, sample->size, mark.start), mark.start);
        assert_int_equal(lede_utf8_boundary(sample->text, sample->size, end), end);
    }
}

static size_t characters(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* Every range of a set of fragments; what they show is right. */
static void check_ranges(const struct sample *sample)
{
    const struct lede_highlights *got = &sample->highlights;
    size_t end = 0, marks = 0;
    assert_true(got->fragment_count <= (sample->options.snippets ? sample->options.snippets : 1));
    for (size_t i = 0; i < got->fragment_count; i++) {
        const struct lede_fragment *fragment = &got->fragments[i];
        assert_true(fragment->size > 0 && (i == 0 || fragment->start >= end));
        end = fragment->start + fragment->size;
        assert_true(end <= sample->size);
        check_marks(sample, fragment);
        marks += fragment->mark_count;
        if (sample->options.snippets > 0) {
            size_t most = 4 * sample->options.snippet_chars + sample->options.snippet_chars / 8;
            assert_true(characters(sample->text + fragment->start, fragment->size) <= most);
        }
        if (sample->is_valid)
            assert_true(lede_utf8_is_valid(sample->text + fragment->start, fragment->size));
    }
    assert_int_equal(marks, got->mark_count);
    assert_int_equal(sample->expected.count > 0, marks > 0);
}

/* Undo what HTML needs. Returns the new size. */
static size_t unescape(char *html)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    static const char plain[] = "&<>\"'";
    char *out = html;
    for (const char *at = html; *at;) {
        assert_null(strchr("<>\"'", *at));
        size_t entity = 0;
        while (*at == '&' && strncmp(at, entities[entity], strlen(entities[entity])) != 0)
            assert_true(++entity < LEDE_COUNT_OF(entities));
        if (*at == '&') {
            *out++ = plain[entity];
            at += strlen(entities[entity]);
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return (size_t)(out - html);
}

static size_t remove_markers(char *text)
{
    char *out = text;
    for (const char *at = text; *at; at++)
        if (*at != '\x01' && *at != '\x02')
            *out++ = *at;
    *out = '\0';
    return (size_t)(out - text);
}

/* HTML, un-escaped, is the text format; without its marks it is the same escaped text; both have as
 * many marks. */
static void check_formats(struct sample *sample)
{
    struct lede_highlights html = {0}, text = {0}, bare = {0};
    sample->options.format = LEDE_HIGHLIGHT_HTML;
    run(sample);
    html = sample->highlights;
    memset(&sample->highlights, 0, sizeof(sample->highlights));
    sample->options.format = LEDE_HIGHLIGHT_TEXT;
    run(sample);
    text = sample->highlights;
    memset(&sample->highlights, 0, sizeof(sample->highlights));
    struct lede_highlight_options marked = sample->options;
    sample->options.format = LEDE_HIGHLIGHT_HTML;
    sample->options.pre = sample->options.post = "";
    run(sample);
    bare = sample->highlights;
    memset(&sample->highlights, 0, sizeof(sample->highlights));
    sample->options = marked;
    assert_int_equal(html.fragment_count, text.fragment_count);
    assert_int_equal(html.fragment_count, bare.fragment_count);
    for (size_t i = 0; i < html.fragment_count; i++) {
        char *copy = strdup(html.fragments[i].text);
        assert_non_null(copy);
        assert_int_equal(strlen(copy), html.fragments[i].text_size);
        assert_int_equal(unescape(copy), text.fragments[i].text_size);
        assert_string_equal(copy, text.fragments[i].text);
        memcpy(copy, html.fragments[i].text, html.fragments[i].text_size + 1);
        assert_int_equal(remove_markers(copy), bare.fragments[i].text_size);
        assert_string_equal(copy, bare.fragments[i].text);
        assert_true(lede_utf8_is_valid(bare.fragments[i].text, bare.fragments[i].text_size));
        free(copy);
    }
    lede_highlights_done(&html);
    lede_highlights_done(&text);
    lede_highlights_done(&bare);
}

static void check_sample(struct sample *sample)
{
    sample->options = (struct lede_highlight_options){
        .format = LEDE_HIGHLIGHT_RANGES, .pre = "\x01", .post = "\x02"};
    run(sample);
    check_ranges(sample);
    size_t whole_marks = sample->highlights.mark_count;
    assert_int_equal(whole_marks, sample->expected.count);
    assert_int_equal(sample->highlights.fragment_count, sample->size > 0);
    check_formats(sample);
    sample->options.format = LEDE_HIGHLIGHT_RANGES;
    sample->options.snippets = 1 + draw(4);
    sample->options.snippet_chars = 20 + draw(draw(2) ? 30 : 300);
    run(sample);
    check_ranges(sample);
    check_formats(sample);
}

static void marks_fragments_and_formats_agree_with_the_slow_way(void **state)
{
    (void)state;
    struct lede_buffer text = {0}, query = {0};
    struct sample sample = {0};
    for (int round = 0; round < ROUNDS; round++) {
        sample.is_valid = draw(4) != 0;
        make_text(&text, sample.is_valid);
        make_query(&query);
        sample.query = support_query(query.data);
        sample.language = lede_language_find(draw(2) ? "en" : "de", 2);
        sample.text = text.data ? text.data : "";
        sample.size = text.size;
        oracle_marks(sample.query, LEDE_FIELD_BODY, sample.language, sample.text, sample.size,
            &sample.expected);
        check_sample(&sample);
        lede_query_free(sample.query);
        free(sample.expected.marks);
    }
    lede_highlights_done(&sample.highlights);
    lede_buffer_done(&text);
    lede_buffer_done(&query);
}

static void tree_is_evaluated_as_the_slow_way_does(void **state)
{
    (void)state;
    struct lede_buffer title = {0}, body = {0}, query = {0};
    for (int round = 0; round < ROUNDS; round++) {
        make_text(&title, true);
        make_text(&body, draw(4) != 0);
        make_query(&query);
        struct lede_match_subject subject = {.language = lede_language_find("en", 2)};
        subject.texts[LEDE_FIELD_TITLE] = (struct lede_field_text){title.data, title.size};
        if (draw(4) != 0)
            subject.texts[LEDE_FIELD_BODY] = (struct lede_field_text){body.data, body.size};
        struct lede_query *parsed = support_query(query.data);
        bool matches = false;
        assert_int_equal(
            lede_query_matches(parsed, &subject, support_analyzer(), &matches), LEDE_OK);
        assert_int_equal(matches, oracle_matches(parsed, &subject));
        lede_query_free(parsed);
    }
    lede_buffer_done(&title);
    lede_buffer_done(&body);
    lede_buffer_done(&query);
}

int main(void)
{
    const char *seed = getenv("LEDE_TEST_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : 20220119;
    print_message("# LEDE_TEST_SEED=%llu\n", (unsigned long long)random_state);
    random_state = random_state * 2 + 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_fragments_and_formats_agree_with_the_slow_way),
        cmocka_unit_test(tree_is_evaluated_as_the_slow_way_does),
    };
    return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
