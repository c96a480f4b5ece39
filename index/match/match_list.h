/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_MATCH_MATCH_LIST_H
#define LEDE_MATCH_MATCH_LIST_H

#include "lede/match.h"

struct lede_match_list {
    uint32_t *documents; /* part by part, ascending in each */
    size_t count;
    size_t capacity;
    size_t *ends; /* by part, in `documents` */
    size_t part_count;
};

#endif
