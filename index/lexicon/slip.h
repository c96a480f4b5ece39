/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How likely is it that somebody who meant this word wrote that one?
 *
 * Both words, with a mark before and one behind, are cut into the cheapest sequence of pairs (part
 * that was meant, part that was written). A pair of equal characters is free, the pairs of
 * confusions.c have costs of their own, any other replacement, insertion, omission or swap has that
 * of its kind. */
#ifndef LEDE_LEXICON_SLIP_H
#define LEDE_LEXICON_SLIP_H

#include "internal.h"

#define SLIP_PART_MAX 3 /* characters of one side of a confusion */
#define SLIP_IMPOSSIBLE 100000
/* Costs are hundredths of a natural logarithm: 230 is one in ten. */
#define SLIP_COST_UNIT 100.0

#define SLIP_CHARS_MAX (LEDE_LEXICON_CHARS_MAX + 2) /* with the marks */

struct confusion {
    /* lower-case ASCII letters and apostrophes; ^ before the word, $ behind it */
    const char *meant;
    const char *written;
    uint16_t cost;
};
extern const struct confusion confusions[];
extern const size_t confusion_count;

struct slip_pair {
    uint32_t meant; /* the classes of its part, the last in the lowest byte */
    uint32_t mask;
    uint16_t cost;
    uint8_t meant_size;
    uint8_t written_size;
};

/* Classes of characters that confusions tell apart. */
enum {
    SLIP_CLASS_APOSTROPHE = 26,
    SLIP_CLASS_START,
    SLIP_CLASS_END,
    SLIP_CLASS_OTHER,
    SLIP_CLASSES
};

/* A written word, made ready to be compared with many. */
struct slip {
    uint32_t characters[SLIP_CHARS_MAX];
    uint8_t classes[SLIP_CHARS_MAX];
    size_t size;
    uint16_t replaced[SLIP_CHARS_MAX]
                     [SLIP_CLASSES]; /* cost of another character of a class, by the one written */
    /* Pairs whose written part ends before character j and whose meant part ends with class c stand
     * at pairs[starts[j * (SLIP_CLASSES + 1) + c]] and behind; those that meant nothing with c =
     * SLIP_CLASSES. */
    struct slip_pair *pairs;
    uint32_t starts[(SLIP_CHARS_MAX + 1) * (SLIP_CLASSES + 1) + 1];
};

/* Make a slip ready. characters, size  as of lexicon_characters(), size >= 1. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status slip_init(
    struct slip *slip, const uint32_t *characters, size_t size, struct lede_error *reterr);
void slip_done(struct slip *slip);

/* The cost of having written the slip for a word; more than `limit` may be SLIP_IMPOSSIBLE. */
int slip_cost(const struct slip *slip, const uint32_t *meant, size_t meant_size, int limit);

#endif
