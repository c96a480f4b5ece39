/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /suggest in two parts: queries that the last word could become, and headlines that have all
 * words. Both show only what a document that may be shown now has, and both end by the clock: what
 * was found by then is answered. */
#ifndef LEDE_API_SUGGESTIONS_H
#define LEDE_API_SUGGESTIONS_H

#include "search_run.h"

#define LEDE_SUGGEST_WORDS_LOOKED_AT_MAX 48 /* candidates for the last word that may be shown */
/* That may not be shown, or not: they must not crowd out the others. */
#define LEDE_SUGGEST_WORDS_PASSED_MAX 4096

struct lede_completion {
    char *text; /* in the arena: the whole query */
    size_t text_size;
    uint32_t count; /* documents that it finds, hidden ones not among them */
    bool count_is_exact;
};

struct lede_suggestions {
    struct lede_completion completions[LEDE_SUGGEST_LIMIT_MAX];
    size_t completion_count;
    struct lede_query *headline_query; /* NULL: no headlines */
    struct lede_search_result headlines;
    struct lede_arena arena;
    uint64_t completions_end_ns; /* monotonic; at least one word is looked at */
    uint64_t written_end_ns;     /* words not spelled by then stay folded */
    uint64_t headlines_end_ns;
};
void lede_suggestions_done(struct lede_suggestions *suggestions);

/* Complete the last word of run->search.q, if the text ends with one; run->search.search.limit of
 * them at most.
 * lexicon  borrowed; NULL gives none. Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_suggest_completions(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_lexicon *lexicon,
    struct lede_suggestions *suggestions, struct lede_error *reterr);
/* Find documents whose title has every word of it, the last one as a prefix if the text ends with
 * it; the best and newest first.
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_suggest_headlines(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_lexicon *lexicon,
    struct lede_suggestions *suggestions, struct lede_error *reterr);

/* The last word of a text that may go on. */
struct lede_open_word {
    size_t start; /* bytes in the text; for scripts without spaces its last character alone */
    size_t size;
    char folded[LEDE_TERM_SIZE_MAX + 1];
    size_t folded_size;
    bool is_ngram;
    bool is_uppercase;
};
/* Find it. Returns false where the text ends with anything else. */
bool lede_suggest_open_word(
    struct lede_analyzer *analyzer, const char *text, size_t size, struct lede_open_word *ret_word);

/* The words of a lexicon that begin so, the most frequent first. Zeroed but for the first three. */
struct lede_word_walk {
    const struct lede_lexicon *lexicon;
    const char *prefix;
    size_t prefix_size;
    size_t passed; /* words that were given */
    struct lede_lexicon_word words[LEDE_SUGGEST_WORDS_LOOKED_AT_MAX];
    size_t count;
    size_t at;
};
/* NULL: no more, or LEDE_SUGGEST_WORDS_PASSED_MAX have been given. Valid until the next call. */
const struct lede_lexicon_word *lede_word_walk_next(struct lede_word_walk *walk);

#endif
