/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries that people type. */
#ifndef LEDE_ELASTIC_QUERY_STRING_H
#define LEDE_ELASTIC_QUERY_STRING_H

#include "query_text.h"

/* Both: as elastic_translator. */
LEDE_CHECKED enum lede_status lede_elastic_query_string(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);
LEDE_CHECKED enum lede_status lede_elastic_simple_query_string(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense);

#endif
