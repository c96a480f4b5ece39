/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the query floor's tests share: parsing with few words, and a compact picture of a tree. */
#ifndef LEDE_TESTS_QUERY_SUPPORT_H
#define LEDE_TESTS_QUERY_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/buffer.h"
#include "lede/query.h"

#define TEST_NOW_UTC_S INT64_C(1642615440) /* 2022-01-19T18:04:00Z */

/* The analyzer of the test program; made by support_setup(), freed by support_teardown(). */
extern struct lede_analyzer *test_analyzer;
int support_setup(void **state);
int support_teardown(void **state);

/* Options with all of a search's defaults. */
struct lede_query_options test_options(bool match_any);

/* Write a tree: (and word:crude phrase:saudi,arabia), fields as title/ before the kind, weights as
 * ^2. Owner: the caller. */
char *test_dump(const struct lede_query_node *node);

/* Parse and compare with a dump; fails the test with both texts. */
void assert_tree(const char *text, const char *expected);
void assert_tree_any(const char *text, const char *expected);
void assert_tree_with(
    const char *text, const struct lede_query_options *options, const char *expected);

/* Parse and expect an error, exactly. */
void assert_error(const char *text, enum lede_status status, size_t position, const char *message,
    const char *hint);

#endif
