/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context.h"

#include <stdarg.h>
#include <stdio.h>

enum lede_status lede_query_fail_at(struct query_context *context, enum lede_status status,
    size_t position, const char *format, ...)
{
    char message[sizeof(((struct lede_error *)0)->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    context->words_size = 0;
    lede_fail(context->reterr, status, "%s", message);
    if (context->reterr) {
        context->reterr->position = position;
        context->reterr->has_position = true;
    }
    return status;
}

enum lede_status lede_query_or_words(struct query_context *context, size_t start, size_t size)
{
    context->words_start = start;
    context->words_size = size;
    return LEDE_EINPUT;
}

const struct lede_query_note *lede_query_note_at(const struct query_context *context, size_t start)
{
    for (size_t i = 0; i < context->note_count; i++) {
        if (context->notes[i].start == start)
            return &context->notes[i];
    }
    return NULL;
}

enum lede_status lede_query_fail_depth(struct query_context *context, size_t position)
{
    enum lede_status st = lede_query_fail_at(context, LEDE_ELIMIT, position,
        "more than %d parentheses inside each other", LEDE_QUERY_DEPTH_MAX);
    lede_error_hint(context->reterr, "leave out parentheses that are not needed");
    return st;
}
