/* Endings whose accents the stemmer must see. */
#ifndef LEDE_TEXT_ENDINGS_H
#define LEDE_TEXT_ENDINGS_H

#include "lede/text.h"

#define ENDING_GROWTH_MAX 4 /* bytes that accents add */

/* Write the folded word with its ending's accents to ret_word, which has room for size + ENDING_GROWTH_MAX bytes.
 * Returns its size, or 0 if the language has no such ending. Threads: any. */
size_t ending_restore(lede_language language, const char *word, size_t size, char *ret_word);

#endif
