/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between two versions of a text?
 *
 * The shortest script of deletions and insertions (E. W. Myers, "An O(ND) difference algorithm and
 * its variations", Algorithmica 1, 1986), by words; white space is no difference. Texts that have
 * little in common would take long, so what is compared is bounded: past it they are compared by
 * paragraphs, and past that as wholes. */
#ifndef LEDE_DIFFERENCE_H
#define LEDE_DIFFERENCE_H

#include "lede/base.h"
#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Words or paragraphs of each text, and how many of both may be deleted and inserted: some 40
 * million comparisons, and 16 MiB. */
#define LEDE_DIFFERENCE_UNITS_MAX 32768
#define LEDE_DIFFERENCE_EDITS_MAX 600

enum lede_difference_unit {
    LEDE_DIFFERENCE_WORDS,
    LEDE_DIFFERENCE_PARAGRAPHS,
    LEDE_DIFFERENCE_WHOLE,
};

enum lede_change { LEDE_CHANGE_NONE, LEDE_CHANGE_DELETED, LEDE_CHANGE_INSERTED };

/* Bytes of the newer text, or, deleted, of the older one, with the white space behind them. */
struct lede_changed_run {
    enum lede_change change;
    size_t start;
    size_t size;
};

struct lede_difference {
    enum lede_difference_unit unit; /* what was compared */
    struct lede_changed_run *runs;  /* in order; of two that meet the deleted one first */
    size_t count;
    struct lede_arena arena;
};

/* "words", "paragraphs", "whole"; "none", "deleted", "inserted"; static. */
const char *lede_difference_unit_name(enum lede_difference_unit unit);
const char *lede_change_name(enum lede_change change);

/* Compare two texts.
 * older, newer    borrowed for the call; at most 4 GiB
 * ret_difference  owner: the caller, lede_difference_done()
 * Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_text_differ(const char *older, size_t older_size,
    const char *newer, size_t newer_size, struct lede_difference *ret_difference,
    struct lede_error *reterr);
void lede_difference_done(struct lede_difference *difference);

#ifdef __cplusplus
}
#endif
#endif
