/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How likely is it that somebody who meant this word wrote that one?
 *
 * Both words, with a mark before and one behind, are cut into the cheapest sequence of pairs (part
 * that was meant, part that was written). A pair of equal characters is free, the pairs of
 * confusions.c have costs of their own, any other replacement, insertion, omission or swap has that
 * of its kind. */
#ifndef LEDE_LEXICON_MISSPELLING_H
#define LEDE_LEXICON_MISSPELLING_H

#include "internal.h"

#define MISSPELLING_PART_MAX 3 /* characters of one side of a confusion */
#define MISSPELLING_IMPOSSIBLE 100000
/* Costs are hundredths of a natural logarithm: 230 is one in ten. */
#define MISSPELLING_COST_UNIT 100.0

#define MISSPELLING_CHARS_MAX (LEDE_LEXICON_CHARS_MAX + 2) /* with the marks */

struct confusion {
    /* lower-case ASCII letters and apostrophes; ^ before the word, $ behind it */
    const char *meant;
    const char *written;
    uint16_t cost;
};
#define MISSPELLING_CONFUSIONS_MAX 512
extern const struct confusion confusions[];
extern const size_t confusion_count;

struct misspelling_pair {
    uint32_t meant; /* the classes of its part, the last in the lowest byte */
    uint32_t mask;
    uint16_t cost;
    uint8_t meant_size;
    uint8_t written_size;
};

/* Classes of characters that confusions tell apart. */
enum {
    MISSPELLING_CLASS_APOSTROPHE = 26,
    MISSPELLING_CLASS_START,
    MISSPELLING_CLASS_END,
    MISSPELLING_CLASS_OTHER,
    MISSPELLING_CLASSES
};

/* A written word, made ready to be compared with many. */
struct misspelling {
    uint32_t characters[MISSPELLING_CHARS_MAX];
    uint8_t classes[MISSPELLING_CHARS_MAX];
    size_t size;
    /* cost of another character of a class, by the one written */
    uint16_t replaced[MISSPELLING_CHARS_MAX][MISSPELLING_CLASSES];
    /* Pairs whose written part ends before character j and whose meant part ends with class c stand
     * at pairs[starts[j * (MISSPELLING_CLASSES + 1) + c]] and behind; those that meant nothing with
     * c = MISSPELLING_CLASSES. */
    struct misspelling_pair *pairs;
    uint32_t starts[(MISSPELLING_CHARS_MAX + 1) * (MISSPELLING_CLASSES + 1) + 1];
    /* By slot of lexicon_letters(): the least that one letter costs of those that were meant and
     * not written, and of those that were written and not meant. */
    uint16_t least_omitted[LEXICON_SLOTS];
    uint16_t least_added[LEXICON_SLOTS];
};

/* Make a misspelling ready. characters, size  as of lexicon_characters(), size >= 1. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status misspelling_init(struct misspelling *misspelling,
    const uint32_t *characters, size_t size, struct lede_error *reterr);
void misspelling_done(struct misspelling *misspelling);

/* What misspelling_cost() is at least for a word of these lexicon_letters(). Each part of the
 * cheapest cut changes some letters, and its cost is shared by them.
 * written  lexicon_letters() of what was written */
int misspelling_cost_least(const struct misspelling *misspelling, uint64_t meant, uint64_t written);

/* The cost of having written this for a word; more than `limit` may be MISSPELLING_IMPOSSIBLE. */
int misspelling_cost(
    const struct misspelling *misspelling, const uint32_t *meant, size_t meant_size, int limit);

#endif
