/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees as text, so that a test states what it expects in one line. */
#include "support.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

struct lede_analyzer *test_analyzer;

int support_setup(void **state)
{
    (void)state;
    return lede_analyzer_new(&test_analyzer, NULL) == LEDE_OK ? 0 : -1;
}

int support_teardown(void **state)
{
    (void)state;
    lede_analyzer_free(test_analyzer);
    test_analyzer = NULL;
    return 0;
}

struct lede_query_options test_options(bool match_any)
{
    return (struct lede_query_options){.match_any = match_any, .now_utc_s = TEST_NOW_UTC_S};
}

static void dump_leaf(const struct lede_query_node *node, struct lede_buffer *out)
{
    for (size_t i = 0; i < node->word_count; i++) {
        lede_buffer_append_string(out, i > 0 ? "," : ":");
        lede_buffer_append(out, node->words[i].word, node->words[i].word_size);
    }
    if (node->kind == LEDE_QUERY_DATES) {
        char first[21];
        char last[21];
        lede_time_format(node->first_utc_s, first);
        lede_time_format(node->last_utc_s, last);
        lede_buffer_append_format(out, ":%s..%s", first, last);
    }
}

static void dump_node(const struct lede_query_node *node, struct lede_buffer *out)
{
    static const char *const names[] = {"all", "word", "exact", "prefix", "phrase", "dates", "and",
        "or", "not", "maybe", "wildcard", "fuzzy", "caps", "length", "near", "adjacent", "sentence",
        "paragraph", "atleast", "not-near", "not-sentence", "not-paragraph"};
    if (node->child_count > 0)
        lede_buffer_append_char(out, '(');
    if (node->field_named)
        lede_buffer_append_format(
            out, "%s/", lede_field_at((enum lede_field_id)__builtin_ctz(node->fields))->key);
    lede_buffer_append_string(out, node->lead ? "lead/" : "");
    lede_buffer_append_string(out, names[node->kind]);
    if (node->number > 0)
        lede_buffer_append_format(out, "/%u", node->number);
    if (node->kind == LEDE_QUERY_LENGTH)
        lede_buffer_append_format(out, ":%u..%u", node->first_words, node->last_words);
    dump_leaf(node, out);
    for (size_t i = 0; i < node->child_count; i++) {
        lede_buffer_append_char(out, ' ');
        dump_node(node->children[i], out);
    }
    if (node->child_count > 0)
        lede_buffer_append_char(out, ')');
    if (node->weight != 1)
        lede_buffer_append_format(out, "^%g", node->weight);
}

char *test_dump(const struct lede_query_node *node)
{
    struct lede_buffer out = {0};
    dump_node(node, &out);
    char *text = lede_buffer_take(&out);
    assert_non_null(text);
    return text;
}

void assert_tree_with(
    const char *text, const struct lede_query_options *options, const char *expected)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_error error = {0};
    if (lede_query_parse(text, strlen(text), options, test_analyzer, &query, &error) != LEDE_OK)
        fail_msg("'%s' was refused at %zu: %s", text, error.position, error.message);
    LEDE_CLEANUP(lede_freep) char *dump = test_dump(lede_query_root(query));
    if (strcmp(dump, expected) != 0)
        fail_msg("'%s' is %s, expected %s", text, dump, expected);
}

void assert_tree(const char *text, const char *expected)
{
    struct lede_query_options options = test_options(false);
    assert_tree_with(text, &options, expected);
}

void assert_tree_any(const char *text, const char *expected)
{
    struct lede_query_options options = test_options(true);
    assert_tree_with(text, &options, expected);
}

void assert_error(const char *text, enum lede_status status, size_t position, const char *message,
    const char *hint)
{
    struct lede_query_options options = test_options(false);
    struct lede_query *query = NULL;
    struct lede_error error = {0};
    enum lede_status st =
        lede_query_parse(text, strlen(text), &options, test_analyzer, &query, &error);
    if (st == LEDE_OK) {
        lede_query_free(query);
        fail_msg("'%s' was parsed, expected: %s", text, message);
    }
    assert_null(query);
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
    assert_true(error.has_position);
    assert_int_equal(error.position, position);
    assert_string_equal(lede_status_name(st), lede_status_name(status));
    assert_int_equal(error.status, status);
}
