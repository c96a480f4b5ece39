/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One hash a shingle: it chooses a bin, and the least of a bin is its minimum. A bin that stays
 * empty takes the minimum of another, chosen by its own number alone, so that equal texts fill it
 * equally and different ones agree by chance only. */
#include "lede/story.h"

#include "lede/number.h"

#include <string.h>

#define NO_MINIMUM UINT64_MAX
#define SHINGLE_FACTOR UINT64_C(0x9E3779B97F4A7C15) /* odd; 2^64 over the golden ratio */
#define SKETCH_VERSION 1

enum {
    MINIMUM_BITS = 4,
    MINIMA_PER_WORD = 64 / MINIMUM_BITS,
    BAND_BYTES = LEDE_STORY_BAND_BITS / 8,
    /* of 128 bins one is full: all of these miss it in one of 10^34 texts */
    DENSIFY_TRIES_MAX = 10000,
};

/* The finalizer of MurmurHash3: every bit of the input changes half of the output's. */
static uint64_t mix(uint64_t value)
{
    value ^= value >> 33;
    value *= UINT64_C(0xFF51AFD7ED558CCD);
    value ^= value >> 33;
    value *= UINT64_C(0xC4CEB9FE1A85EC53);
    return value ^ value >> 33;
}

static uint64_t mix_with(uint64_t mixed, uint64_t value)
{
    return mix(mixed + SHINGLE_FACTOR * (value + 1));
}

static uint64_t mix_pair(uint64_t a, uint64_t b)
{
    return mix_with(mix(a), b);
}

void lede_story_init(struct lede_story *story)
{
    memset(story, 0, sizeof(*story));
    for (size_t i = 0; i < LEDE_STORY_BINS; i++)
        story->minima[i] = NO_MINIMUM;
    for (size_t i = 0; i < LEDE_STORY_FIGURE_BINS; i++)
        story->figures[i] = NO_MINIMUM;
}

/* So that a remainder is a mask: short texts have many empty bins, and each is sought for. */
#define IS_POWER_OF_TWO(count) (((count) & ((count)-1)) == 0)
_Static_assert(IS_POWER_OF_TWO(LEDE_STORY_BINS) && IS_POWER_OF_TWO(LEDE_STORY_FIGURE_BINS), "");

static void update_minimum(uint64_t *bins, size_t count, uint64_t hash)
{
    size_t bin = (size_t)(hash >> 32) & (count - 1);
    uint64_t value = mix(hash) >> 1; /* never NO_MINIMUM */
    if (value < bins[bin])
        bins[bin] = value;
}

static uint64_t add_to_hash(uint64_t *text_hash, uint32_t *words, const char *word, size_t size)
{
    uint64_t hash = lede_hash64(word, size);
    *text_hash = mix_pair(*text_hash, hash);
    ++*words;
    return hash;
}

void lede_story_add_title_word(struct lede_story *story, const char *word, size_t size)
{
    (void)add_to_hash(&story->title_hash, &story->title_words, word, size);
}

static bool has_digit(const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (word[i] >= '0' && word[i] <= '9')
            return true;
    }
    return false;
}

void lede_story_add_body_word(struct lede_story *story, const char *word, size_t size)
{
    uint64_t hash = add_to_hash(&story->body_hash, &story->body_words, word, size);
    for (size_t i = 1; i < LEDE_STORY_SHINGLE_WORDS; i++)
        story->recent[i - 1] = story->recent[i];
    story->recent[LEDE_STORY_SHINGLE_WORDS - 1] = hash;
    if (has_digit(word, size))
        update_minimum(story->figures, LEDE_STORY_FIGURE_BINS, hash);
    if (story->body_words < LEDE_STORY_SHINGLE_WORDS)
        return;
    uint64_t shingle = 0;
    for (size_t i = 0; i < LEDE_STORY_SHINGLE_WORDS; i++)
        shingle = shingle * SHINGLE_FACTOR + story->recent[i];
    update_minimum(story->minima, LEDE_STORY_BINS, mix(shingle));
}

