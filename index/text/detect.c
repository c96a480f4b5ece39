/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which language is this text? The script decides where it can; the languages that share one are
 * told apart by n-grams of letters and by words (detect_model.c). Without the files of n-grams the
 * words alone decide. */
#include <stdlib.h>
#include <string.h>

#include "chars.h"
#include "detect_model.h"
#include "lede/encoding.h"
#include "lede/text.h"

#define SAMPLE_BYTES_MAX 4096  /* looked at for scripts */
#define NGRAM_BYTES_MAX 2048   /* for n-grams; more changes nothing */
#define LETTERS_MIN 10         /* of an alphabet; fewer say too little */
#define UNSPACED_LETTERS_MIN 4 /* a Han or Hangul letter is a syllable or a word */
/* the best must be e^8 times as likely as the best with another stemmer */
#define LEAD_MIN 8.0

static const struct {
    int32_t first;
    int32_t last;
    uint8_t alphabet;
} alphabet_ranges[] = {
    {0x0041, 0x024F, ALPHABET_LATIN},
    {0x0370, 0x03FF, ALPHABET_GREEK},
    {0x0400, 0x052F, ALPHABET_CYRILLIC},
    {0x0530, 0x058F, ALPHABET_ARMENIAN},
    {0x0590, 0x05FF, ALPHABET_HEBREW},
    {0x0600, 0x06FF, ALPHABET_ARABIC},
    {0x0750, 0x077F, ALPHABET_ARABIC},
    {0x0900, 0x097F, ALPHABET_DEVANAGARI},
    {0x0980, 0x09FF, ALPHABET_BENGALI},
    {0x0B80, 0x0BFF, ALPHABET_TAMIL},
    {0x0E00, 0x0E7F, ALPHABET_THAI},
    {0x0E80, 0x0EFF, ALPHABET_LAO},
    {0x1000, 0x109F, ALPHABET_MYANMAR},
    {0x10A0, 0x10FF, ALPHABET_GEORGIAN},
    {0x1100, 0x11FF, ALPHABET_HANGUL},
    {0x1780, 0x17FF, ALPHABET_KHMER},
    {0x1C90, 0x1CBF, ALPHABET_GEORGIAN},
    {0x1E00, 0x1EFF, ALPHABET_LATIN},
    {0x1F00, 0x1FFF, ALPHABET_GREEK},
    {0x3041, 0x30FF, ALPHABET_KANA},
    {0x3400, 0x9FFF, ALPHABET_HAN},
    {0xAC00, 0xD7FF, ALPHABET_HANGUL},
    {0xF900, 0xFAFF, ALPHABET_HAN},
    {0xFF21, 0xFF5A, ALPHABET_LATIN},
    {0xFF66, 0xFF9D, ALPHABET_KANA},
    {0x20000, 0x3FFFD, ALPHABET_HAN},
};

/* Alphabets that one language of the table has for itself. */
static const char *const only_language[ALPHABET_COUNT] = {
    [ALPHABET_BENGALI] = "bn",
    [ALPHABET_GREEK] = "el",
    [ALPHABET_ARMENIAN] = "hy",
    [ALPHABET_GEORGIAN] = "ka",
    [ALPHABET_TAMIL] = "ta",
    [ALPHABET_THAI] = "th",
    [ALPHABET_LAO] = "lo",
    [ALPHABET_KHMER] = "km",
    [ALPHABET_MYANMAR] = "my",
    [ALPHABET_HANGUL] = "ko",
    [ALPHABET_HAN] = "zh",
    [ALPHABET_KANA] = "ja",
};

struct lede_language_detector {
    struct detect_model *model;
};

struct letter_counts {
    size_t of[ALPHABET_COUNT];
    size_t japanese_forms;
};

enum lede_status lede_language_detector_new(
    struct lede_language_detector **ret_detector, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_language_detector_freep)
    struct lede_language_detector *detector = calloc(1, sizeof(*detector));
    if (!detector || detect_model_new(&detector->model) != LEDE_OK)
        return lede_fail_memory(reterr);
    *ret_detector = LEDE_TAKE(&detector);
    return LEDE_OK;
}

