/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the analyzer share: a walk as one line of text. */
#ifndef TEXT_TEST_H
#define TEXT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/text.h"

enum shown {
    SHOW_WORDS,   /* folded words */
    SHOW_TERMS,   /* stems */
    SHOW_WRITTEN, /* words with their accents, composed; those that are added, too */
    SHOW_RANGES,  /* the original's bytes */
    /* With the words that are added: */
    SHOW_FLAGS, /* words with +S +P +N +J +U behind them, +p +s +c those that are added */
    SHOW_ALL,   /* words */
};

/* Assert that the text's tokens, shown so and parted by '|', are `expected`. language is a code
 * such as "en". */
void assert_tokens(enum shown shown, const char *language, const char *text, const char *expected);
/* The same for a query. */
void assert_query_tokens(
    enum shown shown, const char *language, const char *text, const char *expected);
/* Assert that the text's sentences, parted by '|' with line feeds shown as '~', are `expected`. */
void assert_sentences(const char *text, const char *expected);
lede_language language_named(const char *code);
struct lede_analyzer *make_analyzer(void);

#endif
