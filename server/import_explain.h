/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede import --explain: what each place in a file becomes. */
#ifndef LEDE_IMPORT_EXPLAIN_H
#define LEDE_IMPORT_EXPLAIN_H

#include "cli.h"
#include "lede/import.h"

/* What --format says; complains by itself.
 * ret_known  a format; not changed where it is JSON, text or to be found out
 * Returns false for no such. */
bool lede_import_format_read(
    const char *text, enum lede_import_format *ret_format, const struct lede_format **ret_known);

/* Read the files that the arguments name, store nothing, and print for each the table of its
 * format, how often each row found a value, and what no row takes.
 * known    NULL: as each says
 * columns  of tables: "field=column", NULL-ended */
enum lede_exit lede_import_explain(const struct lede_arguments *arguments,
    enum lede_import_format format, const struct lede_format *known, const char *const *columns);

#endif