void lede_language_detector_free(struct lede_language_detector *detector)
{
    if (!detector)
        return;
    detect_model_free(detector->model);
    free(detector);
}

void lede_language_detector_freep(struct lede_language_detector **detector)
{
    lede_language_detector_free(*detector);
}

static uint8_t alphabet_of(int32_t code)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(alphabet_ranges) && code >= alphabet_ranges[i].first; i++)
        if (code <= alphabet_ranges[i].last)
            return alphabet_ranges[i].alphabet;
    return ALPHABET_OTHER;
}

/* Forms that Japanese reformed for itself: neither simplified nor traditional Chinese has them. */
static const char japanese_forms[] = "気県沖発価対関図経済権実験総検査戦争売買読変帰広応団円駅鉄観"
                                     "覧歳浜辺込働枠峠畑匂拠処闘覚徴収挙渋縄"
                                     "続継悪圧囲黒桜黙郷脳渓渉焼獣竜亀両労営厳単楽薬釈訳沢択";

static bool is_japanese_form(const char *text, size_t size)
{
    return size == 3 && memmem(japanese_forms, sizeof(japanese_forms) - 1, text, size) != NULL;
}

static void count_letters(const char *text, size_t size, struct letter_counts *counts)
{
    for (size_t offset = 0; offset < size;) {
        struct text_char c = char_at(text, size, offset);
        if (c.kind == CHAR_LETTER || c.kind == CHAR_MARK) {
            uint8_t alphabet = alphabet_of(c.code);
            counts->of[alphabet] += c.kind == CHAR_LETTER || alphabet != ALPHABET_LATIN;
            counts->japanese_forms +=
                alphabet == ALPHABET_HAN && is_japanese_form(text + offset, c.size);
        }
        offset += c.size;
    }
}

/* A letter of a script without spaces says as much as two of an alphabet. */
static size_t weight_of(const struct letter_counts *counts, size_t alphabet)
{
    return counts->of[alphabet] * (alphabet >= ALPHABET_THAI ? 2 : 1);
}

static uint8_t main_alphabet(const struct letter_counts *counts)
{
    size_t best = ALPHABET_LATIN;
    for (size_t i = ALPHABET_LATIN; i < ALPHABET_COUNT; i++)
        if (weight_of(counts, i) > weight_of(counts, best))
            best = i;
    return (uint8_t)best;
}

/* Japanese mixes Han and kana, Chinese has no kana but in names. */
static void choose_japanese(struct letter_counts *counts)
{
    size_t kana = counts->of[ALPHABET_KANA], han = counts->of[ALPHABET_HAN];
    if ((kana > 0 && kana * 10 >= han) || counts->japanese_forms * 25 > han) {
        counts->of[ALPHABET_KANA] = kana + han;
        counts->of[ALPHABET_HAN] = 0;
    }
}

lede_language lede_language_detect(
    struct lede_language_detector *detector, const char *text, size_t size)
{
    if (size > SAMPLE_BYTES_MAX)
        size = lede_utf8_boundary(text, size, SAMPLE_BYTES_MAX);
    struct letter_counts counts = {0};
    count_letters(text, size, &counts);
    choose_japanese(&counts);
    uint8_t alphabet = main_alphabet(&counts);
    const char *code = only_language[alphabet];
    if (counts.of[alphabet] < (alphabet >= ALPHABET_THAI ? UNSPACED_LETTERS_MIN : LETTERS_MIN))
        return LEDE_LANGUAGE_UND;
    if (code)
        return lede_language_find(code, strlen(code));
    if (size > NGRAM_BYTES_MAX)
        size = lede_utf8_boundary(text, size, NGRAM_BYTES_MAX);
    double lead = 0;
    lede_language language =
        detect_model_best(detector->model, (enum alphabet)alphabet, text, size, &lead);
    return lead >= LEAD_MIN ? language : LEDE_LANGUAGE_UND;
}
