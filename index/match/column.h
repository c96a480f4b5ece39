/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One value slot of a segment as a dense array, read at its first use: what facets, histograms,
 * dates, collapse keys and orders read. */
#ifndef LEDE_MATCH_COLUMN_H
#define LEDE_MATCH_COLUMN_H

#include "kept.h"
#include "lede/table.h"

/* A text of the slot: of a list field all its values, joined by LEDE_FACET_SEPARATOR. */
struct lede_column_text {
    const char *text; /* not NUL-terminated */
    uint32_t size;
    uint32_t documents; /* that have it, deleted ones too */
};

/* The values that a list field's texts are joined of. They have numbers of their own, from 1 on. */
struct lede_column_values {
    struct lede_column_text *texts; /* by number; [0] is empty */
    uint32_t count;                 /* with [0] */
    uint32_t *starts;               /* by number of the joined text, and one behind the last */
    uint32_t *numbers;              /* of its values, from its start to the next one's */
};

/* Texts: of each document the number of its text. Numbers are given out from 1 on in the order of
 * documents, those of days and quarters of an hour in theirs; 0: it has none. */
struct lede_text_column {
    struct lede_kept_item item;
    uint32_t documents; /* entries of the array: last_document + 1 */
    uint8_t width;      /* bytes of a number: 1, 2 or 4 */
    void *numbers;
    struct lede_column_text *texts;   /* by number; [0] is empty */
    uint32_t text_count;              /* with [0] */
    char *bytes;                      /* of the texts */
    struct lede_table table;          /* of their numbers */
    struct lede_column_values values; /* zeroed: no text is joined of several */
};

/* Numbers: published and other moments as lede_schema_decode_time() gives them, LENGTH in words,
 * DAY and QUARTER_HOUR as the first second of theirs. LEDE_TIME_NONE: it has none. */
struct lede_number_column {
    struct lede_kept_item item;
    uint32_t documents;
    int64_t *numbers;
};

static inline uint32_t lede_column_text_number(
    const struct lede_text_column *column, uint32_t document)
{
    if (column->width == 1)
        return ((const uint8_t *)column->numbers)[document];
    if (column->width == 2)
        return ((const uint16_t *)column->numbers)[document];
    return ((const uint32_t *)column->numbers)[document];
}

/* The number of a text; 0: no document has it. Threads: any. */
uint32_t lede_text_column_find(
    const struct lede_text_column *column, const char *text, size_t size);

/* Find or read a column, and hold it; lede_kept_let_go(&column->item).
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. Threads: one an index. */
LEDE_CHECKED enum lede_status lede_text_column_get(struct lede_index *index, size_t part,
    uint32_t slot, struct lede_text_column **ret_column, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_number_column_get(struct lede_index *index, size_t part,
    uint32_t slot, struct lede_number_column **ret_column, struct lede_error *reterr);

/* Is it in memory, so that it costs nothing to get? Then it is held. Threads: any. */
bool lede_number_column_find(
    struct lede_index *index, size_t part, uint32_t slot, struct lede_number_column **ret_column);
/* The column that a kept one's key names is read. */
LEDE_CHECKED enum lede_status lede_column_read_again(
    struct lede_index *index, size_t part, const char *key, size_t size, struct lede_error *reterr);

#endif
