/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void shards_freep(struct lede_shards **shards)
{
    lede_shards_free(*shards);
}

enum lede_status lede_shards_new(struct lede_shard_map *map,
    const struct lede_shards_options *options, struct lede_shards **ret_shards,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(shards_freep) struct lede_shards *shards = calloc(1, sizeof(*shards));
    if (!shards)
        return lede_fail_memory(reterr);
    pthread_mutex_init(&shards->lock, NULL);
    shards->wire.hedge_ms = options->hedge_ms;
    shards->wire.connect_ms = options->connect_ms;
    shards->map = lede_shard_map_ref(map);
    if (asprintf(&shards->wire.key_header, LEDE_SHARD_KEY_HEADER ": %s", options->key) < 0) {
        shards->wire.key_header = NULL;
        return lede_fail_memory(reterr);
    }
    if (options->ca_file && !(shards->wire.ca_file = strdup(options->ca_file)))
        return lede_fail_memory(reterr);
    *ret_shards = LEDE_TAKE(&shards);
    return LEDE_OK;
}

void lede_shards_free(struct lede_shards *shards)
{
    if (!shards)
        return;
    lede_shard_map_unref(shards->map);
    free(shards->wire.key_header);
    free(shards->wire.ca_file);
    pthread_mutex_destroy(&shards->lock);
    free(shards);
}

void lede_shards_set_map(struct lede_shards *shards, struct lede_shard_map *map)
{
    pthread_mutex_lock(&shards->lock);
    struct lede_shard_map *before = shards->map;
    shards->map = lede_shard_map_ref(map);
    shards->knows_languages = false;
    pthread_mutex_unlock(&shards->lock);
    lede_shard_map_unref(before);
}

struct lede_shard_map *lede_shards_map(struct lede_shards *shards)
{
    pthread_mutex_lock(&shards->lock);
    struct lede_shard_map *map = lede_shard_map_ref(shards->map);
    pthread_mutex_unlock(&shards->lock);
    return map;
}

lede_language_set lede_shards_languages(struct lede_shards *shards)
{
    pthread_mutex_lock(&shards->lock);
    lede_language_set languages = shards->languages;
    pthread_mutex_unlock(&shards->lock);
    return languages;
}

bool lede_shards_knows_languages(struct lede_shards *shards)
{
    pthread_mutex_lock(&shards->lock);
    bool knows = shards->knows_languages;
    pthread_mutex_unlock(&shards->lock);
    return knows;
}

bool lede_shards_note_languages(
    struct lede_shards *shards, lede_language_set told, lede_language_set known)
{
    pthread_mutex_lock(&shards->lock);
    shards->languages = told;
    shards->knows_languages = true;
    pthread_mutex_unlock(&shards->lock);
    return told != known;
}
