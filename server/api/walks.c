/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walks.h"

#include "lede/number.h"
#include "lede/time.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096 /* a power of two */
#define KEY_MARK '\x1f'

/* Ids one behind the other, each NUL-terminated. */
struct ids {
    struct lede_buffer text;
    uint32_t *starts;
    uint32_t count;
};

struct walk {
    uint64_t number;
    struct walk *next_in_bucket;
    struct walk *newer, *older; /* by their last use */
    uint64_t used_ns;
    struct ids ids; /* what the first page showed; ranked: the ids of all others */
    uint32_t skipped;
    bool ranked;
    size_t bytes;
};

struct lede_walks {
    pthread_mutex_t mutex;
    struct walk *buckets[BUCKETS];
    struct walk *newest, *oldest;
    size_t bytes;
    uint64_t started_ns; /* hashed into numbers: none of another run is taken for one of this */
};

static void ids_done(struct ids *ids)
{
    lede_buffer_done(&ids->text);
    free(ids->starts);
    *ids = (struct ids){0};
}

static enum lede_status ids_add(struct ids *ids, const char *id)
{
    if (ids->text.size > LEDE_WALKS_BYTES_MAX)
        return LEDE_ELIMIT;
    ids->starts[ids->count++] = (uint32_t)ids->text.size;
    lede_buffer_append(&ids->text, id, strlen(id) + 1);
    return lede_buffer_status(&ids->text);
}

/* What a hit must not be shown again as: its key where hits are collapsed, after a byte that begins
 * no id. */
static void append_name(struct lede_buffer *text, const struct lede_hit *hit)
{
    bool by_key = hit->collapse_key && hit->collapse_key[0];
    const char *name = by_key ? hit->collapse_key : hit->id;
    if (by_key)
        lede_buffer_append_char(text, KEY_MARK);
    lede_buffer_append(text, name, strlen(name) + 1);
}

static enum lede_status ids_add_shown(struct ids *ids, const struct lede_hit *hit)
{
    ids->starts[ids->count++] = (uint32_t)ids->text.size;
    append_name(&ids->text, hit);
    return lede_buffer_status(&ids->text);
}

static size_t ids_bytes(const struct ids *ids)
{
    return ids->text.capacity + ids->count * sizeof(*ids->starts) + sizeof(struct walk);
}

/* ---- The list by use and the table by number; the mutex is held ---- */

static void unlink_by_use(struct lede_walks *walks, struct walk *walk)
{
    *(walk->newer ? &walk->newer->older : &walks->newest) = walk->older;
    *(walk->older ? &walk->older->newer : &walks->oldest) = walk->newer;
}

static void link_newest(struct lede_walks *walks, struct walk *walk)
{
    walk->used_ns = lede_time_monotonic_ns();
    walk->newer = NULL;
    walk->older = walks->newest;
    *(walks->newest ? &walks->newest->newer : &walks->oldest) = walk;
    walks->newest = walk;
}

static void forget(struct lede_walks *walks, struct walk *walk)
{
    struct walk **at = &walks->buckets[walk->number % BUCKETS];
    while (*at != walk)
        at = &(*at)->next_in_bucket;
    *at = walk->next_in_bucket;
    unlink_by_use(walks, walk);
    walks->bytes -= walk->bytes;
    ids_done(&walk->ids);
    free(walk);
}

static void make_room(struct lede_walks *walks, size_t bytes)
{
    uint64_t now = lede_time_monotonic_ns();
    uint64_t idle_ns = (uint64_t)LEDE_WALK_IDLE_S * 1000000000;
    while (walks->oldest &&
           (walks->bytes + bytes > LEDE_WALKS_BYTES_MAX || now - walks->oldest->used_ns > idle_ns))
        forget(walks, walks->oldest);
}

static struct walk *find(struct lede_walks *walks, uint64_t number)
{
    make_room(walks, 0);
    struct walk *walk = walks->buckets[number % BUCKETS];
    while (walk && walk->number != number)
        walk = walk->next_in_bucket;
    if (!walk)
        return NULL;
    unlink_by_use(walks, walk);
    link_newest(walks, walk);
    return walk;
}

/* ---- The contract ---- */

enum lede_status lede_walks_new(struct lede_walks **ret_walks)
{
    struct lede_walks *walks = calloc(1, sizeof(*walks));
    if (!walks)
        return LEDE_ENOMEM;
    pthread_mutex_init(&walks->mutex, NULL);
    walks->started_ns =
        (uint64_t)lede_time_now_utc_ms() * 1000000 + lede_time_monotonic_ns() % 1000000;
    *ret_walks = walks;
    return LEDE_OK;
}

void lede_walks_free(struct lede_walks *walks)
{
    if (!walks)
        return;
    while (walks->oldest)
        forget(walks, walks->oldest);
    pthread_mutex_destroy(&walks->mutex);
    free(walks);
}

