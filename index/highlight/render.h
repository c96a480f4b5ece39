/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stretch of a text, written for a reader: spaces made even, marks put in, HTML escaped. */
#ifndef LEDE_HIGHLIGHT_RENDER_H
#define LEDE_HIGHLIGHT_RENDER_H

#include "lede/highlight.h"
#include "windows.h"

/* Make the fragment of a window.
 * matches  of the text, ascending; those inside the window are marked, the ones that it cuts are
 *          cut at its
 * edges if nothing else would be marked, else left out arena owns what the fragment points to
 *     Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_fragment_render(const char *text,
    const struct lede_window *window, const struct lede_match_list *list,
    const struct lede_highlight_options *options, struct lede_arena *arena,
    struct lede_fragment *ret_fragment);

#endif
