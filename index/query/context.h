/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a query is read in: its text, the fields and scopes that hold where the parser stands, and
 * the arena that its tree grows in. A failed allocation is LEDE_ENOMEM without an error set:
 * lede_query_parse() sets it. */
#ifndef LEDE_QUERY_CONTEXT_H
#define LEDE_QUERY_CONTEXT_H

#include "lede/buffer.h"
#include "lede/query.h"

struct query_context {
    const char *text; /* NUL-terminated */
    size_t size;
    /* In the order in which they were found: what is read as words, whatever it looks like. */
    struct lede_query_note notes[LEDE_QUERY_NOTES_MAX];
    size_t note_count;
    bool all_words; /* all of the text is */
    /* What would have to be words for the failure just told not to be one; size 0: it is one. */
    size_t words_start;
    size_t words_size;
    const struct lede_query_options *options;
    struct lede_analyzer *analyzer;
    struct lede_arena *arena;
    struct lede_error *reterr;
    lede_field_set fields; /* of the leaves here */
    bool field_named;
    bool lead; /* within LEAD: */
    bool caps; /* within CAPS */
    size_t caps_start;
    size_t caps_size;
    unsigned depth;
    size_t clauses;
    size_t spellings; /* words of them beyond the first of each group */
    bool is_counted;  /* what is made here was counted before */
};

/* Fill the error with a position: one that loses something, unless lede_query_or_words() follows.
 * Returns status. */
enum lede_status lede_query_fail_at(struct query_context *context, enum lede_status status,
    size_t position, const char *format, ...) LEDE_PRINTF(4, 5);
/* Say, behind a failure, that nothing would be lost if this range of the text, which begins a
 * token, were read as words, or passed over where it is punctuation. Returns LEDE_EINPUT. */
enum lede_status lede_query_or_words(struct query_context *context, size_t start, size_t size);
/* The note on what begins at `start`; NULL: it means what it looks like. */
const struct lede_query_note *lede_query_note_at(const struct query_context *context, size_t start);
/* The refusal of one more parenthesis. Returns LEDE_ELIMIT. */
enum lede_status lede_query_fail_depth(struct query_context *context, size_t position);

#endif
