/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scrub: holds the files of listed segments against their checksums, after the start and then
 * once a day, for what a disk loses in silence. A segment that is not what was sealed is taken out
 * of every search.
 *
 * Reading is done at idle priority and at a bounded rate, by a thread that takes no lock, since it
 * might be kept from giving it back. Where a search or a write has met damage it is done at once
 * and as fast as the disk can. */
#include "internal.h"

#include "lede/time.h"

#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BYTES_PER_S ((uint64_t)32 << 20)
#define SLICE_BYTES ((size_t)1 << 20) /* between two rests */
#define REST_S 86400                  /* between two passes */
/* A pass for damage that was met found none: the next does not come before this, nor before so many
 * times what it took. */
#define WAKE_REST_NS (UINT64_C(30) * UINT64_C(1000000000))
#define WAKE_REST_FACTOR 20
#define START_BYTES ((uint64_t)256 << 20) /* that are looked through before anything is served */
#define IOPRIO_WHO_THREAD 1               /* linux/ioprio.h, which libc has not */
#define IOPRIO_CLASS_IDLE (3 << 13)

struct looking {
    struct lede_store *store;
    uint32_t number;
    size_t read; /* since the last rest */
    char what[LEDE_DAMAGE_TEXT_BYTES];
    enum lede_damage damage;
    enum lede_status status;
};

