/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where paragraphs begin in texts that have no blank lines between them. */
#ifndef LEDE_TEXT_PARAGRAPHS_H
#define LEDE_TEXT_PARAGRAPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does a paragraph begin behind the line break at text[line_break]? Of two breaks with nothing
 * between, the second is none of this function's business: whoever skips white space sees the blank
 * line. Looks at PARAGRAPH_WINDOW_BYTES before and behind. Threads: any. */
bool paragraph_begins(const char *text, size_t size, size_t line_break);

/* Closing marks and what may stand behind them; see sentences.c. Threads: any. */
bool sentence_has_mark(int32_t code);
bool sentence_has_closer(int32_t code);

#endif
