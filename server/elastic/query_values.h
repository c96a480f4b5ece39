/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries by exact values, dates, ids and patterns. */
#ifndef LEDE_ELASTIC_QUERY_VALUES_H
#define LEDE_ELASTIC_QUERY_VALUES_H

#include "answer.h"
#include "query_text.h"

/* A field is a value. Status: as elastic_translator. */
LEDE_CHECKED enum lede_status lede_elastic_equals(struct elastic_translation *t,
    const struct lede_field *field, const json_t *value, enum elastic_sense *ret_sense);
/* Of clauses that are all terms of one filter field, where they may become one filter: takes them.
 * *ret_taken false: they are not. Status: as elastic_translator. */
LEDE_CHECKED enum lede_status lede_elastic_take_terms(
    struct elastic_translation *t, const json_t *clauses, bool *ret_taken);

/* All: as elastic_translator. */
LEDE_CHECKED enum lede_status lede_elastic_term(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_terms(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_range(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_exists(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_ids(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_prefix(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_wildcard(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_fuzzy(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);

#endif
