/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates for a misspelt word. The letters of each word of like length are compared first, two
 * machine words each; what is near by its letters is compared by the slip, nearest letters first,
 * so that the bound is soon tight. */
#include "slip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What frequency counts against the slip: below 1, since a rare word that fits is meant more often
 * than its share says. */
#define FREQUENCY_SHARE 0.7
#define SINGLE_DISCOUNT 0.8
/* A slip dearer than this explains nothing: a base and so much for each character. */
#define SLIP_COST_BASE 800
#define SLIP_COST_PER_CHARACTER 120

#define LATER_MAX 8192 /* candidates that wait for nearer ones */

/* Letters that may be missing, and that may be too many, by the length of the word written. */
static size_t letters_apart_max(size_t length)
{
    return length <= 6 ? 2 : 3;
}

struct search {
    const struct lede_lexicon *lexicon;
    struct slip slip;
    struct lede_lexicon_word *words; /* best first */
    size_t count;
    size_t limit;
    int cost_max; /* of the slip */
};

static double saved_by(uint32_t documents)
{
    return FREQUENCY_SHARE * log((double)documents - SINGLE_DISCOUNT);
}

static void take(struct search *search, struct lede_lexicon_word word)
{
    if (search->count == search->limit && word.cost >= search->words[search->count - 1].cost)
        return;
    size_t place = search->count < search->limit ? search->count++ : search->count - 1;
    for (; place > 0 && search->words[place - 1].cost > word.cost; place--)
        search->words[place] = search->words[place - 1];
    search->words[place] = word;
}

/* The dearest slip with which a word so frequent would still be taken. */
static int limit_for(const struct search *search, double saved)
{
    if (search->count < search->limit)
        return search->cost_max;
    double left = (search->words[search->count - 1].cost + saved) * SLIP_COST_UNIT;
    return left < search->cost_max ? (int)left : search->cost_max;
}

static void consider(struct search *search, uint32_t number)
{
    uint32_t meant[LEDE_LEXICON_CHARS_MAX];
    struct lede_lexicon_word word = lexicon_word(search->lexicon, number);
    double saved = saved_by(word.documents);
    int limit = limit_for(search, saved);
    if (limit < 0)
        return;
    size_t size = lexicon_characters(word.word, word.size, meant);
    int cost = slip_cost(&search->slip, meant, size, limit);
    if (cost > limit || cost == 0)
        return;
    word.slip_cost = cost / SLIP_COST_UNIT;
    word.cost = word.slip_cost - saved;
    take(search, word);
}

/* Whether more than `count` bits are set. */
static bool has_more_bits(uint64_t bits, size_t count)
{
    for (; bits != 0 && count > 0; count--)
        bits &= bits - 1;
    return bits != 0;
}

/* By how many letters the words differ, in the direction in which they differ more, is at most
 * `apart`. */
static bool is_within(uint64_t a, uint64_t b, size_t apart)
{
    return !has_more_bits(a & ~b, apart) && !has_more_bits(b & ~a, apart);
}

/* Words one letter apart are compared at once, the others behind them, as far as the list of those
 * has room. */
static void consider_all(struct search *search, const uint32_t *characters, size_t length)
{
    const struct lede_lexicon *lexicon = search->lexicon;
    uint64_t letters = lexicon_letters(characters, length);
    size_t apart = letters_apart_max(length);
    size_t shortest = length > apart ? length - apart : 0;
    size_t longest =
        length + apart < LEDE_LEXICON_CHARS_MAX ? length + apart : LEDE_LEXICON_CHARS_MAX;
    uint32_t end = lexicon->length_starts[longest + 1];
    uint32_t later[LATER_MAX];
    size_t later_count = 0;
    for (uint32_t i = lexicon->length_starts[shortest]; i < end; i++) {
        if (!is_within(lexicon->letters[i], letters, apart))
            continue;
        if (later_count == LATER_MAX || is_within(lexicon->letters[i], letters, 1))
            consider(search, lexicon->candidates[i]);
        else
            later[later_count++] = i;
    }
    for (size_t step = 2; step <= apart; step++) {
        for (size_t i = 0; i < later_count; i++) {
            uint64_t other = lexicon->letters[later[i]];
            if (is_within(other, letters, step) && !is_within(other, letters, step - 1))
                consider(search, lexicon->candidates[later[i]]);
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
        .cost_max = SLIP_COST_BASE + SLIP_COST_PER_CHARACTER * (int)length};
    enum lede_status st = slip_init(&search.slip, characters, length, reterr);
    if (st != LEDE_OK)
        return st;
    consider_all(&search, characters, length);
    slip_done(&search.slip);
    *ret_count = search.count;
    return LEDE_OK;
}

double lede_lexicon_slip_cost(
    const char *meant, size_t meant_size, const char *written, size_t written_size)
{
    uint32_t characters[LEDE_LEXICON_CHARS_MAX];
    struct slip slip;
    double cost = SLIP_IMPOSSIBLE;
    size_t length = lexicon_characters(written, written_size, characters);
    if (length == 0 || slip_init(&slip, characters, length, NULL) != LEDE_OK)
        return cost;
    length = lexicon_characters(meant, meant_size, characters);
    if (length > 0)
        cost = slip_cost(&slip, characters, length, SLIP_IMPOSSIBLE) / SLIP_COST_UNIT;
    slip_done(&slip);
    return cost;
}
