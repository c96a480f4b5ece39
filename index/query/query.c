/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query from its text to its end. */
#include "context.h"
#include "lede/encoding.h"
#include "parser.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>

static enum lede_status check_text(
    const struct query_context *context, const char *text, size_t size)
{
    if (size > LEDE_QUERY_BYTES_MAX) {
        enum lede_status st = lede_query_fail_at(context, LEDE_ELIMIT, LEDE_QUERY_BYTES_MAX,
            "expected a query of at most %d bytes, found %zu", LEDE_QUERY_BYTES_MAX, size);
        lede_error_hint(context->reterr, "shorten the query");
        return st;
    }
    const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;
    size_t wrong = lede_utf8_find_invalid(text, nul ? (size_t)(nul - text) : size, 0);
    if (wrong < size) {
        enum lede_status st =
            lede_query_fail_at(context, LEDE_EINPUT, wrong, "expected UTF-8 without NUL");
        lede_error_hint(context->reterr, "encode the query as UTF-8");
        return st;
    }
    return LEDE_OK;
}

enum lede_status lede_query_parse(const char *text, size_t size,
    const struct lede_query_options *options, struct lede_analyzer *analyzer,
    struct lede_query **ret_query, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = calloc(1, sizeof(*query));
    if (!query)
        return lede_fail_memory(reterr);
    struct query_context context = {.size = size,
        .options = options,
        .analyzer = analyzer,
        .arena = &query->arena,
        .reterr = reterr,
        .fields = options->fields ? options->fields : LEDE_FIELDS_DEFAULT};
    enum lede_status st = check_text(&context, text, size);
    if (st != LEDE_OK)
        return st;
    /* The lexer looks one byte ahead: the copy ends with NUL. */
    context.text = lede_arena_copy(&query->arena, text, size);
    struct lede_query_node *root = NULL;
    st = context.text ? lede_query_parse_tree(&context, &root) : LEDE_ENOMEM;
    if (st != LEDE_OK)
        return st == LEDE_ENOMEM ? lede_fail_memory(reterr) : st;
    query->root = root;
    *ret_query = LEDE_TAKE(&query);
    return LEDE_OK;
}

void lede_query_free(struct lede_query *query)
{
    if (!query)
        return;
    lede_arena_done(&query->arena);
    free(query);
}

void lede_query_freep(struct lede_query **query)
{
    lede_query_free(*query);
}

const struct lede_query_node *lede_query_root(const struct lede_query *query)
{
    return query->root;
}
