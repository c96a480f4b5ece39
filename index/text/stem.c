/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terms: what Snowball and a few rules about apostrophes make of a folded word, behind the tag of
 * the language.
 *
 * A term depends on the language and the folded word alone, never on the text around it. A query
 * has only folded words, and computes their stems in every language of the archive; so accents are
 * gone before the stemmer sees the word. Stemming is slow and words repeat: an analyzer has a
 * two-way cache of fixed size. All languages share it, for every thread has an analyzer of its own
 * and an archive may have words in thirty. */
#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>

#include "analyzer.h"
#include "chars.h"
#include "languages.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "spelling.h"

#define CACHE_SETS 32768     /* of two words each; a power of two */
#define LANGUAGE_STRIDE 1237 /* between the sets of a word in two languages; odd */
#define CACHE_TEXT_BYTES 62
#define STEM_SIZE_MAX (LEDE_TERM_SIZE_MAX - LEDE_TAG_SIZE)

#define REPEATED_STEM_CHARACTERS_MIN 3 /* of what a second pass may leave */

/* A word and, behind it, its term; the set says in which language. One cache line. */
struct cache_entry {
    uint8_t word_size; /* 0: empty */
    uint8_t term_size;
    char text[CACHE_TEXT_BYTES];
};

struct stem_cache {
    struct cache_entry sets[CACHE_SETS][2]; /* the newer word first */
};

/* Articles and pronouns that lose their vowel and stand before an apostrophe. */
static const char *const french_elisions[] = {"l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu",
    "lorsqu", "puisqu", "quoiqu", "quelqu", "presqu", NULL};
static const char *const italian_elisions[] = {"l", "un", "d", "dell", "all", "dall", "nell",
    "sull", "coll", "c", "m", "t", "s", "v", "n", "gl", "quell", "quest", "sant", "bell", "quant",
    "dev", "com", "dov", "cos", "tutt", "mezz", "anch", NULL};
static const char *const catalan_elisions[] = {"l", "d", "m", "n", "s", "t", NULL};

static const char *const *elisions_of(lede_language language)
{
    const char *code = lede_language_code(language);
    if (strcmp(code, "fr") == 0)
        return french_elisions;
    if (strcmp(code, "it") == 0)
        return italian_elisions;
    return strcmp(code, "ca") == 0 ? catalan_elisions : NULL;
}

static size_t elision_of(const char *const *elisions, const char *word, size_t before)
{
    for (size_t i = 0; elisions && elisions[i]; i++)
        if (strlen(elisions[i]) == before && memcmp(elisions[i], word, before) == 0)
            return before + 1;
    return 0;
}

size_t stem_elision_size(lede_language language, const char *word, size_t size)
{
    const char *apostrophe = memchr(word, '\'', size);
    if (!apostrophe || apostrophe + 1 == word + size)
        return 0;
    size_t before = (size_t)(apostrophe - word);
    if (language != LEDE_LANGUAGE_UND)
        return elision_of(elisions_of(language), word, before);
    size_t found = elision_of(french_elisions, word, before);
    return found > 0 ? found : elision_of(italian_elisions, word, before);
}

/* Size of a word without its possessive 's; in Turkish without any suffix behind an apostrophe. */
static size_t size_without_suffix(lede_language language, const char *word, size_t size)
{
    if (size > 2 && word[size - 2] == '\'' && word[size - 1] == 's')
        return size - 2;
    if (strcmp(lede_language_code(language), "tr") != 0)
        return size;
    const char *apostrophe = memchr(word, '\'', size);
    return apostrophe && apostrophe - word >= 2 ? (size_t)(apostrophe - word) : size;
}

static struct sb_stemmer *stemmer_of(struct lede_analyzer *analyzer, lede_language language)
{
    const char *algorithm = language_get(language)->stemmer;
    if (!algorithm)
        return NULL;
    if (!analyzer->stemmers[language])
        analyzer->stemmers[language] = sb_stemmer_new(algorithm, "UTF_8");
    return analyzer->stemmers[language];
}

