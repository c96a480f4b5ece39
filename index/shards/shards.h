/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_SHARDS_SHARDS_H
#define LEDE_SHARDS_SHARDS_H

#include "ask.h"

#include <pthread.h>

struct lede_shards {
    struct lede_shards_wire wire;
    pthread_mutex_t lock; /* guards what follows */
    struct lede_shard_map *map;
    lede_language_set languages;
    bool knows_languages;
};

/* Owner: the caller, one reference. */
struct lede_shard_map *lede_shards_map(struct lede_shards *shards);
bool lede_shards_knows_languages(struct lede_shards *shards);
/* The languages that answers told; true: they are others than those given. */
bool lede_shards_note_languages(
    struct lede_shards *shards, lede_language_set told, lede_language_set known);

#endif
