/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may stand around a match: highlights as HTML are put into pages as they come. */
#ifndef LEDE_API_MARKS_H
#define LEDE_API_MARKS_H

#include "lede/highlight.h"

/* Are the marks of highlights as HTML no more than marks? Any others may have any marks. Status:
 * OK; EINPUT with param. reterr  not NULL */
LEDE_CHECKED enum lede_status lede_marks_check(
    const struct lede_highlight_options *options, struct lede_error *reterr);

#endif
