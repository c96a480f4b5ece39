/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arabic: folding has made teh marbuta heh, which the stemmer takes for a pronoun of a noun without
 * article; a noun with article has no pronoun, so there it was teh marbuta. "And" and "so" are
 * written onto the article, which the stemmer would not find behind them. */
#include <string.h>

#include "spelling.h"

#define LETTER 2 /* bytes of an Arabic letter */
#define HEH "\xD9\x87"
#define TEH_MARBUTA "\xD8\xA9"

static const char *const conjunctions[] = {"وال", "فال"};
static const char *const articles[] = {"ال", "بال", "كال", "لل"};

static bool begins_with(const char *word, size_t size, const char *start)
{
    size_t start_size = strlen(start);
    return size >= start_size + 2 * LETTER && memcmp(word, start, start_size) == 0;
}

size_t spelling_arabic(const char *word, size_t size, char *ret_word)
{
    size_t skipped = 0;
    bool is_defined = false;
    for (size_t i = 0; i < LEDE_COUNT_OF(conjunctions) && skipped == 0; i++)
        skipped = begins_with(word, size, conjunctions[i]) ? LETTER : 0;
    size -= skipped;
    memcpy(ret_word, word + skipped, size);
    for (size_t i = 0; i < LEDE_COUNT_OF(articles); i++)
        is_defined = is_defined || begins_with(ret_word, size, articles[i]);
    bool is_restored = is_defined && memcmp(ret_word + size - LETTER, HEH, LETTER) == 0;
    if (is_restored)
        memcpy(ret_word + size - LETTER, TEH_MARBUTA, LETTER);
    return skipped > 0 || is_restored ? size : 0;
}
