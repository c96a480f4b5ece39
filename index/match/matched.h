/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search matched in one segment, and what is counted of it. */
#ifndef LEDE_MATCH_MATCHED_H
#define LEDE_MATCH_MATCHED_H

#include "lede/match.h"
#include "lede/wire.h"

#define LEDE_WINDOW_BITS 16
#define LEDE_WINDOW_DOCUMENTS (UINT32_C(1) << LEDE_WINDOW_BITS)
#define LEDE_WINDOW_WORDS (LEDE_WINDOW_DOCUMENTS / 64)

/* How many bits are set. */
uint32_t lede_count_bits(const uint64_t *bits, size_t words);

/* By part of the index. */
struct lede_matched {
    uint64_t *bits; /* bit d: document d matches; last_document / 64 + 1 words */
    uint32_t last_document;
    uint32_t count;
};

/* Of what is in no part of the index. */
#define LEDE_DOCID_NOWHERE 0

/* A hit's number: as Xapian numbers the documents of several databases, which are its parts. */
static inline uint32_t lede_docid_of(size_t parts, size_t part, uint32_t document)
{
    return (document - 1) * (uint32_t)parts + (uint32_t)part + 1;
}
static inline size_t lede_docid_part(size_t parts, uint32_t docid)
{
    return (docid - 1) % (uint32_t)parts;
}
static inline uint32_t lede_docid_document(size_t parts, uint32_t docid)
{
    return (docid - 1) / (uint32_t)parts + 1;
}

/* ---- Facets and the histogram: matches by their values ---- */

struct lede_facet_counts;
/* What the search asks for; nothing is counted yet.
 * search      outlives the counts
 * ret_counts  owner: the caller, lede_facet_counts_free()
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_facet_counts_new(struct lede_index *index,
    const struct lede_search *search, struct lede_facet_counts **ret_counts,
    struct lede_error *reterr);
void lede_facet_counts_free(struct lede_facet_counts *counts);
void lede_facet_counts_freep(struct lede_facet_counts **counts);
/* Count a part's matches. Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_facet_counts_add(struct lede_facet_counts *counts, size_t part,
    const struct lede_matched *matched, struct lede_error *reterr);
/* Add what was counted of other parts for the same search; of it nothing but memory is left.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_facet_counts_join(
    struct lede_facet_counts *counts, struct lede_facet_counts *more);
/* Write facets and buckets; memory is the result's arena. Status: OK; ELIMIT too many buckets;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_facet_counts_write(
    struct lede_facet_counts *counts, struct lede_search_result *result, struct lede_error *reterr);

/* What was counted, as bytes. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_facet_counts_encode(
    const struct lede_facet_counts *counts, struct lede_buffer *out);
/* Add what another share counted for the same search. counts  made without an index.
 * Status: OK; ENOMEM; what is wrong with the bytes the reader says. */
LEDE_CHECKED enum lede_status lede_facet_counts_decode(
    struct lede_facet_counts *counts, struct lede_wire_reader *reader, struct lede_arena *arena);

/* ---- Collapsing: the best document of each value of a slot ---- */

/* A document that may be shown. */
struct lede_candidate {
    uint32_t part;
    uint32_t document;
    uint32_t score; /* as it is summed up; 0 in date orders */
    int64_t moment; /* published; where a document has none: LEDE_TIME_NONE */
};

/* What the oldest stand first by: those without a date are the last, as they are of the newest. */
static inline int64_t lede_oldest_key(int64_t moment)
{
    return moment == LEDE_TIME_NONE ? INT64_MAX : moment;
}

struct lede_collapse;

/* count       hits wanted, from the best one on
 * ret_collapse  owner: the caller, lede_collapse_free()
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_collapse_new(struct lede_index *index,
    const struct lede_search *search, size_t count, struct lede_collapse **ret_collapse,
    struct lede_error *reterr);
void lede_collapse_free(struct lede_collapse *collapse);
void lede_collapse_freep(struct lede_collapse **collapse);
/* Look at the matches of one window, each once, windows in order, part by part.
 * first_document  a multiple of LEDE_WINDOW_DOCUMENTS   bits  of the window, `words` of them
 * scores          of each document of the window; NULL: all 0
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_collapse_add(struct lede_collapse *collapse, size_t part,
    uint32_t first_document, const uint64_t *bits, size_t words, const uint32_t *scores,
    struct lede_error *reterr);
/* Add the best documents of other parts, found for the same search; of them nothing but memory is
 * left. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_collapse_join(
    struct lede_collapse *collapse, struct lede_collapse *more);
/* The best documents of their values, at most `count`: by score, then newest, then by id; in date
 * orders by moment, then by id (of the newest first the greatest id first). Those without a value
 * stand for themselves.
 * ret_candidates  in the collapse's memory   ret_texts  the slot's value of each; "" if none
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_collapse_first(struct lede_collapse *collapse,
    struct lede_deadline *deadline, const struct lede_candidate **ret_candidates,
    const char *const **ret_texts, size_t *ret_count, struct lede_error *reterr);
/* Fill in collapse_count and collapse_sources of hits by their collapse_key, from all matches;
 * memory is the result's arena.
 * matched  one a part
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_collapse_count_copies(struct lede_index *index,
    const struct lede_search *search, const struct lede_matched *matched,
    struct lede_search_result *result, struct lede_error *reterr);

/* The ids of documents, in any order: only what ties asks for them.
 * ret_ids  NUL-terminated, in the arena
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_candidates_read_ids(struct lede_index *index,
    const struct lede_candidate *candidates, size_t count, struct lede_arena *arena,
    const char **ret_ids, struct lede_error *reterr);
/* The same of moments, written into the candidates. */
LEDE_CHECKED enum lede_status lede_candidates_read_moments(struct lede_index *index,
    struct lede_candidate *candidates, size_t count, struct lede_error *reterr);

#endif
