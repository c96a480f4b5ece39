/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row of the table of languages, for the stemmer. */
#ifndef LEDE_TEXT_LANGUAGES_H
#define LEDE_TEXT_LANGUAGES_H

#include "lede/text.h"

struct language {
    const char *code;                /* ISO 639-1 */
    const char *code3;               /* ISO 639-2/T */
    const char *code3_bibliographic; /* ISO 639-2/B where it differs, else "" */
    const char *stemmer;             /* Snowball's name for its algorithm; NULL: none */
    const char *tag;                 /* of its terms, LEDE_TAG_SIZE bytes; "" without a stemmer */
};

/* The row of a language; that of und for numbers out of range. Never NULL. Threads: any. */
const struct language *language_get(lede_language language);

#endif
