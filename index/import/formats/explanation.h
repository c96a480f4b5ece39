/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each row of a table took of a file, and what no row took: gathered while it is read. */
#ifndef LEDE_EXPLANATION_H
#define LEDE_EXPLANATION_H

#include "lede/import.h"
#include "mapping_row.h"

#include <jansson.h>

#define LEDE_EXAMPLE_BYTES 64

struct lede_row_count {
    uint64_t count;
    char example[LEDE_EXAMPLE_BYTES]; /* of the first value, on one line */
};

/* The counts of row `index` of the format's table; NULL: no memory, or no such. */
struct lede_row_count *lede_explanation_row(struct lede_explanation *explanation, size_t index);
void lede_row_count_add(struct lede_row_count *count, const char *text, size_t size);
/* Say which format the file has; counts begin. rows  its table; static. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_explanation_begin(struct lede_explanation *explanation,
    const struct lede_format *format, const struct lede_mapping *rows);
/* Count what is left in a record. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_explanation_add_rest(
    struct lede_explanation *explanation, const json_t *rest);

#endif