/* Fill the empty bins; at least one is full. */
static void fill_empty_bins(uint64_t *bins, const uint64_t *minima, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t from = i;
        uint64_t mixed = mix(i);
        for (uint64_t attempt = 0; minima[from] == NO_MINIMUM && attempt < DENSIFY_TRIES_MAX;
             attempt++)
            from = (size_t)mix_with(mixed, attempt) & (count - 1);
        bins[i] = mix_pair(minima[from], i);
    }
}

static void pack(const uint64_t *bins, size_t count, uint64_t *ret_words)
{
    memset(ret_words, 0, count / MINIMA_PER_WORD * sizeof(*ret_words));
    for (size_t i = 0; i < count; i++)
        ret_words[i / MINIMA_PER_WORD] |= (bins[i] & 0xF) << (i % MINIMA_PER_WORD * MINIMUM_BITS);
}

/* Different figures, from how many bins they fill: n balls leave a bin empty with (1 -
 * 1/bins)^n. */
static uint8_t count_figures(const uint64_t *figures)
{
    double empty = 1;
    size_t filled = 0;
    uint8_t count = 0;
    for (size_t i = 0; i < LEDE_STORY_FIGURE_BINS; i++)
        filled += figures[i] != NO_MINIMUM;
    while (count < UINT8_MAX && LEDE_STORY_FIGURE_BINS * (1 - empty) + 0.5 < (double)filled) {
        empty *= 1 - 1.0 / LEDE_STORY_FIGURE_BINS;
        count++;
    }
    return count;
}

/* A short text as a set of one: itself. */
static void sketch_whole_text(const struct lede_story *story, struct lede_story *ret_whole)
{
    lede_story_init(ret_whole);
    bool alone = story->body_words >= LEDE_STORY_BODY_WORDS_MIN;
    update_minimum(ret_whole->minima, LEDE_STORY_BINS,
        alone ? story->body_hash : mix_pair(story->title_hash, story->body_hash));
}

bool lede_story_sketch(const struct lede_story *story, struct lede_story_sketch *ret_sketch)
{
    struct lede_story whole;
    struct lede_story_sketch sketch = {
        .minima.words =
            (uint16_t)(story->body_words < UINT16_MAX ? story->body_words : UINT16_MAX)};
    if (story->title_words == 0 && story->body_words == 0)
        return false;
    if (story->body_words < LEDE_STORY_WORDS_MIN) {
        sketch_whole_text(story, &whole);
        story = &whole;
    }
    uint64_t bins[LEDE_STORY_BINS];
    fill_empty_bins(bins, story->minima, LEDE_STORY_BINS);
    pack(bins, LEDE_STORY_BINS, sketch.minima.shingles);
    for (size_t i = 0; i < LEDE_STORY_BANDS; i++)
        sketch.bands[i] =
            (uint32_t)(mix_pair(bins[2 * i], bins[2 * i + 1]) >> (64 - LEDE_STORY_BAND_BITS));
    sketch.minima.figure_count = count_figures(story->figures);
    if (sketch.minima.figure_count > 0) {
        fill_empty_bins(bins, story->figures, LEDE_STORY_FIGURE_BINS);
        pack(bins, LEDE_STORY_FIGURE_BINS, &sketch.minima.figures);
    }
    *ret_sketch = sketch;
    return true;
}

/* Fours of bits that are equal. */
static unsigned count_equal(uint64_t a, uint64_t b)
{
    uint64_t differs = a ^ b;
    differs |= differs >> 2;
    differs |= differs >> 1;
    return (unsigned)MINIMA_PER_WORD -
           (unsigned)__builtin_popcountll(differs & UINT64_C(0x1111111111111111));
}

/* Different minima agree in all their bits once in 2^bits. Source: Li, König, 2010, for sets that
 * are small against all shingles. */
static double estimate_resemblance(unsigned equal, unsigned count)
{
    const double by_chance = 1.0 / (1 << MINIMUM_BITS);
    double estimate = ((double)equal / count - by_chance) / (1 - by_chance);
    return estimate > 0 ? estimate : 0;
}