enum lede_status lede_walks_begin(struct lede_walks *walks, uint64_t search,
    const struct lede_hit *hits, size_t count, uint32_t skipped, uint64_t *ret_walk)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    struct ids ids = {.starts = calloc(count + 1, sizeof(uint32_t))};
    enum lede_status st = walk && ids.starts ? LEDE_OK : LEDE_ENOMEM;
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = ids_add_shown(&ids, &hits[i]);
    if (st != LEDE_OK) {
        ids_done(&ids);
        free(walk);
        return st;
    }
    walk->ids = ids;
    walk->skipped = skipped;
    walk->bytes = ids_bytes(&ids);
    uint64_t seed[4] = {
        walks->started_ns, search, skipped, lede_hash64(ids.text.data, ids.text.size)};
    walk->number = lede_hash64(seed, sizeof(seed));
    *ret_walk = walk->number;
    pthread_mutex_lock(&walks->mutex);
    make_room(walks, walk->bytes);
    bool is_new = !find(walks, walk->number);
    if (is_new) {
        walk->next_in_bucket = walks->buckets[walk->number % BUCKETS];
        walks->buckets[walk->number % BUCKETS] = walk;
        link_newest(walks, walk);
        walks->bytes += walk->bytes;
    }
    pthread_mutex_unlock(&walks->mutex);
    if (!is_new) {
        ids_done(&ids);
        free(walk);
    }
    return LEDE_OK;
}

enum lede_status lede_walks_find(struct lede_walks *walks, uint64_t number, bool *ret_ranked)
{
    pthread_mutex_lock(&walks->mutex);
    const struct walk *walk = find(walks, number);
    if (walk)
        *ret_ranked = walk->ranked;
    pthread_mutex_unlock(&walks->mutex);
    return walk ? LEDE_OK : LEDE_ENOTFOUND;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ranking less what the first page showed and less as many as were skipped before it. */
static enum lede_status rank_rest(
    const struct walk *walk, const struct lede_hit *hits, size_t count, struct ids *ret_ids)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    const char **shown = calloc(walk->ids.count + 1, sizeof(*shown));
    ret_ids->starts = calloc(count + 1, sizeof(uint32_t));
    enum lede_status st = shown && ret_ids->starts ? LEDE_OK : LEDE_ENOMEM;
    uint32_t skip = walk->skipped;
    for (uint32_t i = 0; shown && i < walk->ids.count; i++)
        shown[i] = walk->ids.text.data + walk->ids.starts[i];
    if (shown)
        qsort(shown, walk->ids.count, sizeof(*shown), compare_ids);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        lede_buffer_clear(&name);
        append_name(&name, &hits[i]);
        st = lede_buffer_status(&name);
        if (st != LEDE_OK ||
            bsearch(&name.data, shown, walk->ids.count, sizeof(*shown), compare_ids))
            continue;
        if (skip > 0)
            skip--;
        else
            st = ids_add(ret_ids, hits[i].id);
    }
    free(shown);
    return st;
}

enum lede_status lede_walks_rank(
    struct lede_walks *walks, uint64_t number, const struct lede_hit *hits, size_t count)
{
    struct ids ids = {0};
    pthread_mutex_lock(&walks->mutex);
    struct walk *walk = find(walks, number);
    enum lede_status st = walk ? LEDE_OK : LEDE_ENOTFOUND;
    if (walk && !walk->ranked) {
        st = rank_rest(walk, hits, count, &ids);
        if (st == LEDE_OK && ids_bytes(&ids) > LEDE_WALKS_BYTES_MAX)
            st = LEDE_ELIMIT;
        if (st == LEDE_OK) {
            ids_done(&walk->ids);
            walks->bytes -= walk->bytes;
            walk->ids = ids;
            walk->ranked = true;
            walk->bytes = ids_bytes(&ids);
            walks->bytes += walk->bytes;
            make_room(walks, 0); /* this one is the newest and fits alone */
        } else {
            ids_done(&ids);
        }
    }
    pthread_mutex_unlock(&walks->mutex);
    return st;
}

enum lede_status lede_walks_copy(struct lede_walks *walks, uint64_t number, uint32_t position,
    size_t max, struct lede_arena *arena, const char ***ret_ids, size_t *ret_count,
    uint32_t *ret_size)
{
    pthread_mutex_lock(&walks->mutex);
    const struct walk *walk = find(walks, number);
    enum lede_status st = walk ? LEDE_OK : LEDE_ENOTFOUND;
    size_t left = walk && walk->ids.count > position ? walk->ids.count - position : 0;
    size_t count = left < max ? left : max;
    const char **ids = lede_arena_calloc(arena, count + 1, sizeof(*ids));
    if (!ids)
        st = LEDE_ENOMEM;
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const char *id = walk->ids.text.data + walk->ids.starts[position + i];
        ids[i] = lede_arena_copy(arena, id, strlen(id));
        st = ids[i] ? LEDE_OK : LEDE_ENOMEM;
    }
    if (st == LEDE_OK) {
        *ret_ids = ids;
        *ret_count = count;
        *ret_size = walk->ids.count;
    }
    pthread_mutex_unlock(&walks->mutex);
    return st;
}
