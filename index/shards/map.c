/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/shards.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ADDRESS_MAX 1024
#define SPACE " \t\r\n"

struct shard {
    char *copies[LEDE_SHARD_COPIES_MAX];
    size_t count;
};

struct lede_shard_map {
    atomic_uint references;
    struct shard shards[LEDE_SHARES_MAX];
    size_t count;
    struct lede_arena arena;
};

static bool is_address(const char *text, size_t size)
{
    size_t scheme = strncasecmp(text, "http://", 7) == 0    ? 7
                    : strncasecmp(text, "https://", 8) == 0 ? 8
                                                            : 0;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7F || text[i] == '@' ||
            text[i] == '?' || text[i] == '#')
            return false;
    }
    return scheme > 0 && size > scheme && text[scheme] != '/' && size <= ADDRESS_MAX;
}

static enum lede_status add_copy(struct lede_shard_map *map, struct shard *shard, const char *text,
    size_t size, struct lede_error *reterr)
{
    while (size > 0 && strchr(SPACE, text[0])) {
        text++;
        size--;
    }
    while (size > 0 && strchr(SPACE "/", text[size - 1]))
        size--;
    if (!is_address(text, size))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected shards such as http://one:5333|http://other:5333,http://two:5333, found "
            "'%.*s'",
            size < 100 ? (int)size : 100, text);
    if (shard->count == LEDE_SHARD_COPIES_MAX)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected at most %d copies of a shard", LEDE_SHARD_COPIES_MAX);
    shard->copies[shard->count] = lede_arena_copy(&map->arena, text, size);
    if (!shard->copies[shard->count])
        return lede_fail_memory(reterr);
    shard->count++;
    return LEDE_OK;
}

enum lede_status lede_shard_map_parse(
    const char *text, struct lede_shard_map **ret_map, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shard_map_unrefp) struct lede_shard_map *map = calloc(1, sizeof(*map));
    if (!map)
        return lede_fail_memory(reterr);
    atomic_init(&map->references, 1);
    for (const char *at = text;;) {
        if (map->count == LEDE_SHARES_MAX)
            return lede_fail(reterr, LEDE_EINPUT, "expected at most %d shards", LEDE_SHARES_MAX);
        struct shard *shard = &map->shards[map->count++];
        size_t size = 0;
        do {
            at += size + (size > 0 && at[size] == '|');
            size = strcspn(at, ",|");
            enum lede_status st = add_copy(map, shard, at, size, reterr);
            if (st != LEDE_OK)
                return st;
        } while (at[size] == '|');
        if (!at[size])
            break;
        at += size + 1;
    }
    *ret_map = LEDE_TAKE(&map);
    return LEDE_OK;
}

struct lede_shard_map *lede_shard_map_ref(struct lede_shard_map *map)
{
    if (map)
        atomic_fetch_add(&map->references, 1);
    return map;
}

void lede_shard_map_unref(struct lede_shard_map *map)
{
    if (!map || atomic_fetch_sub(&map->references, 1) > 1)
        return;
    lede_arena_done(&map->arena);
    free(map);
}

void lede_shard_map_unrefp(struct lede_shard_map **map)
{
    lede_shard_map_unref(*map);
    *map = NULL;
}

size_t lede_shard_map_count(const struct lede_shard_map *map)
{
    return map->count;
}

size_t lede_shard_map_copies(const struct lede_shard_map *map, size_t shard)
{
    return map->shards[shard].count;
}

const char *lede_shard_map_address(const struct lede_shard_map *map, size_t shard, size_t copy)
{
    return map->shards[shard].copies[copy];
}
