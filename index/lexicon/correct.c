/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates for a misspelt word. The letters of each word of like length are compared first, two
 * machine words each; of what is near by its letters the least that the misspelling costs, then the
 * misspelling itself, nearest letters first, so that the bound is soon tight. */
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
#define ROUNDING 1e-6     /* of costs that were divided by their unit */

/* Letters that may be missing, and that may be too many, by the length of the word written. */
static size_t letter_differences_max(size_t length)
{
    return length <= 6 ? 2 : 3;
}

/* A candidate that waits for nearer ones. */
struct deferred {
    uint32_t candidate;
    uint8_t difference;
};

struct search {
    const struct lede_lexicon *lexicon;
    struct misspelling misspelling;
    size_t length;                   /* of what was written */
    uint64_t letters;                /* of the same */
    struct lede_lexicon_word *words; /* best first */
    size_t count;
    size_t limit;
    int cost_max; /* of the misspelling */
    const struct lede_lexicon_need *need;
    int need_cost;
    bool is_met;
    size_t deferred_count;
    struct deferred deferred[DEFERRED_MAX];
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

static int cost_of(const struct search *search, uint32_t number, int limit)
{
    uint32_t meant[LEDE_LEXICON_CHARS_MAX];
    struct lede_lexicon_word word = lexicon_word(search->lexicon, number);
    size_t size = lexicon_characters(word.word, word.size, meant);
    return misspelling_cost(&search->misspelling, meant, size, limit);
}

static void score_candidate(struct search *search, uint32_t candidate)
{
    uint32_t number = search->lexicon->candidates[candidate];
    int least = misspelling_cost_least(
        &search->misspelling, search->lexicon->letters[candidate], search->letters);
    if (least > search->cost_max)
        return;
    double discount = frequency_discount(search->lexicon->documents[number]);
    int limit = cost_limit(search, discount);
    if (least > limit)
        return;
    int cost = cost_of(search, number, limit);
    if (cost > limit || cost == 0)
        return;
    struct lede_lexicon_word word = lexicon_word(search->lexicon, number);
    word.misspelling_cost = cost / MISSPELLING_COST_UNIT;
    word.cost = word.misspelling_cost - discount;
    insert_answer(search, word);
}

/* ---- By letters ---- */

#define BLOCK 256 /* candidates compared at once */
#define BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Of the bits of a word, in steps that compilers do to several words at once. */
static inline uint64_t count_bits(uint64_t bits)
{
    bits -= bits >> 1 & BYTES(0x55);
    bits = (bits & BYTES(0x33)) + (bits >> 2 & BYTES(0x33));
    bits = (bits + (bits >> 4)) & BYTES(0x0F);
    bits += bits >> 8;
    bits += bits >> 16;
    return (bits + (bits >> 32)) & 0x7F;
}

/* By how many letters each differs, in the direction in which it differs more. */
LEDE_FOR_EACH_PROCESSOR
static void count_differences(
    const uint64_t *letters, size_t count, uint64_t other, uint8_t *ret_differences)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t missing = count_bits(letters[i] & ~other);
        uint64_t added = count_bits(other & ~letters[i]);
        ret_differences[i] = (uint8_t)(missing > added ? missing : added);
    }
}

/* Call `look` with each candidate that is near enough by its letters, until it returns false. */
static void visit_near(struct search *search,
    bool (*look)(struct search *search, uint32_t candidate, uint8_t difference))
{
    const struct lede_lexicon *lexicon = search->lexicon;
    size_t most = letter_differences_max(search->length);
    size_t shortest = search->length > most ? search->length - most : 0;
    size_t longest = search->length + most < LEDE_LEXICON_CHARS_MAX ? search->length + most
                                                                    : LEDE_LEXICON_CHARS_MAX;
    uint32_t end = lexicon->length_starts[longest + 1];
    for (uint32_t block = lexicon->length_starts[shortest]; block < end; block += BLOCK) {
        uint8_t differences[BLOCK];
        size_t count = end - block < BLOCK ? end - block : BLOCK;
        memset(differences, LEXICON_SLOTS * 2, sizeof(differences));
        count_differences(lexicon->letters + block, count, search->letters, differences);
        for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
            uint64_t eight;
            memcpy(&eight, differences + i, sizeof(eight));
            if (((BYTES(0x80 + most) - eight) & BYTES(0x80)) == 0)
                continue; /* all differ by more */
            for (size_t k = i; k < i + sizeof(eight); k++) {
                if (differences[k] <= most && !look(search, block + (uint32_t)k, differences[k]))
                    return;
            }
        }
    }
}

/* Words that differ by one letter are compared at once, the others behind them, as far as the list
 * of those has room. */
static bool score_or_defer(struct search *search, uint32_t candidate, uint8_t difference)
{
    if (difference <= 1 || search->deferred_count == DEFERRED_MAX)
        score_candidate(search, candidate);
    else
        search->deferred[search->deferred_count++] = (struct deferred){candidate, difference};
    return true;
}