double lede_story_resemblance(const struct lede_story_minima *a, const struct lede_story_minima *b)
{
    unsigned equal = 0;
    for (size_t i = 0; i < LEDE_COUNT_OF(a->shingles); i++)
        equal += count_equal(a->shingles[i], b->shingles[i]);
    return estimate_resemblance(equal, LEDE_STORY_BINS);
}

double lede_story_figures_resemblance(
    const struct lede_story_minima *a, const struct lede_story_minima *b)
{
    return estimate_resemblance(count_equal(a->figures, b->figures), LEDE_STORY_FIGURE_BINS);
}

static double resemblance_wanted(
    const struct lede_story_minima *a, const struct lede_story_minima *b)
{
    const double range = LEDE_STORY_WORDS_LONG - LEDE_STORY_WORDS_MIN;
    uint16_t words = a->words < b->words ? a->words : b->words;
    double missing = words < LEDE_STORY_WORDS_LONG ? (LEDE_STORY_WORDS_LONG - words) / range : 0;
    return LEDE_STORY_RESEMBLANCE_MIN +
           (missing < 1 ? missing : 1) *
               (LEDE_STORY_SHORT_RESEMBLANCE_MIN - LEDE_STORY_RESEMBLANCE_MIN);
}

/* Of the figures of a text a cut copy can only share as large a part as is left of it. */
static bool figures_agree(const struct lede_story_minima *a, const struct lede_story_minima *b)
{
    double fewer = a->words < b->words ? a->words : b->words;
    double more = a->words < b->words ? b->words : a->words;
    return a->figure_count < LEDE_STORY_FIGURES_MIN || b->figure_count < LEDE_STORY_FIGURES_MIN ||
           lede_story_figures_resemblance(a, b) >=
               LEDE_STORY_FIGURES_RESEMBLANCE_MIN * fewer / more;
}

bool lede_story_is_same(
    const struct lede_story_minima *a, const struct lede_story_minima *b, double *ret_resemblance)
{
    double resemblance = lede_story_resemblance(a, b);
    if (ret_resemblance)
        *ret_resemblance = resemblance;
    return resemblance >= resemblance_wanted(a, b) && figures_agree(a, b);
}

static unsigned char *put_bytes(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *to++ = (unsigned char)(value >> (8 * i));
    return to;
}

static uint64_t take_bytes(const unsigned char **from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t) * (*from)++ << (8 * i);
    return value;
}

void lede_story_encode(
    const struct lede_story_sketch *sketch, unsigned char ret_bytes[LEDE_STORY_SKETCH_BYTES])
{
    unsigned char *to = put_bytes(ret_bytes, SKETCH_VERSION, 1);
    for (size_t i = 0; i < LEDE_COUNT_OF(sketch->minima.shingles); i++)
        to = put_bytes(to, sketch->minima.shingles[i], 8);
    to = put_bytes(to, sketch->minima.figures, 8);
    to = put_bytes(to, sketch->minima.figure_count, 1);
    to = put_bytes(to, sketch->minima.words, 2);
    for (size_t i = 0; i < LEDE_STORY_BANDS; i++)
        to = put_bytes(to, sketch->bands[i], BAND_BYTES);
}

bool lede_story_decode(
    const unsigned char *bytes, size_t size, struct lede_story_sketch *ret_sketch)
{
    struct lede_story_sketch sketch = {0};
    if (size != LEDE_STORY_SKETCH_BYTES || bytes[0] != SKETCH_VERSION)
        return false;
    const unsigned char *from = bytes + 1;
    for (size_t i = 0; i < LEDE_COUNT_OF(sketch.minima.shingles); i++)
        sketch.minima.shingles[i] = take_bytes(&from, 8);
    sketch.minima.figures = take_bytes(&from, 8);
    sketch.minima.figure_count = (uint8_t)take_bytes(&from, 1);
    sketch.minima.words = (uint16_t)take_bytes(&from, 2);
    for (size_t i = 0; i < LEDE_STORY_BANDS; i++)
        sketch.bands[i] = (uint32_t)take_bytes(&from, BAND_BYTES);
    *ret_sketch = sketch;
    return true;
}