/* Fold what the stemmer left of a word with accents. Returns the size; 0 if it does not fit. */
static size_t fold_stem(const char *stem, size_t size, char *ret_term)
{
    struct folder folder = {.words_only = false};
    char out[FOLD_OUT_MAX];
    size_t folded = 0;
    for (size_t offset = 0;;) {
        unsigned length;
        int32_t code = lede_utf8_decode(stem, size, offset, &length);
        size_t put = code >= 0 ? folder_push(&folder, code, out) : folder_finish(&folder, out);
        if (folded + put > STEM_SIZE_MAX)
            return 0;
        memcpy(ret_term + folded, out, put);
        folded += put;
        if (code < 0)
            return folded;
        offset += length;
    }
}

/* One pass. Returns the stem's size; 0 if there is no memory or no room for it. */
static size_t run_stemmer_once(struct sb_stemmer *stemmer, lede_language language, const char *word,
    size_t size, char *ret_term)
{
    char spelt[SPELLING_SIZE_MAX];
    size_t spelt_size = spelling_restore(language, word, size, spelt);
    if (spelt_size > 0) {
        word = spelt;
        size = spelt_size;
    }
    const char *stem = (const char *)sb_stemmer_stem(stemmer, (const sb_symbol *)word, (int)size);
    return stem ? fold_stem(stem, (size_t)sb_stemmer_length(stemmer), ret_term) : 0;
}

/* Run the language's stemmer. Returns the stem's size; 0 if there is no stemmer or no memory for
 * it. */
static size_t run_stemmer(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t size, char *ret_term)
{
    struct sb_stemmer *stemmer = stemmer_of(analyzer, language);
    size_t term_size = stemmer ? run_stemmer_once(stemmer, language, word, size, ret_term) : 0;
    for (unsigned pass = spelling_passes(language); pass > 1 && term_size > 0; pass--) {
        char again[LEDE_TERM_SIZE_MAX + 1];
        size_t again_size = run_stemmer_once(stemmer, language, ret_term, term_size, again);
        if (lede_utf8_count(again, again_size) < REPEATED_STEM_CHARACTERS_MIN)
            break;
        memcpy(ret_term, again, again_size);
        term_size = again_size;
    }
    return spelling_normalize_stem(language, ret_term, term_size);
}

/* Can a stemmer say anything of it? Figures and bigrams have no letter of a script with spaces. */
static bool has_spaced_letter(const char *word, size_t size)
{
    for (size_t offset = 0; offset < size;) {
        struct text_char c = char_at(word, size, offset);
        if (c.kind == CHAR_LETTER && c.script == SCRIPT_SPACED)
            return true;
        offset += c.size;
    }
    return false;
}

/* A cut word keeps its hash. */
static bool is_cut(const char *word, size_t size)
{
    return size > WORD_HASH_BYTES && word[size - WORD_HASH_BYTES] == '#';
}

bool lede_term_is_of_all_languages(const char *term, size_t size)
{
    return size > STEM_SIZE_MAX || is_cut(term, size) || !has_spaced_letter(term, size);
}

const char *lede_term_stem(const char *term)
{
    bool is_word = char_is_ascii_lower(*term) || char_is_ascii_digit(*term) || *term & 0x80;
    return is_word || !*term ? term : term + LEDE_TAG_SIZE;
}

static size_t stem_uncached(struct lede_analyzer *analyzer, lede_language language,
    const char *word, size_t size, char *ret_term)
{
    size_t skipped = language != LEDE_LANGUAGE_UND ? stem_elision_size(language, word, size) : 0;
    const char *rest = word + skipped;
    size_t rest_size = size_without_suffix(language, rest, size - skipped);
    const char *tag = lede_language_tag(language);
    size_t tag_size = lede_term_is_of_all_languages(rest, rest_size) ? 0 : strlen(tag);
    memcpy(ret_term, tag, tag_size);
    char *stem = ret_term + tag_size;
    size_t stem_size = tag_size > 0 ? run_stemmer(analyzer, language, rest, rest_size, stem) : 0;
    if (stem_size == 0) {
        memcpy(stem, rest, rest_size);
        stem_size = rest_size;
    }
    stem[stem_size] = '\0';
    return tag_size + stem_size;
}

/* A word has another set in each language: the stride is odd, and the sets are a power of two. */
static size_t set_at(lede_language language, uint64_t hash)
{
    return (hash + language * LANGUAGE_STRIDE) & (CACHE_SETS - 1);
}

