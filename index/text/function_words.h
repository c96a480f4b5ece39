/* The small words that give a language away where n-grams are in doubt. */
#ifndef LEDE_TEXT_FUNCTION_WORDS_H
#define LEDE_TEXT_FUNCTION_WORDS_H

#include "lede/text.h"

/* The language of the Latin alphabet whose articles, prepositions and conjunctions the text has most of: at
 * least two, and half as many again as of any other language. Returns LEDE_LANGUAGE_UND if there is none.
 * Threads: any. */
lede_language function_words_language(const char *text, size_t size);

#endif
