/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include "statistics.h"

#include <string.h>

void lede_plan_count_all(const struct lede_index *index, struct lede_statistics *statistics)
{
    for (size_t part = 0; part < lede_index_part_count(index); part++) {
        struct lede_index_part figures = lede_index_part_at(index, part);
        statistics->all_documents += figures.documents;
        statistics->total_length += figures.total_length;
    }
    statistics->documents = lede_index_document_count(index);
}

struct lede_bm25 lede_plan_bm25(const struct lede_planner *planner)
{
    struct lede_statistics own = {0};
    const struct lede_statistics *statistics = planner->statistics ? planner->statistics : &own;
    lede_plan_count_all(planner->index, &own);
    return lede_bm25_of(statistics->all_documents, statistics->total_length);
}

uint64_t lede_plan_term_documents(
    const struct lede_planner *planner, const struct lede_plan *list, size_t term)
{
    uint64_t documents = 0;
    if (planner->statistics)
        return lede_statistics_of_term(
            planner->statistics, "", list->terms[term].bytes, list->terms[term].size);
    for (size_t part = 0; part < planner->part_count; part++)
        documents += list->lists[part] ? list->lists[part]->term_documents[term] : 0;
    return documents;
}

enum lede_status lede_plan_count_stem(const struct lede_planner *planner,
    const struct lede_field *field, const char *stem, uint64_t *ret_documents,
    struct lede_error *reterr)
{
    uint32_t documents = 0;
    enum lede_status st = LEDE_OK;
    if (!planner->statistics)
        st = lede_index_term_documents(planner->index, field->prefix, stem, &documents, reterr);
    *ret_documents = planner->statistics ? lede_statistics_of_term(planner->statistics,
                                               field->prefix, stem, strlen(stem))
                                         : documents;
    return st;
}
