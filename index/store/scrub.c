/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scrub.h"

#include "lede/time.h"
#include "view.h"

#include <time.h>

#define BYTES_PER_S ((uint64_t)32 << 20)
#define SLICE_BYTES ((size_t)1 << 20) /* between two rests */
#define REST_S 86400                  /* between two passes */
/* A pass for damage that was met found none: the next does not come before this, nor before so many
 * times what it took. */
#define SUSPICION_REST_NS (UINT64_C(30) * UINT64_C(1000000000))
#define SUSPICION_REST_FACTOR 20
#define START_BYTES ((uint64_t)256 << 20) /* that are looked through before anything is served */

struct looking {
    const struct lede_scrub *scrub; /* NULL: before anything is served */
    const struct lede_quarantine *quarantine;
    uint32_t number;
    size_t read;  /* since the last rest */
    bool is_idle; /* by a thread that runs when nobody else wants the processor */
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
    looking->read += bytes;
    if (looking->read >= SLICE_BYTES && !is_set(&looking->quarantine->is_urgent)) {
        struct timespec rest = {
            .tv_nsec = (long)(looking->read * UINT64_C(1000000000) / BYTES_PER_S)};
        looking->read = 0;
        (void)nanosleep(&rest, NULL);
    }
    /* A thread of idle priority stays so: where somebody has met damage since, another begins. */
    bool is_late = looking->is_idle && is_set(&looking->quarantine->is_urgent);
    return !is_late && !is_set(&looking->scrub->stop);
}

static void *look_at_low_priority(void *context)
{
    struct looking *looking = context;
    struct lede_checksums_how how = {.go_on = rest_and_go_on, .tell = tell, .context = looking};
    /* Where it is refused the bounded rate is what keeps it from disturbing. */
    if (!is_set(&looking->quarantine->is_urgent))
        looking->is_idle = lede_thread_make_idle();
    looking->status =
        lede_quarantine_compare(looking->quarantine, looking->number, &how, &looking->damage, NULL);
    return NULL;
}

/* ---- A pass ---- */

/* The listed segment of the lowest number in a range; 0: there is none. Its view is held. */
static uint32_t next_after(const struct lede_view *view, uint32_t after, uint32_t until)
{
    uint32_t lowest = 0;
    for (size_t i = 0; i < view->count; i++) {
        uint32_t number = view->segments[i].entry.number;
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
static bool run_pass(struct lede_scrub *scrub)
{
    struct lede_segments *segments = scrub->segments;
    bool found = false;
    uint32_t number = 0;
    pthread_mutex_lock(&segments->monitor->mutex);
    uint32_t until = segments->next_number;
    pthread_mutex_unlock(&segments->monitor->mutex);
    do {
        struct lede_view *view = lede_view_take(segments, NULL);
        number = next_after(view, number, until);
        struct looking looking = {
            .scrub = scrub, .quarantine = &segments->quarantine, .number = number};
        if (number != 0)
            look(&looking);
        lede_view_give(segments, view);
        if (looking.status != LEDE_OK)
            break;
        if (looking.damage != LEDE_DAMAGE_NONE) {
            found = true;
            (void)!lede_writer_quarantine(scrub->writer, number, looking.what, NULL);
        }
    } while (number != 0);
    return found;
}

/* ---- The thread ---- */

/* The mutex is held. */
static void wait_for_next(struct lede_scrub *scrub)
{
    struct lede_quarantine *quarantine = &scrub->segments->quarantine;
    uint64_t until = lede_time_monotonic_ns() + REST_S * UINT64_C(1000000000);
    while (!is_set(&scrub->stop) && !quarantine->is_suspected &&
           lede_condition_wait_until(&quarantine->suspected, &quarantine->monitor->mutex, until))
        continue;
}

/* What was met was no damage of files: looking again at once would find nothing, and cost as
 * much. */
static uint64_t rest_until(uint64_t begun_ns)
{
    uint64_t now = lede_time_monotonic_ns();
    uint64_t rest = (now - begun_ns) * SUSPICION_REST_FACTOR;
    return now + (rest > SUSPICION_REST_NS ? rest : SUSPICION_REST_NS);
}

static void *scrub_main(void *context)
{
    struct lede_scrub *scrub = context;
    struct lede_quarantine *quarantine = &scrub->segments->quarantine;
    struct lede_monitor *monitor = quarantine->monitor;
    pthread_mutex_lock(&monitor->mutex);
    while (!is_set(&scrub->stop)) {
        bool suspected = quarantine->is_suspected;
        quarantine->is_suspected = false;
        set(&quarantine->is_urgent, suspected);
        pthread_mutex_unlock(&monitor->mutex);
        uint64_t begun = lede_time_monotonic_ns();
        bool found = run_pass(scrub);
        pthread_mutex_lock(&monitor->mutex);
        set(&quarantine->is_urgent, quarantine->is_suspected);
        quarantine->not_before_ns = suspected && !found ? rest_until(begun) : 0;
        pthread_cond_broadcast(&monitor->progressed);
        wait_for_next(scrub);
    }
    pthread_mutex_unlock(&monitor->mutex);
    return NULL;
}

void lede_scrub_init(
    struct lede_scrub *scrub, struct lede_segments *segments, struct lede_writer *writer)
{
    *scrub = (struct lede_scrub){.segments = segments, .writer = writer};
}

static void set_watched(struct lede_scrub *scrub, bool is_watched)
{
    struct lede_quarantine *quarantine = &scrub->segments->quarantine;
    pthread_mutex_lock(&quarantine->monitor->mutex);
    quarantine->is_watched = is_watched;
    pthread_cond_signal(&quarantine->suspected);
    pthread_cond_broadcast(&quarantine->monitor->progressed);
    pthread_mutex_unlock(&quarantine->monitor->mutex);
}

enum lede_status lede_scrub_start(struct lede_scrub *scrub, struct lede_error *reterr)
{
    if (pthread_create(&scrub->thread, NULL, scrub_main, scrub) != 0)
        return lede_fail(reterr, LEDE_EIO, "cannot start the thread that looks segments through");
    scrub->has_thread = true;
    set_watched(scrub, true);
    return LEDE_OK;
}

void lede_scrub_stop(struct lede_scrub *scrub)
{
    if (!scrub->has_thread)
        return;
    set(&scrub->stop, true);
    set_watched(scrub, false);
    pthread_join(scrub->thread, NULL);
    scrub->has_thread = false;
}

/* ---- Before anything is served ---- */

enum lede_status lede_scrub_listed(
    struct lede_segments *segments, bool all, struct lede_error *reterr)
{
    const struct lede_manifest *manifest = &segments->manifest;
    struct lede_quarantine *quarantine = &segments->quarantine;
    uint64_t bytes = 0;
    for (size_t i = manifest->segment_count; i-- > 0;) {
        const struct lede_manifest_segment *entry = &manifest->segments[i];
        struct looking looking = {.quarantine = quarantine, .number = entry->number};
        struct lede_checksums_how how = {.tell = tell, .context = &looking};
        bytes += entry->bytes;
        if (entry->state != LEDE_SEGMENT_LISTED || (bytes > START_BYTES && !all))
            continue;
        enum lede_status st =
            lede_quarantine_compare(quarantine, entry->number, &how, &looking.damage, reterr);
        /* What is there and cannot be read is judged where it is opened. */
        if (st == LEDE_OK && looking.damage == LEDE_DAMAGE_CONTENT)
            st = lede_quarantine_note(quarantine, entry->number, looking.what, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}
