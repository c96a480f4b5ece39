/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query from its text to its end. */
#include "context.h"
#include "lede/encoding.h"
#include "parser.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>

static enum lede_status check_text(struct query_context *context, const char *text, size_t size)
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

static int compare_notes(const void *a, const void *b)
{
    size_t x = ((const struct lede_query_note *)a)->start;
    size_t y = ((const struct lede_query_note *)b)->start;
    return (x > y) - (x < y);
}

static enum lede_status keep_notes(struct lede_query *query, struct query_context *context)
{
    size_t size = context->note_count * sizeof(*query->notes);
    qsort(context->notes, context->note_count, sizeof(*query->notes), compare_notes);
    if (size == 0)
        return LEDE_OK;
    query->notes = lede_arena_alloc(&query->notes_arena, size);
    if (!query->notes)
        return LEDE_ENOMEM;
    memcpy(query->notes, context->notes, size);
    query->note_count = context->note_count;
    return LEDE_OK;
}

/* Note what the failure just told says, so that it is read as words from now on; or, where that was
 * noted already, or too much was, all of the text. */
static enum lede_status note_words(struct lede_query *query, struct query_context *context)
{
    bool is_too_much = lede_query_note_at(context, context->words_start) ||
                       context->note_count == LEDE_QUERY_NOTES_MAX;
    context->note_count = is_too_much ? 0 : context->note_count;
    context->all_words = is_too_much;
    struct lede_query_note *note = &context->notes[context->note_count++];
    const struct lede_error *error = context->reterr;
    *note = (struct lede_query_note){.start = context->words_start, .size = context->words_size};
    if (is_too_much)
        *note = (struct lede_query_note){.size = context->size};
    note->reason = lede_arena_copy(&query->notes_arena, error->message, strlen(error->message));
    note->hint = lede_arena_copy(&query->notes_arena, error->hint, strlen(error->hint));
    return note->reason && note->hint ? LEDE_OK : LEDE_ENOMEM;
}

/* Parse the text; a failure by which nothing is lost is mended, and it is parsed anew. */
static enum lede_status parse_forgiving(struct lede_query *query, struct query_context *context,
    const char *text, struct lede_query_node **ret_root)
{
    for (;;) {
        struct query_context attempt = *context;
        lede_arena_reset(&query->arena);
        /* The lexer looks one byte ahead: the copy ends with NUL. */
        attempt.text = lede_arena_copy(&query->arena, text, context->size);
        enum lede_status st =
            attempt.text ? lede_query_parse_tree(&attempt, ret_root) : LEDE_ENOMEM;
        if (st != LEDE_EINPUT || !context->options->forgiving || attempt.words_size == 0 ||
            context->all_words)
            return st;
        context->words_start = attempt.words_start;
        context->words_size = attempt.words_size;
        st = note_words(query, context);
        if (st != LEDE_OK)
            return st;
    }
}

enum lede_status lede_query_parse(const char *text, size_t size,
    const struct lede_query_options *options, struct lede_analyzer *analyzer,
    struct lede_query **ret_query, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = calloc(1, sizeof(*query));
    if (!query)
        return lede_fail_memory(reterr);
    struct lede_error error = {0};
    struct query_context context = {.size = size,
        .options = options,
        .analyzer = analyzer,
        .arena = &query->arena,
        .reterr = &error,
        .fields = options->fields ? options->fields : LEDE_FIELDS_DEFAULT};
    struct lede_query_node *root = NULL;
    enum lede_status st = check_text(&context, text, size);
    if (st == LEDE_OK)
        st = parse_forgiving(query, &context, text, &root);
    if (st == LEDE_OK)
        st = keep_notes(query, &context);
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    if (st != LEDE_OK && reterr)
        *reterr = error;
    if (st != LEDE_OK)
        return st;
    query->root = root;
    *ret_query = LEDE_TAKE(&query);
    return LEDE_OK;
}

void lede_query_free(struct lede_query *query)
{
    if (!query)
        return;
    lede_arena_done(&query->arena);
    lede_arena_done(&query->notes_arena);
    lede_query_free(query->parts[0]);
    lede_query_free(query->parts[1]);
    free(query);
}

void lede_query_freep(struct lede_query **query)
{
    lede_query_free(*query);
}

enum lede_status lede_query_both(
    struct lede_query **a, struct lede_query **b, struct lede_query **ret_query)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = calloc(1, sizeof(*query));
    struct query_nodes nodes = {0};
    struct lede_query_node *copies = NULL, *root = NULL;
    if (!query || !(copies = lede_arena_calloc(&query->arena, 2, sizeof(*copies))))
        return LEDE_ENOMEM;
    copies[0] = *(*a)->root;
    copies[1] = *(*b)->root;
    enum lede_status st = lede_query_nodes_add(&query->arena, &nodes, &copies[0]);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(&query->arena, &nodes, &copies[1]);
    if (st == LEDE_OK)
        st = lede_query_make_and(&query->arena, &nodes, &root);
    if (st != LEDE_OK)
        return st;
    query->root = root;
    query->parts[0] = LEDE_TAKE(a);
    query->parts[1] = LEDE_TAKE(b);
    *ret_query = LEDE_TAKE(&query);
    return LEDE_OK;
}

const struct lede_query_note *lede_query_notes(const struct lede_query *query, size_t *ret_count)
{
    *ret_count = query->note_count;
    return query->notes;
}

const struct lede_query_node *lede_query_root(const struct lede_query *query)
{
    return query->root;
}
