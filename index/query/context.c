/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context.h"

#include <stdarg.h>
#include <stdio.h>

enum lede_status lede_query_fail_at(const struct query_context *context, enum lede_status status,
    size_t position, const char *format, ...)
{
    char message[sizeof(((struct lede_error *)0)->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    lede_fail(context->reterr, status, "%s", message);
    if (context->reterr) {
        context->reterr->position = position;
        context->reterr->has_position = true;
    }
    return status;
}

enum lede_status lede_query_fail_depth(const struct query_context *context, size_t position)
{
    enum lede_status st = lede_query_fail_at(context, LEDE_ELIMIT, position,
        "more than %d parentheses inside each other", LEDE_QUERY_DEPTH_MAX);
    lede_error_hint(context->reterr, "leave out parentheses that are not needed");
    return st;
}
