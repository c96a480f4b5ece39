/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does the archive write this word?
 *
 * Indexes and lexicons have words folded. What is offered to a reader is said as documents that
 * the caller may see say it: with accents, and with capitals where most have them. So a few
 * documents that have the word are read. What was found is kept until the lexicon is renewed, for
 * callers with the same filter, in api->written_words. */
#ifndef LEDE_API_WRITTEN_WORD_H
#define LEDE_API_WRITTEN_WORD_H

#include "worker.h"

#define LEDE_WRITTEN_WORDS_BYTES ((size_t)4 << 20) /* of words that are kept */
#define LEDE_WRITTEN_WORD_DOCUMENTS 6              /* that are read */
#define LEDE_WRITTEN_WORD_BYTES_MAX (2 * LEDE_TERM_SIZE_MAX)

struct lede_written_word {
    uint32_t size;
    char text[LEDE_WRITTEN_WORD_BYTES_MAX];
};

/* Find it. It reads back as one word of a query.
 * lexicon_revision  that the word comes from
 * word              folded, as documents have it; it stands for itself where none of those that
 *                   were read writes it as one word, and past the deadline
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_written_word_find(struct lede_api_worker *worker,
    uint64_t lexicon_revision, const char *word, size_t size, int64_t now_utc_s,
    uint64_t deadline_monotonic_ns, struct lede_written_word *ret_written,
    struct lede_error *reterr);

#endif
