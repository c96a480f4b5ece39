/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frozen_results.h"

#include "lede/number.h"
#include "lede/time.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096 /* a power of two */
#define KEY_MARK '\x1f'

/* Ids one behind the other, each NUL-terminated. Whoever reads them without the mutex holds a
 * reference: they do not change once a set has them. */
struct ids {
    unsigned references; /* guarded by the mutex */
    struct lede_buffer text;
    uint32_t *starts;
    uint32_t count;
};

struct result_set {
    uint64_t number;
    struct result_set *next_in_bucket;
    struct result_set *newer, *older; /* by their last use */
    uint64_t used_ns;
    struct ids *ids; /* what the first page showed; frozen: the ids of all others */
    uint32_t skipped;
    bool frozen;
    size_t bytes;
};

struct lede_frozen_results {
    pthread_mutex_t mutex;
    struct result_set *buckets[BUCKETS];
    struct result_set *newest, *oldest;
    size_t bytes;
    uint64_t started_ns; /* hashed into numbers: none of another run is taken for one of this */
};

static void ids_free(struct ids *ids)
{
    if (!ids)
        return;
    lede_buffer_done(&ids->text);
    free(ids->starts);
    free(ids);
}

static void ids_freep(struct ids **ids)
{
    ids_free(*ids);
    *ids = NULL;
}

/* With one reference, and room for so many. */
static struct ids *ids_new(size_t count)
{
    LEDE_CLEANUP(ids_freep) struct ids *ids = calloc(1, sizeof(*ids));
    if (!ids || !(ids->starts = calloc(count + 1, sizeof(*ids->starts))))
        return NULL;
    ids->references = 1;
    return LEDE_TAKE(&ids);
}

/* The mutex is held. */
static void ids_give(struct ids *ids)
{
    if (--ids->references == 0)
        ids_free(ids);
}

static enum lede_status ids_add(struct ids *ids, const char *id)
{
    if (ids->text.size > LEDE_FROZEN_RESULTS_BYTES_MAX)
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
    return ids->text.capacity + ids->count * sizeof(*ids->starts) + sizeof(struct result_set);
}

/* ---- The list by use and the table by number; the mutex is held ---- */

static void unlink_by_use(struct lede_frozen_results *results, struct result_set *set)
{
    *(set->newer ? &set->newer->older : &results->newest) = set->older;
    *(set->older ? &set->older->newer : &results->oldest) = set->newer;
}

static void link_newest(struct lede_frozen_results *results, struct result_set *set)
{
    set->used_ns = lede_time_monotonic_ns();
    set->newer = NULL;
    set->older = results->newest;
    *(results->newest ? &results->newest->newer : &results->oldest) = set;
    results->newest = set;
}

static void forget(struct lede_frozen_results *results, struct result_set *set)
{
    struct result_set **at = &results->buckets[set->number % BUCKETS];
    while (*at != set)
        at = &(*at)->next_in_bucket;
    *at = set->next_in_bucket;
    unlink_by_use(results, set);
    results->bytes -= set->bytes;
    ids_give(set->ids);
    free(set);
}

static void make_room(struct lede_frozen_results *results, size_t bytes)
{
    uint64_t now = lede_time_monotonic_ns();
    uint64_t idle_ns = (uint64_t)LEDE_FROZEN_SET_IDLE_S * 1000000000;
    while (results->oldest && (results->bytes + bytes > LEDE_FROZEN_RESULTS_BYTES_MAX ||
                                  now - results->oldest->used_ns > idle_ns))
        forget(results, results->oldest);
}

static struct result_set *find(struct lede_frozen_results *results, uint64_t number)
{
    make_room(results, 0);
    struct result_set *set = results->buckets[number % BUCKETS];
    while (set && set->number != number)
        set = set->next_in_bucket;
    if (!set)
        return NULL;
    unlink_by_use(results, set);
    link_newest(results, set);
    return set;
}

/* ---- The contract ---- */

enum lede_status lede_frozen_results_new(struct lede_frozen_results **ret_sets)
{
    struct lede_frozen_results *results = calloc(1, sizeof(*results));
    if (!results)
        return LEDE_ENOMEM;
    pthread_mutex_init(&results->mutex, NULL);
    results->started_ns =
        (uint64_t)lede_time_now_utc_ms() * 1000000 + lede_time_monotonic_ns() % 1000000;
    *ret_sets = results;
    return LEDE_OK;
}

void lede_frozen_results_free(struct lede_frozen_results *results)
{
    if (!results)
        return;
    while (results->oldest)
        forget(results, results->oldest);
    pthread_mutex_destroy(&results->mutex);
    free(results);
}

static void set_freep(struct result_set **set)
{
    if (*set)
        ids_free((*set)->ids);
    free(*set);
    *set = NULL;
}

enum lede_status lede_frozen_results_note(struct lede_frozen_results *results, uint64_t search,
    const struct lede_hit *hits, size_t count, uint32_t skipped, uint64_t *ret_set)
{
    LEDE_CLEANUP(set_freep) struct result_set *set = calloc(1, sizeof(*set));
    if (!set || !(set->ids = ids_new(count)))
        return LEDE_ENOMEM;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = ids_add_shown(set->ids, &hits[i]);
    if (st != LEDE_OK)
        return st;
    set->skipped = skipped;
    set->bytes = ids_bytes(set->ids);
    uint64_t seed[4] = {results->started_ns, search, skipped,
        lede_hash64(set->ids->text.data, set->ids->text.size)};
    set->number = lede_hash64(seed, sizeof(seed));
    *ret_set = set->number;
    pthread_mutex_lock(&results->mutex);
    make_room(results, set->bytes);
    if (!find(results, set->number)) {
        set->next_in_bucket = results->buckets[set->number % BUCKETS];
        results->buckets[set->number % BUCKETS] = set;
        link_newest(results, set);
        results->bytes += set->bytes;
        set = NULL;
    }
    pthread_mutex_unlock(&results->mutex);
    return LEDE_OK;
}

