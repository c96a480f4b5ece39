/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words by which a language is known. */
#ifndef LEDE_TEXT_DETECT_WORDS_H
#define LEDE_TEXT_DETECT_WORDS_H

#include <stddef.h>

struct detect_words {
    const char *code;
    const char *words; /* parted by spaces */
};

extern const struct detect_words detect_words[];
extern const size_t detect_words_count;

#endif
