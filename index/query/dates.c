/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Date ranges: `2022-01-01..2022-02-15`, `>2022-01-19`, `2022-01`, `>-7d`. A bound names a first
 * and a last second; a range is both ends included. */
#include "leaf.h"
#include "lede/encoding.h"
#include "lede/time.h"
#include "operands.h"

#include <string.h>

struct bound {
    int64_t first_utc_s;
    int64_t last_utc_s;
};

static enum lede_status fail_dates(
    struct query_context *context, size_t position, const char *message)
{
    enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT, position, "%s", message);
    lede_error_hint(context->reterr,
        "write 2022-01-19, 2022-01, 2022-01-01..2022-02-15, >2022-01-19, >=-7d or <now");
    return st;
}

static int64_t clamp(int64_t utc_s)
{
    if (utc_s < LEDE_TIME_MIN_UTC_S)
        return LEDE_TIME_MIN_UTC_S;
    return utc_s > LEDE_TIME_MAX_UTC_S ? LEDE_TIME_MAX_UTC_S : utc_s;
}

/* One bound, with or without quotes around it. */
static enum lede_status parse_bound(
    struct query_context *context, size_t start, size_t size, struct bound *ret_bound)
{
    const char *text = context->text + start;
    size_t quote = size > 0 ? lede_query_quote_size(text, size) : 0;
    size_t close = size > quote ? lede_utf8_boundary(text, size, size - 1) : 0;
    if (quote > 0 && close > 0 && lede_query_quote_size(text + close, size - close) > 0) {
        text += quote;
        size = close - quote;
    }
    if (lede_time_parse_bound(text, size, context->options->now_utc_s, &context->options->clock,
            &ret_bound->first_utc_s, &ret_bound->last_utc_s, NULL) == LEDE_OK)
        return LEDE_OK;
    enum lede_status st =
        lede_query_fail_at(context, LEDE_EINPUT, start, "expected a date, found '%.*s'",
            (int)(size < 60 ? size : lede_utf8_boundary(text, size, 60)), text);
    lede_error_hint(
        context->reterr, "write 2022-01-19, 2022-01, 2022-01-19T18:04:00Z, today, -7d or now");
    return st;
}

/* Offset of `..` outside quotes, SIZE_MAX if there is none. */
static size_t find_dots(const char *text, size_t size)
{
    bool quoted = false;
    for (size_t i = 0; i + 1 < size; i++) {
        quoted ^= lede_query_quote_size(text + i, size - i) > 0;
        if (!quoted && text[i] == '.' && text[i + 1] == '.')
            return i;
    }
    return SIZE_MAX;
}

/* `>` and its like; the other end stays open. */
static enum lede_status parse_comparison(
    struct query_context *context, size_t start, size_t size, struct bound *ret_range)
{
    const char *text = context->text + start;
    bool after = text[0] == '>';
    bool inclusive = size > 1 && text[1] == '=';
    size_t skipped = 1u + inclusive;
    struct bound bound;
    if (size == skipped)
        return fail_dates(context, start + skipped, "expected a date after the comparison");
    enum lede_status st = parse_bound(context, start + skipped, size - skipped, &bound);
    if (st != LEDE_OK)
        return st;
    if (after)
        ret_range->first_utc_s = inclusive ? bound.first_utc_s : bound.last_utc_s + 1;
    else
        ret_range->last_utc_s = inclusive ? bound.last_utc_s : bound.first_utc_s - 1;
    return LEDE_OK;
}

static enum lede_status parse_range(
    struct query_context *context, size_t start, size_t size, size_t dots, struct bound *ret_range)
{
    struct bound bound;
    enum lede_status st = LEDE_OK;
    if (size == 2)
        return fail_dates(context, start, "expected a date before or after '..'");
    if (dots > 0) {
        st = parse_bound(context, start, dots, &bound);
        if (st != LEDE_OK)
            return st;
        ret_range->first_utc_s = bound.first_utc_s;
    }
    size_t second = dots + 2;
    if (second == size)
        return LEDE_OK;
    st = parse_bound(context, start + second, size - second, &bound);
    if (st == LEDE_OK)
        ret_range->last_utc_s = bound.last_utc_s;
    return st;
}

/* `-7d` alone would mean one single second, which nobody means. */
static enum lede_status parse_single(
    struct query_context *context, size_t start, size_t size, struct bound *ret_range)
{
    const char *text = context->text + start;
    enum lede_status st = parse_bound(context, start, size, ret_range);
    if (st != LEDE_OK)
        return st;
    if (text[0] != '-' && !(size == 3 && memcmp(text, "now", 3) == 0))
        return LEDE_OK;
    st = lede_query_fail_at(
        context, LEDE_EINPUT, start, "expected a comparison before '%.*s'", (int)size, text);
    lede_error_hint(context->reterr, "write >-7d for the last seven days");
    return st;
}

enum lede_status lede_query_dates(struct query_context *context, const struct lede_field *field,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    const char *text = context->text + token->start;
    struct bound range = {LEDE_TIME_MIN_UTC_S, LEDE_TIME_MAX_UTC_S};
    size_t dots = find_dots(text, token->size);
    enum lede_status st = LEDE_OK;
    if (token->size == 0)
        return fail_dates(context, token->start, "expected a date after the field");
    if (text[0] == '>' || text[0] == '<')
        st = parse_comparison(context, token->start, token->size, &range);
    else if (dots != SIZE_MAX)
        st = parse_range(context, token->start, token->size, dots, &range);
    else
        st = parse_single(context, token->start, token->size, &range);
    if (st != LEDE_OK)
        return st;
    if (range.first_utc_s > range.last_utc_s || range.first_utc_s > LEDE_TIME_MAX_UTC_S ||
        range.last_utc_s < LEDE_TIME_MIN_UTC_S)
        return fail_dates(context, token->start, "the range of dates holds no moment");
    struct lede_query_node *node = NULL;
    st = lede_query_leaf_new(context, LEDE_QUERY_DATES, token, &node);
    if (st != LEDE_OK)
        return st;
    node->fields = LEDE_FIELD_BIT(field->id);
    node->field_named = true;
    node->first_utc_s = clamp(range.first_utc_s);
    node->last_utc_s = clamp(range.last_utc_s);
    *ret_node = node;
    return LEDE_OK;
}