enum lede_status lede_frozen_results_find(
    struct lede_frozen_results *results, uint64_t number, bool *ret_frozen)
{
    pthread_mutex_lock(&results->mutex);
    const struct result_set *set = find(results, number);
    if (set)
        *ret_frozen = set->frozen;
    pthread_mutex_unlock(&results->mutex);
    return set ? LEDE_OK : LEDE_ENOTFOUND;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ranking less what the first page showed and less as many as were skipped before it. */
static enum lede_status rank_rest(const struct ids *first, uint32_t skip,
    const struct lede_hit *hits, size_t count, struct ids *rest)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    const char **shown = calloc(first->count + 1, sizeof(*shown));
    enum lede_status st = shown ? LEDE_OK : LEDE_ENOMEM;
    for (uint32_t i = 0; shown && i < first->count; i++)
        shown[i] = first->text.data + first->starts[i];
    if (shown)
        qsort(shown, first->count, sizeof(*shown), compare_ids);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        lede_buffer_clear(&name);
        append_name(&name, &hits[i]);
        st = lede_buffer_status(&name);
        if (st != LEDE_OK || bsearch(&name.data, shown, first->count, sizeof(*shown), compare_ids))
            continue;
        if (skip > 0)
            skip--;
        else
            st = ids_add(rest, hits[i].id);
    }
    free(shown);
    return st == LEDE_OK && ids_bytes(rest) > LEDE_FROZEN_RESULTS_BYTES_MAX ? LEDE_ELIMIT : st;
}

/* A set's ids as they are, with a reference for the caller. Status: OK; ENOTFOUND. */
static enum lede_status hold_ids(struct lede_frozen_results *results, uint64_t number,
    struct ids **ret_ids, uint32_t *ret_skipped, bool *ret_frozen)
{
    pthread_mutex_lock(&results->mutex);
    const struct result_set *set = find(results, number);
    if (set) {
        set->ids->references++;
        *ret_ids = set->ids;
        *ret_skipped = set->skipped;
        *ret_frozen = set->frozen;
    }
    pthread_mutex_unlock(&results->mutex);
    return set ? LEDE_OK : LEDE_ENOTFOUND;
}

/* The mutex is held. */
static void replace_ids(
    struct lede_frozen_results *results, struct result_set *set, struct ids *ids)
{
    ids_give(set->ids);
    results->bytes -= set->bytes;
    set->ids = ids;
    set->frozen = true;
    set->bytes = ids_bytes(ids);
    results->bytes += set->bytes;
    make_room(results, 0); /* this one is the newest and fits alone */
}

/* A million hits take a while: nobody else waits for that. */
enum lede_status lede_frozen_results_freeze(
    struct lede_frozen_results *results, uint64_t number, const struct lede_hit *hits, size_t count)
{
    LEDE_CLEANUP(ids_freep) struct ids *rest = ids_new(count);
    struct ids *first = NULL;
    uint32_t skipped = 0;
    bool frozen = false;
    enum lede_status st = hold_ids(results, number, &first, &skipped, &frozen);
    if (st != LEDE_OK)
        return st;
    if (!frozen)
        st = rest ? rank_rest(first, skipped, hits, count, rest) : LEDE_ENOMEM;
    pthread_mutex_lock(&results->mutex);
    ids_give(first);
    struct result_set *set = find(results, number);
    if (st == LEDE_OK && !set)
        st = LEDE_ENOTFOUND;
    else if (st == LEDE_OK && !set->frozen)
        replace_ids(results, set, LEDE_TAKE(&rest));
    pthread_mutex_unlock(&results->mutex);
    return st;
}

enum lede_status lede_frozen_results_copy(struct lede_frozen_results *results, uint64_t number,
    uint32_t position, size_t max, struct lede_arena *arena, const char ***ret_ids,
    size_t *ret_count, uint32_t *ret_size)
{
    struct ids *held = NULL;
    uint32_t skipped = 0;
    bool frozen = false;
    enum lede_status st = hold_ids(results, number, &held, &skipped, &frozen);
    if (st != LEDE_OK)
        return st;
    size_t left = held->count > position ? held->count - position : 0;
    size_t count = left < max ? left : max;
    const char **ids = lede_arena_calloc(arena, count + 1, sizeof(*ids));
    if (!ids)
        st = LEDE_ENOMEM;
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const char *id = held->text.data + held->starts[position + i];
        ids[i] = lede_arena_copy(arena, id, strlen(id));
        st = ids[i] ? LEDE_OK : LEDE_ENOMEM;
    }
    if (st == LEDE_OK) {
        *ret_ids = ids;
        *ret_count = count;
        *ret_size = held->count;
    }
    pthread_mutex_lock(&results->mutex);
    ids_give(held);
    pthread_mutex_unlock(&results->mutex);
    return st;
}
