/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A search under way over all shards. */
#ifndef LEDE_SHARDS_ROUNDS_H
#define LEDE_SHARDS_ROUNDS_H

#include "shards.h"

struct lede_shards_asker {
    struct lede_shards *shards;
    struct lede_shards_line *line;
    struct lede_shard_map *map;     /* of the search that runs, or was the last */
    size_t copies[LEDE_SHARES_MAX]; /* of each shard that which has answered last */
};
/* From now on it goes by the newest map. */
void lede_shards_asker_take_map(struct lede_shards_asker *asker);

struct lede_rounds {
    struct lede_shards_asker *asker;
    const struct lede_search *search;
    struct lede_shards_seen *seen;
    uint64_t deadline_ns;
    bool is_last;   /* nobody tries it once more */
    bool has_moved; /* a view that was asked is not there any more */
    struct lede_round_states {
        struct lede_share_state first, now;
    } * states; /* by shard */
    struct lede_statistics *statistics;
    lede_language_set languages;
    struct lede_shares *shares;
    struct lede_search_result result;
    struct lede_share_copies *copies;
};

/* When a round has to end that takes this part of what is left. */
uint64_t lede_rounds_until(const struct lede_rounds *rounds, double share);
/* Append a search that has to have ended by then. */
void lede_rounds_put_search(
    const struct lede_search *search, uint64_t until_ns, struct lede_buffer *out);
/* A shard does not count any more. */
void lede_rounds_miss(struct lede_rounds *rounds, size_t shard, const struct lede_error *why);
/* Ask those shards that are not missing, and take what each answers, in the shards' order. Those
 * without an answer, or with one that cannot be believed, are missing from then on.
 * bodies  one for all; where they are `apart`, each shard's, and one that is empty is not asked
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_rounds_ask(struct lede_rounds *rounds,
    enum lede_share_round round, const struct lede_buffer *bodies, bool apart, uint64_t until_ns,
    enum lede_status (*take)(struct lede_rounds *rounds, size_t shard,
        struct lede_wire_reader *reader, struct lede_error *reterr),
    struct lede_error *reterr);
/* Nobody has answered. Returns EBUSY. */
enum lede_status lede_rounds_fail_silent(
    const struct lede_shards_seen *seen, struct lede_error *reterr);
/* Texts alone; hits that have none are dropped. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_rounds_fetch_texts(
    struct lede_rounds *rounds, struct lede_error *reterr);
/* The third round: texts, and what collapsed hits stand for. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_rounds_fetch(
    struct lede_rounds *rounds, struct lede_error *reterr);

#endif
