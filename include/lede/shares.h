/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A search over shares of an archive, each of which is a part that another machine has: what goes
 * there and comes back, as bytes.
 *
 * A search goes out as it is, its queries as trees, so nobody parses them twice. Statistics of the
 * shares are summed up; with the sum each share scores as the whole would. What a share found is
 * a value, and values are merged into the result that one index with all documents would give, bit
 * by bit. Bytes of other versions are refused; what is read is checked before it is believed. */
#ifndef LEDE_SHARES_H
#define LEDE_SHARES_H

#include "lede/match.h"
#include "lede/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_SHARES_VERSION 1 /* of these bytes; with the analysis version it has to be the same */
#define LEDE_SHARES_MAX 256
#define LEDE_SHARE_HITS_MAX 131072 /* of one share */
#define LEDE_SHARE_VALUES_MAX 4000000

/* ---- What is asked, and what each answer begins with ---- */

enum lede_share_round {
    LEDE_SHARE_LOOK,       /* nothing: who are you? */
    LEDE_SHARE_STATISTICS, /* a search → statistics */
    LEDE_SHARE_MATCH,      /* a search and statistics → what was found */
    LEDE_SHARE_TEXTS,      /* ids → stored texts */
    LEDE_SHARE_COPIES,     /* a search and keys → what collapsed hits stand for */
    LEDE_SHARE_ROUNDS
};
/* What a server is when it answers. */
struct lede_share_state {
    uint64_t generation; /* of its view; another one, and documents or statistics are others */
    uint64_t revision;
    lede_language_set languages; /* of its documents */
    uint64_t documents;
};
void lede_share_put_question(struct lede_buffer *out, enum lede_share_round round);
/* End a question or an answer: what is damaged on its way is seen by that. */
void lede_share_seal(struct lede_buffer *out);
/* Status: OK; EVERSION of another version of Lede; EINPUT no question. */
LEDE_CHECKED enum lede_status lede_share_take_question(
    struct lede_wire_reader *reader, enum lede_share_round *ret_round, struct lede_error *reterr);
void lede_share_put_answer(
    struct lede_buffer *out, enum lede_share_round round, const struct lede_share_state *state);
/* Status: as above; EINPUT also of another round. */
LEDE_CHECKED enum lede_status lede_share_take_answer(struct lede_wire_reader *reader,
    enum lede_share_round round, struct lede_share_state *ret_state, struct lede_error *reterr);

/* ---- Searches ---- */

/* All of a search but its statistics and how facets are shown; of the deadline what is left. */
void lede_search_encode(const struct lede_search *search, struct lede_buffer *out);
struct lede_search_received {
    struct lede_search search;
    struct lede_query *queries[3]; /* query, raising, restriction */
    struct lede_arena arena;
};
/* ret_received  zeroed before; owner: the caller, lede_search_received_done(), whatever the status
 * Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_decode(struct lede_wire_reader *reader,
    struct lede_search_received *ret_received, struct lede_error *reterr);
void lede_search_received_done(struct lede_search_received *received);

/* ---- Statistics ---- */

void lede_statistics_encode(const struct lede_statistics *statistics, struct lede_buffer *out);
/* Add what another one counted to the sum. *statistics may be NULL: it is made.
 * Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_statistics_decode(struct lede_wire_reader *reader,
    struct lede_statistics **statistics, struct lede_error *reterr);

/* Once they are summed up: choose the words that patterns stand for, the most frequent of all. */
void lede_statistics_choose(struct lede_statistics *statistics);
/* What patterns of a query leave out, into a result. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_statistics_cuts(const struct lede_statistics *statistics,
    const struct lede_query *query, struct lede_search_result *result, struct lede_error *reterr);

/* ---- What a share found ---- */

/* Run a search over a share: its statistics are the whole's.
 * Status: OK (also where time ran out); as of lede_index_search(). */
LEDE_CHECKED enum lede_status lede_index_share(struct lede_index *index,
    const struct lede_search *search, struct lede_buffer *out, struct lede_error *reterr);
/* How many matches have each of some values of the search's collapse_slot, of which sources, and
 * which came first. Status: as above. */
LEDE_CHECKED enum lede_status lede_index_share_copies(struct lede_index *index,
    const struct lede_search *search, const char *const *keys, size_t count,
    struct lede_buffer *out, struct lede_error *reterr);

/* Values of shares that are merged. One thread. */
struct lede_shares;
/* search  outlives it. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shares_new(
    const struct lede_search *search, struct lede_shares **ret_shares, struct lede_error *reterr);
void lede_shares_free(struct lede_shares *shares);
void lede_shares_freep(struct lede_shares **shares);
/* Status: OK; EINPUT it is no such value, or not of this search; ENOMEM. On failure nothing of it
 * counts. share  a number that its hits are known by */
LEDE_CHECKED enum lede_status lede_shares_add(struct lede_shares *shares, uint32_t share,
    struct lede_wire_reader *reader, struct lede_error *reterr);
/* Put the result together. Hits have their id, no text, and as docid the number of their share;
 * collapsed ones their key, and stand for themselves alone.
 * Status: OK; ELIMIT too many buckets, or documents; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shares_finish(
    struct lede_shares *shares, struct lede_search_result *ret_result, struct lede_error *reterr);

/* What collapsed hits stand for, summed up. */
struct lede_share_copies;
LEDE_CHECKED enum lede_status lede_share_copies_new(
    size_t key_count, struct lede_share_copies **ret_copies, struct lede_error *reterr);
void lede_share_copies_free(struct lede_share_copies *copies);
void lede_share_copies_freep(struct lede_share_copies **copies);
/* Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_share_copies_add(
    struct lede_share_copies *copies, struct lede_wire_reader *reader, struct lede_error *reterr);
/* Fill in a hit by the number of its key; memory is the arena's. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_share_copies_write(struct lede_share_copies *copies, size_t key,
    uint32_t sources_max, struct lede_arena *arena, struct lede_hit *hit,
    struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
