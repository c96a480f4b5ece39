/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See support.h. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct lede_analyzer *analyzer;
static struct lede_highlights highlights;

int support_setup(void **state)
{
    (void)state;
    return lede_analyzer_new(&analyzer, NULL) == LEDE_OK ? 0 : -1;
}

int support_teardown(void **state)
{
    (void)state;
    lede_highlights_done(&highlights);
    lede_analyzer_free(analyzer);
    return 0;
}

struct lede_analyzer *support_analyzer(void)
{
    return analyzer;
}

struct lede_query *support_query(const char *text)
{
    struct lede_query_options options = {
        .languages = LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND) |
                     LEDE_LANGUAGE_BIT(lede_language_find("en", 2)) |
                     LEDE_LANGUAGE_BIT(lede_language_find("de", 2))};
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), &options, analyzer, &query, &error) != LEDE_OK)
        fail_msg("cannot parse '%s': %s", text, error.message);
    return query;
}

const struct lede_highlights *support_highlight(const char *query_text, enum lede_field_id field,
    const char *language, const char *text, size_t size,
    const struct lede_highlight_options *options)
{
    struct lede_query *query = support_query(query_text);
    lede_language document = lede_language_find(language, strlen(language));
    enum lede_status st =
        lede_highlight(query, NULL, field, document, text, size, options, analyzer, &highlights);
    lede_query_free(query);
    assert_int_equal(st, LEDE_OK);
    return &highlights;
}

const char *support_marked(const char *query, const char *language, const char *text)
{
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_TEXT, .pre = "[", .post = "]"};
    support_highlight(query, LEDE_FIELD_BODY, language, text, strlen(text), &options);
    return highlights.fragment_count == 1 ? highlights.fragments[0].text : "";
}

char *support_fragments(
    const char *query, const char *text, uint32_t snippets, uint32_t snippet_chars)
{
    struct lede_highlight_options options = {.format = LEDE_HIGHLIGHT_TEXT,
        .snippets = snippets,
        .snippet_chars = snippet_chars,
        .pre = "[",
        .post = "]"};
    support_highlight(query, LEDE_FIELD_BODY, "en", text, strlen(text), &options);
    struct lede_buffer joined = {0};
    for (size_t i = 0; i < highlights.fragment_count; i++) {
        if (i > 0)
            lede_buffer_append_string(&joined, " | ");
        lede_buffer_append(
            &joined, highlights.fragments[i].text, highlights.fragments[i].text_size);
    }
    return lede_buffer_take(&joined);
}

bool support_matches(const char *query_text, const char *title, const char *body)
{
    struct lede_match_subject subject = {.language = lede_language_find("en", 2)};
    if (title)
        subject.texts[LEDE_FIELD_TITLE] = (struct lede_field_text){title, strlen(title)};
    if (body)
        subject.texts[LEDE_FIELD_BODY] = (struct lede_field_text){body, strlen(body)};
    struct lede_query *query = support_query(query_text);
    bool matches = false;
    enum lede_status st = lede_query_matches(query, &subject, analyzer, &matches);
    lede_query_free(query);
    assert_int_equal(st, LEDE_OK);
    return matches;
}
