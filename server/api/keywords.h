/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that tell what documents are about: those frequent in them and rare in the archive.
 *
 * A word's weight is its frequency in a document, damped, times its inverse document frequency; of
 * several documents each has its share. */
#ifndef LEDE_API_KEYWORDS_H
#define LEDE_API_KEYWORDS_H

#include "lede/model.h"
#include "worker.h"

#define LEDE_KEYWORD_TOKENS_MAX 4096 /* looked at, of all documents together */
/* Each costs a look into the archive; words behind the most frequent ones seldom weigh most. */
#define LEDE_KEYWORDS_WEIGHED_MAX 64

struct lede_keyword {
    const char *word; /* folded */
    size_t size;
    const char *stem;
    unsigned count; /* in the document at hand */
    bool is_name;
    unsigned place; /* first token */
    uint32_t documents;
    double frequency; /* damped, summed up by the documents' shares */
    double weight;
};

struct lede_keywords {
    struct lede_arena *arena; /* of all that is below */
    struct lede_analyzer *analyzer;
    lede_language language;
    struct lede_keyword *items;
    size_t count;
    uint16_t *table; /* index + 1 of words, by hash of the stem */
    unsigned tokens;
    unsigned tokens_end;
};

/* Add a document's words: of title, summary and body, in this order.
 * keywords    with an arena and an analyzer, and otherwise zeroed, at first
 * share       of this document in the words' weights
 * tokens_max  of it, at most
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_keywords_add(struct lede_keywords *keywords,
    const struct lede_document *document, double share, unsigned tokens_max);
/* Weigh the words by the archive, and leave the best, at most so many, by weight. Words that say
 * nothing are left out. Status: OK; EBUSY; EIO; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_keywords_choose(struct lede_keywords *keywords,
    struct lede_api_worker *worker, size_t most, struct lede_error *reterr);
/* For qsort(): in the order of the texts. */
int lede_keyword_compare_places(const void *a, const void *b);

#endif
