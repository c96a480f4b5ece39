/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which stretches of a text show its matches best?
 *
 * A window is a stretch of whole sentences where they fit, else a part of one cut between words. */
#ifndef LEDE_HIGHLIGHT_WINDOWS_H
#define LEDE_HIGHLIGHT_WINDOWS_H

#include "lede/highlight.h"
#include "matcher.h"

struct lede_window {
    size_t start; /* bytes in the text */
    size_t end;
    bool starts_sentence; /* false: an ellipsis belongs before it */
    bool ends_sentence;
};

/* Choose at most `count_max` windows that do not overlap, in text order; without a match the text's
 * beginning. matches        of this text; their characters and sentences are filled in here weights
 * LEDE_MATCH_LEAVES of them snippet_chars  characters of a window, about; a match longer than that
 *     is shown
 * whole up to four times as many ret_windows    has room for LEDE_SNIPPETS_MAX Time: the text once,
 *     and matches times windows. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_windows_choose(const char *text, size_t size,
    struct lede_match_list *list, const double *weights, size_t count_max, size_t snippet_chars,
    struct lede_window *ret_windows, size_t *ret_count);

#endif
