/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A correction under way: what the files of correction.h share. */
#ifndef LEDE_API_CORRECTION_WORK_H
#define LEDE_API_CORRECTION_WORK_H

#include "correction_words.h"

#define LEDE_CORRECTION_CHANGES_MAX 4   /* words replaced */
#define LEDE_CORRECTION_SEARCHES_MAX 40 /* small counts, for one query */
#define CORRECTION_OPTIONS_MAX 5 /* candidates of a word that are weighed by what they find */
#define CORRECTION_COUNT_TO 1000 /* documents, when they are */

struct correction {
    struct lede_api_worker *worker;
    const struct lede_search_run *run;
    struct lede_lexicon *lexicon;
    uint64_t found;
    uint64_t deadline_monotonic_ns;
    unsigned searches;
    struct correction_words words;
    struct correction_change changes[LEDE_CORRECTION_CHANGES_MAX];
    size_t change_count;
    /* How many documents of those that were found a better query has to find: all and one more,
     * unless a change keeps the stem, or mends a word that no document has. */
    bool keeps_stem;
    bool mends_form;
    struct lede_error *reterr;
};

/* ---- Asking the archive (correction_work.c) ---- */

/* Is there no more time, or were there searches enough? */
bool correction_is_spent(const struct correction *work);
/* How many documents a text finds, with the search's filters; 0 for what cannot be parsed, and when
 * time is up.
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM, as of all here. */
LEDE_CHECKED enum lede_status correction_count_text(
    struct correction *work, const char *text, size_t size, uint32_t count_to, uint32_t *ret_count);
/* How many documents the query finds with all changes so far, and one more unless it is NULL. */
LEDE_CHECKED enum lede_status correction_count_changed(struct correction *work,
    const struct correction_change *change, uint32_t count_to, uint32_t *ret_count);
LEDE_CHECKED enum lede_status correction_is_shown(
    struct correction *work, const char *word, size_t size, bool *ret_shown);
/* Write a change as documents do, and put it among the others, in the place of one of the same
 * word. */
LEDE_CHECKED enum lede_status correction_take_change(
    struct correction *work, struct correction_change *change);

/* ---- What a word may stand for (correction_options.c) ---- */

enum correction_word_status {
    WORD_IS_FOUND,
    WORD_IS_FOUND_BY_STEM,
    WORD_IS_FOUND_BY_RARE_STEM,
    WORD_IS_RARE,
    WORD_IS_UNKNOWN
};

struct correction_assessment {
    enum correction_word_status status;
    uint32_t documents; /* of the word, or of its stem */
};

/* What the archive says of a word. One that is frequent costs a look-up. */
LEDE_CHECKED enum lede_status correction_assess_word(struct correction *work,
    const struct correction_word *word, struct correction_assessment *ret_assessment);

enum correction_replacement {
    REPLACES_NOTHING,
    REPLACES_SLIP, /* another word was meant */
    REPLACES_FORM, /* a slip inside a word whose stem was found */
    /* no document has the word, but its stem, which is another's: what ends as the candidate does
     * is no form of that one, but a slip */
    REPLACES_NO_FORM,
};

/* What a word may stand for. */
struct correction_option {
    struct lede_lexicon_word word;
    enum correction_replacement replacement;
    double bias; /* to be added to its cost */
};

struct correction_options {
    struct correction_option items[CORRECTION_OPTIONS_MAX];
    size_t count;
};

/* The likely candidates that may be shown, best first. */
LEDE_CHECKED enum lede_status correction_find_options(struct correction *work,
    const struct correction_word *word, const struct correction_assessment *assessment,
    struct correction_options *ret_options);

#endif
