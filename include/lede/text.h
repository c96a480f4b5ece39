/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where are the words of this text, what is each word's term, which language is it?
 *
 * One analyzer serves documents, queries and highlights, so that the three cannot disagree.
 * What a token is stands in index/text/README.md, with a test for each rule. */
#ifndef LEDE_TEXT_H
#define LEDE_TEXT_H

#include "lede/base.h"
#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Languages ---- */

/* A language is a small index into one table; 0 is `und` (undetermined: folded, never stemmed). */
typedef uint8_t lede_language;
#define LEDE_LANGUAGE_UND ((lede_language)0)
#define LEDE_LANGUAGE_COUNT_MAX 64 /* a set of languages fits a uint64_t: bit i is language i */
typedef uint64_t lede_language_set;
#define LEDE_LANGUAGE_BIT(language) (UINT64_C(1) << (language))

/* Find a language by BCP 47 tag, case-insensitively; only the primary subtag counts (`en-GB` is
 * `en`); ISO 639-2 codes of the table's languages are known too (`eng`, `ger`). Returns
 * LEDE_LANGUAGE_UND for what the table lacks. Threads: any. */
lede_language lede_language_find(const char *tag, size_t size);
/* The two-letter code (`en`), "und" for 0; static. */
const char *lede_language_code(lede_language language);
size_t lede_language_count(void); /* including und; <= LEDE_LANGUAGE_COUNT_MAX */
bool lede_language_has_stemmer(lede_language language);
/* What terms of the language begin with: `:` for English; "" where it has no stemmer; static.
 * Languages that share a stemmer share the tag. */
const char *lede_language_tag(lede_language language);
#define LEDE_TAG_SIZE 1 /* a mark of ASCII, with which no word begins */

/* ---- Tokens ----
 * Where words begin and end never depends on the language. A term depends on the language and the
 * folded word alone: lede_stem(analyzer, language, token.word) == token.term, so a query's words,
 * tokenized once, can be stemmed in every language. Accents are gone before stemming, so spellings
 * with and without them meet; what a stemmer must see of them (asociación, Turkish vowels) is
 * brought back from the word alone first. An elided article is part of the word ("l'homme") and not
 * of the French term.
 *
 * A stem belongs to its language: a term is the language's tag and the stem (":minist"). A
 * language without a stemmer has the word, without a tag; so has every language of what no stemmer
 * touches: words without a letter of a script with spaces (figures, bigrams), and words that leave
 * no room for a tag. */

/* bytes; a longer word's term is its first bytes and a hash: index/text/README.md */
#define LEDE_TERM_SIZE_MAX 120

enum lede_token_flag {
    LEDE_TOKEN_SENTENCE_START = 1 << 0,
    LEDE_TOKEN_PARAGRAPH_START = 1 << 1,
    LEDE_TOKEN_NGRAM = 1 << 2, /* a bigram of text written without spaces; neighbours overlap */
    /* no white space since the token before (COVID-19, a@b.c, the next bigram) */
    LEDE_TOKEN_JOINED = 1 << 3,
    LEDE_TOKEN_UPPERCASE = 1 << 4, /* as written it has two letters or more, all capitals */
    /* One more word at the position of the token before it: */
    LEDE_TOKEN_PART = 1 << 5,     /* a piece of that token, which is found by itself, too */
    LEDE_TOKEN_SPELLING = 1 << 6, /* that token in another spelling */
    LEDE_TOKEN_CLOSED = 1 << 7,   /* it and what a hyphen joins to it, as one word */
    LEDE_TOKEN_ACCENTED = 1 << 8, /* `written` is another than `word` */
};
/* Any of these: the token has no position of its own. */
#define LEDE_TOKEN_ADDED ((unsigned)(LEDE_TOKEN_PART | LEDE_TOKEN_SPELLING | LEDE_TOKEN_CLOSED))

struct lede_token {
    const char *term; /* tag and stem; what postings of text fields hold. NUL-terminated */
    const char *word; /* folded, not stemmed: what `prefix*` looks at. NUL-terminated */
    /* The word with its accents, in NFD, and with ø ł ß and their like: what `=word` looks at; of a
     * word that has none `word` itself. NUL-terminated */
    const char *written;
    uint32_t term_size;
    uint32_t word_size;
    uint32_t written_size;
    uint32_t position; /* 1, 2, 3 … ; a bigram counts as a word; an added word as none */
    uint32_t flags;
    size_t start; /* byte range in the original text; character boundaries */
    size_t size;
};

struct lede_analyzer; /* stemmers and their caches; one thread at a time */

LEDE_CHECKED enum lede_status lede_analyzer_new(
    struct lede_analyzer **ret_analyzer, struct lede_error *reterr);
void lede_analyzer_free(struct lede_analyzer *analyzer);
void lede_analyzer_freep(struct lede_analyzer **analyzer);

enum lede_token_mode {
    /* Documents and highlights: a run of unspaced script ABC gives AB, BC and, last, C alone. Words
     * are added (LEDE_TOKEN_ADDED) as the language writes them. */
    LEDE_TOKENS_DOCUMENT,
    /* The words that a document with this text would have, in any language. */
    LEDE_TOKENS_ANY_LANGUAGE,
    /* Queries: ABC gives AB, BC; a run of one character gives that character. No word is added. */
    LEDE_TOKENS_QUERY,
};

