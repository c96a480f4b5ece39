/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where do words stand near each other? One algebra of proximity, for the index and for texts.
 *
 * A span is a stretch of positions of one field (one item of a list field) of one document. What a
 * node's spans are:
 *   a leaf of one word   each position whose token satisfies it
 *   PHRASE               each run of consecutive positions that satisfies its words
 *   OR                   those of its children
 *   NEAR/n               from every pair of its children's spans that do not overlap and of which
 *                        the later begins at most n positions behind the other's end: the stretch
 *                        that covers both. Two words within n of each other.
 *   ADJACENT/n           the same, children[0]'s first
 *   SENTENCE, PARAGRAPH  from every pair of spans that do not overlap and lie within one sentence,
 *                        paragraph
 *   NOT NEAR/n           each of children[0]'s of which no span of children[1] begins or ends
 *                        within n positions, and which none overlaps
 *   NOT SENTENCE, NOT PARAGRAPH  each of children[0]'s beside which none lies in its sentence,
 *                        paragraph, and which none overlaps
 * Equal spans count once. ATLEAST/n holds where a document's fields (items) have n spans of its
 * child or more, in all. A leaf with `lead` has, of the body, only spans within the first
 * paragraph.
 * The same words of a document thus decide in the index, from Xapian's positions, and in the
 * highlighter, from tokens. */
#ifndef LEDE_SPANS_H
#define LEDE_SPANS_H

#include "lede/buffer.h"
#include "lede/query.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Distinct spans of one node in one text; what is past them, in the order of the text, is not
 * looked at. */
#define LEDE_SPANS_MAX 65536

struct lede_span {
    uint32_t first; /* position of the first word */
    uint32_t last;  /* of the last word */
};

struct lede_positions {
    const uint32_t *items; /* ascending, without repetitions */
    size_t count;
};

/* One text: a field, or one item of a list field. */
struct lede_span_text {
    enum lede_field_id field;
    struct lede_positions sentences;  /* where sentences begin, but the text's first */
    struct lede_positions paragraphs; /* the same of paragraphs */
    /* Where tokens satisfy words[word] of a leaf. Asked for leaves whose `fields` have `field`,
     * more than once; ret_positions lives until the evaluation ends. Returns false where there is
     * no memory. */
    bool (*positions)(void *context, const struct lede_query_node *leaf, size_t word,
        struct lede_positions *ret_positions);
    void *context;
};

/* Does the node have spans in this text? ATLEAST: how many its child has, to be summed over texts
 * by the caller.
 * node       a proximity node or anything that may stand in one arena for the evaluation's memory;
 *            the caller resets it
 * ret_count  ATLEAST: 0..LEDE_SPANS_MAX; any other node: 0 or 1
 * Status: OK; ENOMEM. Threads: any, one per text. */
LEDE_CHECKED enum lede_status lede_spans_count(const struct lede_query_node *node,
    const struct lede_span_text *text, struct lede_arena *arena, size_t *ret_count);

/* Visit the spans of leaves that take part in any span of the node: what a highlighter marks. Each
 * once, in no order.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_spans_visit_leaves(const struct lede_query_node *node,
    const struct lede_span_text *text, struct lede_arena *arena,
    void (*visit)(void *context, const struct lede_query_node *leaf, struct lede_span span),
    void *context);

#ifdef __cplusplus
}
#endif
#endif
