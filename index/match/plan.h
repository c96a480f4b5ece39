/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of a query, and what a search adds to it, as what is matched: sets of documents that are
 * joined, and what each adds to a score. One thread's, of one search. */
#ifndef LEDE_MATCH_PLAN_H
#define LEDE_MATCH_PLAN_H

#include "bm25.h"
#include "column.h"
#include "list.h"
#include "places.h"

enum lede_plan_kind {
    LEDE_PLAN_ALL,     /* every document */
    LEDE_PLAN_LIST,    /* those that have one of `terms` */
    LEDE_PLAN_PATTERN, /* those that have a word of the pattern */
    LEDE_PLAN_RANGE,   /* those whose number of a slot is within first..last */
    LEDE_PLAN_AND,     /* all children but those from `wanted_count` on, which must not match */
    LEDE_PLAN_OR,
    LEDE_PLAN_MAYBE,  /* the first child; the second one only scores */
    LEDE_PLAN_PLACES, /* of the one child's documents those that satisfy `node` where it stands */
};

struct lede_plan {
    enum lede_plan_kind kind;
    const struct lede_query_node *node; /* of the query, that it comes from; NULL: of none */
    struct lede_plan **children;
    size_t child_count;
    size_t wanted_count; /* AND */
    bool is_scored;      /* it adds to scores, or something below it does */
    /* What one document gets: LIST: times tf / (tf + K); PATTERN: as it is. Groups' weights are in
     * it. */
    double weight;
    /* LIST */
    struct lede_term *terms;
    size_t term_count;
    enum lede_kept_absent absent;
    /* by part, held; NULL: not loaded yet, or (`absent`) no document of the part has the term */
    struct lede_list **lists;
    uint64_t documents; /* of all parts, deleted ones too: what the word is weighed by */
    /* PATTERN */
    struct lede_pattern pattern;
    /* RANGE */
    uint32_t slot;
    int64_t first;
    int64_t last;
    struct lede_number_column **columns; /* by part, held */
    /* PLACES */
    lede_field_set fields;
    struct lede_places *places; /* of the part that is matched */
    /* The same where plans are shared: by part what was found so far, window after window; NULL:
     * nothing is kept yet. */
    uint64_t **found;
    uint32_t *found_windows;
    /* Of the window that is matched (window.h). */
    uint64_t *own;        /* LEDE_WINDOW_WORDS */
    const uint64_t *bits; /* NULL: none */
};

/* What a search is compiled with, and what it is matched with. */
struct lede_planner {
    struct lede_index *index;
    size_t part_count;
    const struct lede_statistics *statistics; /* of the whole; NULL: the index is all */
    struct lede_deadline *deadline;
    struct lede_arena *arena; /* of the plans */
    struct lede_plan **held;  /* LIST, PATTERN, RANGE and PLACES, in the order of making */
    size_t held_count;
    size_t held_capacity;
    size_t loaded_count;             /* of those held */
    struct lede_expansion_cut *cuts; /* in the arena */
    size_t cut_count;
    size_t cut_capacity;
    bool phrases_as_words; /* while something around decides where they stand */
    /* Nothing is scored, and nodes that are equal have one plan, of whatever query they are; the
     * queries outlive it. */
    bool shares;
    struct lede_plan **shared; /* by their node */
    size_t shared_count;
    size_t shared_capacity;
    uint64_t places_asked; /* of how many documents was it asked where words stand? */
};

/* A group with room for children, or a leaf, which is loaded and held; NULL: no memory. */
struct lede_plan *lede_plan_new(
    struct lede_planner *planner, enum lede_plan_kind kind, size_t child_count);
struct lede_plan *lede_plan_new_leaf(struct lede_planner *planner, enum lede_plan_kind kind);

/* A plan that is matched beside the other one, by another thread: lists, columns and patterns are
 * shared with it, and it goes first. NULL: no memory. */
struct lede_plan *lede_plan_copy(struct lede_planner *planner, const struct lede_plan *plan);

/* Compile one node.
 * factor     weight of the groups around it
 * is_scored  it adds to scores
 * ret_plan   in the arena; lives until lede_planner_done()
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_plan_node(struct lede_planner *planner,
    const struct lede_query_node *node, double factor, bool is_scored, struct lede_plan **ret_plan,
    struct lede_error *reterr);
/* All of a search that decides what matches but what is deleted or hidden.
 * root  of the query   ret_plan  as above */
LEDE_CHECKED enum lede_status lede_plan_search(struct lede_planner *planner,
    const struct lede_search *search, const struct lede_query_node *root,
    struct lede_plan **ret_plan, struct lede_error *reterr);
/* Is a node a function word that many documents have? Beside others such words find documents, and
 * say nothing of which is better. Status: as above. */
LEDE_CHECKED enum lede_status lede_plan_is_weak(struct lede_planner *planner,
    const struct lede_query_node *node, bool *ret_weak, struct lede_error *reterr);
/* Are all children of a node? */
LEDE_CHECKED enum lede_status lede_plan_are_weak(struct lede_planner *planner,
    const struct lede_query_node *node, bool *ret_weak, struct lede_error *reterr);
/* A set that is no part of a query: documents with one of the terms. */
LEDE_CHECKED enum lede_status lede_plan_terms(struct lede_planner *planner,
    const struct lede_term *terms, size_t count, struct lede_plan **ret_plan,
    struct lede_error *reterr);

/* The same of documents whose number of a slot is within bounds. */
LEDE_CHECKED enum lede_status lede_plan_range(struct lede_planner *planner, uint32_t slot,
    int64_t first, int64_t last, struct lede_plan **ret_plan, struct lede_error *reterr);

/* Read what the plans that were made since the last call need of every part, and weigh their words
 * by how many documents have them. Once the deadline has passed nothing more is read, and nothing
 * may be matched.
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_planner_load(
    struct lede_planner *planner, struct lede_error *reterr);
/* The list that a WORD of a query was compiled to; NULL: it was not, or is not loaded. */
const struct lede_plan *lede_plan_of_leaf(
    const struct lede_planner *planner, const struct lede_query_node *leaf);
/* ---- How many documents have what is asked for: what words are weighed by ----
 * Deleted ones too. Of the whole, where the index is a part of something larger. */

/* Those that are not deleted, in all. */
double lede_plan_all_documents(const struct lede_planner *planner);
/* Those that have a term of a loaded list, by its number. */
uint64_t lede_plan_term_documents(
    const struct lede_planner *planner, const struct lede_plan *list, size_t term);
/* Those that have a stem in a field, whether it has a list or not.
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_plan_count_stem(const struct lede_planner *planner,
    const struct lede_field *field, const char *stem, uint64_t *ret_documents,
    struct lede_error *reterr);
/* Those that have a word as it is, in title or body. Status: as above. */
LEDE_CHECKED enum lede_status lede_plan_count_word(const struct lede_planner *planner,
    const struct lede_query_word *word, uint64_t *ret_documents, struct lede_error *reterr);
/* Those of an index, and how long they are, into statistics that have no counts yet. */
void lede_plan_count_all(const struct lede_index *index, struct lede_statistics *statistics);
/* What BM25 takes of them all. */
struct lede_bm25 lede_plan_bm25(const struct lede_planner *planner);

/* Lets go of everything. */
void lede_planner_done(struct lede_planner *planner);

#endif
