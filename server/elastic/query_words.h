/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries whose text is analyzed: match and its like, query strings. */
#ifndef LEDE_ELASTIC_QUERY_WORDS_H
#define LEDE_ELASTIC_QUERY_WORDS_H

#include "query_text.h"

/* All: as elastic_translator. */
LEDE_CHECKED enum lede_status lede_elastic_match(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_match_phrase(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_match_phrase_prefix(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_multi_match(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);

/* How many of `count` optional clauses have to match: 1 any, count all.
 * value  minimum_should_match; NULL: `fallback`
 * Status: OK; EINPUT; EUNSUPPORTED another number. */
LEDE_CHECKED enum lede_status lede_elastic_minimum(struct elastic_translation *t,
    const json_t *value, size_t count, size_t fallback, size_t *ret_needed);

#endif
