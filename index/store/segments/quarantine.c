/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quarantine.h"

#include "files.h"
#include "lede/buffer.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_set(const bool *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

enum lede_status lede_quarantine_init(struct lede_quarantine *quarantine,
    struct lede_monitor *monitor, const char *directory,
    void (*tell)(void *context, uint32_t segment, const char *what), void *context)
{
    *quarantine = (struct lede_quarantine){
        .monitor = monitor, .directory = directory, .tell = tell, .tell_context = context};
    return lede_condition_init(&quarantine->suspected);
}

void lede_quarantine_done(struct lede_quarantine *quarantine)
{
    pthread_cond_destroy(&quarantine->suspected);
    free(quarantine->notes);
    quarantine->notes = NULL;
    quarantine->count = quarantine->capacity = 0;
}

/* ---- Notes ---- */

/* The mutex is held. */
static struct lede_quarantined *find(const struct lede_quarantine *quarantine, uint32_t number)
{
    for (size_t i = 0; i < quarantine->count; i++) {
        if (quarantine->notes[i].segment == number)
            return &quarantine->notes[i];
    }
    return NULL;
}

bool lede_quarantine_has(struct lede_quarantine *quarantine, uint32_t number)
{
    pthread_mutex_lock(&quarantine->monitor->mutex);
    bool found = find(quarantine, number) != NULL;
    pthread_mutex_unlock(&quarantine->monitor->mutex);
    return found;
}

/* What damaged bytes say may be no text. */
static void write_plain(const char *text, char *ret_plain, size_t size)
{
    size_t i = 0;
    for (; text[i] && i + 1 < size; i++)
        ret_plain[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    ret_plain[i] = '\0';
}

/* The mutex is held. */
static enum lede_status add(struct lede_quarantine *quarantine, uint32_t number, const char *what,
    struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(quarantine->notes, quarantine->capacity, quarantine->count + 1))
        return lede_fail_memory(reterr);
    struct lede_quarantined *item = &quarantine->notes[quarantine->count++];
    *item = (struct lede_quarantined){.segment = number};
    write_plain(what, item->what, sizeof(item->what));
    return LEDE_OK;
}

enum lede_status lede_quarantine_note(struct lede_quarantine *quarantine, uint32_t number,
    const char *what, struct lede_error *reterr)
{
    pthread_mutex_lock(&quarantine->monitor->mutex);
    bool known = find(quarantine, number) != NULL;
    enum lede_status st = known ? LEDE_OK : add(quarantine, number, what, reterr);
    pthread_mutex_unlock(&quarantine->monitor->mutex);
    if (st == LEDE_OK && !known && quarantine->tell)
        quarantine->tell(quarantine->tell_context, number, what);
    return st;
}

void lede_quarantine_count(struct lede_quarantine *quarantine, uint32_t number, uint32_t documents)
{
    pthread_mutex_lock(&quarantine->monitor->mutex);
    struct lede_quarantined *item = find(quarantine, number);
    if (item)
        item->documents = documents;
    pthread_mutex_unlock(&quarantine->monitor->mutex);
}

/* ---- At the start ---- */

static enum lede_status expect_directory(
    const struct lede_quarantine *quarantine, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(quarantine->directory, "segments", segments, reterr);
    if (st == LEDE_OK && access(segments, R_OK | X_OK) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", segments);
    return st;
}

enum lede_status lede_quarantine_compare(const struct lede_quarantine *quarantine, uint32_t number,
    struct lede_checksums_how *how, enum lede_damage *ret_damage, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segment_path(quarantine->directory, number, path, reterr);
    if (st == LEDE_OK)
        st = lede_checksums_compare(path, how, ret_damage, reterr);
    if (st == LEDE_OK && *ret_damage == LEDE_DAMAGE_UNREADABLE)
        st = expect_directory(quarantine, reterr);
    return st;
}

enum lede_status lede_quarantine_judge(struct lede_quarantine *quarantine,
    struct lede_manifest_segment *entry, const struct lede_error *why, struct lede_error *reterr)
{
    char what[LEDE_DAMAGE_TEXT_BYTES] = "";
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    struct lede_checksums_how how = {.tell = lede_checksums_tell_first, .context = what};
    enum lede_status st = lede_quarantine_compare(quarantine, entry->number, &how, &damage, reterr);
    if (st != LEDE_OK)
        return st;
    if (damage == LEDE_DAMAGE_NONE && why->status != LEDE_ECORRUPT) {
        if (reterr)
            *reterr = *why;
        return why->status;
    }
    quarantine->unreadable_count += damage == LEDE_DAMAGE_UNREADABLE ? 1 : 0;
    entry->state = LEDE_SEGMENT_QUARANTINED;
    return lede_quarantine_note(quarantine, entry->number, what[0] ? what : why->message, reterr);
}

enum lede_status lede_quarantine_expect_readable(
    const struct lede_quarantine *quarantine, struct lede_error *reterr)
{
    char what[sizeof(quarantine->notes->what)] = "";
    if (quarantine->unreadable_count == 0)
        return LEDE_OK;
    pthread_mutex_lock(&quarantine->monitor->mutex);
    if (quarantine->count > 0)
        memcpy(what, quarantine->notes[quarantine->count - 1].what, sizeof(what));
    pthread_mutex_unlock(&quarantine->monitor->mutex);
    return lede_fail(reterr, LEDE_EIO, "none of the segments in '%s/segments' can be read: %s",
        quarantine->directory, what);
}

/* ---- Suspicion ---- */

bool lede_status_may_be_damage(enum lede_status status)
{
    return status == LEDE_ECORRUPT || status == LEDE_EIO || status == LEDE_EINTERNAL ||
           status == LEDE_EVERSION;
}

/* The mutex is held. Returns whether the scrub will look. */
static bool raise_suspicion(struct lede_quarantine *quarantine)
{
    if (!quarantine->is_watched || lede_time_monotonic_ns() < quarantine->not_before_ns)
        return false;
    quarantine->is_suspected = true;
    __atomic_store_n(&quarantine->is_urgent, true, __ATOMIC_SEQ_CST);
    pthread_cond_signal(&quarantine->suspected);
    return true;
}

enum lede_status lede_quarantine_suspect(
    struct lede_quarantine *quarantine, enum lede_status status)
{
    if (!lede_status_may_be_damage(status))
        return status;
    pthread_mutex_lock(&quarantine->monitor->mutex);
    (void)!raise_suspicion(quarantine);
    pthread_mutex_unlock(&quarantine->monitor->mutex);
    return status;
}

void lede_quarantine_suspect_now(struct lede_quarantine *quarantine)
{
    struct lede_monitor *monitor = quarantine->monitor;
    pthread_mutex_lock(&monitor->mutex);
    bool comes = raise_suspicion(quarantine);
    while (
        comes && !monitor->stopping && (quarantine->is_suspected || is_set(&quarantine->is_urgent)))
        pthread_cond_wait(&monitor->progressed, &monitor->mutex);
    pthread_mutex_unlock(&monitor->mutex);
}
