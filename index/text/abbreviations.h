/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Full stops that end no sentence. */
#ifndef LEDE_TEXT_ABBREVIATIONS_H
#define LEDE_TEXT_ABBREVIATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Does the full stop at text[dot] belong to an abbreviation, an initial or an ordinal, so that the
 * sentence
 * goes on? begin  where the sentence begins; nothing before it is read next where the next word
 *                 begins, white space skipped Threads: any. */
bool full_stop_is_abbreviation(
    const char *text, size_t size, size_t begin, size_t dot, size_t next);

#endif