#define LEDE_ADDED_WORDS_MAX 4 /* of one position */

/* A word that waits for its turn. */
struct lede_added_word {
    char word[LEDE_TERM_SIZE_MAX + 1];
    uint32_t word_size;
    uint32_t flags;
    size_t start;
    size_t size;
};

/* Walks a text once. Give the struct to lede_tokens_init(), then call lede_tokens_next() until
 * false. */
struct lede_tokens {
    struct lede_analyzer *analyzer;
    const char *text;
    size_t size;
    size_t offset;
    uint32_t position;
    /* bytes so far that were no UTF-8; treated as U+FFFD, which ends a word */
    uint32_t invalid_bytes;
    lede_language language;
    enum lede_token_mode mode;
    bool words_only;   /* set behind lede_tokens_init(): nobody wants terms, they are the words */
    uint32_t state[8]; /* the tokenizer's own, as what follows */
    struct lede_added_word added[LEDE_ADDED_WORDS_MAX];
    uint32_t added_count;
    uint32_t added_next;
    struct lede_added_word before_hyphen; /* the word that a hyphen joins to the next one */
    size_t hyphen_end;                    /* where that begins */
    bool is_figure;                       /* a blank does: 12 500 */
};

/* text, size  borrowed until the walk ends; any bytes   language  picks the stemmer
 * A failed allocation skips the stem (the term is the word): a walk never fails. */
void lede_tokens_init(struct lede_tokens *tokens, struct lede_analyzer *analyzer,
    enum lede_token_mode mode, lede_language language, const char *text, size_t size);
/* Returns false at the end. ret_token->term, ->word and ->written are valid until the next call on
 * the same ANALYZER. */
bool lede_tokens_next(struct lede_tokens *tokens, struct lede_token *ret_token);

/* The term of one folded word. ret_term has room for LEDE_TERM_SIZE_MAX + 1 bytes. Returns its
 * size. */
size_t lede_stem(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t word_size, char *ret_term);
/* Do two folded words have the same term in any of the languages? */
bool lede_share_stem(struct lede_analyzer *analyzer, lede_language_set languages, const char *a,
    size_t a_size, const char *b, size_t b_size);
/* A term behind its tag, if it has one; within `term`. Threads: any. */
const char *lede_term_stem(const char *term);
/* Is it the term of its word in documents of every language? Threads: any. */
bool lede_term_is_of_all_languages(const char *term, size_t size);

/* Fold a text as words are folded (case, accents, width, quotes), without splitting it: for filter
 * look-ups and prefixes.
 * ret_folded  owner: the caller, free(); NUL-terminated Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_fold(
    const char *text, size_t size, char **ret_folded, size_t *ret_size);

/* Fold case alone: what differs by an accent stays apart, however it is encoded (NFC).
 * ret_folded  owner: the caller, free() Status: OK; EINPUT it is no UTF-8; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_fold_case(
    const char *text, size_t size, char **ret_folded, size_t *ret_size, struct lede_error *reterr);
/* Put letters and their marks together (NFC).
 * ret_composed  owner: the caller, free(); NUL-terminated Status: OK; ENOMEM, also where it is no
 * UTF-8. Threads: any. */
LEDE_CHECKED enum lede_status lede_compose(
    const char *text, size_t size, char **ret_composed, size_t *ret_size);
/* Is its first character a capital? Threads: any. */
bool lede_begins_with_capital(const char *text, size_t size);
/* Append a text in capitals; first_only: with a capital in front. What has no capital of one
 * character stays. Failure is the buffer's. Threads: any. */
void lede_append_in_capitals(
    const char *text, size_t size, bool first_only, struct lede_buffer *buffer);

/* Is a folded word an article, a preposition, a conjunction or the like in one of the languages
 * that have such a list? What is one in one language may say much in another: whoever asks looks at
 * frequencies, too. Threads: any. */
bool lede_word_is_function(const char *word, size_t size);
/* The same of a text's own language, pronouns, auxiliaries and the like among them; where the
 * language has no list, of any. Threads: any. */
bool lede_word_is_function_in(lede_language language, const char *word, size_t size);

/* Bytes of a Korean word without the particle behind it: 대통령 of 대통령이. The word's size where it
 * has none, is too short, or is no word of Hangul syllables alone. Threads: any. */
size_t lede_size_without_particle(const char *word, size_t size);

/* ---- Sentences, detection ---- */

/* End of the sentence that begins at `start` (bytes): the offset after its closing mark, quotes and
 * the white space behind it; `size` for the last. Abbreviations, initials, decimals and line breaks
 * inside a sentence do not end one; a blank line always does. Bounded: a sentence is cut at a word
 * end after 4096 bytes. Threads: any. */
size_t lede_sentence_end(const char *text, size_t size, size_t start);

struct lede_language_detector; /* one thread at a time */
LEDE_CHECKED enum lede_status lede_language_detector_new(
    struct lede_language_detector **ret_detector, struct lede_error *reterr);
void lede_language_detector_free(struct lede_language_detector *detector);
void lede_language_detector_freep(struct lede_language_detector **detector);
/* LEDE_LANGUAGE_UND where the text is too short or nothing fits. Looks at the first 4 KiB at
 * most. */
lede_language lede_language_detect(
    struct lede_language_detector *detector, const char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
