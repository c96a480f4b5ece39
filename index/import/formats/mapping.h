/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of rows applied to a record. */
#ifndef LEDE_MAPPING_H
#define LEDE_MAPPING_H

#include "explanation.h"

/* The first row in the table that finds a value gives a field; lists gather those of all rows. A
 * value that was taken is removed from the record, unless less than all of it is in the field.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_mapping_apply(const struct lede_mapping *rows, json_t *record,
    json_t *context, json_t *document, struct lede_explanation *explanation);

/* Remove null, "", {} and [] from a tree, all the way up. Returns whether anything is left. */
bool lede_mapping_prune(json_t *tree);

#endif
