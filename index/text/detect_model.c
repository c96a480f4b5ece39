/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text's score in a language is a sum over its n-grams of one to five letters, words marked at
 * both ends, and over its words.
 *
 * An n-gram that is among a language's most frequent adds the logarithm of how much more frequent
 * it is there than where it is not: the files of libexttextcat's authors name each language's 400
 * most frequent in their order, and frequency is taken to fall with rank as 1 / (rank +
 * RANK_OFFSET), to that of MISSING_RANK for all others. A word of detect_words.c adds WORD_GAIN
 * times the logarithm of how few languages have it. The library itself compares ranks by distance,
 * which says little of texts shorter than a paragraph. */
#include "detect_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "chars.h"
#include "detect_words.h"
#include "languages.h"
#include "lede/encoding.h"

#define NGRAM_LETTERS_MAX 5
#define RANKS_MAX 400
#define RANK_OFFSET 100
#define MISSING_RANK 1000
#define WORD_GAIN 5.0
#define WORD_LETTERS_MAX 64 /* longer ones are cut */
/* so many words without one of its list may be a table or a list of names ... */
#define WORDS_WITHOUT_KNOWN_MAX 8
#define DOUBT 4.0        /* ... and the lead counts for so much less */
#define TABLE_SIZE 32768 /* a power of two; some 12,000 entries are in it */
#define KNOWN_BITS 262144
#define GAINS_PER_ENTRY 4

/* The languages told apart, and the files of their n-grams. */
static const struct candidate {
    const char *code;
    const char *file;
    uint8_t alphabet;
} candidates[] = {
    {"en", "en", ALPHABET_LATIN},
    {"de", "de", ALPHABET_LATIN},
    {"fr", "fr", ALPHABET_LATIN},
    {"es", "es", ALPHABET_LATIN},
    {"it", "it", ALPHABET_LATIN},
    {"pt", "pt", ALPHABET_LATIN},
    {"nl", "nl", ALPHABET_LATIN},
    {"sv", "sv", ALPHABET_LATIN},
    {"no", "nb", ALPHABET_LATIN},
    {"no", "nn", ALPHABET_LATIN},
    {"da", "da", ALPHABET_LATIN},
    {"fi", "fi", ALPHABET_LATIN},
    {"tr", "tr", ALPHABET_LATIN},
    {"hu", "hu", ALPHABET_LATIN},
    {"ro", "ro", ALPHABET_LATIN},
    {"ca", "ca", ALPHABET_LATIN},
    {"eu", "eu", ALPHABET_LATIN},
    {"ga", "ga", ALPHABET_LATIN},
    {"id", "id", ALPHABET_LATIN},
    {"lt", "lt", ALPHABET_LATIN},
    {"sr", "sr-Latn", ALPHABET_LATIN},
    {"pl", "pl", ALPHABET_LATIN},
    {"cs", "cs", ALPHABET_LATIN},
    {"vi", "vi", ALPHABET_LATIN},
    {"hr", "hr", ALPHABET_LATIN},
    {"sk", "sk", ALPHABET_LATIN},
    {"sl", "sl", ALPHABET_LATIN},
    {"et", "et", ALPHABET_LATIN},
    {"lv", "lv", ALPHABET_LATIN},
    {"sq", "sq", ALPHABET_LATIN},
    {"bs", "bs", ALPHABET_LATIN},
    {"is", "is", ALPHABET_LATIN},
    {"gl", "gl", ALPHABET_LATIN},
    {"af", "af", ALPHABET_LATIN},
    {"az", "az", ALPHABET_LATIN},
    {"ms", "ms", ALPHABET_LATIN},
    {"sw", "sw", ALPHABET_LATIN},
    {"ru", "ru", ALPHABET_CYRILLIC},
    {"uk", "uk", ALPHABET_CYRILLIC},
    {"bg", "bg", ALPHABET_CYRILLIC},
    {"sr", "sr-Cyrl", ALPHABET_CYRILLIC},
    {"mk", "mk", ALPHABET_CYRILLIC},
    {"be", "be", ALPHABET_CYRILLIC},
    {"kk", "kk", ALPHABET_CYRILLIC},
    {"ar", "ar", ALPHABET_ARABIC},
    {"fa", "fa", ALPHABET_ARABIC},
    {"ur", "ur", ALPHABET_ARABIC},
    {"he", "he", ALPHABET_HEBREW},
    {"yi", "yi", ALPHABET_HEBREW},
    {"hi", "hi", ALPHABET_DEVANAGARI},
    {"ne", "ne", ALPHABET_DEVANAGARI},
};
#define CANDIDATES LEDE_COUNT_OF(candidates)

