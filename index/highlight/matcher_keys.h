/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a token may be asked for is a key: a stem, a word as written, or a prefix.
 *
 * The keys of all leaves share one hash table; in front of it a filter of a few bits, made of a
 * string's size and some of its bytes, turns most tokens away. */
#ifndef LEDE_HIGHLIGHT_MATCHER_KEYS_H
#define LEDE_HIGHLIGHT_MATCHER_KEYS_H

#include "lede/buffer.h"
#include "lede/query.h"
#include "lede/table.h"

#define LEDE_MATCHER_PHRASE_MASKS (LEDE_QUERY_PHRASE_WORDS_MAX / 64)

enum lede_key_kind { LEDE_KEY_TERM = 1, LEDE_KEY_WRITTEN, LEDE_KEY_PREFIX };

struct lede_matcher_leaf;
struct lede_matcher_phrase;

/* One phrase's interest in a key: the bits of its words that the key satisfies. */
struct lede_phrase_use {
    struct lede_phrase_use *next;
    struct lede_matcher_phrase *phrase;
    uint64_t masks[LEDE_MATCHER_PHRASE_MASKS];
};

/* One leaf's interest in a key, of those that a single token satisfies. */
struct lede_leaf_use {
    struct lede_leaf_use *next;
    struct lede_matcher_leaf *leaf;
};

struct lede_matcher_key {
    const char *bytes;
    uint32_t size;
    enum lede_key_kind kind;
    bool seen;       /* its leaves are noted as matched */
    uint64_t leaves; /* bits of the leaves that it satisfies alone */
    struct lede_leaf_use *leaf_uses;
    struct lede_phrase_use *phrase_uses;
};

/* Initialised by zeroing, then lede_keys_init(). */
struct lede_matcher_keys {
    struct lede_matcher_key *items;
    size_t count;
    struct lede_table table; /* of the items' numbers */
    bool has_words;
    uint64_t prefix_sizes[2]; /* bit i: some prefix is i bytes long */
    uint64_t prefix_bytes[4]; /* bit b: some prefix begins with byte b */
    uint64_t term_filter[16]; /* what terms and words asked for look like; most tokens end here */
    uint64_t word_filter[16];
};

/* FNV-1a; a prefix's hash is the hash of a word's first bytes, so a word is hashed once for all its
 * prefixes.
 * Source: Fowler, Noll, Vo, https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
static inline uint32_t lede_key_hash_start(enum lede_key_kind kind)
{
    return UINT32_C(2166136261) ^ (uint32_t)kind;
}

static inline uint32_t lede_key_hash_byte(uint32_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * UINT32_C(16777619);
}

static inline uint32_t lede_key_hash(enum lede_key_kind kind, const char *bytes, size_t size)
{
    uint32_t hash = lede_key_hash_start(kind);
    for (size_t i = 0; i < size; i++)
        hash = lede_key_hash_byte(hash, bytes[i]);
    return hash;
}

static inline uint32_t lede_key_filter_bit(const char *bytes, uint32_t size)
{
    /* A text's stems all begin with one tag. */
    uint32_t first = (unsigned char)bytes[size > LEDE_TAG_SIZE ? LEDE_TAG_SIZE : 0];
    uint32_t middle = (unsigned char)bytes[size / 2];
    uint32_t last = (unsigned char)bytes[size - 1];
    return (first * 37 + middle * 11 + last * 101 + size * 211) & 1023;
}

static inline bool lede_key_filter_has(const uint64_t filter[16], const char *bytes, uint32_t size)
{
    uint32_t bit = lede_key_filter_bit(bytes, size);
    return filter[bit >> 6] >> (bit & 63) & 1;
}

/* Make room for `count` keys at most. arena: gives their memory. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_keys_init(
    struct lede_matcher_keys *keys, size_t count, struct lede_arena *arena);

/* Frees what the arena does not own. */
void lede_keys_done(struct lede_matcher_keys *keys);

/* The key of these bytes, added where it was not yet. bytes: borrowed as long as the keys are used.
 * Returns NULL where no token can have it: it is empty, or longer than a term. */
struct lede_matcher_key *lede_keys_add(
    struct lede_matcher_keys *keys, enum lede_key_kind kind, const char *bytes, size_t size);

/* The key of these bytes, whose hash is given. NULL: nobody asks for it. */
struct lede_matcher_key *lede_keys_find(const struct lede_matcher_keys *keys,
    enum lede_key_kind kind, const char *bytes, uint32_t size, uint32_t hash);

#endif
