/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal: how wide it is, how wide a text is, wrapping, marks. */
#ifndef LEDE_TERMINAL_H
#define LEDE_TERMINAL_H

#include "lede/base.h"

#include <stdio.h>

/* Inside a text, around what is marked; no document's text can have them on its own, see
 * lede_terminal_print(). */
#define LEDE_MARK_START '\002'
#define LEDE_MARK_END '\003'

struct lede_terminal {
    FILE *out;
    uint32_t width;    /* columns; 0: no terminal, nothing is wrapped */
    bool has_colour;   /* false: marks come out as *word* */
    const char *style; /* that is on, to come back to after a mark */
};

/* What standard output is: its width, and whether it wants colour (a terminal, and no NO_COLOR; see
 * no-color.org). */
void lede_terminal_init(struct lede_terminal *ret_terminal, FILE *out);

/* Columns that a text takes: 2 for wide East Asian characters, 0 for combining ones and marks.
 * Invalid bytes count 1. */
size_t lede_terminal_columns(const char *text, size_t size);

/* Print UTF-8 text in lines of the terminal's width, each begun with `indent` spaces, the first at
 * `column` already; ends with a line's end. Lines are broken at spaces and between wide characters.
 * Marks come out as colour or asterisks, other control characters (a stranger's escape sequences)
 * not at all. */
void lede_terminal_print(
    const struct lede_terminal *terminal, const char *text, size_t indent, size_t column);

/* Print text on one line as above, padded with spaces to so many columns; ends with no line's
 * end. */
void lede_terminal_print_padded(
    const struct lede_terminal *terminal, const char *text, size_t columns);

/* Switch a style on ("1" is bold, SGR of ECMA-48), or all off ("0"); nothing without colour. style
 *     borrowed until the next */
void lede_terminal_style(struct lede_terminal *terminal, const char *style);

#endif