struct gain {
    float value;
    uint8_t candidate;
};

/* What one n-gram or word says while the model is made. One of more than GAINS_PER_ENTRY languages
 * goes on in the next place. */
struct entry {
    uint64_t hash; /* 0: empty */
    uint32_t count;
    struct gain gains[GAINS_PER_ENTRY];
};

/* Where the gains of an n-gram or word are. */
struct place {
    uint64_t hash; /* 0: empty */
    uint32_t first;
    uint32_t count;
};

struct detect_model {
    lede_language languages[CANDIDATES];
    /* Most of a text's n-grams are in no list: a bit for each that is tells it from memory that
     * stays near. */
    uint64_t known[KNOWN_BITS / 64];
    struct place table[TABLE_SIZE];
    struct gain *gains;
    /* The n-grams that a text has, and how often: the most frequent ones are those of most
     * languages. */
    uint16_t counts[TABLE_SIZE];
    uint16_t met[TABLE_SIZE]; /* places whose count is not 0 */
    size_t met_count;
};

/* ---- The table ---- */

/* Of an n-gram, a letter after the other: so each has its beginnings' hashes for nothing. */
static uint64_t hash_begin(bool is_word)
{
    return is_word ? UINT64_C(0x5851F42D4C957F2D) : UINT64_C(0x2545F4914F6CDD1D);
}

