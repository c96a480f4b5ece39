/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How well does each language that shares its script with others fit a text? */
#ifndef LEDE_TEXT_DETECT_MODEL_H
#define LEDE_TEXT_DETECT_MODEL_H

#include "lede/text.h"

enum alphabet {
    ALPHABET_OTHER,
    ALPHABET_LATIN,
    ALPHABET_CYRILLIC,
    ALPHABET_ARABIC,
    ALPHABET_HEBREW,
    ALPHABET_DEVANAGARI,
    ALPHABET_BENGALI,
    ALPHABET_GREEK,
    ALPHABET_ARMENIAN,
    ALPHABET_GEORGIAN,
    ALPHABET_TAMIL,
    ALPHABET_THAI,
    ALPHABET_LAO,
    ALPHABET_KHMER,
    ALPHABET_MYANMAR,
    ALPHABET_HANGUL,
    ALPHABET_HAN,
    ALPHABET_KANA,
    ALPHABET_COUNT,
};

struct detect_model; /* one thread at a time */

/* Read the fingerprints of the languages in the table; a missing file leaves its language to its
 * words. Owner: the caller.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status detect_model_new(struct detect_model **ret_model);
void detect_model_free(struct detect_model *model);

/* Which language of the alphabet fits best?
 * size      below 8 KiB, so that no n-gram is met more than 65,535 times
 * ret_lead  how much better than the best with another stemmer; natural logarithm of a likelihood's
 *           ratio, about Returns und where none fits at all. */
lede_language detect_model_best(struct detect_model *model, enum alphabet alphabet,
    const char *text, size_t size, double *ret_lead);

#endif
