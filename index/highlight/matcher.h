/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which leaves of a tree does this text satisfy, and where?
 *
 * One walk over the tokens, whatever the number of leaves: a token is looked up in one small hash
 * table of all that the leaves ask for, a phrase is a row of bits that moves on by one with each
 * position. Marks and the evaluation of the tree both come from here, so that they cannot
 * disagree. */
#ifndef LEDE_HIGHLIGHT_MATCHER_H
#define LEDE_HIGHLIGHT_MATCHER_H

#include "lede/buffer.h"
#include "lede/highlight.h"
#include "lede/query.h"
#include "lede/text.h"
#include "lede/words.h"
#include "matcher_keys.h"
#include "span_matcher.h"

/* Leaves told apart when fragments are compared; the last bit stands for all from there on. */
#define LEDE_MATCH_LEAVES 64
/* Texts are looked at up to here, at a character boundary: offsets of matches are 32 bits. */
#define LEDE_MATCH_BYTES_MAX ((size_t)UINT32_MAX - 8)

/* A stretch of text to mark: the union of overlapping matches. In bytes of the text, ascending,
 * never overlapping. */
struct lede_match {
    uint64_t leaves; /* bit i: leaf i was satisfied in it */
    uint32_t start;
    uint32_t end;
    uint32_t sentence; /* where a sentence before or around `start` begins */
    /* Characters since the text's start; the windows' own, see windows.c. */
    uint32_t character_start;
    uint32_t character_end;
    uint32_t character_sentence;
    bool sentence_is_long;
};

struct lede_match_list {
    struct lede_match *matches; /* malloc() */
    size_t count;
    size_t capacity;
    bool failed; /* no memory: matches are missing */
};
/* Lists are initialised by zeroing. */
void lede_match_list_done(struct lede_match_list *list);

struct lede_matcher_leaf {
    const struct lede_query_node *node;
    uint64_t bit; /* in lede_match.leaves; 0: not wanted by field and scope */
    bool matched;
};

struct lede_matcher_phrase {
    struct lede_matcher_phrase *next;
    struct lede_matcher_leaf *leaf;
    uint32_t word_count;
    uint32_t position; /* that `state` speaks of */
    uint64_t state[LEDE_MATCHER_PHRASE_MASKS];
    uint64_t before[LEDE_MATCHER_PHRASE_MASKS]; /* at the position before */
};

struct lede_matcher {
    struct lede_matcher_leaf *leaves; /* in the order of a walk over the tree */
    size_t leaf_count;
    bool can_match; /* false: no leaf is wanted, scanning finds nothing */
    /* what a leaf is worth in a fragment, by bit; never negative, never NaN */
    double weights[LEDE_MATCH_LEAVES];
    struct lede_matcher_keys keys;
    struct lede_matcher_phrase *phrases;
    struct lede_span_matcher *spans; /* NULL: no leaf needs them */
    uint32_t *counts;                /* by leaf: spans of what `spans` decides */
    bool failed;                     /* no memory: matches are missing */
    uint64_t deadline_monotonic_ns;  /* set by the caller; 0: none */
    bool timed_out;                  /* the rest of the text was not looked at */
};

enum lede_matcher_scope {
    LEDE_MATCHER_POSITIVE, /* leaves that may be marked: none under a NOT */
    LEDE_MATCHER_ALL,      /* every leaf */
};

/* A "leaf" of this floor is a text leaf outside proximity, or a proximity node with all below it.
 *
 * Prepare the leaves of a tree for one field.
 * root         borrowed as long as the matcher is used arena owns the matcher's memory
 * ret_matcher  written in any case
 * shown        leaves not in it are left out; NULL: none is
 * Leaves are numbered in the order of a walk from the root over all leaves, ALL, DATES and LENGTH
 * left out, whether `field` and `scope` choose them or not: a number means the same leaf for every
 * field. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_matcher_init(struct lede_matcher *matcher,
    const struct lede_query_node *root, enum lede_field_id field, enum lede_matcher_scope scope,
    const struct lede_shown_leaves *shown, struct lede_arena *arena);
/* Frees what no arena owns. */
void lede_matcher_done(struct lede_matcher *matcher);

/* Look a text through and note what it satisfies.
 * words  of the text: a field's, or those of one item of a list field
 * item   where the text begins in its field, in bytes
 * list   matches are appended; NULL: only note the leaves
 * Failures, and time that ran out, are noted in the matcher. Threads: one per matcher. */
void lede_matcher_scan(struct lede_matcher *matcher, const struct lede_words *words, uint32_t item,
    struct lede_match_list *list);
/* The same of a text whose words are not known; a list field is looked at item by item.
 * text, size  borrowed; any bytes; at most LEDE_MATCH_BYTES_MAX are looked at
 * Status: OK; ENOMEM. Threads: one per matcher and analyzer. */
LEDE_CHECKED enum lede_status lede_matcher_scan_text(struct lede_matcher *matcher, bool is_list,
    lede_language language, const char *text, size_t size, struct lede_analyzer *analyzer,
    struct lede_match_list *list);

/* Was leaf `index` satisfied by any text scanned since the matcher was made? */
bool lede_matcher_leaf_matched(const struct lede_matcher *matcher, size_t index);
/* Spans of leaf `index`, an ATLEAST, in all texts scanned. */
uint32_t lede_matcher_leaf_count(const struct lede_matcher *matcher, size_t index);

/* Is it one of the kinds that the matcher numbers? */
bool lede_matcher_is_leaf(enum lede_query_kind kind);

#endif
