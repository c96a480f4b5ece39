/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a query that may be corrected, where they stand in its text, and that text with some
 * of them replaced. */
#ifndef LEDE_API_CORRECTION_WORDS_H
#define LEDE_API_CORRECTION_WORDS_H

#include "search_run.h"
#include "written_word.h"

#define LEDE_CORRECTION_WORDS_MAX 32 /* of a query that are looked at */

struct correction_word {
    const struct lede_query_word *stems; /* of the query's tree */
    const char *folded;                  /* in the arena */
    size_t folded_size;
    size_t characters;
    size_t start; /* bytes of the query's text */
    size_t size;
    bool is_capitalised;
    bool is_uppercase;
    bool in_phrase;
    bool follows_blank; /* white space alone stands between the word before and this one */
};

struct correction_words {
    struct correction_word items[LEDE_CORRECTION_WORDS_MAX];
    size_t count;
};

struct correction_change {
    size_t start; /* of the query's text */
    size_t size;
    char text[2 * LEDE_WRITTEN_WORD_BYTES_MAX + 1];
    size_t text_size;
    bool is_capitalised; /* as it was written */
    bool is_uppercase;
};

struct correction_split {
    size_t first_size;  /* bytes of the first part */
    uint32_t documents; /* of the rarer part */
};

/* Words by stem of title, summary and body, in the order of the text; with_phrases: those in
 * quotes, too. What is excluded by NOT is left out, and so are figures, single characters,
 * characters of scripts without spaces, and short words in capitals, which are abbreviations.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status correction_words_read(const struct lede_search_run *run,
    struct lede_analyzer *analyzer, bool with_phrases, struct lede_arena *arena,
    struct correction_words *ret_words, struct lede_error *reterr);

/* Is the candidate's stem, in any of the languages, one of the word's? */
bool correction_shares_stem(struct lede_analyzer *analyzer, lede_language_set languages,
    const struct correction_word *word, const char *candidate, size_t size);

/* The ways to part a word into two of the archive, those first whose rarer part is most frequent.
 * Returns how many. */
size_t correction_splits(const struct lede_lexicon *lexicon, const struct correction_word *word,
    uint32_t documents_min, struct correction_split *ret_splits, size_t limit);

/* Append the query's text with its changes made; changes in the order of the text, none overlapping
 * another. */
void correction_apply(const struct lede_search_params *search,
    const struct correction_change *changes, size_t count, struct lede_buffer *out);

#endif
