/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of the segments; lede/store.h has what can be done with one. */
#ifndef LEDE_STORE_READER_H
#define LEDE_STORE_READER_H

#include "lede/store.h"

struct lede_segments;

/* As lede_reader_open(), of a store's segments. */
LEDE_CHECKED enum lede_status lede_segments_reader_open(
    struct lede_segments *segments, struct lede_reader **ret_reader, struct lede_error *reterr);

#endif
