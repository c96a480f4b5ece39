/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each format makes of the window. */
#ifndef LEDE_SPLIT_FORMATS_H
#define LEDE_SPLIT_FORMATS_H

#include "split_window.h"

/* Go on through a value, from text[scan->offset] on. Returns whether it ends before text[size]; the
 * offset is then behind it, else size. */
bool lede_value_scan(struct lede_value_scan *scan, const char *text, size_t size);

/* lede_splitter_next() for objects and arrays, and for texts. */
LEDE_CHECKED enum lede_status lede_split_objects(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_split_array(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_split_text(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr);

#endif
