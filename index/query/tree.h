/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees while they are made: lists of operands, and what combines them.
 *
 * Canonical trees: NOT is a child of AND only; an AND without a positive child begins with ALL, any
 * other AND has no ALL; AND in AND and OR in OR are merged unless the inner one has a weight; a
 * group of one child is that child, with both weights multiplied; a double NOT is none. */
#ifndef LEDE_QUERY_TREE_H
#define LEDE_QUERY_TREE_H

#include "lede/buffer.h"
#include "lede/query.h"

struct lede_query {
    struct lede_arena arena;
    const struct lede_query_node *root;
    struct lede_query_note
        *notes; /* with their texts in an arena that outlives attempts to parse */
    size_t note_count;
    struct lede_arena notes_arena;
    struct lede_query *parts[2]; /* of lede_query_both(): their nodes are in its tree */
};

/* Weights are whole millionths, so that they print and read back exactly. */
#define QUERY_WEIGHT_UNIT 1000000
#define QUERY_WEIGHT_MAX 100

/* A list that grows in the arena. */
struct query_nodes {
    struct lede_query_node **items;
    size_t count;
    size_t capacity;
};

/* Append a node. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_nodes_add(
    struct lede_arena *arena, struct query_nodes *nodes, struct lede_query_node *node);
/* Append a node; of a run of several words, its words in its place: they prefer to stand together,
 * as all words that are neighbours. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_nodes_add_apart(
    struct lede_arena *arena, struct query_nodes *nodes, struct lede_query_node *node);
/* Put the parts of a run, all of them, in its place, where it has parts. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_loose(
    struct lede_arena *arena, struct lede_query_node **node);
/* Combine operands; the lists may hold NOT nodes and are not used afterwards. count > 0. The
 * results are canonical. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_and(
    struct lede_arena *arena, const struct query_nodes *nodes, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_or(
    struct lede_arena *arena, const struct query_nodes *nodes, struct lede_query_node **ret_node);
/* An OR that is_one_word, of what stands in one place. */
LEDE_CHECKED enum lede_status lede_query_make_one_word(struct lede_arena *arena,
    const struct query_nodes *spellings, const char *written, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_not(
    struct lede_arena *arena, struct lede_query_node *child, struct lede_query_node **ret_node);
LEDE_CHECKED enum lede_status lede_query_make_maybe(struct lede_arena *arena,
    struct lede_query_node *required, struct lede_query_node *optional,
    struct lede_query_node **ret_node);
/* A node that may stand anywhere: NOT x becomes AND(ALL, NOT x), everything else stays. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_standalone(
    struct lede_arena *arena, struct lede_query_node *node, struct lede_query_node **ret_node);

#endif
