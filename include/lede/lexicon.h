/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words does an archive have, and which of them did somebody mean?
 *
 * A lexicon is an immutable snapshot of an archive's words with their document frequencies. It
 * answers two questions: which words begin like this, the most frequent first; and which words may
 * this misspelt one stand for. The second is a noisy channel (Kernighan, Church, Gale, "A spelling
 * correction program based on a noisy channel model", 1990): the best word is the one whose
 * frequency times the likelihood of the misspelling is highest, where the misspelling is the
 * cheapest way to cut both words into pairs of short strings (Brill, Moore, "An improved error
 * model for noisy channel spelling correction", 2000).
 *
 * What is right and what may be shown is not decided here: a lexicon can be older than the
 * archive. */
#ifndef LEDE_LEXICON_H
#define LEDE_LEXICON_H

#include "lede/base.h"
#include "lede/cache.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_LEXICON_WORDS_MAX 2000000 /* over it the rarest are left out */
#define LEDE_LEXICON_WORD_BYTES_MAX 120
#define LEDE_LEXICON_CHARS_MAX 32 /* longer words are completed, never corrected */
#define LEDE_LEXICON_ANSWERS_MAX 256
#define LEDE_LEXICON_CORRECTIONS_BYTES ((size_t)8 << 20) /* of corrections that are remembered */

struct lede_lexicon; /* any number of threads may read it */

struct lede_lexicon_word {
    const char *word; /* not NUL-terminated; lives as long as the lexicon */
    uint32_t size;
    uint32_t documents;
    /* Of a correction: minus the natural logarithm of the misspelling's likelihood, and that less
     * the share of the word's frequency: what candidates are ordered by. */
    double misspelling_cost;
    double cost;
};

/* ---- Making ---- */

struct lede_lexicon_builder; /* one thread at a time */

/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lexicon_builder_new(
    struct lede_lexicon_builder **ret_builder, struct lede_error *reterr);
void lede_lexicon_builder_free(struct lede_lexicon_builder *builder);
void lede_lexicon_builder_freep(struct lede_lexicon_builder **builder);
/* Add a folded word; words come bytewise ascending, each once. One that is empty or longer than
 * LEDE_LEXICON_WORD_BYTES_MAX is left out.
 * documents  >= 1
 * Status: OK; EINPUT out of order; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lexicon_builder_add(struct lede_lexicon_builder *builder,
    const char *word, size_t size, uint32_t documents, struct lede_error *reterr);
/* Make the lexicon of what was added; the builder is empty afterwards.
 * revision     of the archive that the words are of
 * ret_lexicon  owner: the caller, with one reference; lede_lexicon_unref()
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lexicon_builder_finish(struct lede_lexicon_builder *builder,
    uint64_t revision, struct lede_lexicon **ret_lexicon, struct lede_error *reterr);

/* References are counted atomically; the last unref frees. NULL is taken. Threads: any. */
struct lede_lexicon *lede_lexicon_ref(struct lede_lexicon *lexicon);
void lede_lexicon_unref(struct lede_lexicon *lexicon);
void lede_lexicon_unrefp(struct lede_lexicon **lexicon);

/* ---- Asking ---- */

uint64_t lede_lexicon_revision(const struct lede_lexicon *lexicon);
size_t lede_lexicon_word_count(const struct lede_lexicon *lexicon);
/* words over LEDE_LEXICON_WORDS_MAX */
size_t lede_lexicon_left_out(const struct lede_lexicon *lexicon);
/* Documents that have the word, 0 if it is not here. */
uint32_t lede_lexicon_documents(const struct lede_lexicon *lexicon, const char *word, size_t size);

/* The most frequent words that begin with a prefix (the prefix itself, if it is a word, too); of
 * equally frequent ones the bytewise first.
 * behind     the last one of an earlier answer for this prefix: what comes next; NULL: the first
 * limit      at most LEDE_LEXICON_ANSWERS_MAX
 * ret_words  room for `limit`; costs are 0
 * Returns how many. Cost: the words with that prefix are looked at once. */
size_t lede_lexicon_complete(const struct lede_lexicon *lexicon, const char *prefix, size_t size,
    const struct lede_lexicon_word *behind, size_t limit, struct lede_lexicon_word *ret_words);

/* Without one such word among all candidates whoever asks has no use for any. */
struct lede_lexicon_need {
    double misspelling_cost_max;
    uint32_t documents_min;
};
/* The words that a misspelt one most likely stands for, best first; never the word itself. Words
 * with digits neither are corrected nor are candidates, nor are words of one character. What was
 * found is remembered, so the same word is found at once the next time.
 * need       where it is not met, none is found, and soon; NULL: nothing is needed
 * limit      at most LEDE_LEXICON_ANSWERS_MAX
 * ret_words  room for `limit` ret_count
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lexicon_correct(const struct lede_lexicon *lexicon,
    const char *word, size_t size, const struct lede_lexicon_need *need, size_t limit,
    struct lede_lexicon_word *ret_words, size_t *ret_count, struct lede_error *reterr);

/* The words that are the same name as a word, transliterated otherwise (lede/names.h), the most
 * frequent first; never the word itself.
 * limit      at most LEDE_LEXICON_ANSWERS_MAX
 * ret_words  room for `limit`; costs are 0
 * Returns how many. Cost: a look-up. */
size_t lede_lexicon_same_names(const struct lede_lexicon *lexicon, const char *word, size_t size,
    size_t limit, struct lede_lexicon_word *ret_words);

/* What the lexicon remembers of lede_lexicon_correct(). Threads: any. */
void lede_lexicon_correction_stats(
    const struct lede_lexicon *lexicon, struct lede_cache_stats *ret_stats);

/* The likelihood of one misspelling alone, as minus its natural logarithm; a large number where
 * none explains it. For tests and measurements. */
double lede_lexicon_misspelling_cost(
    const char *meant, size_t meant_size, const char *written, size_t written_size);

#ifdef __cplusplus
}
#endif
#endif
