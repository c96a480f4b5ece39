/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A progress bar on standard error; nothing where that is no terminal. */
#ifndef LEDE_PROGRESS_H
#define LEDE_PROGRESS_H

#include "lede/base.h"

struct lede_progress {
    bool is_shown; /* standard error is a terminal */
    bool is_drawn;
    uint64_t total_bytes; /* of all files; 0: unknown, no percentage */
    uint64_t started_ns;
    uint64_t drawn_ns;
};

void lede_progress_init(struct lede_progress *ret_progress, uint64_t total_bytes);
/* Draw it, at most ten times a second.
 * documents   handed over so far text_bytes of these file_bytes of the files behind them
 *             (compressed ones as they are) */
void lede_progress_show(
    struct lede_progress *progress, uint64_t documents, uint64_t text_bytes, uint64_t file_bytes);
/* Take it off the screen, before anything else is printed. */
void lede_progress_clear(struct lede_progress *progress);

#endif
