/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shard_map.h"

#include "lede/files.h"

#include <stdlib.h>
#include <string.h>

static bool is_off(const char *value)
{
    return strcmp(value, LEDE_SHARDS_OFF) == 0;
}

/* The first line; who guesses it may read everything, so it is no word. */
static enum lede_status read_key(const char *path, char **ret_key, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum lede_status st = lede_file_read(path, &text, reterr);
    if (st != LEDE_OK)
        return st;
    const char *line = text.data ? text.data : "";
    size_t size = strcspn(line, "\r\n");
    bool is_plain = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "-._~+/=") == size;
    if (!is_plain || size < LEDE_SHARD_KEY_BYTES_MIN || size > LEDE_SHARD_KEY_BYTES_MAX) {
        enum lede_status wrong = lede_fail(reterr, LEDE_EINPUT,
            "expected a key of %d to %d letters and digits in the first line of '%s'",
            LEDE_SHARD_KEY_BYTES_MIN, LEDE_SHARD_KEY_BYTES_MAX, path);
        lede_error_hint(reterr, "openssl rand -hex 32 makes one");
        return wrong;
    }
    *ret_key = strndup(line, size);
    return *ret_key ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_shard_setup_read(const struct lede_server_settings *settings,
    struct lede_shard_setup *ret_setup, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shard_map_unrefp) struct lede_shard_map *map = NULL;
    enum lede_status st = LEDE_OK;
    if (!is_off(settings->shards_key_file))
        st = read_key(settings->shards_key_file, &ret_setup->key, reterr);
    if (st != LEDE_OK || is_off(settings->shards))
        return st;
    if (!ret_setup->key) {
        st = lede_fail(reterr, LEDE_EINPUT, "expected key_file of [shards] beside a map of shards");
        lede_error_hint(reterr, "the same file is named in the settings of each shard");
        return st;
    }
    st = lede_shard_map_parse(settings->shards, &map, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_shards_options options = {.key = ret_setup->key,
        .ca_file = is_off(settings->shards_ca_file) ? NULL : settings->shards_ca_file,
        .hedge_ms = settings->shards_hedge_ms,
        .connect_ms = settings->shards_connect_ms};
    return lede_shards_new(map, &options, &ret_setup->shards, reterr);
}

enum lede_status lede_shard_setup_check(
    const struct lede_shard_setup *setup, struct lede_store *store, struct lede_error *reterr)
{
    struct lede_store_stats stats = {0};
    enum lede_status st = setup->shards ? lede_store_stats(store, &stats, reterr) : LEDE_OK;
    if (st != LEDE_OK || stats.documents == 0)
        return st;
    st = lede_fail(reterr, LEDE_EINPUT,
        "expected a data directory without documents beside a map of shards, found %llu",
        (unsigned long long)stats.documents);
    lede_error_hint(reterr, "name another directory: the shards have the documents");
    return st;
}

void lede_shard_setup_done(struct lede_shard_setup *setup)
{
    lede_shards_free(setup->shards);
    free(setup->key);
    *setup = (struct lede_shard_setup){0};
}