static uint64_t hash_step(uint64_t hash, int32_t code)
{
    hash = (hash ^ (uint32_t)code) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

/* Never 0. */
static uint64_t hash_end(uint64_t hash)
{
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    hash ^= hash >> 32;
    return hash ? hash : 1;
}

static uint64_t hash_codes(const int32_t *codes, size_t count, bool is_word)
{
    uint64_t hash = hash_begin(is_word);
    for (size_t i = 0; i < count; i++)
        hash = hash_step(hash, codes[i]);
    return hash_end(hash);
}

static void add_gain(struct entry *table, uint64_t hash, size_t candidate, double value)
{
    size_t at = hash % TABLE_SIZE, tried = 0;
    struct entry *entry = &table[at];
    for (; entry->hash != 0 && tried < TABLE_SIZE; tried++) {
        for (size_t i = 0; entry->hash == hash && i < entry->count; i++)
            if (entry->gains[i].candidate == candidate)
                return; /* in capitals and in lower case: the more frequent came first */
        if (entry->hash == hash && entry->count < GAINS_PER_ENTRY)
            break;
        at = (at + 1) % TABLE_SIZE;
        entry = &table[at];
    }
    if (tried == TABLE_SIZE)
        return;
    entry->hash = hash;
    entry->gains[entry->count++] = (struct gain){(float)value, (uint8_t)candidate};
}

static size_t known_bit(uint64_t hash)
{
    return (size_t)(hash >> 40) % KNOWN_BITS;
}

/* The place of a hash, or the empty one where it would be. */
static size_t find_place(const struct detect_model *model, uint64_t hash)
{
    size_t at = hash % TABLE_SIZE;
    while (model->table[at].hash != 0 && model->table[at].hash != hash)
        at = (at + 1) % TABLE_SIZE;
    return at;
}

/* Bring the gains of each hash together. Returns false without memory. */
static bool gather(struct detect_model *model, const struct entry *table)
{
    size_t used = 0;
    model->gains = calloc((size_t)TABLE_SIZE * GAINS_PER_ENTRY, sizeof(*model->gains));
    for (size_t i = 0; model->gains && i < TABLE_SIZE; i++) {
        uint64_t hash = table[i].hash;
        struct place *place = &model->table[find_place(model, hash)];
        if (hash == 0 || place->hash != 0)
            continue;
        *place = (struct place){.hash = hash, .first = (uint32_t)used};
        model->known[known_bit(hash) / 64] |= UINT64_C(1) << known_bit(hash) % 64;
        for (size_t at = hash % TABLE_SIZE; table[at].hash != 0; at = (at + 1) % TABLE_SIZE)
            for (size_t k = 0; table[at].hash == hash && k < table[at].count; k++)
                model->gains[used++] = table[at].gains[k];
        place->count = (uint32_t)(used - place->first);
    }
    return model->gains != NULL;
}

/* What is known of a hash; NULL: nothing. */
static const struct place *find_known(const struct detect_model *model, uint64_t hash)
{
    size_t bit = known_bit(hash);
    if (!(model->known[bit / 64] >> bit % 64 & 1))
        return NULL;
    const struct place *place = &model->table[find_place(model, hash)];
    return place->count > 0 ? place : NULL;
}

static void add_scores(const struct detect_model *model, const struct place *place, double factor,
    double scores[CANDIDATES])
{
    const struct gain *gains = model->gains + place->first;
    for (size_t i = 0; i < place->count; i++)
        scores[gains[i].candidate] += factor * (double)gains[i].value;
}

/* ---- Making it ---- */

/* Decode in lower case. Returns the number of code points, at most `room`. */
static size_t decode(const char *text, size_t size, int32_t *codes, size_t room)
{
    size_t count = 0;
    unsigned length = 0;
    for (size_t offset = 0; offset < size && count < room; offset += length) {
        int32_t code = lede_utf8_decode(text, size, offset, &length);
        codes[count++] = code >= 0 ? utf8proc_tolower(code) : 0;
    }
    return count;
}

static void read_ngrams(struct entry *table, size_t candidate)
{
    char path[256], line[128];
    int length =
        snprintf(path, sizeof(path), "%s/%s.lm", LEDE_FINGERPRINTS_DIR, candidates[candidate].file);
    FILE *file = length > 0 && (size_t)length < sizeof(path) ? fopen(path, "re") : NULL;
    for (unsigned rank = 0; file && rank < RANKS_MAX && fgets(line, sizeof(line), file); rank++) {
        int32_t codes[NGRAM_LETTERS_MAX + 1];
        size_t count = decode(line, strcspn(line, "\t\r\n "), codes, LEDE_COUNT_OF(codes));
        if (count > 0 && count <= NGRAM_LETTERS_MAX && !(count == 1 && codes[0] == '_'))
            add_gain(table, hash_codes(codes, count, false), candidate,
                log((double)(MISSING_RANK + RANK_OFFSET) / (rank + RANK_OFFSET)));
    }
    if (file)
        fclose(file);
}

static void take_words(struct entry *table, const struct detect_words *list)
{
    for (const char *at = list->words; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        int32_t codes[WORD_LETTERS_MAX];
        uint64_t hash = hash_codes(codes, decode(at, size, codes, WORD_LETTERS_MAX), true);
        for (size_t i = 0; i < CANDIDATES; i++)
            if (strcmp(candidates[i].code, list->code) == 0)
                add_gain(table, hash, i, 1);
        at += size;
    }
}

enum lede_status detect_model_new(struct detect_model **ret_model)
{
    struct detect_model *model = calloc(1, sizeof(*model));
    LEDE_CLEANUP(lede_freep) struct entry *table = calloc(TABLE_SIZE, sizeof(*table));
    if (!model || !table) {
        free(model);
        return LEDE_ENOMEM;
    }
    for (size_t i = 0; i < CANDIDATES; i++) {
        model->languages[i] = lede_language_find(candidates[i].code, strlen(candidates[i].code));
        read_ngrams(table, i);
    }
    for (size_t i = 0; i < detect_words_count; i++)
        take_words(table, &detect_words[i]);
    if (!gather(model, table)) {
        free(model);
        return LEDE_ENOMEM;
    }
    *ret_model = model;
    return LEDE_OK;
}

void detect_model_free(struct detect_model *model)
{
    if (model)
        free(model->gains);
    free(model);
}

/* ---- Scoring ---- */

/* A text in one alphabet. */
struct language_scores {
    struct detect_model *model;
    enum alphabet alphabet;
    size_t candidates; /* of the alphabet */
    size_t words;
    double known[CANDIDATES]; /* words of its list */
    double scores[CANDIDATES];
};

/* Its languages, and what it says the more the fewer they are. */
static void score_whole_word(struct language_scores *scores, uint64_t hash)
{
    const struct place *place = find_known(scores->model, hash);
    size_t language_count = 0;
    if (!place)
        return;
    add_scores(scores->model, place, 1, scores->known);
    for (size_t i = 0; i < place->count; i++) {
        size_t candidate = scores->model->gains[place->first + i].candidate;
        language_count += candidates[candidate].alphabet == scores->alphabet;
    }
    if (language_count > 0)
        add_scores(scores->model, place,
            WORD_GAIN * log(1 + (double)scores->candidates / (double)language_count),
            scores->scores);
}

static void count_ngram(struct detect_model *model, uint64_t hash)
{
    const struct place *place = find_known(model, hash);
    if (!place)
        return;
    size_t at = (size_t)(place - model->table);
    if (model->counts[at]++ == 0)
        model->met[model->met_count++] = (uint16_t)at;
}

/* As many times as it was met: the sum of so few and short numbers is exact, whichever their
 * order. */
static void score_ngrams(struct language_scores *scores)
{
    struct detect_model *model = scores->model;
    for (size_t i = 0; i < model->met_count; i++) {
        size_t at = model->met[i];
        add_scores(model, &model->table[at], model->counts[at], scores->scores);
        model->counts[at] = 0;
    }
    model->met_count = 0;
}

/* One word, `codes` with room for the marks at both ends: codes[0] and codes[count + 1]. */
static void score_word(struct language_scores *scores, int32_t *codes, size_t count)
{
    score_whole_word(scores, hash_codes(codes + 1, count, true));
    scores->words++;
    codes[0] = codes[count + 1] = '_';
    for (size_t first = 0; first < count + 2; first++) {
        uint64_t hash = hash_begin(false);
        for (size_t size = 1; size <= NGRAM_LETTERS_MAX && first + size <= count + 2; size++) {
            hash = hash_step(hash, codes[first + size - 1]);
            if (size > 1 || codes[first] != '_')
                count_ngram(scores->model, hash_end(hash));
        }
    }
}

static void score_text(struct language_scores *scores, const char *text, size_t size)
{
    int32_t codes[WORD_LETTERS_MAX + 2];
    size_t count = 0;
    for (size_t offset = 0; offset <= size;) {
        struct text_char c = char_at(text, size, offset);
        bool is_letter = c.kind == CHAR_LETTER || c.kind == CHAR_MARK;
        if (is_letter && count < WORD_LETTERS_MAX)
            codes[++count] = utf8proc_tolower(c.code);
        if (!is_letter && count > 0) {
            score_word(scores, codes, count);
            count = 0;
        }
        if (c.kind == CHAR_END)
            return;
        offset += c.size;
    }
}

static bool share_stemmer(lede_language a, lede_language b)
{
    const char *one = language_get(a)->stemmer, *other = language_get(b)->stemmer;
    return a == b || (one && other && strcmp(one, other) == 0);
}

lede_language detect_model_best(struct detect_model *model, enum alphabet alphabet,
    const char *text, size_t size, double *ret_lead)
{
    struct language_scores scores = {.model = model, .alphabet = alphabet};
    size_t best = CANDIDATES;
    double second = 0;
    for (size_t i = 0; i < CANDIDATES; i++)
        scores.candidates += candidates[i].alphabet == alphabet;
    score_text(&scores, text, size);
    score_ngrams(&scores);
    for (size_t i = 0; i < CANDIDATES; i++)
        if (candidates[i].alphabet == alphabet &&
            (best == CANDIDATES || scores.scores[i] > scores.scores[best]))
            best = i;
    if (best == CANDIDATES)
        return LEDE_LANGUAGE_UND;
    for (size_t i = 0; i < CANDIDATES; i++)
        if (candidates[i].alphabet == alphabet &&
            !share_stemmer(model->languages[i], model->languages[best]) &&
            scores.scores[i] > second)
            second = scores.scores[i];
    *ret_lead = scores.scores[best] - second;
    if (scores.words >= WORDS_WITHOUT_KNOWN_MAX && scores.known[best] < 1)
        *ret_lead /= DOUBT;
    return model->languages[best];
}
