/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the highlighter's tests share: a query from its text, one field highlighted, the result as a
 * string.
 *
 * One test program runs in one thread and has one analyzer; everything asserts that it succeeds. */
#ifndef LEDE_TESTS_HIGHLIGHT_SUPPORT_H
#define LEDE_TESTS_HIGHLIGHT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/highlight.h"

/* cmocka group fixtures: make and free the analyzer and the highlights below. */
int support_setup(void **state);
int support_teardown(void **state);

/* The program's analyzer. */
struct lede_analyzer *support_analyzer(void);

/* Parse for an archive in English, German and undetermined languages. Owner: the caller. */
struct lede_query *support_query(const char *text);

/* Highlight a field; the result is the program's and valid until the next call. */
const struct lede_highlights *support_highlight(const char *query, enum lede_field_id field,
    const char *language, const char *text, size_t size,
    const struct lede_highlight_options *options);

/* Highlight a whole body as text with [ and ] as marks. Valid until the next call. */
const char *support_marked(const char *query, const char *language, const char *text);

/* Fragments of a body as text with [ and ] as marks, joined by " | ". Owner: the caller, free(). */
char *support_fragments(
    const char *query, const char *text, uint32_t snippets, uint32_t snippet_chars);

/* Does the document match? A NULL title or body is absent. */
bool support_matches(const char *query, const char *title, const char *body);

#define assert_marked(query, text, expected)                                                       \
    assert_string_equal(support_marked(query, "en", text), expected)

#endif
