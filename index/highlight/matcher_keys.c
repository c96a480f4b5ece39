/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash table of keys. */
#include "matcher_keys.h"

#include "lede/text.h"

#include <string.h>

static struct lede_matcher_key *find_slot(const struct lede_matcher_keys *keys,
    enum lede_key_kind kind, const char *bytes, uint32_t size, uint32_t hash)
{
    uint32_t mixed = hash ^ hash >> 15;
    for (uint32_t slot = mixed & keys->mask;; slot = (slot + 1) & keys->mask) {
        struct lede_matcher_key *key = &keys->slots[slot];
        if (!key->bytes)
            return key;
        if (key->hash == hash && key->kind == kind && key->size == size &&
            memcmp(key->bytes, bytes, size) == 0)
            return key;
    }
}

enum lede_status lede_keys_init(
    struct lede_matcher_keys *keys, size_t count, struct lede_arena *arena)
{
    size_t slots = 8;
    while (slots < 2 * count)
        slots *= 2;
    keys->slots = lede_arena_calloc(arena, slots, sizeof(*keys->slots));
    keys->mask = (uint32_t)(slots - 1);
    return keys->slots ? LEDE_OK : LEDE_ENOMEM;
}

struct lede_matcher_key *lede_keys_add(
    struct lede_matcher_keys *keys, enum lede_key_kind kind, const char *bytes, size_t size)
{
    if (size == 0 || size > LEDE_TERM_SIZE_MAX)
        return NULL;
    uint32_t hash = lede_key_hash(kind, bytes, size);
    struct lede_matcher_key *key = find_slot(keys, kind, bytes, (uint32_t)size, hash);
    if (!key->bytes)
        *key = (struct lede_matcher_key){
            .bytes = bytes, .size = (uint32_t)size, .hash = hash, .kind = kind};
    uint32_t bit = lede_key_filter_bit(bytes, (uint32_t)size);
    if (kind == LEDE_KEY_TERM) {
        keys->term_filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
        keys->has_stems = true;
        return key;
    }
    keys->has_words = true;
    if (kind == LEDE_KEY_WORD) {
        keys->word_filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
        return key;
    }
    keys->prefix_sizes[size >> 6] |= UINT64_C(1) << (size & 63);
    keys->prefix_bytes[(unsigned char)bytes[0] >> 6] |= UINT64_C(1)
                                                        << ((unsigned char)bytes[0] & 63);
    return key;
}

struct lede_matcher_key *lede_keys_find(const struct lede_matcher_keys *keys,
    enum lede_key_kind kind, const char *bytes, uint32_t size, uint32_t hash)
{
    struct lede_matcher_key *key = find_slot(keys, kind, bytes, size, hash);
    return key->bytes ? key : NULL;
}
