/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash table of keys. */
#include "matcher_keys.h"

#include "lede/text.h"

#include <string.h>

enum lede_status lede_keys_init(
    struct lede_matcher_keys *keys, size_t count, struct lede_arena *arena)
{
    keys->items = lede_arena_alloc(arena, count * sizeof(*keys->items));
    return keys->items ? lede_table_reserve(&keys->table, count) : LEDE_ENOMEM;
}

void lede_keys_done(struct lede_matcher_keys *keys)
{
    lede_table_done(&keys->table);
}

/* FNV's upper bits are its better ones. */
static uint32_t mixed(uint32_t hash)
{
    return hash ^ hash >> 15;
}

struct lede_matcher_key *lede_keys_find(const struct lede_matcher_keys *keys,
    enum lede_key_kind kind, const char *bytes, uint32_t size, uint32_t hash)
{
    struct lede_probe probe = lede_table_probe(mixed(hash));
    while (lede_table_next(&keys->table, &probe)) {
        struct lede_matcher_key *key = &keys->items[probe.number];
        if (key->kind == kind && key->size == size && memcmp(key->bytes, bytes, size) == 0)
            return key;
    }
    return NULL;
}

struct lede_matcher_key *lede_keys_add(
    struct lede_matcher_keys *keys, enum lede_key_kind kind, const char *bytes, size_t size)
{
    if (size == 0 || size > LEDE_TERM_SIZE_MAX)
        return NULL;
    uint32_t hash = lede_key_hash(kind, bytes, size);
    struct lede_matcher_key *key = lede_keys_find(keys, kind, bytes, (uint32_t)size, hash);
    if (!key) {
        lede_table_add(&keys->table, mixed(hash), (uint32_t)keys->count);
        key = &keys->items[keys->count++];
        *key = (struct lede_matcher_key){.bytes = bytes, .size = (uint32_t)size, .kind = kind};
    }
    uint32_t bit = lede_key_filter_bit(bytes, (uint32_t)size);
    if (kind == LEDE_KEY_TERM) {
        keys->term_filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
        return key;
    }
    keys->has_words = true;
    if (kind == LEDE_KEY_WRITTEN) {
        keys->word_filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
        return key;
    }
    keys->prefix_sizes[size >> 6] |= UINT64_C(1) << (size & 63);
    keys->prefix_bytes[(unsigned char)bytes[0] >> 6] |= UINT64_C(1)
                                                        << ((unsigned char)bytes[0] & 63);
    return key;
}