static void score_candidates(struct search *search)
{
    visit_near(search, score_or_defer);
    for (size_t step = 2; step <= letter_differences_max(search->length); step++) {
        for (size_t i = 0; i < search->deferred_count; i++) {
            if (search->deferred[i].difference == step)
                score_candidate(search, search->deferred[i].candidate);
        }
    }
}

static bool look_for_need(struct search *search, uint32_t candidate, uint8_t difference)
{
    const struct lede_lexicon *lexicon = search->lexicon;
    uint32_t number = lexicon->candidates[candidate];
    int limit = search->need_cost;
    (void)difference;
    if (lexicon->documents[number] < search->need->documents_min ||
        misspelling_cost_least(&search->misspelling, lexicon->letters[candidate], search->letters) >
            limit)
        return true;
    int cost = cost_of(search, number, limit);
    search->is_met = cost <= limit && cost > 0;
    return !search->is_met;
}

static enum lede_status find_words(struct search *search, const uint32_t *characters,
    const struct lede_lexicon_need *need, struct lede_error *reterr)
{
    search->letters = lexicon_letters(characters, search->length);
    search->cost_max = MISSPELLING_COST_BASE + MISSPELLING_COST_PER_CHARACTER * (int)search->length;
    enum lede_status st =
        misspelling_init(&search->misspelling, characters, search->length, reterr);
    if (st != LEDE_OK)
        return st;
    search->need = need;
    search->is_met = !need;
    if (need) {
        double most = floor(need->misspelling_cost_max * MISSPELLING_COST_UNIT + ROUNDING);
        search->need_cost = most < search->cost_max ? (int)most : search->cost_max;
        visit_near(search, look_for_need);
    }
    if (search->is_met)
        score_candidates(search);
    misspelling_done(&search->misspelling);
    return LEDE_OK;
}

/* ---- What was asked before ---- */

struct remembered_key {
    double misspelling_cost_max;
    uint32_t documents_min;
    uint32_t limit;
    char word[LEDE_LEXICON_CHARS_MAX * 4]; /* four bytes of UTF-8 at most */
};

struct remembered {
    struct lede_cached cached; /* first */
    struct remembered_key key;
    size_t count;
    struct lede_lexicon_word words[]; /* of the lexicon */
};

static void free_remembered(struct lede_cached *cached)
{
    free(cached);
}

static bool recall(const struct lede_lexicon *lexicon, const struct remembered_key *key,
    size_t key_size, struct lede_lexicon_word *ret_words, size_t *ret_count)
{
    struct lede_cached *cached = lede_cache_find(lexicon->corrections, key, key_size);
    const struct remembered *remembered = (const struct remembered *)cached;
    if (!remembered)
        return false;
    memcpy(ret_words, remembered->words, remembered->count * sizeof(*ret_words));
    *ret_count = remembered->count;
    lede_cache_release(lexicon->corrections, cached);
    return true;
}

/* Without memory it is found anew the next time. */
static void remember(const struct lede_lexicon *lexicon, const struct remembered_key *key,
    size_t key_size, const struct lede_lexicon_word *words, size_t count)
{
    size_t bytes = sizeof(struct remembered) + count * sizeof(*words);
    struct remembered *remembered = calloc(1, bytes);
    if (!remembered)
        return;
    memcpy(remembered->words, words, count * sizeof(*words));
    memcpy(&remembered->key, key, key_size);
    remembered->count = count;
    remembered->cached = (struct lede_cached){
        .key = &remembered->key, .key_size = key_size, .bytes = bytes, .free = free_remembered};
    lede_cache_add(lexicon->corrections, &remembered->cached);
    lede_cache_release(lexicon->corrections, &remembered->cached);
}

enum lede_status lede_lexicon_correct(const struct lede_lexicon *lexicon, const char *word,
    size_t size, const struct lede_lexicon_need *need, size_t limit,
    struct lede_lexicon_word *ret_words, size_t *ret_count, struct lede_error *reterr)
{
    uint32_t characters[LEDE_LEXICON_CHARS_MAX];
    struct remembered_key key = {.misspelling_cost_max = need ? need->misspelling_cost_max : -1,
        .documents_min = need ? need->documents_min : 0,
        .limit = (uint32_t)limit};
    size_t length = lexicon_characters(word, size, characters);
    size_t key_size = offsetof(struct remembered_key, word) + size;
    *ret_count = 0;
    if (length < 2 || limit == 0 || size > sizeof(key.word))
        return LEDE_OK;
    memcpy(key.word, word, size);
    if (recall(lexicon, &key, key_size, ret_words, ret_count))
        return LEDE_OK;
    struct search search;
    search.lexicon = lexicon;
    search.length = length;
    search.words = ret_words;
    search.limit = limit;
    search.count = search.deferred_count = 0;
    enum lede_status st = find_words(&search, characters, need, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_count = search.count;
    remember(lexicon, &key, key_size, ret_words, search.count);
    return LEDE_OK;
}

void lede_lexicon_correction_stats(
    const struct lede_lexicon *lexicon, struct lede_cache_stats *ret_stats)
{
    lede_cache_stats(lexicon->corrections, ret_stats);
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
