/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of a table as RFC 4180 has it, that no spreadsheet takes for a formula. */
#ifndef LEDE_API_CSV_H
#define LEDE_API_CSV_H

#include "lede/buffer.h"

/* Append a cell: quoted, quotes doubled; before what a spreadsheet would run stands an apostrophe.
 * is_first  of its row: no comma stands before it */
void lede_csv_cell(struct lede_buffer *out, const char *text, size_t size, bool is_first);

#endif
