/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates for a misspelt word. The letters of each word of like length are compared first, two
 * machine words each; what is near by its letters is compared by the misspelling, nearest letters
 * first, so that the bound is soon tight. */
#include "misspelling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What frequency counts against the misspelling: below 1, since a rare word that fits is meant more
 * often than its share says. */
#define FREQUENCY_SHARE 0.7
#define SINGLE_DISCOUNT 0.8
/* A misspelling dearer than this explains nothing: a base and so much for each character. */
#define MISSPELLING_COST_BASE 800
#define MISSPELLING_COST_PER_CHARACTER 120

#define DEFERRED_MAX 8192 /* candidates that wait for nearer ones */

/* Letters that may be missing, and that may be too many, by the length of the word written. */
static size_t letter_differences_max(size_t length)
{
    return length <= 6 ? 2 : 3;
}

struct search {
    const struct lede_lexicon *lexicon;
    struct misspelling misspelling;
    struct lede_lexicon_word *words; /* best first */
    size_t count;
    size_t limit;
    int cost_max; /* of the misspelling */
};

static double frequency_discount(uint32_t documents)
{
    return FREQUENCY_SHARE * log((double)documents - SINGLE_DISCOUNT);
}

static void insert_answer(struct search *search, struct lede_lexicon_word word)
{
    if (search->count == search->limit && word.cost >= search->words[search->count - 1].cost)
        return;
    size_t place = search->count < search->limit ? search->count++ : search->count - 1;
    for (; place > 0 && search->words[place - 1].cost > word.cost; place--)
        search->words[place] = search->words[place - 1];
    search->words[place] = word;
}

/* The dearest misspelling with which a word so frequent would still be taken. */
static int cost_limit(const struct search *search, double discount)
{
    if (search->count < search->limit)
        return search->cost_max;
    double left = (search->words[search->count - 1].cost + discount) * MISSPELLING_COST_UNIT;
    return left < search->cost_max ? (int)left : search->cost_max;
}

static void score_candidate(struct search *search, uint32_t number)
{
    uint32_t meant[LEDE_LEXICON_CHARS_MAX];
    struct lede_lexicon_word word = lexicon_word(search->lexicon, number);
    double discount = frequency_discount(word.documents);
    int limit = cost_limit(search, discount);
    if (limit < 0)
        return;
    size_t size = lexicon_characters(word.word, word.size, meant);
    int cost = misspelling_cost(&search->misspelling, meant, size, limit);
    if (cost > limit || cost == 0)
        return;
    word.misspelling_cost = cost / MISSPELLING_COST_UNIT;
    word.cost = word.misspelling_cost - discount;
    insert_answer(search, word);
}

/* Whether more than `count` bits are set. */
static bool has_more_bits(uint64_t bits, size_t count)
{
    for (; bits != 0 && count > 0; count--)
        bits &= bits - 1;
    return bits != 0;
}

/* By how many letters the words differ, in the direction in which they differ more, is at most
 * `differences`. */
static bool is_within(uint64_t a, uint64_t b, size_t differences)
{
    return !has_more_bits(a & ~b, differences) && !has_more_bits(b & ~a, differences);
}

/* Words that differ by one letter are compared at once, the others behind them, as far as the list
 * of those has room. */
static void score_candidates(struct search *search, const uint32_t *characters, size_t length)
{
    const struct lede_lexicon *lexicon = search->lexicon;
    uint64_t letters = lexicon_letters(characters, length);
    size_t differences = letter_differences_max(length);
    size_t shortest = length > differences ? length - differences : 0;
    size_t longest = length + differences < LEDE_LEXICON_CHARS_MAX ? length + differences
                                                                   : LEDE_LEXICON_CHARS_MAX;
    uint32_t end = lexicon->length_starts[longest + 1];
    uint32_t deferred[DEFERRED_MAX];
    size_t deferred_count = 0;
    for (uint32_t i = lexicon->length_starts[shortest]; i < end; i++) {
        if (!is_within(lexicon->letters[i], letters, differences))
            continue;
        if (deferred_count == DEFERRED_MAX || is_within(lexicon->letters[i], letters, 1))
            score_candidate(search, lexicon->candidates[i]);
        else
            deferred[deferred_count++] = i;
    }
    for (size_t step = 2; step <= differences; step++) {
        for (size_t i = 0; i < deferred_count; i++) {
            uint64_t other = lexicon->letters[deferred[i]];
            if (is_within(other, letters, step) && !is_within(other, letters, step - 1))
                score_candidate(search, lexicon->candidates[deferred[i]]);
        }
    }
}

enum lede_status lede_lexicon_correct(const struct lede_lexicon *lexicon, const char *word,
    size_t size, size_t limit, struct lede_lexicon_word *ret_words, size_t *ret_count,
    struct lede_error *reterr)
{
    uint32_t characters[LEDE_LEXICON_CHARS_MAX];
    size_t length = lexicon_characters(word, size, characters);
    *ret_count = 0;
    if (length < 2 || limit == 0)
        return LEDE_OK;
    struct search search = {.lexicon = lexicon,
        .words = ret_words,
        .limit = limit,
        .cost_max = MISSPELLING_COST_BASE + MISSPELLING_COST_PER_CHARACTER * (int)length};
    enum lede_status st = misspelling_init(&search.misspelling, characters, length, reterr);
    if (st != LEDE_OK)
        return st;
    score_candidates(&search, characters, length);
    misspelling_done(&search.misspelling);
    *ret_count = search.count;
    return LEDE_OK;
}

double lede_lexicon_misspelling_cost(
    const char *meant, size_t meant_size, const char *written, size_t written_size)
{
    uint32_t characters[LEDE_LEXICON_CHARS_MAX];
    struct misspelling misspelling;
    double cost = MISSPELLING_IMPOSSIBLE;
    size_t length = lexicon_characters(written, written_size, characters);
    if (length == 0 || misspelling_init(&misspelling, characters, length, NULL) != LEDE_OK)
        return cost;
    length = lexicon_characters(meant, meant_size, characters);
    if (length > 0)
        cost = misspelling_cost(&misspelling, characters, length, MISSPELLING_IMPOSSIBLE) /
               MISSPELLING_COST_UNIT;
    misspelling_done(&misspelling);
    return cost;
}