static bool is_set(const bool *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void set(bool *flag, bool value)
{
    __atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

/* ---- One segment; no lock is held ---- */

static void tell(void *context, const char *problem)
{
    struct looking *looking = context;
    lede_checksums_tell_first(looking->what, problem);
}

static bool rest_and_go_on(void *context, size_t bytes)
{
    struct looking *looking = context;
    const struct lede_scrub *scrub = &looking->store->scrub;
    looking->read += bytes;
    if (looking->read >= SLICE_BYTES && !is_set(&scrub->urgent)) {
        struct timespec rest = {
            .tv_nsec = (long)(looking->read * UINT64_C(1000000000) / BYTES_PER_S)};
        looking->read = 0;
        (void)nanosleep(&rest, NULL);
    }
    return !is_set(&scrub->stop);
}

static void *look_at_low_priority(void *context)
{
    struct looking *looking = context;
    struct sched_param none = {0};
    struct lede_checksums_how how = {.go_on = rest_and_go_on, .tell = tell, .context = looking};
    if (!is_set(&looking->store->scrub.urgent)) {
        /* Best effort: where it is refused the bounded rate is what keeps it from disturbing. */
        (void)!pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
        (void)!syscall(SYS_ioprio_set, IOPRIO_WHO_THREAD, 0, IOPRIO_CLASS_IDLE);
    }
    looking->status =
        lede_quarantine_compare(looking->store, looking->number, &how, &looking->damage, NULL);
    return NULL;
}

/* ---- A pass ---- */

/* The listed segment of the lowest number in a range; 0: there is none. Its view is held. */
static uint32_t next_after(const struct lede_view *view, uint32_t after, uint32_t until)
{
    uint32_t lowest = 0;
    for (size_t i = 0; i < view->count; i++) {
        uint32_t number = view->segments[i].number;
        if (number > after && number < until && (lowest == 0 || number < lowest))
            lowest = number;
    }
    return lowest;
}

static void look(struct looking *looking)
{
    pthread_t worker;
    if (pthread_create(&worker, NULL, look_at_low_priority, looking) == 0)
        pthread_join(worker, NULL);
    else
        looking->status = LEDE_EIO;
}

/* A view is held for one segment's time only, so that files which merging has replaced can go.
 * Returns whether anything was found. */
static bool run_pass(struct lede_store *store)
{
    bool found = false;
    uint32_t number = 0;
    pthread_mutex_lock(&store->mutex);
    uint32_t until = store->next_number;
    pthread_mutex_unlock(&store->mutex);
    do {
        struct lede_view *view = lede_view_take(store, NULL);
        number = next_after(view, number, until);
        struct looking looking = {.store = store, .number = number};
        if (number != 0)
            look(&looking);
        lede_view_give(store, view);
        if (looking.status != LEDE_OK)
            break;
        if (looking.damage != LEDE_DAMAGE_NONE) {
            found = true;
            (void)!lede_quarantine_take_out(store, number, looking.what, NULL);
        }
    } while (number != 0);
    return found;
}

/* ---- The thread ---- */

/* The mutex is held. */
static void wait_for_next(struct lede_store *store)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += REST_S;
    while (!is_set(&store->scrub.stop) && !store->scrub.wanted &&
           pthread_cond_timedwait(&store->scrub.woken, &store->mutex, &until) == 0)
        continue;
}

/* What was met was no damage of files: looking again at once would find nothing, and cost as
 * much. */
static uint64_t rest_until(uint64_t begun_ns)
{
    uint64_t now = lede_time_monotonic_ns();
    uint64_t rest = (now - begun_ns) * WAKE_REST_FACTOR;
    return now + (rest > WAKE_REST_NS ? rest : WAKE_REST_NS);
}

static void *scrub_main(void *context)
{
    struct lede_store *store = context;
    struct lede_scrub *scrub = &store->scrub;
    pthread_mutex_lock(&store->mutex);
    while (!is_set(&scrub->stop)) {
        bool wanted = scrub->wanted;
        scrub->wanted = false;
        set(&scrub->urgent, wanted);
        pthread_mutex_unlock(&store->mutex);
        uint64_t begun = lede_time_monotonic_ns();
        bool found = run_pass(store);
        pthread_mutex_lock(&store->mutex);
        set(&scrub->urgent, scrub->wanted);
        scrub->woken_not_before_ns = wanted && !found ? rest_until(begun) : 0;
        pthread_cond_broadcast(&store->progressed);
        wait_for_next(store);
    }
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

enum lede_status lede_scrub_start(struct lede_store *store, struct lede_error *reterr)
{
    if (pthread_create(&store->scrub.thread, NULL, scrub_main, store) != 0)
        return lede_fail(reterr, LEDE_EIO, "cannot start the thread that looks segments through");
    store->scrub.has_thread = true;
    return LEDE_OK;
}

void lede_scrub_stop(struct lede_store *store)
{
    set(&store->scrub.stop, true);
    pthread_mutex_lock(&store->mutex);
    pthread_cond_signal(&store->scrub.woken);
    pthread_mutex_unlock(&store->mutex);
    if (store->scrub.has_thread)
        pthread_join(store->scrub.thread, NULL);
    store->scrub.has_thread = false;
}

/* ---- For whoever meets damage ---- */

/* The mutex is held. Returns whether a pass will come. */
static bool wake(struct lede_store *store)
{
    struct lede_scrub *scrub = &store->scrub;
    if (!scrub->has_thread || is_set(&scrub->stop) ||
        lede_time_monotonic_ns() < scrub->woken_not_before_ns)
        return false;
    scrub->wanted = true;
    set(&scrub->urgent, true);
    pthread_cond_signal(&scrub->woken);
    return true;
}

bool lede_scrub_is_damage(enum lede_status status)
{
    return status == LEDE_ECORRUPT || status == LEDE_EIO || status == LEDE_EINTERNAL ||
           status == LEDE_EVERSION || status == LEDE_ENOMEM;
}

enum lede_status lede_scrub_after(struct lede_store *store, enum lede_status status)
{
    if (!lede_scrub_is_damage(status))
        return status;
    pthread_mutex_lock(&store->mutex);
    (void)!wake(store);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

void lede_scrub_now(struct lede_store *store)
{
    pthread_mutex_lock(&store->mutex);
    bool comes = wake(store);
    while (comes && !store->stopping && (store->scrub.wanted || is_set(&store->scrub.urgent)))
        pthread_cond_wait(&store->progressed, &store->mutex);
    pthread_mutex_unlock(&store->mutex);
}

/* ---- Before anything is served ---- */

enum lede_status lede_scrub_listed(struct lede_store *store, bool all, struct lede_error *reterr)
{
    const struct lede_manifest *manifest = &store->manifest;
    uint64_t bytes = 0;
    for (size_t i = manifest->segment_count; i-- > 0;) {
        const struct lede_manifest_segment *entry = &manifest->segments[i];
        struct looking looking = {.store = store, .number = entry->number};
        struct lede_checksums_how how = {.tell = tell, .context = &looking};
        bytes += entry->bytes;
        if (entry->state != LEDE_SEGMENT_LISTED || (bytes > START_BYTES && !all))
            continue;
        enum lede_status st =
            lede_quarantine_compare(store, entry->number, &how, &looking.damage, reterr);
        /* What is there and cannot be read is judged where it is opened. */
        if (st == LEDE_OK && looking.damage == LEDE_DAMAGE_CONTENT)
            st = lede_quarantine_note(store, entry->number, looking.what, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}
