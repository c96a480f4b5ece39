/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which column of a table is which field: what --map says. */
#ifndef LEDE_IMPORT_COLUMNS_H
#define LEDE_IMPORT_COLUMNS_H

#include "lede/base.h"

#define LEDE_IMPORT_COLUMNS_MAX 64

struct lede_import_columns {
    char *text;                                    /* owned */
    const char *rows[LEDE_IMPORT_COLUMNS_MAX + 1]; /* "field=column", NULL-ended, inside it */
};

/* Read "title=headline,body=story".
 * map          NULL: nothing
 * ret_columns  zeroed; lede_import_columns_done() also after a failure
 * Status: OK; EINPUT with what was expected; ENOMEM. */
LEDE_CHECKED enum lede_status lede_import_columns_read(
    const char *map, struct lede_import_columns *ret_columns, struct lede_error *reterr);
void lede_import_columns_done(struct lede_import_columns *columns);

#endif
