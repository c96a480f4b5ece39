/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a query is read in: its text, the fields and scopes that hold where the parser stands, and
 * the arena that its tree grows in. A failed allocation is LEDE_ENOMEM without an error set:
 * lede_query_parse() sets it. */
#ifndef LEDE_QUERY_CONTEXT_H
#define LEDE_QUERY_CONTEXT_H

#include "lede/buffer.h"
#include "lede/query.h"

struct query_context {
    const char *text; /* NUL-terminated */
    size_t size;
    const struct lede_query_options *options;
    struct lede_analyzer *analyzer;
    struct lede_arena *arena;
    struct lede_error *reterr;
    lede_field_set fields; /* of the leaves here */
    bool field_named;
    bool lead; /* within LEAD: */
    bool caps; /* within CAPS */
    unsigned depth;
    size_t clauses;
};

/* Fill the error with a position. Returns status. */
enum lede_status lede_query_fail_at(const struct query_context *context, enum lede_status status,
    size_t position, const char *format, ...) LEDE_PRINTF(4, 5);
/* The refusal of one more parenthesis. Returns LEDE_ELIMIT. */
enum lede_status lede_query_fail_depth(const struct query_context *context, size_t position);

#endif
