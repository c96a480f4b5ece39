/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hit of a collapsed search stands for. */
#ifndef LEDE_API_COLLAPSED_H
#define LEDE_API_COLLAPSED_H

#include "lede/buffer.h"
#include "lede/match.h"

/* Append `"collapsed": {"key": …, "count": …, "sources": […]}`; nothing where the search was not
 * collapsed. key: null where the document has no value to be collapsed by. */
void lede_write_collapsed(struct lede_buffer *out, const struct lede_hit *hit);

#endif
