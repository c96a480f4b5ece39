/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words with wildcards, words spelt nearly so. */
#ifndef LEDE_QUERY_PATTERN_H
#define LEDE_QUERY_PATTERN_H

#include "groups.h"
#include "leaf.h"

/* Is the character at `at` of a run a wildcard, not punctuation? */
bool lede_query_is_wildcard(const char *run, size_t size, size_t at);
bool lede_query_has_wildcard(const char *run, size_t size);
/* Is the run without white space a pattern? An address with a `?` is none. */
bool lede_query_is_pattern(const char *run, size_t size);
/* Bytes of the run before the `~` that makes it fuzzy; `size` if there is none. */
size_t lede_query_fuzzy_size(const char *run, size_t size);
/* Make a WILDCARD leaf of a run, or ALL of `*`. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_wildcard(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make a FUZZY leaf. Status: as above. */
LEDE_CHECKED enum lede_status lede_query_fuzzy(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node);

#endif
