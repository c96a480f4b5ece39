/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which texts are one story? A sketch of a text, a hundred bytes and a few, from which its
 * resemblance to any other is estimated.
 *
 * Resemblance is what two texts share of their shingles (runs of LEDE_STORY_SHINGLE_WORDS folded
 * words) over what they have together. Sources: A. Broder, "On the resemblance and containment of
 * documents", 1997 (minima of hashed shingles); P. Li, A. Owen, C. Zhang, "One permutation
 * hashing", 2012, and A. Shrivastava, "Optimal densification for fast and accurate minwise
 * hashing", 2017 (one hash a shingle, whatever the sketch's size); P. Li, A. König, "b-bit minwise
 * hashing", 2010 (four bits of a minimum do).
 *
 * Headlines differ where the story does not, so the body alone is looked at. Forms filled in anew
 * (earnings, auctions, bonds) differ little but in their figures, so these are sketched a second
 * time by themselves: texts with several figures each must share some. A short text says less, and
 * a form of the same length more, so it must resemble more; a body of fewer than
 * LEDE_STORY_WORDS_MIN words must have the very same words, one of fewer than
 * LEDE_STORY_BODY_WORDS_MIN ("Qtly div 20 cts vs 20 cts") the title too. */
#ifndef LEDE_STORY_H
#define LEDE_STORY_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_STORY_SHINGLE_WORDS 3
#define LEDE_STORY_BODY_WORDS_MIN 30
#define LEDE_STORY_WORDS_MIN 60
#define LEDE_STORY_WORDS_LONG 120
#define LEDE_STORY_RESEMBLANCE_MIN 0.45       /* from WORDS_LONG words on … */
#define LEDE_STORY_SHORT_RESEMBLANCE_MIN 0.60 /* … of WORDS_MIN words; between them a line */
#define LEDE_STORY_FIGURES_MIN 4              /* in both texts: fewer prove nothing */
/* times the shorter text's share of the longer one */
#define LEDE_STORY_FIGURES_RESEMBLANCE_MIN 0.35
#define LEDE_STORY_BINS 128       /* minima, four bits of each are kept */
#define LEDE_STORY_FIGURE_BINS 16 /* the same of words with a digit */
#define LEDE_STORY_BANDS 16       /* hashes of two minima each: texts that share one are compared */
#define LEDE_STORY_BAND_BITS 24
#define LEDE_STORY_SKETCH_BYTES 124 /* encoded */

struct lede_story_minima {
    uint64_t shingles[LEDE_STORY_BINS / 16]; /* four bits each */
    uint64_t figures;                        /* four bits each */
    uint16_t words;                          /* of the body; UINT16_MAX: more */
    uint8_t figure_count;                    /* different ones, about; UINT8_MAX: more */
};

struct lede_story_sketch {
    struct lede_story_minima minima;
    uint32_t bands[LEDE_STORY_BANDS];
};

/* Gathers a document's words; for the stack. */
struct lede_story {
    uint64_t minima[LEDE_STORY_BINS]; /* UINT64_MAX: none yet */
    uint64_t figures[LEDE_STORY_FIGURE_BINS];
    uint64_t recent[LEDE_STORY_SHINGLE_WORDS]; /* hashes of the body's last words */
    uint64_t title_hash;                       /* of all its words in their order */
    uint64_t body_hash;
    uint32_t title_words;
    uint32_t body_words;
};

void lede_story_init(struct lede_story *story);
/* Give the words of the title and of the body, folded, in their order. Time: one hash a word, one a
 * shingle. */
void lede_story_add_title_word(struct lede_story *story, const char *word, size_t size);
void lede_story_add_body_word(struct lede_story *story, const char *word, size_t size);
/* Returns false where there was no word: such a document is of no story. */
bool lede_story_sketch(const struct lede_story *story, struct lede_story_sketch *ret_sketch);

/* Estimates, 0..1; of 128 minima at one half the standard error is 0.05. Threads: any. */
double lede_story_resemblance(const struct lede_story_minima *a, const struct lede_story_minima *b);
double lede_story_figures_resemblance(
    const struct lede_story_minima *a, const struct lede_story_minima *b);
/* Are they one story? ret_resemblance may be NULL. */
bool lede_story_is_same(
    const struct lede_story_minima *a, const struct lede_story_minima *b, double *ret_resemblance);

/* The sketch as it is stored: a version byte, then all fields little endian. */
void lede_story_encode(
    const struct lede_story_sketch *sketch, unsigned char ret_bytes[LEDE_STORY_SKETCH_BYTES]);
/* Returns false for what is no sketch of this version. */
bool lede_story_decode(
    const unsigned char *bytes, size_t size, struct lede_story_sketch *ret_sketch);

#ifdef __cplusplus
}
#endif
#endif