static struct cache_entry *cache_set_of(
    struct lede_analyzer *analyzer, lede_language language, size_t size, uint64_t hash)
{
    if (size > CACHE_TEXT_BYTES / 2)
        return NULL;
    if (!analyzer->cache)
        analyzer->cache = calloc(1, sizeof(struct stem_cache));
    return analyzer->cache ? analyzer->cache->sets[set_at(language, hash)] : NULL;
}

static void cache_put(
    struct cache_entry *set, const char *word, size_t size, const char *term, size_t term_size)
{
    if (size + term_size > CACHE_TEXT_BYTES)
        return;
    set[1] = set[0];
    set[0].word_size = (uint8_t)size;
    set[0].term_size = (uint8_t)term_size;
    memcpy(set[0].text, word, size);
    memcpy(set[0].text + size, term, term_size);
}

static size_t copy_term(const char *term, size_t size, char *ret_term)
{
    memcpy(ret_term, term, size);
    ret_term[size] = '\0';
    return size;
}

bool stem_is_word(lede_language language, const char *word, size_t size)
{
    return !lede_language_has_stemmer(language) && !memchr(word, '\'', size);
}

void stem_prefetch(const struct lede_analyzer *analyzer, lede_language language, uint64_t hash)
{
    if (analyzer->cache)
        __builtin_prefetch(analyzer->cache->sets[set_at(language, hash)]);
}

size_t stem_hashed_word(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t size, uint64_t hash, char *ret_term)
{
    if (size == 0 || is_cut(word, size))
        return copy_term(word, size, ret_term);
    if (!lede_language_has_stemmer(language))
        return stem_uncached(analyzer, language, word, size, ret_term);
    struct cache_entry *set = cache_set_of(analyzer, language, size, hash);
    for (int way = 0; set && way < 2; way++)
        if (set[way].word_size == size && memcmp(set[way].text, word, size) == 0)
            return copy_term(set[way].text + size, set[way].term_size, ret_term);
    size_t term_size = stem_uncached(analyzer, language, word, size, ret_term);
    if (set)
        cache_put(set, word, size, ret_term, term_size);
    return term_size;
}

size_t stem_word(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t size, char *ret_term)
{
    return stem_hashed_word(analyzer, language, word, size, lede_hash64(word, size), ret_term);
}

size_t lede_stem(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t word_size, char *ret_term)
{
    if (word_size > LEDE_TERM_SIZE_MAX) {
        word_begin(&analyzer->word);
        word_put(&analyzer->word, word, word_size);
        word_size = word_end(&analyzer->word, &word);
    }
    return stem_word(analyzer, language, word, word_size, ret_term);
}

bool lede_share_stem(struct lede_analyzer *analyzer, lede_language_set languages, const char *a,
    size_t a_size, const char *b, size_t b_size)
{
    char stem[LEDE_TERM_SIZE_MAX + 1], other[LEDE_TERM_SIZE_MAX + 1];
    for (size_t i = 0; i < lede_language_count(); i++) {
        if (!(languages & LEDE_LANGUAGE_BIT(i)))
            continue;
        size_t size = lede_stem(analyzer, (lede_language)i, a, a_size, stem);
        if (lede_stem(analyzer, (lede_language)i, b, b_size, other) == size &&
            memcmp(stem, other, size) == 0)
            return true;
    }
    return false;
}

enum lede_status lede_analyzer_new(struct lede_analyzer **ret_analyzer, struct lede_error *reterr)
{
    struct lede_analyzer *analyzer = calloc(1, sizeof(*analyzer));
    if (!analyzer)
        return lede_fail_memory(reterr);
    *ret_analyzer = analyzer;
    return LEDE_OK;
}

void lede_analyzer_free(struct lede_analyzer *analyzer)
{
    if (!analyzer)
        return;
    for (size_t i = 0; i < LEDE_LANGUAGE_COUNT_MAX; i++) {
        if (analyzer->stemmers[i])
            sb_stemmer_delete(analyzer->stemmers[i]);
    }
    free(analyzer->cache);
    free(analyzer);
}

void lede_analyzer_freep(struct lede_analyzer **analyzer)
{
    lede_analyzer_free(*analyzer);
}
