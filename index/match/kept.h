/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read of segments, in memory, for all threads of an engine.
 *
 * An item is made at its first use, never changes, and is kept as long as its segment, unless
 * others need the room (lede/cache.h). Who has one holds it, and reads it without a lock. */
#ifndef LEDE_MATCH_KEPT_H
#define LEDE_MATCH_KEPT_H

#include "lede/cache.h"
#include "lede/match.h"

/* The first member of whatever is kept. */
struct lede_kept_item {
    struct lede_cached cached;
    struct lede_cache *cache;
    char *key;
    /* Written by its maker before it is added: */
    size_t bytes;         /* that it takes */
    uint64_t nanoseconds; /* that making it again takes, about */
    void (*free_item)(struct lede_kept_item *item);
};

/* What is kept of one segment. */
struct lede_kept;

/* The first byte of a key. */
enum lede_kept_kind {
    LEDE_KEPT_LIST = 'l',
    LEDE_KEPT_LENGTHS = 'w',
    LEDE_KEPT_PLACES = 'p',
    LEDE_KEPT_TEXT_COLUMN = 'c',
    LEDE_KEPT_NUMBER_COLUMN = 'n',
    LEDE_KEPT_MOMENTS = 'm',
    LEDE_KEPT_TEXT = 't'
};
/* What reading takes, about: to find a term, for each of its postings, places, values. */
#define LEDE_READ_TERM_NS 30000
#define LEDE_READ_POSTING_NS 8
#define LEDE_READ_PLACE_NS 4
#define LEDE_READ_VALUE_NS 60
#define LEDE_READ_TEXT_NS 12000

/* What an index keeps of a part; NULL where there is no memory. It lives as long as the index is
 * open. Threads: any. */
struct lede_kept *lede_kept_of(struct lede_index *index, size_t part);

/* What each search asks for, and most segments do not have: that is noted, and not asked again. */
enum lede_kept_absent {
    LEDE_ABSENT_NONE = 0,
    LEDE_ABSENT_WITHHELD = 1, /* a document that is withheld */
    LEDE_ABSENT_WATCHED = 2,  /* one that comes or goes by the clock */
};
bool lede_kept_is_absent(struct lede_index *index, size_t part, enum lede_kept_absent what);
void lede_kept_note_absent(struct lede_index *index, size_t part, enum lede_kept_absent what);

/* What the calling thread has asked for so far. */
struct lede_reading *lede_kept_reading(void);
void lede_reading_add(struct lede_reading *sum, const struct lede_reading *more);
/* Find an item and hold it; NULL: it has to be made. key  bytes, its kind in the first */
struct lede_kept_item *lede_kept_find(struct lede_kept *kept, const void *key, size_t size);
/* Add an item that was just made, and hold it. Returns it; NULL: no memory, and it is freed. */
struct lede_kept_item *lede_kept_add(
    struct lede_kept *kept, const void *key, size_t size, struct lede_kept_item *item);
/* Hold all that is kept. ret_items  those used last first; owner: the caller, free(), and
 * lede_kept_let_go() of each   Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_kept_hold(
    struct lede_kept *kept, struct lede_kept_item ***ret_items, size_t *ret_count);
/* The key that an item was added by. */
const char *lede_kept_key(const struct lede_kept_item *item, size_t *ret_size);
/* Let go of an item. item  NULL: nothing is done */
void lede_kept_let_go(struct lede_kept_item *item);

#endif
