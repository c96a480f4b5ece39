/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_params.h"

const struct lede_field *lede_search_filter_at(size_t index)
{
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (lede_field_at(id)->filter_name && index-- == 0)
            return lede_field_at(id);
    }
    return index == 0 ? lede_field_of_stories() : NULL;
}

const char *lede_search_param_choice(const struct lede_search_param *row, size_t index)
{
    if (row->choices)
        return row->choices[index];
    if (!row->names_filters)
        return NULL;
    const struct lede_field *field = lede_search_filter_at(index);
    if (!field && row->shape == LEDE_PARAM_CHOICE && index > 0 && lede_search_filter_at(index - 1))
        return row->fallback; /* none of them */
    bool fits = field && (row->shape == LEDE_PARAM_CHOICE || field != lede_field_of_stories());
    return fits ? field->filter_name : NULL;
}

void lede_search_params_done(struct lede_search_params *search)
{
    lede_calendar_free(search->calendar);
    lede_arena_done(&search->arena);
}
