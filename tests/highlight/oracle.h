/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The highlighter's answers worked out the slow way, from the tokens and the tree alone.
 *
 * Nothing here shares code with index/highlight: every leaf is tried at every token. */
#ifndef LEDE_TESTS_HIGHLIGHT_ORACLE_H
#define LEDE_TESTS_HIGHLIGHT_ORACLE_H

#include "support.h"

struct oracle_marks {
    struct lede_mark *marks; /* unions of what overlaps, ascending */
    size_t count;
};

/* What must be marked in a field that is no list. Owner of ret_marks->marks: the caller, free(). */
void oracle_marks(const struct lede_query *query, enum lede_field_id field, lede_language language,
    const char *text, size_t size, struct oracle_marks *ret_marks);

/* Does the document match? */
bool oracle_matches(const struct lede_query *query, const struct lede_match_subject *subject);

#endif
