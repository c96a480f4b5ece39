/* Which language is this text? The script decides where it can; the languages that share one are told apart
 * by libexttextcat's n-gram fingerprints, of which only those of our own table are read. Without the
 * fingerprint files what the script leaves open is undetermined. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fingerprint.h>

#include "chars.h"
#include "function_words.h"
#include "lede/text.h"

#define SAMPLE_BYTES_MAX 4096
#define LETTERS_MIN 25           /* of an alphabet; fewer say too little */
#define UNSPACED_LETTERS_MIN 4   /* a Han or Hangul letter is a syllable or a word */
#define NGRAMS_MAX 400           /* the size of the fingerprints in the files */
#define SCORE_MARGIN_LETTERS 1.0 /* added to the margin for Latin letters: this by their number */
#define SCORE_MARGIN 1.005       /* the second best must score worse than this times the best */

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

/* The languages told apart by fingerprints. */
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

struct lede_language_detector {
    void *fingerprints[LEDE_COUNT_OF(candidates)]; /* NULL where the file is missing */
    lede_language languages[LEDE_COUNT_OF(candidates)];
    char sample[SAMPLE_BYTES_MAX];
};

struct letter_counts {
    size_t of[ALPHABET_COUNT];
    size_t upper;
    size_t lower;
};

static void *read_fingerprint(const char *file)
{
    char path[256];
    int length = snprintf(path, sizeof(path), "%s/%s.lm", LEDE_FINGERPRINTS_DIR, file);
    if (length < 0 || (size_t)length >= sizeof(path) || access(path, R_OK) != 0)
        return NULL; /* the library would print what it misses */
    void *fingerprint = fp_Init(file);
    if (!fingerprint)
        return NULL;
    fp_SetProperty(fingerprint, TCPROP_UTF8AWARE, TC_TRUE);
    if (fp_Read(fingerprint, path, NGRAMS_MAX) != 0)
        return fingerprint;
    fp_Done(fingerprint);
    return NULL;
}

enum lede_status lede_language_detector_new(
    struct lede_language_detector **ret_detector, struct lede_error *reterr)
{
    struct lede_language_detector *detector = calloc(1, sizeof(*detector));
    if (!detector)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < LEDE_COUNT_OF(candidates); i++) {
        detector->fingerprints[i] = read_fingerprint(candidates[i].file);
        detector->languages[i] = lede_language_find(candidates[i].code, strlen(candidates[i].code));
    }
    *ret_detector = detector;
    return LEDE_OK;
}

void lede_language_detector_free(struct lede_language_detector *detector)
{
    if (!detector)
        return;
    for (size_t i = 0; i < LEDE_COUNT_OF(candidates); i++)
        if (detector->fingerprints[i])
            fp_Done(detector->fingerprints[i]);
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

static void count_letters(const char *text, size_t size, struct letter_counts *counts)
{
    for (size_t offset = 0; offset < size;) {
        struct text_char c = char_at(text, size, offset);
        offset += c.size;
        if (c.kind != CHAR_LETTER)
            continue;
        counts->of[alphabet_of(c.code)]++;
        counts->upper += c.letter_case == CASE_UPPER;
        counts->lower += c.letter_case == CASE_LOWER;
    }
}

static uint8_t main_alphabet(const struct letter_counts *counts)
{
    size_t best = ALPHABET_LATIN;
    for (size_t i = ALPHABET_LATIN; i < ALPHABET_COUNT; i++)
        if (counts->of[i] > counts->of[best])
            best = i;
    return (uint8_t)best;
}

/* Copy the text as the fingerprints were made: in lower case if it shouts. Returns the size. */
static size_t take_sample(struct lede_language_detector *detector, const char *text, size_t size,
    const struct letter_counts *counts)
{
    memcpy(detector->sample, text, size);
    for (size_t i = 0; counts->upper > counts->lower && i < size; i++)
        if (char_is_ascii_upper(detector->sample[i]))
            detector->sample[i] |= 0x20;
    return size;
}

/* The best of the candidates of an alphabet, or und if two languages come too close. */
static lede_language best_candidate(
    const struct lede_language_detector *detector, void *unknown, uint8_t alphabet, size_t letters)
{
    lede_language best = LEDE_LANGUAGE_UND;
    sint4 best_score = INT32_MAX, second_score = INT32_MAX;
    for (size_t i = 0; i < LEDE_COUNT_OF(candidates); i++) {
        if (candidates[i].alphabet != alphabet || !detector->fingerprints[i])
            continue;
        sint4 score = fp_Compare(detector->fingerprints[i], unknown, INT32_MAX);
        if (score < best_score) {
            if (best != detector->languages[i])
                second_score = best_score;
            best_score = score;
            best = detector->languages[i];
        } else if (score < second_score && best != detector->languages[i]) {
            second_score = score;
        }
    }
    double margin = SCORE_MARGIN + (alphabet == ALPHABET_LATIN ? SCORE_MARGIN_LETTERS / (double)letters : 0);
    return best_score * margin < second_score ? best : LEDE_LANGUAGE_UND;
}

static lede_language classify(struct lede_language_detector *detector, const char *text, size_t size,
    const struct letter_counts *counts, uint8_t alphabet)
{
    void *unknown = fp_Init(NULL);
    if (!unknown)
        return LEDE_LANGUAGE_UND;
    fp_SetProperty(unknown, TCPROP_UTF8AWARE, TC_TRUE);
    fp_SetProperty(unknown, TCPROP_MINIMUM_DOCUMENT_SIZE, 1);
    size_t sample_size = take_sample(detector, text, size, counts);
    lede_language language = LEDE_LANGUAGE_UND;
    if (fp_Create(unknown, detector->sample, (uint4)sample_size, NGRAMS_MAX) != 0)
        language = best_candidate(detector, unknown, alphabet, counts->of[alphabet]);
    fp_Done(unknown);
    return language;
}

lede_language lede_language_detect(struct lede_language_detector *detector, const char *text, size_t size)
{
    if (size > SAMPLE_BYTES_MAX)
        size = lede_utf8_boundary(text, size, SAMPLE_BYTES_MAX);
    struct letter_counts counts = {0};
    count_letters(text, size, &counts);
    /* Japanese mixes Han and kana, Chinese has no kana but in names. */
    if (counts.of[ALPHABET_KANA] * 10 >= counts.of[ALPHABET_HAN]) {
        counts.of[ALPHABET_KANA] += counts.of[ALPHABET_KANA] > 0 ? counts.of[ALPHABET_HAN] : 0;
    }
    uint8_t alphabet = main_alphabet(&counts);
    const char *code = only_language[alphabet];
    if (counts.of[alphabet] < (alphabet >= ALPHABET_THAI ? UNSPACED_LETTERS_MIN : LETTERS_MIN))
        return LEDE_LANGUAGE_UND;
    if (code)
        return lede_language_find(code, strlen(code));
    lede_language language = classify(detector, text, size, &counts, alphabet);
    if (language == LEDE_LANGUAGE_UND && alphabet == ALPHABET_LATIN)
        return function_words_language(text, size);
    return language;
}
