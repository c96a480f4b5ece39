/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translated.h"

#include <string.h>

void lede_elastic_query_done(struct elastic_query *query)
{
    lede_buffer_done(&query->text);
    lede_arena_done(&query->arena);
}

enum lede_status lede_elastic_query_both(const struct elastic_query *a,
    const struct elastic_query *b, struct elastic_query *ret_query, struct lede_error *reterr)
{
    struct lede_buffer *text = &ret_query->text;
    if (a->text.size > 0)
        lede_buffer_append_format(text, "(%s)", a->text.data);
    if (b->text.size > 0)
        lede_buffer_append_format(text, "%s(%s)", text->size > 0 ? " AND " : "", b->text.data);
    ret_query->is_nothing = a->is_nothing || b->is_nothing;
    ret_query->half_life_s = a->half_life_s > 0 ? a->half_life_s : b->half_life_s;
    if (a->filter_count + b->filter_count > ELASTIC_FILTERS_MAX || (a->ids && b->ids))
        return lede_fail(reterr, LEDE_ELIMIT, "expected fewer clauses of exact values");
    memcpy(ret_query->filters, a->filters, a->filter_count * sizeof(a->filters[0]));
    memcpy(
        ret_query->filters + a->filter_count, b->filters, b->filter_count * sizeof(b->filters[0]));
    ret_query->filter_count = a->filter_count + b->filter_count;
    ret_query->ids = a->ids ? a->ids : b->ids;
    ret_query->id_count = a->ids ? a->id_count : b->id_count;
    return lede_buffer_status(text) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
