/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words does a pattern stand for in all parts of a whole? */
#ifndef LEDE_MATCH_PATTERN_WORDS_H
#define LEDE_MATCH_PATTERN_WORDS_H

#include "lede/buffer.h"
#include "lede/match.h"
#include "lede/table.h"

struct lede_named_count {
    const char *name; /* in an arena */
    size_t size;
    uint64_t documents;
};

/* Of a pattern in one field. */
struct lede_pattern_words {
    const char *name; /* in the list's arena, as words are */
    size_t size;
    struct lede_named_count *words;
    size_t count, capacity;
    struct lede_table table; /* of the words */
    uint64_t left_out;       /* words that were seen beside them */
    bool scan_ended;
    bool is_chosen; /* they are those that are taken, in the order of their bytes; none: all are */
};

/* Of all patterns of a search; initialised by zeroing. */
struct lede_pattern_list {
    struct lede_pattern_words *items;
    size_t count, capacity;
    struct lede_arena arena;
};
void lede_pattern_list_done(struct lede_pattern_list *list);

/* Count the words of a leaf in an index, field by field. Status: as of
 * lede_index_visit_pattern(). */
LEDE_CHECKED enum lede_status lede_pattern_list_note(struct lede_pattern_list *list,
    struct lede_index *index, const struct lede_query_node *leaf, lede_field_set fields,
    struct lede_deadline *deadline, struct lede_error *reterr);
/* Add what another part counted. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_pattern_list_add(
    struct lede_pattern_list *list, const struct lede_pattern_list *more);
/* Of each pattern choose the words of most documents. */
void lede_pattern_list_choose(struct lede_pattern_list *list);
/* lede_index_read_pattern() with what was chosen.
 * list  NULL: nothing was   arena  of the names that are looked for */
LEDE_CHECKED enum lede_status lede_pattern_list_read(const struct lede_pattern_list *list,
    struct lede_index *index, const struct lede_query_node *leaf, lede_field_set fields,
    struct lede_arena *arena, struct lede_deadline *deadline, struct lede_pattern *ret_pattern,
    struct lede_error *reterr);
/* What patterns below a node leave out, into a result. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_pattern_list_cuts(const struct lede_pattern_list *list,
    const struct lede_query_node *root, struct lede_search_result *result,
    struct lede_error *reterr);

#endif
